"""How wide secrets are made, and what can be done with them: the rules of wide.py."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.dtypes import SecretType, number, type_from
from mpckernel.array.functions.division import real
from mpckernel.array.publics import operand, secret, type_of, words
from mpckernel.array.secret import SecretArray
from mpckernel.array.wide import CAN, RULES, WideArray, narrow_type, wide_type
from mpckernel.errors import Unsupported
from mpckernel.protocols import ideal, moving
from mpckernel.protocols.composed import limbs
from mpckernel.protocols.composed.limbs import Wide
from mpckernel.ring.words import as_words
from mpckernel.runtime.cell import current


def widened(x: Any) -> WideArray:
    """An ordinary secret, or public numbers, as swide. Two rounds for a secret."""
    if isinstance(x, WideArray):
        return x
    y = secret(operand(x))
    return WideArray(limbs.split(current().record, y.word), wide_type(y.dtype.f))


def total(x: SecretArray, axes: tuple[int, ...]) -> WideArray:
    """The sum over axes of an ordinary secret, as swide."""
    rest = [k for k in range(x.ndim) if k not in axes]
    outer = tuple(x.shape[k] for k in rest)
    rows: Any = np.transpose(x, (*rest, *axes))
    rows = np.reshape(rows, (int(np.prod(outer, dtype=int)), x.size // max(1, int(np.prod(outer)))))
    v = limbs.sum_of_words(current().record, rows.word)
    return _moved(WideArray(v, wide_type(x.dtype.f)), ("reshape", outer))


def _moved(x: WideArray, how: Any) -> WideArray:
    """Both words moved alike."""
    v, do = x.limbs, current().record
    high, low = (do(ideal.move, part, how=how) for part in (v.high, v.low))
    return WideArray(Wide(high, low, v.most), x.dtype)


def _aligned(x: WideArray, f: int) -> Wide:
    shift = f - x.dtype.f
    if not shift:
        return x.limbs
    return limbs.times(current().record, x.limbs, as_words(1 << shift), 1 << shift)


def _add(x: Any, y: Any) -> WideArray:
    if not isinstance(x, WideArray):
        x = _beside(x, y)
    y = y if isinstance(y, WideArray) else _beside(y, x)
    f = max(x.dtype.f, y.dtype.f)
    return WideArray(limbs.added(current().record, _aligned(x, f), _aligned(y, f)), wide_type(f))


def _beside(x: Any, wide: WideArray) -> WideArray:
    """Public floats take the scale of the other operand."""
    v = operand(x)
    if isinstance(v, SecretArray) or type_of(v).kind != "f":
        return widened(v)
    f = wide.dtype.f or 20
    return widened(SecretArray(current().record(ideal.public, words(v, f)), SecretType("", "f", f)))


def _negative(x: WideArray) -> WideArray:
    v, do = x.limbs, current().record
    return WideArray(Wide(do(ideal.neg, v.high), do(ideal.neg, v.low), v.most), x.dtype)


def _subtract(x: Any, y: Any) -> WideArray:
    return _add(x, _negative(y) if isinstance(y, WideArray) else -operand(y))


def _multiply(x: Any, y: Any) -> WideArray:
    x, c = (x, y) if isinstance(x, WideArray) else (y, x)
    c = operand(c)
    if isinstance(c, SecretArray) or c.dtype.kind == "f":
        raise Unsupported(f"a wide sum is multiplied by public whole numbers only; {CAN}")
    largest = int(np.abs(c.astype(np.int64)).max()) if c.size else 0
    return WideArray(limbs.times(current().record, x.limbs, as_words(c), largest), x.dtype)


def _divide(x: Any, y: Any) -> SecretArray:
    d = operand(y)
    if not isinstance(x, WideArray) or isinstance(d, SecretArray):
        raise Unsupported(f"a wide sum is divided by public numbers only; {CAN}")
    t = real(narrow_type(x.dtype))
    call = limbs.divided(current().record, x.limbs, np.asarray(d, np.float64), t.f - x.dtype.f)
    return SecretArray(call, t)


def _sum(a: WideArray, axis: Any = None, *, keepdims: bool = False) -> WideArray:
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    n = int(np.prod([a.shape[k] for k in axes], dtype=object))
    v = WideArray(limbs.total(current().record, a.limbs, axes, n), a.dtype)
    if not keepdims:
        return v
    return _moved(v, ("reshape", tuple(1 if k in axes else m for k, m in enumerate(a.shape))))


def _mean(a: WideArray, axis: Any = None, *, keepdims: bool = False) -> SecretArray:
    s = _sum(a, axis, keepdims=keepdims)
    return _divide(s, a.size // max(s.size, 1))


def _index(a: WideArray, key: Any) -> WideArray:
    return _moved(a, ("index", moving.frozen(key)))


def _reshape(a: WideArray, *shape: Any) -> WideArray:
    given = shape[0] if len(shape) == 1 else shape
    return _moved(a, ("reshape", tuple(given) if np.iterable(given) else (int(given),)))


def _transpose(a: WideArray, axes: Any = None) -> WideArray:
    order = range(a.ndim)[::-1] if axes is None else axes
    return _moved(a, ("transpose", tuple(int(k) for k in order)))


def _stack(arrays: Any, axis: int = 0) -> WideArray:
    return _joined(arrays, "stack", axis)


def _concatenate(arrays: Any, axis: int = 0) -> WideArray:
    return _joined(arrays, "concatenate", axis)


def _joined(arrays: Any, name: str, axis: int) -> WideArray:
    wide = [widened(x) for x in arrays]
    f, do = max(x.dtype.f for x in wide), current().record
    parts = [_aligned(x, f) for x in wide]
    how = (name, axis)
    high, low = (do(ideal.move, *(getattr(v, k) for v in parts), how=how) for k in ("high", "low"))
    return WideArray(Wide(high, low, max(v.most for v in parts)), wide_type(f))


def _astype(a: WideArray, dtype: Any) -> SecretArray:
    t = type_from(dtype, narrow_type(a.dtype))
    if t.kind == "w":
        return a
    if t.kind == "b":
        raise Unsupported(f"a wide sum is not a truth value; {CAN}")
    if t.kind == "i" and a.dtype.f:
        fixed = SecretArray(limbs.narrow(current().record, a.limbs, 0), narrow_type(a.dtype))
        return fixed.astype(t)
    return SecretArray(limbs.narrow(current().record, a.limbs, a.dtype.f - t.f), number(t))


RULES.update(
    {
        np.add: _add,
        np.subtract: _subtract,
        np.negative: _negative,
        np.positive: lambda x: x,
        np.multiply: _multiply,
        np.divide: _divide,
        np.sum: _sum,
        np.mean: _mean,
        np.reshape: _reshape,
        np.ravel: lambda x: _reshape(x, -1),
        np.transpose: _transpose,
        np.stack: _stack,
        np.concatenate: _concatenate,
        np.shape: lambda x: x.shape,
        np.ndim: lambda x: x.ndim,
        np.size: lambda x: x.size,
        "index": _index,
        "astype": _astype,
    }
)
