"""The angle of a point (x, y): smaller over larger coordinate, a fitted arctangent, and a turn.

With r = min(|x|, |y|) / max(|x|, |y|) the angle in the first octant is arctan r. Which of the eight
octants it is are three bits: they say the sign of arctan r in the result and what is added to it,
both read from a table while the quotient is computed.

Source: argument reduction to an octant, folklore. Departs from it in: nothing.
Notation: octant = swap + 2 [x < 0] + 4 [y < 0], swap = [|y| > |x|].
"""

from functools import lru_cache
from math import pi
from typing import Any

from mpckernel.protocols import fitting, ideal
from mpckernel.protocols.composed.claims import Do, Value, constant, plus_public, proven
from mpckernel.protocols.composed.divide import divide
from mpckernel.protocols.composed.pieces import Table, fitted
from mpckernel.protocols.composed.roots import sqrt
from mpckernel.protocols.composed.tables import ARCTAN


def arctan(do: Do, x: Value, f: int) -> Any:
    """arctan x at scale f: within 2^-18 and 3 units."""
    if x.bound <= 1 << f:
        return fitted(do, x, f, ARCTAN)
    return angle(do, x, do(ideal.public, constant(1 << f)), f, (False, True))


def arcsin(do: Do, x: Value, f: int) -> Any:
    """arcsin x at scale f, of 1 or -1 where x lies beyond: within 2^-18 and 4 units."""
    return angle(do, x, _other_side(do, x, f), f, (False, True))


def arccos(do: Do, x: Value, f: int) -> Any:
    """arccos x at scale f, of 1 or -1 where x lies beyond: within 2^-18 and 4 units."""
    return angle(do, _other_side(do, x, f), x, f, (True, False))


def _other_side(do: Do, x: Value, f: int) -> Any:
    """sqrt((1 - x) (1 + x)), 0 where that is negative; the product is exact at scale 2 f."""
    below = plus_public(do, do(ideal.neg, x), 1 << f)
    return sqrt(do, do(ideal.mul, below, plus_public(do, x, 1 << f)), 0)


def angle(do: Do, y: Value, x: Value, f: int, positive: tuple[bool, bool] = (False, False)) -> Any:
    """The angle of (x, y), both at one scale, at scale f: within 2^-18 and 3 units; 0 at (0, 0).

    positive: whether y, and x, are known not to be negative. r is at most 1, so that the quotient
    has a bound; it carries 2^-18.5 and 3 units, of which the arctangent keeps at most as much.
    """
    minus_y, tall = _size(do, y, positive[0])
    minus_x, wide = _size(do, x, positive[1])
    swap = _sign(do, do(ideal.sub, wide, tall))
    small = do(ideal.select, swap, wide, tall)
    both = do(ideal.add, wide, tall)
    large = do(proven(ideal.sub, max(x.bound, y.bound)), both, small)
    r = divide(do, small, large, f, bound=1 << f)
    a = fitted(do, r, f, ARCTAN)
    signs = [b for b in (minus_x, minus_y) if b is not None]
    octant = do(ideal.move_bits, swap, *signs, how=("stack", 0))
    turn = do(fitting.lookup, octant, table=_octants(f, minus_x is not None, minus_y is not None))
    sign = do(proven(ideal.move, 1), turn, how=("index", 0))
    begin = do(ideal.move, turn, how=("index", 1))
    turned = do(proven(ideal.mul, 1 << f), a, sign)
    return do(proven(ideal.add, 4 << f), turned, begin)


def _sign(do: Do, x: Value) -> Any:
    return do(ideal.msb, x, width=max(2, x.bound.bit_length() + 1))


def _size(do: Do, x: Value, positive: bool) -> tuple[Any, Any]:
    """[x < 0] and |x|."""
    if positive:
        return None, x
    minus = _sign(do, x)
    return minus, do(proven(ideal.select, x.bound), minus, do(ideal.neg, x), x)


@lru_cache(64)
def _octants(f: int, with_x: bool, with_y: bool) -> Table:
    """The sign of arctan r, and what is added, for each octant that can be."""
    signs, begins = [], []
    for minus_y in range(1 + with_y):
        for minus_x in range(1 + with_x):
            for swap in (0, 1):
                begin = (1 - 2 * minus_x) * swap * pi / 2 + minus_x * pi
                signs.append((1 - 2 * swap) * (1 - 2 * minus_x) * (1 - 2 * minus_y))
                begins.append(round((1 - 2 * minus_y) * begin * 2**f))
    return tuple(signs), tuple(begins)
