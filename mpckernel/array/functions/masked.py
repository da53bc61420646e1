"""Mean and variance of the elements that a mask keeps: `np.mean(x, where=group == 3)`.

How many there are stays as secret as the mask; the result is 0 where there are none (or not more
than ddof).
"""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.dtypes import sfix
from mpckernel.array.functions.comparing import truth
from mpckernel.array.functions.division import real
from mpckernel.array.functions.reductions import only, sum_
from mpckernel.array.publics import as_number
from mpckernel.array.secret import SecretArray, narrowed
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols.composed import divide as quotients
from mpckernel.protocols.ideal import LIMIT
from mpckernel.runtime.cell import current

Axis = Any


def mean(a: SecretArray, axis: Axis, where: Any, keepdims: bool) -> SecretArray:
    """The sum of what is kept over how much is kept.

    Error: 2^-25 |mean| + 3 steps; 1.2 steps with a public mask.
    """
    x = as_number(a)
    total = sum_(only(x, where, 0), axis, keepdims=keepdims)
    return over(total, _count(x, axis, where, keepdims, 0), x.bound)


def var(a: SecretArray, axis: Axis, where: Any, ddof: int, keepdims: bool) -> SecretArray:
    """The mean square of the distances from the mean, over count - ddof.

    Error: that of std, times 2 std.
    """
    return _variance(a, axis, where, _whole(ddof), keepdims).astype(real(a.dtype))


def std(a: SecretArray, axis: Axis, where: Any, ddof: int, keepdims: bool) -> SecretArray:
    """The square root of the variance.

    Error: 2^-18.2 std + e / std + 2 steps, for e = (16 + 2^-22.9 |mean| 2^g) (std + 1) 2^-g, and
    at most 2 sqrt(e); g = f, or as many fraction bits as leave room for n squares.
    """
    variance = _variance(a, axis, where, _whole(ddof), keepdims)
    return np.sqrt(variance).astype(real(a.dtype))


def _whole(ddof: Any) -> int:
    if ddof != int(ddof):
        raise Unsupported("with where=, ddof is a whole number")
    return int(ddof)


def _variance(a: SecretArray, axis: Axis, where: Any, ddof: int, keepdims: bool) -> SecretArray:
    """With fewer fraction bits if the squares would not fit otherwise."""
    x = as_number(a)
    apart = only(x - mean(x, axis, where, keepdims=True), where, 0)
    last = _roomy(_last(apart, axis))
    squares = np.vecdot(last, last)
    if keepdims:
        axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
        squares = np.expand_dims(squares, tuple(axes))
    f = last.dtype.f
    most = (2 + max(ddof, 0)) * ((x.bound << f) >> x.dtype.f) ** 2 >> f
    return over(squares, _count(x, axis, where, keepdims, ddof), most + 4)


def _roomy(x: SecretArray) -> SecretArray:
    """With so few fraction bits that the sum of squares over the last axis fits."""
    f, n = x.dtype.f, max(x.shape[-1], 1)
    s = max(0, (n * x.bound**2 >> f).bit_length() - LIMIT.bit_length() + 4)
    return x.astype(sfix(f - s)) if 0 < s < f else x


def _last(x: SecretArray, axis: Axis) -> Any:
    """The axes that are reduced as one, the last."""
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    rest = [k for k in range(x.ndim) if k not in axes]
    turned = np.transpose(x, (*rest, *axes))
    n = int(np.prod([x.shape[k] for k in axes], dtype=object))
    return np.reshape(turned, (*(x.shape[k] for k in rest), n))


def _count(x: SecretArray, axis: Axis, where: Any, keepdims: bool, ddof: int) -> Any:
    """How many are kept, less ddof but not below 0: secret if the mask is."""
    mask = np.broadcast_to(truth(where), x.shape)
    count = np.sum(mask, axis=axis, keepdims=keepdims)
    if not isinstance(count, SecretArray):
        least = int(np.min(count, initial=LIMIT))
        if least <= ddof:
            raise UsageError(f"where= keeps {least} values, which are too few with ddof={ddof}")
        return np.asarray(count) - ddof
    if ddof == 0:
        return count
    return narrowed(np.maximum(count - ddof, 0), count.bound + max(-ddof, 0))


def over(total: SecretArray, count: Any, bound: int) -> SecretArray:
    """total / count, 0 where count is 0; its words at the scale of total stay within `bound`."""
    if not isinstance(count, SecretArray):
        return total / count
    t = real(total.dtype)
    up = t.f - total.dtype.f
    call = quotients.divide(current().record, total.word, count.word, up, bound << up, precise=True)
    return SecretArray(call, t)
