"""The standard's creation and data type functions; see names.py.

What is created is public and becomes a sharing of known values, so that it can stand wherever a
secret array does. Next to a secret, NumPy's own np.zeros and so on cost less.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mpckernel.array.dtypes import DEFAULT, SecretType, promote, sbool, sint, type_from
from mpckernel.array.operators import here, plain_parts
from mpckernel.array.publics import operand, secret, type_of
from mpckernel.array.secret import DEVICE, SecretArray
from mpckernel.array.standard.names import array, standard
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols.ideal import LIMIT


def _made(x: Any, dtype: Any, device: Any) -> SecretArray:
    """A public array as a sharing of it."""
    if device not in (None, DEVICE):
        raise Unsupported(f"{here()}the one device of secrets is {DEVICE!r}")
    values = operand(x)
    if dtype is None:
        return array(values)
    t = type_from(dtype)
    if isinstance(values, SecretArray):
        return values.astype(t)
    return secret(values.astype(t.numpy), t)


@standard("asarray")
def asarray(
    obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None
) -> SecretArray:
    """A secret array: of a secret, of public values, or of lists of both."""
    if copy is False and not isinstance(plain_parts(obj), SecretArray):
        raise UsageError(f"{here()}asarray: public values are shared anew, which is a copy")
    return _made(obj, dtype, device)


@standard("arange")
def arange(
    start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None
) -> SecretArray:
    """Evenly spaced numbers of public ends."""
    ends = (0, start) if stop is None else (start, stop)
    return _made(np.arange(*ends, step), dtype, device)


@standard("linspace")
def linspace(
    start: Any,
    stop: Any,
    /,
    num: int,
    *,
    dtype: Any = None,
    device: Any = None,
    endpoint: bool = True,
) -> SecretArray:
    """So many evenly spaced numbers between public ends."""
    t = type_from(dtype or DEFAULT)
    kind = np.int64 if t == sint else None  # NumPy rounds down
    return _made(np.linspace(start, stop, num, endpoint=endpoint, dtype=kind), t, device)


@standard("eye")
def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: Any = None,
    device: Any = None,
) -> SecretArray:
    """Ones on a diagonal."""
    return _made(np.eye(n_rows, n_cols, k, np.int64), dtype or DEFAULT, device)


@standard("full")
def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> SecretArray:
    """The same value everywhere."""
    return _made(np.broadcast_to(operand(fill_value), shape), dtype, device)


@standard("full_like")
def full_like(x: Any, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> SecretArray:
    """The same value everywhere, in the shape and type of x."""
    x = array(x)
    return _made(np.broadcast_to(operand(fill_value), x.shape), dtype or x.dtype, device)


def _filled(name: str, value: int) -> None:
    @standard(name)
    def f(shape: Any, *, dtype: Any = None, device: Any = None) -> SecretArray:
        return _made(np.full(shape, value), dtype or DEFAULT, device)

    @standard(f"{name}_like")
    def like(x: Any, /, *, dtype: Any = None, device: Any = None) -> SecretArray:
        x = array(x)
        return _made(np.full(x.shape, value), dtype or x.dtype, device)

    f.__doc__ = like.__doc__ = f"{value} everywhere."


_filled("empty", 0)
_filled("zeros", 0)
_filled("ones", 1)


@standard("from_dlpack")
def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> SecretArray:  # noqa: ARG001
    """Public memory of another library as a sharing of its values."""
    return _made(np.from_dlpack(x), None, device)


# Types.


@standard("astype")
def astype(
    x: Any,
    dtype: Any,
    /,
    *,
    copy: bool = True,  # noqa: ARG001  (secrets do not change)
    device: Any = None,
) -> SecretArray:
    """Another secret type."""
    return _made(array(x), dtype, device)


@standard("can_cast")
def can_cast(from_: Any, to: Any, /) -> bool:
    """Whether every value of one type is one of the other."""
    t = from_.dtype if isinstance(from_, SecretArray) else type_from(from_)
    return promote(t, type_from(to)) == type_from(to)


@standard("result_type")
def result_type(*arrays_and_dtypes: Any) -> SecretType:
    """The type in which arrays, types and Python numbers meet."""
    types = [_type(x) for x in arrays_and_dtypes]
    return promote(*types)


def _type(x: Any) -> SecretType:
    if isinstance(x, SecretArray):
        return x.dtype
    if isinstance(x, bool | int | float | np.ndarray):
        return type_of(operand(x))
    return type_from(x)


_KINDS: dict[str, Callable[[SecretType], bool]] = {
    "bool": lambda t: t.kind == "b",
    "signed integer": lambda t: t.kind == "i",
    "unsigned integer": lambda _: False,
    "integral": lambda t: t.kind == "i",
    "real floating": lambda t: t.kind == "f",
    "complex floating": lambda _: False,
    "numeric": lambda t: t.kind != "b",
}


@standard("isdtype")
def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a type is of a kind, is a given type, or is one of several."""
    if isinstance(kind, tuple):
        return any(isdtype(dtype, one) for one in kind)
    if isinstance(kind, str):
        if kind not in _KINDS:
            raise UsageError(f"isdtype: the kinds are {', '.join(_KINDS)}")
        return _KINDS[kind](type_from(dtype))
    return type_from(dtype) == type_from(kind)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a secret type can hold: steps of eps from min to max."""

    dtype: SecretType
    bits: int
    min: float
    max: float
    eps: float = 1.0
    smallest_normal: float = 1.0


@standard("finfo")
def finfo(type: Any, /) -> Limits:  # noqa: A002
    """The limits of fixed point: steps of 2^-f, below 2^(62 - f); no NaN, no infinity."""
    t = type.dtype if isinstance(type, SecretArray) else type_from(type)
    if t.kind != "f":
        raise UsageError("finfo is of fixed-point types")
    step = 2.0**-t.f
    most = LIMIT * step
    return Limits(t, 64, -most, most, step, step)


@standard("iinfo")
def iinfo(type: Any, /) -> Limits:  # noqa: A002
    """The limits of integers: below 2^62."""
    t = type.dtype if isinstance(type, SecretArray) else type_from(type)
    if t != sint:
        raise UsageError("iinfo is of the integer type")
    return Limits(t, 64, -(LIMIT - 1), LIMIT - 1)


TYPES = {"bool": sbool, "int64": sint, "float64": DEFAULT}
