"""What is publicly known of the lengths of secret vectors: closer than bounds of elements.

The largest row of an array (over all axes but the first) and the whole of it have Euclidean norms
that follow from declared ones: |x W| <= |x| |W|. Bounds of the plan add up absolute values term
by term, which says too much after one layer and nothing after three.

    knows(x, row=8.0)        remember; x is given back
    row(x), whole(x)         what is known, else what the bound of x says
Source: the inequality of Cauchy and Schwarz; the Frobenius norm of a matrix.
"""

from math import inf, prod, sqrt
from typing import Any
from weakref import ref

import numpy as np

from mpckernel.array.functions.fused import declared
from mpckernel.array.secret import SecretArray

_KNOWN: dict[int, tuple["ref[Any]", float, float]] = {}  # by id, for as long as the array lives


def knows(x: Any, row: float = inf, whole: float = inf) -> Any:
    """Remember that no row of x is longer than `row`, and all of it not longer than `whole`.

    The caller has proven it. Only smaller norms than those known so far count.
    """
    if isinstance(x, SecretArray):
        before = _found(x)
        key = id(x)
        known = (min(row, before[0]), min(whole, before[1]))
        _KNOWN[key] = (ref(x, lambda _: _KNOWN.pop(key, None)), *known)
    return x


def like(x: Any, *others: Any) -> Any:
    """x, no element of which is larger than the largest of those in its place in `others`: of
    the same shape, such as x with some elements set to 0."""
    rows, wholes = [row(y) for y in others], [whole(y) for y in others]
    return knows(x, max(rows), max(wholes))


def up_to(x: Any, norm: float) -> Any:
    """x, of which no more is known than that all of it has a norm of `norm`; x itself where not
    even that is known. What depends on it is then the same in every step. Free."""
    if whole(x) >= norm:
        return x
    return knows(declared(x, norm), whole=norm)


def reshaped(x: Any, shape: Any) -> Any:
    """x in another shape; what is known of all of it, and of rows that stay rows."""
    z = np.reshape(x, tuple(shape))
    if not isinstance(x, SecretArray):
        return z
    rows = bool(x.shape) and x.shape[:1] == z.shape[:1]
    return knows(z, row(x) if rows else inf, whole(x))


def largest(x: Any) -> float:
    """No element of x is larger in absolute value."""
    if isinstance(x, SecretArray):
        return x.word.bound / 2.0**x.dtype.f
    x = np.asarray(x)
    return float(np.abs(x).max()) if x.size else 0.0


def row(x: Any) -> float:
    """No row of x (over all axes but the first) has a larger norm."""
    if not isinstance(x, SecretArray):
        return _exact(x)[0]
    known, total = _found(x)
    return min(known, total, largest(x) * sqrt(prod(x.shape[1:])))


def whole(x: Any) -> float:
    """The norm of all of x is not larger."""
    if not isinstance(x, SecretArray):
        return _exact(x)[1]
    return min(_found(x)[1], row(x) * sqrt(x.shape[0] if x.shape else 1))


def product_norms(x: Any, y: Any) -> tuple[float, float]:
    """(row, whole) of the matrix product x @ y."""
    of_y = whole(y)
    return row(x) * of_y, whole(x) * of_y


def _found(x: SecretArray) -> tuple[float, float]:
    entry = _KNOWN.get(id(x))
    if entry is None or entry[0]() is not x:
        return inf, inf
    return entry[1], entry[2]


def _exact(x: Any) -> tuple[float, float]:
    squares = np.square(np.asarray(x, np.float64))
    rows = squares.reshape(squares.shape[0], -1).sum(axis=1) if squares.ndim else squares[None]
    return sqrt(float(rows.max())) if rows.size else 0.0, sqrt(float(squares.sum()))
