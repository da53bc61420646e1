"""WideArray: sums that one word cannot hold, two words an element, exact; of type swide.

A sum or a matrix product whose result might reach 2^62 on the ring is not refused but given as
`swide`, with the same number of fraction bits. It can be added up further, multiplied by public
whole numbers, divided by public numbers (the quotient is an ordinary secret again), indexed,
revealed, and made an ordinary secret by `astype` where the bounds allow it. Everything else is
refused. Source: protocols/composed/limbs.py.
"""

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from mpckernel.array.dtypes import SecretType, swide, type_from
from mpckernel.array.operators import here, located, plain_parts
from mpckernel.array.rules import name_of
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import ideal, moving
from mpckernel.protocols.composed import limbs
from mpckernel.protocols.composed.claims import proven
from mpckernel.protocols.composed.limbs import Wide
from mpckernel.ring.words import Shape, Words, signed
from mpckernel.runtime.cell import current

CAN = (
    "a wide sum takes + and -, public whole factors, division by public numbers, np.sum, np.mean, "
    "placement (x[...], np.reshape, np.transpose, np.stack, np.concatenate) and reveal; x.astype "
    "makes it an ordinary secret where its bound allows it. A sum is wide if it might not fit one "
    "word by what is publicly known of its terms: declare a bound where they are shared, "
    "share(alice.W2, bound=...), and it is an ordinary secret from the start"
)
RULES: dict[Any, Callable[..., Any]] = {}  # by NumPy's functions, and names; see widening.py
METHODS: dict[str, Any] = {
    "sum": np.sum,
    "mean": np.mean,
    "reshape": np.reshape,
    "ravel": np.ravel,
    "astype": "astype",
}


class WideArray(SecretArray):
    """A secret array of type swide: its call holds high and low words on a leading axis.

    bound: of the value, in steps. Leaks nothing until reveal.
    """

    __slots__ = ("_bounds",)

    def __init__(self, v: Wide, t: SecretType, owners: frozenset[str] = frozenset()) -> None:
        both = current().record(ideal.move, v.high, v.low, how=("stack", 0))
        super().__init__(both, t, owners)
        self._bounds = (v.high.bound, v.low.bound, v.most)

    @property
    def shape(self) -> Shape:
        return self.call.shape[1:]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return self.call.size // 2

    @property
    def bound(self) -> int:
        return self._bounds[2]

    @property
    def word(self) -> NoReturn:  # type: ignore[override]  # it has two
        raise Unsupported(f"{here()}{CAN}")

    @property
    def limbs(self) -> Wide:
        """Both words as calls, with their bounds."""
        high, low = (
            current().record(proven(ideal.move, b), self.call, how=("index", moving.frozen(k)))
            for k, b in enumerate(self._bounds[:2])
        )
        return Wide(high, low, self._bounds[2])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or any(v is not None for v in kwargs.values()):
            _refuse(ufunc)
        return _run(ufunc, inputs, {})

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _run(func, args, kwargs)

    def __getitem__(self, key: Any) -> "WideArray":
        return _run("index", (self, key), {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in METHODS:
            raise AttributeError(f"a wide secret has no attribute {name!r}; {CAN}")
        return lambda *args, **kwargs: _run(METHODS[name], (self, *args), kwargs)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *METHODS})


def _refuse(function: Any) -> NoReturn:
    raise Unsupported(f"{here()}{name_of(function)}: {CAN}")


def _run(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """The function on arguments free of stand-ins; the result remembers who contributed."""
    if function not in RULES:
        _refuse(function)
    args = tuple(plain_parts(x) for x in args)
    try:
        result = RULES[function](*args, **kwargs)
    except UsageError as why:
        raise located(why) from None
    except TypeError:
        _refuse(function)
    if isinstance(result, SecretArray):
        for x in args:
            for part in x if type(x) in (list, tuple) else (x,):
                result.owners |= getattr(part, "owners", frozenset())
    return result


def wide_type(f: int) -> SecretType:
    """swide with f fraction bits."""
    return SecretType(f"swide{f}", "w", f) if f else swide


def narrow_type(t: SecretType) -> SecretType:
    """The ordinary type with as many fraction bits."""
    return type_from(f"sfix{t.f}" if t.f else "sint")


def from_limbs(both: Words, f: int) -> Any:
    """What high and low words stand for: floats, or Python integers of any size where f is 0."""
    high, low = signed(both[0]), signed(both[1])
    if f:
        value = np.ldexp(high.astype(np.longdouble), limbs.LIMB) + low.astype(np.longdouble)
        return np.ldexp(value, -f).astype(np.float64)[()]
    whole = high.astype(object) * 2**limbs.LIMB + low.astype(object)
    return np.asarray(whole, np.object_)[()]
