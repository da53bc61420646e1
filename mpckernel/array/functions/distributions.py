"""Shares of the whole along an axis: softmax, and the logarithm of a sum of exponentials.

The largest element of each row is found and subtracted, so that no exponential exceeds 1 and their
sum lies between 1 and n. One reciprocal, or logarithm, a row. In rows of up to 16 all pairs are
compared at once, and the reciprocal is a spline if there are few of them: rounds, not bits.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.dtypes import MOST_BITS, sfix
from mpckernel.array.functions.exponentials import as_real
from mpckernel.array.functions.products import TIMES
from mpckernel.array.offered import offered
from mpckernel.array.publics import operand
from mpckernel.array.secret import SecretArray, narrowed
from mpckernel.errors import UsageError
from mpckernel.protocols.composed import divide as quotients
from mpckernel.protocols.composed import exponential, spline_tables, splines
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.protocols.ideal import LIMIT
from mpckernel.runtime.cell import current

FEW = 16  # elements of a row, for the ways of fewer rounds


@offered
def softmax(x: Any, axis: Any = -1) -> Any:
    """e^x over the sum of e^x along one or several axes (all if None), as fixed point.

    Error: 2^-11.1 softmax + 3 steps
    """
    x = operand(x)
    if not isinstance(x, SecretArray):
        e = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return e / np.sum(e, axis=axis, keepdims=True)
    _, e, total = _exponentials(x, axis, rough=True)
    f = e.dtype.f
    part = _inverse(total, e.size // total.size)
    whole = SecretArray(TIMES.cut(e.call, part.call, part.dtype.f), e.dtype)
    return narrowed(whole, (1 << f) + (1 << f >> 7) + 4)


def _inverse(total: SecretArray, terms: int) -> SecretArray:
    """1 / total, which is 1 or more, at a scale of its own."""
    f, do = total.dtype.f, current().record
    if terms <= FEW and splines.for_few(total.call, f):
        g = min(f + 4, MOST_BITS)
        most = (1 << g) + (1 << g >> 8) + (4 << g - f)  # total is 1, but for some steps, or more
        call = splines.smooth(do, total.call, f, spline_tables.INVERSE, g, most)
        return SecretArray(call, sfix(g))
    call = do(lanewise(quotients.reciprocal), total.call, c=2 * f)
    return narrowed(SecretArray(call, total.dtype), (1 << f) + (1 << f >> 8) + 4)


@offered
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The logarithm of the sum of e^x over axes, as fixed point.

    Error: 2^-12.1 + 4 steps
    """
    x = operand(x)
    if not isinstance(x, SecretArray):
        most = np.max(x, axis=axis, keepdims=True)
        whole = most + np.log(np.sum(np.exp(x - most), axis=axis, keepdims=True))
    else:
        most, _, total = _exponentials(x, axis)
        whole = most + np.log(total)
    if keepdims:
        return whole
    return np.squeeze(whole, normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim))


def _exponentials(
    x: SecretArray, axis: Any, *, rough: bool = False
) -> tuple[SecretArray, SecretArray, SecretArray]:
    """The largest elements, e^(x - largest) in [0, 1], and their sums; axes are kept. rough: small
    ones may err by 1.7 steps."""
    if x.size == 0:
        raise UsageError("softmax and logsumexp take at least one value")
    word, t = as_real(x)
    real = SecretArray(word, t)
    most = _largest(real, axis)
    below = real - most
    do, terms = current().record, x.size // most.size
    if rough and terms <= FEW and t.f <= splines.STEP and splines.for_few(below.call, t.f):
        call = splines.smooth(do, below.call, t.f, spline_tables.EXPONENTIAL, top=0)
    else:
        call = do(lanewise(exponential.exp), below.call, f=t.f, most=0.0)
    e = narrowed(SecretArray(call, t), (1 << t.f) + (1 << t.f >> 12) + 2)
    total = np.sum(e, axis=axis, keepdims=True)
    return most, e, total


def _largest(x: SecretArray, axis: Any) -> SecretArray:
    """The largest elements, axes kept: of few by a comparison of all pairs, a tree of `and` and a
    choice."""
    over = normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim)
    n = prod(x.shape[k] for k in over)
    if not 2 < n <= FEW or n * x.bound >= LIMIT:
        return np.max(x, axis=axis, keepdims=True)
    kept = [k for k in range(x.ndim) if k not in over]
    rows = np.reshape(np.transpose(x, (*over, *kept)), (n, *(x.shape[k] for k in kept)))
    i, j = np.triu_indices(n, 1)
    later = rows[j] > rows[i]
    wins = np.concatenate([~later, later])  # of the one over the other, both ways
    at = np.zeros((n, n), np.int64)
    at[i, j], at[j, i] = np.arange(i.size), np.arange(i.size) + i.size
    others = at[~np.eye(n, dtype=bool)].reshape(n, n - 1)
    first = np.all(wins[others.T], axis=0)  # along the first axis bits move as whole words
    most = np.sum(np.where(first, rows, 0), axis=0)  # of which one is not 0
    return np.reshape(
        narrowed(most, x.bound), [1 if k in over else s for k, s in enumerate(x.shape)]
    )
