"""Means, spread and correlation, and counts in public bins.

Rows of very different size may stand in one array: each is normalised by its own secret power of
two (protocols/composed/moments.py), and no mean is rounded before it is subtracted. There is no
NaN among secrets: a constant row has deviation 0, and correlation 0 with every row, itself too.
"""

from math import fsum, prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from mpckernel.array.dtypes import SecretType, sint, type_from
from mpckernel.array.functions import masked
from mpckernel.array.functions.division import real
from mpckernel.array.functions.reductions import refuse_bool
from mpckernel.array.functions.searching import below_edges
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, narrowed
from mpckernel.errors import OutOfRange, Unsupported, UsageError
from mpckernel.protocols.composed.moments import Spread, spread
from mpckernel.protocols.composed.roots import G
from mpckernel.protocols.composed.wide import dot_trunc, mul_trunc
from mpckernel.protocols.ideal import LIMIT, SMALLER
from mpckernel.ring.words import Shape, as_words
from mpckernel.runtime.cell import current

Axis = Any


def _lines(a: SecretArray, axis: Axis, keep: bool) -> tuple[SecretArray, int, Shape]:
    """The values along `axis` as rows (m, n) of numbers; n; the shape of one result per row."""
    x = as_number(a)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    rest = [k for k in range(x.ndim) if k not in axes]
    n = prod(x.shape[k] for k in axes)
    if n == 0:
        raise UsageError("there are no values to take statistics of")
    rows = _reshaped(np.transpose(x, (*rest, *axes)), (prod(x.shape[k] for k in rest), n))
    kept = tuple(1 if k in axes else size for k, size in enumerate(x.shape))
    return rows, n, kept if keep else tuple(x.shape[k] for k in rest)


def _reshaped(x: Any, shape: tuple[int, ...]) -> Any:
    return np.reshape(x, shape)


@implements(np.mean, np.nanmean)
def mean(
    a: SecretArray,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    where: Any = None,
) -> SecretArray:
    """Means over axes, as fixed point; the sum is exact and divided once. where= see below.

    Error: 1.2 steps (swide 2.4; secret mask 3, and 2^-25 |mean|); exact over 2^k values if whole
    """
    refuse_bool(None if dtype is None else type_from(dtype))
    a = a if dtype is None else a.astype(dtype)
    if where is not None:
        return masked.mean(a, axis, where, keepdims)
    rows, n, shape = _lines(a, axis, keepdims)
    return _reshaped(np.divide(np.sum(rows, axis=1), n), shape)


@implements(np.average)
def average(
    a: Any,
    axis: Axis = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    """Means with weights, public or secret, of the shape of a or of its axis.

    With returned=True, also the sums of the weights.

    Error: 2 steps with public weights; that of np.divide with secret ones
    """
    if weights is None:
        x = secret(operand(a))
        result = mean(x, axis, keepdims=keepdims)
        each = x.size // max(result.size, 1)
        return (result, np.full(result.shape, float(each))) if returned else result
    x, w = operand(a), operand(weights)
    if w.shape != x.shape:
        one = (
            None if axis is None or isinstance(axis, tuple) else normalize_axis_index(axis, x.ndim)
        )
        if one is None or w.shape != (x.shape[one],):
            raise UsageError("np.average: weights have the shape of a, or of the one axis given")
        w = np.reshape(w, [-1 if k == one else 1 for k in range(x.ndim)])
    w = np.broadcast_to(w, x.shape)
    total = np.sum(w, axis=axis, keepdims=keepdims)
    if isinstance(w, SecretArray):
        result = np.divide(np.sum(x * w, axis=axis, keepdims=keepdims), total)
        return (result, total) if returned else result
    rows, n, shape = _lines(secret(x), axis, keepdims)
    public = np.asarray(w, np.float64)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    rest = [k for k in range(x.ndim) if k not in axes]
    result = _weighted(rows, np.transpose(public, (*rest, *axes)).reshape(-1, n))
    result = _reshaped(result, shape)
    return (result, total) if returned else result


def _weighted(rows: SecretArray, weights: np.ndarray) -> SecretArray:
    """Sums of rows by weights that are scaled to sum 1. The rounding of weights to 2^-g costs
    n |x| 2^-(g + 1) steps, which g keeps below a quarter."""
    n, t = rows.shape[1], real(rows.dtype)
    sums = _exact_sums(weights)
    if not np.isfinite(weights).all() or not sums.all():
        raise UsageError("np.average: the weights must be finite and not sum to zero")
    share = weights / sums
    size = float(_exact_sums(np.abs(share)).max(initial=0.0))
    up = t.f - rows.dtype.f
    g = up + max(1, (n * rows.bound).bit_length() + 1)
    if size * 2.0**g >= LIMIT / 2:
        raise OutOfRange(f"np.average: so many values do not fit; {SMALLER}")
    bound = int(size * rows.bound * 2.0**up * (1 + 2**-40)) + 3
    public = as_words(np.rint(np.ldexp(share, g)).astype(np.int64))
    call = dot_trunc(current().record, rows.word, public, n, g - up, bound)
    return SecretArray(call, t)


def _exact_sums(rows: np.ndarray) -> np.ndarray:
    """Sums of rows, rounded once: the same at every party, whatever its processor."""
    return np.array([[fsum(row)] for row in rows.tolist()]).reshape(-1, 1)


@implements(np.std, np.nanstd)
def std(
    a: SecretArray,
    axis: Axis = None,
    *,
    ddof: int = 0,
    keepdims: bool = False,
    where: Any = None,
    correction: int | None = None,
) -> SecretArray:
    """Standard deviations; 0 for constant values. Any mean and any size, side by side.

    Needs 2 n |x| in steps below 2^62. With where=, the root of np.var(..., where=...).

    Error: (2^-20.7 + sqrt(n) 2^-28) std + 1.2 steps
    """
    ddof = ddof if correction is None else correction
    if where is not None:
        return masked.std(a, axis, where, ddof, keepdims)
    rows, n, shape = _lines(a, axis, keepdims)
    return _reshaped(_deviations(spread(current().record, rows.word), rows.dtype, n, ddof), shape)


@implements(np.var, np.nanvar)
def var(
    a: SecretArray,
    axis: Axis = None,
    *,
    ddof: int = 0,
    keepdims: bool = False,
    where: Any = None,
    correction: int | None = None,
) -> SecretArray:
    """Variances: squares of np.std. 2 std^2 must fit, in steps below 2^62. where= see below.

    Error: twice the relative error of np.std, and (2.5 std + 1) steps; more with a mask
    """
    ddof = ddof if correction is None else correction
    if where is not None:
        return masked.var(a, axis, where, ddof, keepdims)
    rows, n, shape = _lines(a, axis, keepdims)
    s = _deviations(spread(current().record, rows.word), rows.dtype, n, ddof)
    _refuse_large(s)
    call = mul_trunc(current().record, s.word, s.word, s.dtype.f)
    return _reshaped(SecretArray(call, s.dtype), shape)


def _deviations(apart: Spread, t: SecretType, n: int, ddof: int) -> SecretArray:
    if n <= ddof:
        raise UsageError(f"{n} values leave no degree of freedom with ddof={ddof}")
    return SecretArray(apart.deviations(ddof, real(t).f - t.f), real(t))


def _refuse_large(s: SecretArray) -> None:
    if s.bound**2 >> s.dtype.f >= LIMIT - (LIMIT >> 8):
        raise OutOfRange(
            f"variances of values as large as these are allowed to be could reach "
            f"2^{(s.bound**2 >> 2 * s.dtype.f).bit_length()}, which does not fit {s.dtype}; "
            f"use np.std, {SMALLER}; nothing was sent"
        )


@implements(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> SecretArray:
    """Correlations of variables: rows (or columns), or x and y; 0 next to a constant one.

    The diagonal is exactly 1, or 0 for a constant variable. Needs 2 n |x| in steps below 2^62.

    Error: 2^-19.7 + sqrt(n) 2^-26.5 + a step, for variables of any size
    """
    rows = _variables(x, y, rowvar)
    t = real(rows.dtype)
    f = min(t.f, G)
    call = spread(current().record, rows.word).correlations(f)
    return _squeezed(SecretArray(call, t if f == t.f else SecretType(f"sfix{f}", "f", f)))


@implements(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
) -> SecretArray:
    """Covariances of variables: rows (or columns), or m and y; ddof 1 unless bias or ddof say.

    fweights: public, how often each observation counts.

    Error: (2^-18.5 + sqrt(n) 2^-25.5) std_i std_j + (1.3 (std_i + std_j) + 2) steps
    """
    do = current().record
    rows = _variables(m, y, rowvar)
    if fweights is not None:
        counts = operand(fweights)
        if counts.dtype.kind == "f":
            raise UsageError("np.cov: fweights are whole numbers")
        rows = np.repeat(rows, counts, axis=1)
    apart = spread(do, rows.word)
    s = _deviations(apart, rows.dtype, rows.shape[1], int(not bias) if ddof is None else ddof)
    _refuse_large(s)
    sizes = mul_trunc(do, _reshaped(s, (-1, 1)).word, _reshaped(s, (1, -1)).word, s.dtype.f)
    bound = sizes.bound + (sizes.bound >> 12) + 2
    return _squeezed(SecretArray(mul_trunc(do, sizes, apart.correlations(G), G, bound), s.dtype))


def _variables(x: Any, y: Any, rowvar: bool) -> SecretArray:
    """All variables as rows of one matrix of numbers."""
    parts: list[Any] = [as_number(secret(operand(v))) for v in (x, y) if v is not None]
    for k, v in enumerate(parts):
        if v.ndim > 2:
            raise Unsupported("variables are the rows or columns of one matrix")
        parts[k] = _reshaped(v, (1, -1)) if v.ndim < 2 else v if rowvar else v.T
    if len({v.shape[1] for v in parts}) > 1:
        raise UsageError("both sets of variables need the same number of observations")
    if not parts[0].shape[1]:
        raise UsageError("there are no values to take statistics of")
    rows: Any = np.concatenate(parts, axis=0) if len(parts) > 1 else parts[0]
    return rows


def _squeezed(c: SecretArray) -> SecretArray:
    return _reshaped(c, ()) if c.shape == (1, 1) else c


@implements(np.histogram)
def histogram(a: SecretArray, bins: Any = 10, range: Any = None) -> tuple[SecretArray, np.ndarray]:  # noqa: A002
    """Secret counts in public bins, and the edges; the last bin is closed, as in NumPy.

    Bins are public edges, or a number of them together with a public range. One comparison for
    each value and edge, or all of them sorted together where that is cheaper.
    """
    if isinstance(operand(bins), SecretArray):
        raise Unsupported("np.histogram: bins are public")
    if np.ndim(bins) == 0 and (isinstance(bins, str) or range is None):
        raise Unsupported(
            "np.histogram: without a public range the bins would tell the extremes; "
            "use bins=[edges] or range=(low, high)"
        )
    edges = np.histogram_bin_edges(np.empty(0), bins, range)
    below = below_edges(np.ravel(as_number(a)), edges)
    return narrowed(below[1:] - below[:-1], a.size).astype(sint), edges
