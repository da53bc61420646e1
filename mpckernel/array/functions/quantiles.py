"""Order statistics with public ranks: median, quantiles, percentiles; and the first extreme.

Sorted in secret (order.py), then read at public positions.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.dtypes import DEFAULT, sint
from mpckernel.array.functions.order import last, placed, places_of, sort
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, narrowed
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.sorting import ROUND, SHORT
from mpckernel.protocols.ideal import LIMIT
from mpckernel.runtime.cell import current

METHODS = {
    "linear", "hazen", "weibull", "median_unbiased", "normal_unbiased",
    "interpolated_inverted_cdf", "averaged_inverted_cdf", "midpoint",
}  # fmt: skip
PICKED = {"inverted_cdf", "closest_observation", "lower", "higher", "nearest"}  # one element each


@implements(np.quantile, np.nanquantile)
def quantile(
    a: SecretArray, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
) -> SecretArray:
    """Quantiles for public q in [0, 1], by any of NumPy's methods; sorts in secret.

    The price of one sort, for any number of q. Leaks nothing.

    Error: (|x|/2 + 2) 2^-f; exact where no values are averaged
    """
    if isinstance(q, SecretArray):
        raise Unsupported("np.quantile: q must be public")
    fractions = np.asarray(q, np.float64)
    if fractions.ndim > 1 or not ((fractions >= 0) & (fractions <= 1)).all():
        raise UsageError("np.quantile: q is a number or a list of numbers from 0 to 1")
    if method not in METHODS | PICKED:
        raise UsageError(f"np.quantile: method= is one of {', '.join(sorted(METHODS | PICKED))}")
    axes = tuple(range(a.ndim)) if axis is None else normalize_axis_tuple(axis, a.ndim)
    x = _one_axis(as_number(a), axes)
    n = x.shape[-1]
    if n == 0:
        raise UsageError("np.quantile: there is no quantile of zero elements")
    place = np.quantile(np.arange(n, dtype=np.float64), fractions, method=method)  # type: ignore[call-overload]
    result = _read(sort(x), place, method in PICKED)
    if fractions.ndim:
        result = np.moveaxis(result, -1, 0)
    if not keepdims:
        return result
    return np.expand_dims(result, tuple(k + fractions.ndim for k in axes))


def _one_axis(a: SecretArray, axes: tuple[int, ...]) -> SecretArray:
    """These axes as one, the last."""
    rest = [k for k in range(a.ndim) if k not in axes]
    ordered = np.transpose(a, (*rest, *axes))
    n = prod(a.shape[k] for k in axes)
    return np.reshape(ordered, (*ordered.shape[: len(rest)], n))


def _read(x: SecretArray, place: np.ndarray, picked: bool) -> SecretArray:
    """The elements at these positions of the last axis; between two, a mean of both."""
    low = np.floor(place).astype(np.int64)
    part = place - low
    if picked or not part.any():
        found = x[..., low]
        return found if picked or x.dtype.kind == "f" else found.astype(DEFAULT)
    above = np.minimum(low + 1, x.shape[-1] - 1)
    below = x[..., low]
    return below + (x[..., above] - below) * part


@implements(np.percentile, np.nanpercentile)
def percentile(
    a: SecretArray, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
) -> SecretArray:
    """Quantiles for public q in [0, 100]; see np.quantile.

    Error: (|x|/2 + 2) 2^-f; exact where no values are averaged
    """
    if isinstance(q, SecretArray):
        raise Unsupported("np.percentile: q must be public")
    return quantile(a, np.asarray(q, np.float64) / 100, axis, method=method, keepdims=keepdims)


@implements(np.median, np.nanmedian)
def median(a: SecretArray, axis: Any = None, *, keepdims: bool = False) -> SecretArray:
    """The middle value, or the mean of the two middle ones; see np.quantile.

    Error: (|x|/2 + 2) 2^-f; exact for an odd number of values
    """
    return quantile(a, 0.5, axis, keepdims=keepdims)


# The first of the extremes


@implements(np.argmax, np.nanargmax)
def argmax(a: SecretArray, axis: int | None = None, *, keepdims: bool = False) -> SecretArray:
    """The position of the first largest element, as a secret integer; log2(n) steps.

    n - 1 comparisons, each with a bit made a word and two products. Leaks nothing.
    """
    return _extreme(a, axis, keepdims, largest=True)


@implements(np.argmin, np.nanargmin)
def argmin(a: SecretArray, axis: int | None = None, *, keepdims: bool = False) -> SecretArray:
    """The position of the first smallest element, as a secret integer; log2(n) steps.

    The price of np.argmax. Leaks nothing.
    """
    return _extreme(a, axis, keepdims, largest=False)


def _extreme(a: SecretArray, axis: int | None, keepdims: bool, largest: bool) -> SecretArray:
    x = last(as_number(a), axis)
    if x.shape[-1] == 0:
        raise UsageError("there is no position among zero elements")
    at = _position(x if largest else -x)
    if not keepdims:
        return at
    every = tuple(range(a.ndim)) if axis is None else (axis % a.ndim,)
    return np.expand_dims(at, every)


def _few(x: SecretArray) -> bool:
    """Whether all pairs at once, and a move, cost less than a round of nine for each halving."""
    n = x.shape[-1]
    spared = 9 * (n - 1).bit_length() - 12
    wide = x.bound >= LIMIT // 2
    return n <= SHORT and not wide and x.size * n * 240 < spared * ROUND


def _position(x: SecretArray) -> SecretArray:
    """Neighbours are compared; the better one goes on with its position: one bit, made a word
    once, chooses both. A later element wins only if it is better. The last few are sorted."""
    n, do = x.shape[-1], current().record
    at: Any = np.broadcast_to(np.arange(n), x.shape)
    while x.shape[-1] > 1:
        if _few(x):
            return narrowed(placed(places_of(x, down=True), secret(operand(at)))[..., 0], n - 1)
        even = x.shape[-1] // 2 * 2
        one, two = x[..., 0:even:2], x[..., 1:even:2]
        take = SecretArray(do(ideal.bit_to_word, (one < two).call), sint)
        first, second = at[..., 0:even:2], at[..., 1:even:2]
        best = narrowed(one + ask(ideal.mul, take, two - one, dtype=x.dtype), x.bound)
        place = narrowed(first + take * (second - first), n)
        if even == x.shape[-1]:
            x, at = best, place
        else:
            x = np.concatenate([best, x[..., even:]], -1)
            at = np.concatenate([place, operand(at[..., even:])], -1)
    if isinstance(at, np.ndarray):
        return SecretArray(do(ideal.public, np.zeros(x.shape[:-1], np.uint64)), sint)
    return narrowed(at[..., 0], n - 1)
