"""The functions of the array API standard on secrets: its names and signatures, our rules.

A function of the standard is a NumPy function with fewer arguments; what NumPy's has no rule for
says so when it is called. All of them give secret arrays, also where the values are public.
Source: Python array API standard 2024.12, data-apis.org/array-api.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from mpckernel.array.dtypes import type_from
from mpckernel.array.functions.reductions import refuse_bool
from mpckernel.array.operators import ODD, as_usage, here, located, plain_parts
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError

F = TypeVar("F", bound=Callable[..., Any])

STANDARD: dict[str, Any] = {}  # what mpckernel.array.standard.namespace offers, by name


def standard(name: str) -> Callable[[F], F]:
    """Offer the decorated function under this name of the standard."""

    def register(f: F) -> F:
        f.__name__ = f.__qualname__ = name

        @wraps(f)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return f(*args, **kwargs)
            except UsageError:
                raise
            except ODD as why:
                raise located(as_usage(name, why)) from None

        STANDARD[name] = call
        return call  # type: ignore[return-value]  # of the same signature

    return register


def lift(x: Any) -> Any:
    """A secret array: itself, or a sharing of public values. Python's own numbers stay."""
    x = plain_parts(x)
    return x if isinstance(x, SecretArray | bool | int | float) else secret(operand(x))


def given(x: Any) -> Any:
    """What a rule gave, with public arrays as sharings."""
    if isinstance(x, tuple | list):
        return type(x)(map(given, x))
    return x if isinstance(x, SecretArray) else secret(operand(x))


def array(x: Any) -> SecretArray:
    """A secret array, also of a single number."""
    x = lift(x)
    return x if isinstance(x, SecretArray) else secret(operand(x))


def _unary(name: str, function: Any) -> None:
    @standard(name)
    def f(x: Any, /) -> SecretArray:
        return given(function(array(x)))

    f.__doc__ = f"np.{function.__name__} of secrets."


def _binary(name: str, function: Any) -> None:
    @standard(name)
    def f(x1: Any, x2: Any, /) -> SecretArray:
        a, b = lift(x1), lift(x2)
        if not isinstance(a, SecretArray) and not isinstance(b, SecretArray):
            a = array(a)
        return given(function(a, b))

    f.__doc__ = f"np.{function.__name__} of secrets."


_SAME_UNARY = (
    "abs ceil conj cos cosh exp expm1 floor imag isfinite isinf isnan log log1p log2 log10 "
    "logical_not negative positive real reciprocal sign signbit sin sinh square sqrt tan tanh "
    "trunc matrix_transpose"
)
_OTHER_UNARY = {
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "bitwise_invert": np.invert,
    "round": np.rint,
}
_SAME_BINARY = (
    "add bitwise_and bitwise_or bitwise_xor copysign divide equal floor_divide greater "
    "greater_equal hypot less less_equal logaddexp logical_and logical_or logical_xor maximum "
    "minimum multiply nextafter not_equal remainder subtract matmul"
)
_OTHER_BINARY = {
    "atan2": np.arctan2,
    "bitwise_left_shift": np.left_shift,
    "bitwise_right_shift": np.right_shift,
    "pow": np.power,
}
for _name in _SAME_UNARY.split():
    _unary(_name, getattr(np, _name))
for _name in _SAME_BINARY.split():
    _binary(_name, getattr(np, _name))
for _name, _function in _OTHER_UNARY.items():
    _unary(_name, _function)
for _name, _function in _OTHER_BINARY.items():
    _binary(_name, _function)


@standard("clip")
def clip(x: Any, /, min: Any = None, max: Any = None) -> SecretArray:  # noqa: A002
    """Between two ends, or beyond one of them."""
    if min is None and max is None:
        return array(x)
    ends = (None if v is None else operand(v) for v in (min, max))
    return given(np.clip(array(x), *ends))


@standard("where")
def where(condition: Any, x1: Any, x2: Any, /) -> SecretArray:
    """x1 where the condition holds, else x2."""
    return given(np.where(array(condition), lift(x1), lift(x2)))


# Reductions.


def _typed(x: SecretArray, dtype: Any) -> SecretArray:
    refuse_bool(None if dtype is None else type_from(dtype))
    return x if dtype is None else x.astype(dtype)


def _reduction(name: str, typed: bool = False) -> None:
    function = getattr(np, name)

    if typed:

        @standard(name)
        def with_type(
            x: Any, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False
        ) -> SecretArray:
            return given(function(_typed(array(x), dtype), axis=axis, keepdims=keepdims))

        with_type.__doc__ = f"np.{name} of secrets."
        return

    @standard(name)
    def f(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> SecretArray:
        return given(function(array(x), axis=axis, keepdims=keepdims))

    f.__doc__ = f"np.{name} of secrets."


for _name in ("sum", "prod"):
    _reduction(_name, typed=True)
for _name in ["all", "any", "count_nonzero", "max", "mean", "min"]:
    _reduction(_name)


def _spread(name: str) -> None:
    function = getattr(np, name)

    @standard(name)
    def f(
        x: Any, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False
    ) -> SecretArray:
        return given(function(array(x), axis=axis, ddof=correction, keepdims=keepdims))

    f.__doc__ = f"np.{name} of secrets; correction is NumPy's ddof."


def _position(name: str) -> None:
    function = getattr(np, name)

    @standard(name)
    def f(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> SecretArray:
        x = array(x)
        at = function(x, axis=axis)
        if not keepdims:
            return at
        return np.expand_dims(at, tuple(range(x.ndim)) if axis is None else axis)

    f.__doc__ = f"np.{name} of secrets."


def _running(name: str, function: Any, first: int) -> None:
    @standard(name)
    def f(
        x: Any,
        /,
        *,
        axis: int | None = None,
        dtype: Any = None,
        include_initial: bool = False,
    ) -> SecretArray:
        x = _typed(array(x), dtype)
        if axis is None and x.ndim != 1:
            raise Unsupported(f"{here()}{name}: give axis= for an array of {x.ndim} axes")
        k = normalize_axis_index(axis or 0, x.ndim)
        sums = function(x, axis=k)
        if not include_initial:
            return sums
        start = np.full([1 if j == k else n for j, n in enumerate(x.shape)], first)
        return np.concatenate([start, sums], axis=k)

    f.__doc__ = f"np.{function.__name__} along one axis."


for _name in ("std", "var"):
    _spread(_name)
for _name in ("argmax", "argmin"):
    _position(_name)
_running("cumulative_sum", np.cumsum, 0)
_running("cumulative_prod", np.cumprod, 1)


@standard("diff")
def diff(
    x: Any, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None
) -> SecretArray:
    """Differences of neighbours, n times."""
    ends = [None if v is None else array(v) for v in (prepend, append)]
    return np.diff(array(x), n, axis, prepend=ends[0], append=ends[1])
