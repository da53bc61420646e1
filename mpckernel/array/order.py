"""Sorting and order statistics by a sorting network: who is compared with whom is public.

Every comparison is between fixed places, so nothing is learnt from the order of the work. About
log2(n)^2 / 2 steps of n / 2 comparisons; for columns up to some ten thousand elements.
Source: Batcher's merge exchange, Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M.
Departs from it in: blocks of elements instead of loops over pairs; the tail of the last block is
filled with the largest word possible, which never moves.
"""

from typing import Any

import numpy as np

from mpckernel.array.choosing import where
from mpckernel.array.publics import as_number
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, narrowed
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import ideal
from mpckernel.runtime.cell import current


@implements(np.sort)
def sort(a: SecretArray, axis: int | None = -1) -> SecretArray:
    """In ascending order along one axis, by a sorting network."""
    x = np.ravel(a) if axis is None else np.moveaxis(a, axis, -1)
    return np.moveaxis(_sorted(as_number(x)), -1, -1 if axis is None else axis)


@implements(np.quantile)
def quantile(
    a: SecretArray, q: Any, axis: int | None = None, *, keepdims: bool = False
) -> SecretArray:
    """Quantiles for public q in [0, 1], with linear interpolation; sorts in secret.

    Error: (|x|/2 + 2) 2^-f
    """
    if isinstance(q, SecretArray):
        raise Unsupported("np.quantile: q must be public")
    fractions = np.asarray(q, np.float64)
    if fractions.ndim > 1 or not ((fractions >= 0) & (fractions <= 1)).all():
        raise UsageError("np.quantile: q is a number or a list of numbers from 0 to 1")
    x = sort(a, axis)
    x = x if axis is None else np.moveaxis(x, axis, -1)
    n = x.shape[-1]
    if n == 0:
        raise UsageError("np.quantile: there is no quantile of zero elements")
    place = fractions * (n - 1)
    low = np.minimum(np.floor(place).astype(np.int64), max(n - 2, 0))
    below, above = x[..., low], x[..., np.minimum(low + 1, n - 1)]
    result = below + (above - below) * (place - low)
    if fractions.ndim:
        result = np.moveaxis(result, -1, 0)
    if not keepdims:
        return result
    ones = range(a.ndim) if axis is None else (axis % a.ndim,)
    return np.expand_dims(result, tuple(k + fractions.ndim for k in ones))


@implements(np.percentile)
def percentile(
    a: SecretArray, q: Any, axis: int | None = None, *, keepdims: bool = False
) -> SecretArray:
    """Quantiles for public q in [0, 100]; see np.quantile.

    Error: (|x|/2 + 2) 2^-f
    """
    if isinstance(q, SecretArray):
        raise Unsupported("np.percentile: q must be public")
    return quantile(a, np.asarray(q, np.float64) / 100, axis, keepdims=keepdims)


@implements(np.median)
def median(a: SecretArray, axis: int | None = None, *, keepdims: bool = False) -> SecretArray:
    """The middle value, or the mean of the two middle ones; see np.quantile.

    Error: (|x|/2 + 2) 2^-f
    """
    return quantile(a, 0.5, axis, keepdims=keepdims)


def _sorted(x: SecretArray) -> SecretArray:
    """Sorted along the last axis: for each p, blocks of p elements, even ones beside odd ones."""
    n = x.shape[-1]
    top = 1 << max(n - 1, 1).bit_length() - 1
    p = top if n > 1 else 0
    while p:
        rows = -(-n // (2 * p))
        blocks = np.reshape(_filled(x, rows * 2 * p), (*x.shape[:-1], rows, 2, p))
        even, odd = _exchange(blocks[..., 0, :], blocks[..., 1, :])
        q = top
        while q > p:  # each odd block with the even block q - p elements further on
            h = q // (2 * p)
            if h < rows:
                low, high = _exchange(odd[..., : rows - h, :], even[..., h:, :])
                odd = np.concatenate([low, odd[..., rows - h :, :]], -2)
                even = np.concatenate([even[..., :h, :], high], -2)
            q //= 2
        joined = np.stack([even, odd], -2)
        x = np.reshape(joined, (*x.shape[:-1], rows * 2 * p))[..., :n]
        p //= 2
    return x


def _exchange(a: SecretArray, b: SecretArray) -> tuple[SecretArray, SecretArray]:
    """(the smaller, the larger), place by place."""
    bound = max(a.bound, b.bound)
    low = where(b < a, b, a)
    return low, narrowed(a + b - low, bound)


def _filled(x: SecretArray, m: int) -> SecretArray:
    """m elements along the last axis; the new ones are as large as any can be."""
    if m == x.shape[-1]:
        return x
    tail = np.full((*x.shape[:-1], m - x.shape[-1]), x.bound, np.uint64)
    return np.concatenate([x, SecretArray(current().record(ideal.public, tail), x.dtype)], -1)
