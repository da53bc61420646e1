"""Determinants of up to four rows, by expansion: two multiplications deep, and no division.

Three rows: the first times the minors of the other two. Four: minors of the upper two rows times
those of the lower two. Minors keep as many bits as fit the ring, all of them if their bound allows.

Source: Laplace 1772.
Notation: minors are kept over 2^k; |W_ij| <= b.
"""

from math import isqrt
from typing import Any

import numpy as np

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal, moving
from mpckernel.protocols.composed.claims import Do, Value, shift_right
from mpckernel.protocols.composed.wide import dot_trunc
from mpckernel.protocols.ideal import LIMIT, SMALLER
from mpckernel.ring.words import as_words

ROWS = 4
_KEPT = 61  # bits of a minor
_PAIRS = {
    2: ((0, 1),),
    3: ((1, 2), (0, 2), (0, 1)),
    4: ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)),
}
_SIGNS = {3: (1, -1, 1), 4: (1, -1, 1, 1, -1, 1)}


def hadamard(p: int, b: int) -> int:
    """A bound on determinants of p rows of numbers up to b."""
    return isqrt(p**p * b ** (2 * p)) + 1


def fitting(p: int, b: int, cut: int, most: int = LIMIT) -> int:
    """The bound of determinants over 2^cut, if it is below `most`; else OutOfRange."""
    bound = hadamard(p, b)
    bound = (bound >> cut) + 2 if cut >= 0 else bound << -cut
    if bound >= most:
        raise OutOfRange(
            f"this determinant could reach 2^{bound.bit_length()} on the ring, which holds less "
            f"than 2^{most.bit_length() - 1}; np.linalg.slogdet gives its sign and its logarithm, "
            f"or {SMALLER}"
        )
    return bound


def expanded(do: Do, w: Value, cut: int) -> Any:
    """det(W) / 2^cut, cut >= 0, of the last two axes (p, p), p <= 4; exact for cut = 0.

    Error: a unit; 14 units where 2 b^2 exceeds 2^61. Raises OutOfRange if it might not fit.
    """
    p = w.shape[-1]
    bound = fitting(p, w.bound, cut)
    if p == 1:
        return shift_right(do, _at(do, w, 0, 0), cut)
    if p == 2:
        return dot_trunc(do, *_sides(do, w, 0, 0, 1), 2, cut, bound)
    k = (2 * w.bound**2 >> _KEPT).bit_length()
    low = _minors(do, w, p - 2, k)
    if p == 3:
        high, cut = _at(do, w, 0, slice(None)), cut - k
    else:
        high, cut = _minors(do, w, 0, k), cut - 2 * k
        low = do(ideal.move, low, how=("flip", len(low.shape) - 1))  # of the other two columns
    high = do(ideal.scale, high, as_words(np.array(_SIGNS[p])))
    return dot_trunc(do, high, low, len(_SIGNS[p]), cut, bound)


def _at(do: Do, w: Value, row: int, columns: Any) -> Any:
    return do(ideal.move, w, how=("index", moving.frozen((..., row, columns))))


def _minors(do: Do, w: Value, row: int, k: int) -> Any:
    """Minors over 2^k of this row and the next, for all pairs of columns, on the last axis."""
    left, right = (np.array(side) for side in zip(*_PAIRS[w.shape[-1]], strict=True))
    return dot_trunc(do, *_sides(do, w, row, left, right), 2, k)


def _sides(do: Do, w: Value, row: int, left: Any, right: Any) -> tuple[Any, Any]:
    """x, y whose products, two on the last axis, add up to minors of these columns."""
    first = [_at(do, w, row, side) for side in (left, right)]
    second = [_at(do, w, row + 1, side) for side in (right, left)]
    second[1] = do(ideal.neg, second[1])
    x, y = (do(ideal.move, *pair, how=("stack", len(pair[0].shape))) for pair in (first, second))
    return x, y
