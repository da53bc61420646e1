"""SecretArray: NumPy's vocabulary on values nobody here can see.

Operators and functions are looked up in the table (rules.py) and append to the plan of the cell;
nothing is sent, and no value exists here. `ask` records one functionality and shows its result:

    SecretArray(call, dtype)                   a recorded call, read as `dtype`
    ask(ideal.mul, x, y, dtype=sint)           record and show in one step
    x.call, x.dtype, x.shape, x.bound, x.word  call; type; shape; bound on |word|; bits as words
"""

from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np

from mpckernel.array import show
from mpckernel.array.dtypes import SecretType, sbool
from mpckernel.array.methods import METHODS, function_of
from mpckernel.array.operators import ODD, Operators, as_usage, here, located, plain_parts
from mpckernel.array.rules import RULES, name_of, run_rule
from mpckernel.errors import Bug, ImplicitReveal, Unsupported, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import Ideal
from mpckernel.ring.words import Shape
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current

_OPEN = "these values are secret; open them on purpose with reveal(x)"
DEVICE = "shares"  # where the array API says a secret is: with all parties, with none of them
_FILTER = (
    "a secret cannot choose elements: the shape of the result would tell it; "
    "use np.where(mask, x, 0), multiply by the mask, or "
    "compress(mask, x, reveal_count=True)[0], which opens how many it keeps"
)


class SecretArray(Operators):
    """An array with public shape and type and secret values.

    Domain: |word| < 2^62, bounded by the public `bound`. Leaks nothing until reveal.
    Reading values (bool, float, np.asarray, iteration, pickle) raises ImplicitReveal.
    """

    __slots__ = ("__weakref__", "_word", "call", "dtype", "owners", "parties", "scheme")

    def __init__(self, call: Call, dtype: SecretType, owners: frozenset[str] = frozenset()) -> None:
        if (call.kind == "bit") != (dtype.kind == "b"):
            raise Bug(f"a {call.kind} cannot be shown as {dtype}")
        self.call, self.dtype, self.owners = call, dtype, owners
        cell = current()
        self.parties, self.scheme = cell.parties, cell.scheme
        self._word: Call | None = None
        call.show(self)

    # What is public.

    @property
    def shape(self) -> Shape:
        return self.call.shape

    @property
    def ndim(self) -> int:
        return len(self.call.shape)

    @property
    def size(self) -> int:
        return self.call.size

    @property
    def bound(self) -> int:
        """No word exceeds it in absolute value; the number is word / 2^f."""
        return self.call.bound

    @property
    def T(self) -> "SecretArray":  # noqa: N802  (NumPy's name)
        return np.transpose(self)

    @property
    def mT(self) -> "SecretArray":  # noqa: N802  (NumPy's name)
        return np.matrix_transpose(self)

    @property
    def real(self) -> "SecretArray":
        return np.real(self)

    @property
    def imag(self) -> np.ndarray:
        return np.zeros(self.shape)

    @property
    def device(self) -> str:
        return DEVICE

    @property
    def word(self) -> Call:
        """The call as a number: booleans are converted once and kept."""
        if self.dtype.kind != "b":
            return self.call
        if self._word is None or not _usable(self._word):
            self._word = current().record(ideal.bit_to_word, self.call)
            self._word.show(self)
        return self._word

    def __len__(self) -> int:
        if not self.shape:
            raise Unsupported("len() of an array without axes")
        return self.shape[0]

    def __repr__(self) -> str:
        return show.text(self)

    def _repr_html_(self) -> str:
        return show.html(self)

    # NumPy's two protocols.

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(type(x) is not SecretArray and _foreign(x) for x in inputs):
            return NotImplemented
        if kwargs.get("out") is not None:
            raise Unsupported(
                f"{here()}{name_of(ufunc)}: the result is secret and cannot be written into "
                "another array; write a = a + x instead of a += x or out="
            )
        if method == "__call__":
            return dispatch(ufunc, inputs, kwargs)
        return dispatch(f"{method} of a ufunc", (ufunc, *inputs), kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(_other(t) for t in types):
            return NotImplemented
        return dispatch(func, args, kwargs)

    def __getitem__(self, key: Any) -> "SecretArray":
        return dispatch("x[...]", (self, key), {})

    # The array API standard.

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        from mpckernel.array.standard import namespace

        if api_version is not None and api_version > namespace.__array_api_version__:
            raise UsageError(f"the array API is that of {namespace.__array_api_version__}")
        return namespace

    def to_device(self, device: str, /, *, stream: Any = None) -> "SecretArray":  # noqa: ARG002
        if device != DEVICE:
            raise Unsupported(f"{here()}secrets stay with the parties; open them with reveal(x)")
        return self

    def __getattr__(self, name: str) -> Any:
        """Methods of arrays: the function of the same name, applied to this array."""
        function = function_of(name)

        def method(*args: Any, **kwargs: Any) -> Any:
            return dispatch(function, (self, *args), kwargs)

        if (rule := RULES.get(function)) is not None:  # what `x.mean?` shows
            method.__name__, method.__doc__ = name, rule.run.__doc__
        return method

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *METHODS})

    def __copy__(self) -> "SecretArray":
        return self

    def __deepcopy__(self, _: Any) -> "SecretArray":
        return self

    copy = __copy__

    # What would need the values.

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise ImplicitReveal(here() + _OPEN)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise ImplicitReveal(
            f"{here()}NumPy asked for values, and {_OPEN}; a list of secrets becomes an array "
            "with np.stack or np.concatenate, and what scikit-learn and PyTorch do is done by "
            "mpckernel.learn and mpckernel.nn"
        )

    __int__ = __float__ = __complex__ = __index__ = __bytes__ = _refuse
    tolist = item = tobytes = tofile = dump = dumps = __dlpack__ = __dlpack_device__ = _refuse

    def __round__(self, digits: int | None = None) -> "SecretArray":
        return np.round(self, digits or 0)

    def __bool__(self) -> NoReturn:
        raise ImplicitReveal(
            f"{here()}a secret cannot steer Python's `if`, `while`, `and`, `or`, `not`, max() or "
            "a < x < b; use np.where(condition, a, b), & | ~, np.maximum, or reveal(condition)"
        )

    def __iter__(self) -> Iterator[Any]:
        raise ImplicitReveal(
            f"{here()}a secret array is not looped over; use functions of the whole array (np.sum, "
            "np.where), or a public loop: for k in range(len(x)): x[k]"
        )

    def __contains__(self, _: Any) -> bool:
        raise ImplicitReveal(
            f"{here()}`in` would tell a secret; use (x == value).any() and reveal that"
        )

    def __setitem__(self, key: Any, value: Any) -> None:
        raise Unsupported(
            f"{here()}a secret array does not change; make a new one with "
            "np.where(mask, new, x) or np.concatenate"
        )

    def __format__(self, spec: str) -> str:
        if spec:
            raise ImplicitReveal(here() + _OPEN)
        return str(self)

    def __reduce_ex__(self, _: Any) -> NoReturn:
        raise ImplicitReveal(
            f"{here()}a secret array cannot be pickled: this party has no values of it; use "
            "reveal(x, to=owner) and save what was opened"
        )


def ask(
    function: Ideal, *operands: "SecretArray | Call | np.ndarray", dtype: SecretType, **params: Any
) -> SecretArray:
    """Record `function` on the calls of secret arrays, on calls, and on public words or bools."""
    calls = [x.call if isinstance(x, SecretArray) else x for x in operands]
    return SecretArray(current().record(function, *calls, **params), dtype)


def narrowed(x: SecretArray, bound: int) -> SecretArray:
    """The same array, with a smaller bound on its words than the plan could see. The caller
    knows it from the formula (a clipped value, a sign)."""
    x.call.bound = min(x.call.bound, bound)
    return x


def dispatch(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Run a rule on arguments free of stand-ins; the result remembers who contributed."""
    args = tuple([x if type(x) is SecretArray else plain_parts(x) for x in args])
    kwargs = {k: plain_parts(v) for k, v in kwargs.items()}
    try:
        result = run_rule(function, args, kwargs)
    except UsageError as why:
        raise located(why) from None
    except ODD as why:
        raise located(as_usage(name_of(function), why)) from None
    owners = _owners((*args, *kwargs.values()))
    if type(result) is SecretArray:
        result.owners |= owners
        return result
    for x in result if isinstance(result, tuple | list) else (result,):
        if isinstance(x, SecretArray):
            x.owners |= owners
    return result


def _owners(args: Any) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for x in args:
        if isinstance(x, SecretArray):
            found = x.owners if x.owners >= found else found | x.owners
        elif type(x) in (list, tuple):
            found |= _owners(x)
    return found


def refuse_filter(key: Any) -> None:
    """Unsupported, if a secret is used as an index."""
    parts = key if isinstance(key, tuple) else (key,)
    for part in parts:
        if isinstance(part, SecretArray):
            if part.dtype == sbool:
                raise Unsupported(_FILTER)
            raise Unsupported(
                "a secret index would be seen by how it reads; use "
                "((np.arange(n) == index) * x).sum()"
            )


def _usable(call: Call) -> bool:
    plan = current().plan
    mine = 0 <= call.number < len(plan.calls) and plan.calls[call.number] is call
    return mine or (call.handle is not None and call.result is not None)


def _foreign(x: Any) -> bool:
    """Something else that answers NumPy by itself (xarray, ...): it gets its turn."""
    known = isinstance(x, np.ndarray | np.generic | Operators)
    return not known and hasattr(type(x), "__array_ufunc__") and not hasattr(x, "to_numpy")


def _other(kind: type) -> bool:
    """As _foreign, for the type of an argument of a function."""
    return not issubclass(kind, np.ndarray | Operators) and not hasattr(kind, "to_numpy")
