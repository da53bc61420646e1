"""Tensor: an array of a joint cell that knows how it came about.

    t = Tensor(x)                     an array: secret, an owner's variable, or public numbers
    loss.backward()                   gradients of everything with requires_grad that led to it
    p.grad                            a Tensor; p.grad.data is the secret array

NumPy's operators and functions work on tensors as on secret arrays, and leave an entry on the
tape (tape.py) where something with requires_grad goes in. Nothing is opened, nothing is sent.
"""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from mpckernel.array.methods import METHODS
from mpckernel.array.operators import here, plain_parts
from mpckernel.array.publics import operand
from mpckernel.array.rules import name_of
from mpckernel.array.secret import SecretArray, dispatch
from mpckernel.errors import ImplicitReveal, Unsupported, UsageError
from mpckernel.nn import tape
from mpckernel.nn.later import Later
from mpckernel.nn.methods import ARGUMENTS, FUNCTIONS, OWN, Methods, method
from mpckernel.nn.modes import no_grad, taped
from mpckernel.nn.pending import Pending, combined, rounded
from mpckernel.nn.tape import COMPOSED, DERIVATIVES, STEPS, Rule, Scaled
from mpckernel.ring.words import Shape

F = TypeVar("F", bound=Callable[..., Any])


class Tensor(Methods, NDArrayOperatorsMixin):
    """An array with public shape and type, secret values, and a place on the tape.

    data: a SecretArray, an owner's variable, public numbers, a Pending, or another tensor.
    Leaks nothing. `data` is the array; reveal(t) opens it.
    """

    __slots__ = ("__weakref__", "_gradient", "_raw", "node", "requires_grad")
    __array_priority__ = 2000
    __hash__ = object.__hash__

    def __init__(self, data: Any, requires_grad: bool = False) -> None:
        if isinstance(data, Tensor):
            data = data._raw
        if not isinstance(data, Pending | Later):
            data = operand(data)
        self._raw: Any = data
        self._gradient: Scaled | None = None
        self.node: tape.Node | None = None
        self.requires_grad = requires_grad

    # What is public.

    @property
    def shape(self) -> Shape:
        return tuple(self._raw.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def dtype(self) -> Any:
        return self._raw.dtype if isinstance(self._raw, Pending) else self.data.dtype

    @property
    def data(self) -> Any:
        """The array: secret, or public where only public numbers went in."""
        return self._raw.value() if isinstance(self._raw, Pending | Later) else self._raw

    @data.setter
    def data(self, new: Any) -> None:
        self._raw = plain(new)

    @property
    def T(self) -> "Tensor":  # noqa: N802  (NumPy's name)
        return np.transpose(self)  # type: ignore[return-value]

    @property
    def is_leaf(self) -> bool:
        """Whether it was given and not computed."""
        return self.node is None

    def __len__(self) -> int:
        if not self.shape:
            raise Unsupported("len() of an array without axes")
        return self.shape[0]

    def __repr__(self) -> str:
        learns = ", requires_grad" if self.requires_grad else ""
        return f"{type(self).__name__}({self._raw!r}{learns})"

    # Gradients.

    @property
    def grad(self) -> "Tensor | None":
        """The gradient that has been accumulated; None if there is none."""
        g = self._gradient
        if g is None or g.times == 1:
            return None if g is None else Tensor(g.data)
        return Tensor(Later(self.shape, lambda: multiplied(g)))

    @grad.setter
    def grad(self, new: Any) -> None:
        self._gradient = None if new is None else Scaled(plain(new))

    @property
    def gradient(self) -> Scaled | None:
        """As grad, with its public factor beside it; for optimisers."""
        return self._gradient

    def accumulate(self, gradient: Scaled) -> None:
        """Add to the gradient."""
        if self.requires_grad:
            old = self._gradient
            self._gradient = gradient if old is None else tape.together(old, gradient)

    def zero_grad(self) -> None:
        self._gradient = None

    def backward(self, gradient: Any = None, retain_graph: bool = False) -> None:
        """Add d self / d t to t.grad of every leaf t with requires_grad that led to self.

        gradient: of some later quantity by self; for a single value it may be left out.
        Leaks nothing. Raises UsageError for an array without gradient=, for what no leaf with
        requires_grad led to, and when it is called twice (retain_graph=True the first time).
        """
        if not self.requires_grad:
            raise UsageError(f"{here()}backward: nothing with requires_grad led to this")
        if gradient is None:
            if self.size != 1:
                raise UsageError(
                    f"{here()}backward of an array of shape {self.shape} takes gradient=; usually "
                    "a loss is one value: take np.mean or np.sum of it"
                )
            gradient = np.ones(self.shape, np.int64)
        with no_grad():
            tape.backward(self, plain(gradient), keep=retain_graph)

    def detach(self) -> "Tensor":
        """The same values without their past."""
        return Tensor(self._raw)

    def requires_grad_(self, requires_grad: bool = True) -> "Tensor":
        self.requires_grad = requires_grad
        return self

    # total += loss: a new value for the name; other names keep the old one.

    __iadd__ = NDArrayOperatorsMixin.__add__
    __isub__ = NDArrayOperatorsMixin.__sub__
    __imul__ = NDArrayOperatorsMixin.__mul__
    __itruediv__ = NDArrayOperatorsMixin.__truediv__

    # NumPy's two protocols.

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if kwargs.get("out") is not None:
            raise Unsupported(
                f"{here()}{name_of(ufunc)}: a tensor is not written into; write a = a + x instead "
                "of a += x or out="
            )
        if method != "__call__":
            raise Unsupported(
                f"{here()}{name_of(ufunc)}.{method} of tensors; use np.sum and others"
            )
        return apply(ufunc, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return apply(func, args, kwargs)

    def __getitem__(self, key: Any) -> "Tensor":
        return apply("x[...]", (self, key), {})  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        """Methods of arrays: the function of the same name, applied to this tensor."""
        function = METHODS.get(name) or method(name)
        if function is None:
            raise AttributeError(f"a tensor has no attribute {name!r}")

        def call(*args: Any, **kwargs: Any) -> Any:
            return apply(function, (self, *args), _named(kwargs))

        return call

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *METHODS, *FUNCTIONS, *OWN})

    # What would need the values.

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        if isinstance(self.data, np.ndarray):
            raise Unsupported(
                f"{here()}a tensor is not read by itself; of public numbers, t.numpy()"
            )
        raise ImplicitReveal(
            f"{here()}a tensor holds secrets; open them on purpose, and use what reveal(t) gives"
        )

    __array__ = __bool__ = __int__ = __complex__ = __index__ = _refuse
    __iter__ = __contains__ = __reduce_ex__ = _refuse

    def numpy(self) -> np.ndarray:
        """A copy of public numbers; ImplicitReveal for secrets, as item, tolist and float."""
        return np.array(self.data) if isinstance(self.data, np.ndarray) else self._refuse()

    def item(self) -> Any:
        return self.numpy().item()

    def tolist(self) -> Any:
        return self.numpy().tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __format__(self, spec: str) -> str:
        if spec and not isinstance(self.data, np.ndarray):
            raise ImplicitReveal(
                f"{here()}a tensor holds secrets; open them on purpose: {{reveal(loss):{spec}}}"
            )
        return format(self.item(), spec) if spec else str(self)

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise Unsupported(
            f"{here()}a tensor does not change; make a new one with np.where(mask, new, x) or "
            "np.concatenate"
        )


def plain(x: Any) -> Any:
    """An array, secret or public, of whatever stands for one; products may stay pending."""
    if isinstance(x, Tensor):
        return x._raw if isinstance(x._raw, Pending) else x.data
    return x if isinstance(x, Pending) else operand(x)


def as_tensor(x: Any) -> Tensor:
    """x as a tensor, if it is not one."""
    return x if isinstance(x, Tensor) else Tensor(x)


def multiplied(g: Scaled) -> Any:
    """A gradient with its factor multiplied out."""
    if isinstance(g.data, np.ndarray):
        return g.data * float(g.times)
    if rounded(g.times) == g.times:
        return combined(g.data, g.data.dtype, g.times)
    return np.multiply(g.data, float(g.times))


# Applying a function.


def apply(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """The function of tensors and arrays as a tensor, with an entry on the tape if one is due."""
    if function in COMPOSED and any(_holds(x, _wants) for x in (*args, *kwargs.values())):
        return COMPOSED[function](*args, **kwargs)
    rule = DERIVATIVES.get(function)
    if any(_holds(v, _is_tensor) for v in kwargs.values()):
        args, kwargs = _by_place(function, rule, args, kwargs)
    on_tape = taped() and any(_holds(x, _wants) for x in args)
    data = tuple([_data(x) for x in args])
    if rule is None:
        if on_tape and function not in STEPS:
            raise Unsupported(
                f"{here()}{name_of(function)} has no derivative; use .detach() or nn.no_grad() "
                "where none is wanted"
            )
        return _wrapped(_run(function, data, kwargs))
    result, pull_backs = rule.run(*data, **kwargs)
    wrapped = _wrapped(result)
    if on_tape:
        wrapped.node = tape.node(list(tape.pairs(args, pull_backs)))
        wrapped.requires_grad = True
    return wrapped


def differentiable(rule: F) -> F:
    """The decorated rule as a function of tensors and arrays under its own name; dim= is axis=."""

    @wraps(rule)
    def call(*args: Any, **kwargs: Any) -> Any:
        return apply(call, args, _named(kwargs))

    DERIVATIVES[call] = Rule(rule, signature(rule), rule.__module__.rpartition(".")[2])
    return call  # type: ignore[return-value]  # of the same parameters


def _by_place(function: Any, rule: Rule | None, args: Any, kwargs: Any) -> tuple[Any, Any]:
    """Tensors given by name are given by place, where the rule's pull-backs are."""
    if rule is None:
        return args, {k: _data(v) for k, v in kwargs.items()}
    try:
        bound = rule.signature.bind(*args, **kwargs)
    except TypeError:
        raise Unsupported(
            f"{here()}{name_of(function)} of tensors takes {', '.join(rule.signature.parameters)}"
        ) from None
    bound.apply_defaults()
    if any(_holds(v, _is_tensor) for v in bound.kwargs.values()):
        raise Unsupported(f"{here()}{name_of(function)}: give tensors by place")
    return bound.args, bound.kwargs


def _run(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    if not isinstance(function, str):
        return function(*args, **kwargs)
    if isinstance(args[0], SecretArray) or function.startswith("mpckernel."):
        return dispatch(function, args, kwargs)
    return args[0][args[1]] if function == "x[...]" else args[0].astype(*args[1:], **kwargs)


def _wrapped(x: Any) -> Any:
    if isinstance(x, SecretArray | Pending | Later | np.ndarray | np.generic):
        return Tensor(x)
    if type(x) in (list, tuple):
        return type(x)(_wrapped(v) for v in x)
    return x


def _data(x: Any) -> Any:
    if isinstance(x, Tensor):
        return x.data
    if type(x) in (list, tuple) and _holds(x, _is_tensor):
        return type(x)(_data(v) for v in x)
    return plain_parts(x)


def _is_tensor(x: Any) -> bool:
    return isinstance(x, Tensor)


def _wants(x: Any) -> bool:
    return isinstance(x, Tensor) and x.requires_grad


def _holds(x: Any, test: Callable[[Any], bool]) -> bool:
    if type(x) in (list, tuple):
        return any(_holds(v, test) for v in x)
    return test(x)


def _named(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments under NumPy's names."""
    return {ARGUMENTS.get(k, k): v for k, v in kwargs.items()}
