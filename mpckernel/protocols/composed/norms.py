"""Euclidean lengths of columns of any size: normalised by a secret power of two, which is undone.

A column times its power has a sum of absolute values within [2^29, 2^30]; its sum of squares is
below 2^60, and exact, whatever the size of the column.

Source: scaling before squaring as in LAPACK's dnrm2; by a secret power of two here.
"""

from math import isqrt
from typing import Any

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import Do, Value, proven
from mpckernel.protocols.composed.inverse import leading_of_columns, scaled
from mpckernel.protocols.composed.roots import sqrt
from mpckernel.protocols.ideal import LIMIT, SMALLER

BITS = 30  # of the sum of absolute values of a normalised column


def lengths(do: Do, w: Value, c: int) -> Any:
    """The lengths (m,) of columns (n, m) times 2^c, within 2^-18 + n 2^-29 of them and 2 units.

    A normalised element is wrong by less than one, next to a length of 2^29 / sqrt(n) at least.
    """
    n, m = w.shape
    lead, places, spare = leading_of_columns(do, w)
    down, up = lead.read(lead.down(), lead.up())
    row = do(ideal.move, down, how=("reshape", (1, m)))
    short = scaled(do, w, row, places + spare - BITS, (1 << BITS) + n)
    turned = do(ideal.move, short, how=("transpose", (1, 0)))
    squares = do(proven(ideal.dot, ((1 << BITS) + n) ** 2), turned, turned, n=n)
    real = isqrt(n * w.bound**2) + 1
    bound = real << c if c >= 0 else (real >> -c) + 1
    bound += (bound >> 17) + 3
    if bound >= LIMIT:
        raise OutOfRange(f"this norm might not fit the ring; {SMALLER}")
    cut = BITS - 1 + lead.spare - spare - c
    return scaled(do, sqrt(do, squares, 0), up, cut, bound)
