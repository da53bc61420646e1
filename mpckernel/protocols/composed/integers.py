"""Exact quotients of integers: floor(x / y), by an estimate that one comparison puts right.

The reciprocal of the divisor's mantissa is taken once, within 2^-25 (divide.py). A quotient that
may be longer than that is estimated in passes, each of what the one before has left. The last
estimate is in quarters, wrong by less than 1.5 of them; with one quarter added, its exact floor is
floor(x / y) or one more, and the sign of what is left of x says which.

Source: quotient estimates as in long division (Knuth, TAOCP 2, 4.3.1).
Departs from it in: no digit is guessed, since the estimates are proven.
Notation: q is an estimate; x - q y is what it leaves.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpckernel.errors import OutOfRange, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import Do, Value, plus_public, proven
from mpckernel.protocols.composed.divide import Mantissa, divide_public, mantissa_of
from mpckernel.protocols.ideal import LIMIT, SMALLER
from mpckernel.ring.words import as_words

SHORT = 20  # bits of a quotient that one pass may find: 4 2^-25 2^20 is an eighth
QUARTERS = 2
MOST = 2**58  # of x, so that quarters of it fit


def floor_divide(do: Do, x: Value, y: Value) -> Any:
    """floor(x / y) exactly; 0 where y = 0. x: words below 2^58, y: below 2^61."""
    if x.bound >= MOST:
        raise OutOfRange(f"np.floor_divide: x must stay below 2^58 on the ring; {SMALLER}")
    m = mantissa_of(do, y)
    q, left, most = None, x, x.bound
    while most.bit_length() > SHORT:
        step = m.quotient(left, 0, most + (most >> 20) + 8)
        q = step if q is None else do(proven(ideal.add, x.bound + (x.bound >> 20) + 8), q, step)
        most = (most >> 24) + 3  # |x / y - q|
        left = _left(do, x, q, y, max(x.bound, min(most * y.bound, x.bound + 3 * y.bound)))
    quarters = plus_public(do, m.quotient(left, QUARTERS, (most << QUARTERS) + 8), 1)
    last = do(proven(ideal.floor, most + 4), quarters, f=QUARTERS)
    q = last if q is None else do(proven(ideal.add, x.bound + 8), q, last)
    return _put_right(do, x, q, y, m)


def _left(do: Do, x: Value, q: Value, y: Value, bound: int) -> Any:
    return do(proven(ideal.sub, bound), x, do(proven(ideal.mul, LIMIT - 1), q, y))


def _put_right(do: Do, x: Value, q: Value, y: Value, m: Mantissa) -> Any:
    """q, or q - 1 where |y| (x / y - q) is negative; |x - q y| <= |y|, or |x| where y = 0."""
    left = _left(do, x, q, y, max(x.bound, y.bound))
    left = do(proven(ideal.mul, max(y.bound, 1)), left, m.sign)
    return _less(do, q, left, x.bound)


def _less(do: Do, q: Value, left: Value, bound: int) -> Any:
    width = next(w for w in (16, 32, 64) if left.bound < 1 << w - 1)
    negative = do(ideal.bit_to_word, do(ideal.msb, left, width=width))
    return do(proven(ideal.sub, bound), q, negative)


def floor_divide_public(do: Do, x: Value, d: NDArray[np.int64]) -> Any:
    """floor(x / d) exactly, for public d. x: words below 2^47 d.

    An estimate in quarters (divide_public) is wrong by 1.2 and 2^-52 of itself, a quarter; one
    quarter is added, so that its floor is the quotient or one more.
    """
    if not d.all():
        raise UsageError("division by a public number that is zero")
    least = int(np.abs(d).min()) if d.size else 1
    if x.bound >= least << 47:
        raise OutOfRange(f"np.floor_divide: x must stay below 2^47 times the divisor; {SMALLER}")
    quarters = plus_public(do, divide_public(do, x, d.astype(np.float64), QUARTERS), 1)
    most = x.bound // least + 1
    q = do(proven(ideal.floor, most + 1), quarters, f=QUARTERS)
    sign = do(ideal.scale, x, as_words(np.sign(d)))
    back = do(proven(ideal.scale, LIMIT - 1), q, as_words(-np.abs(d)))
    left = do(proven(ideal.add, min(int(np.abs(d).max(initial=1)), LIMIT - 1)), sign, back)
    return _less(do, q, left, most)
