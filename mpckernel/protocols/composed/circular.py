"""Sine and cosine: reduced by the wrap of the ring, then a cubic on each of 16 pieces of a turn.

x times 2^64 / (2 pi), modulo 2^64, is the angle in turns: what wraps is whole turns. Its top bits
say the piece, roughly; a table gives where the piece lies and its coefficients.

Source: the wrap as reduction is folklore (binary angles); pieces as in pieces.py.
Departs from it in: nothing. Notation: y = 2^64 turns, t = y less the middle of its piece.
"""

from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpckernel.protocols import fitting, ideal, moving
from mpckernel.protocols.composed.claims import ANY, Do, Value, plus_public, proven, times_public
from mpckernel.protocols.composed.pieces import BITS, TOTAL, Table
from mpckernel.protocols.composed.tables import CIRCLE

STEP, PLACES = 20, 4  # fraction bits of t, as in fit.py; bits of the place
_TURNS = Fraction("0.159154943091895335768883763372514362034459645740456448747667")  # 1 / (2 pi)


def sine(do: Do, x: Value, f: int, quarters: int = 0) -> Any:
    """sin(x + quarters pi/2) at scale f, within 2^-15.6, |x| 2^(f - 62) and one unit.

    The factor is wrong by half at most, that is |x| 2^f 2^-65 turns. |t| < 2^59 (1 + 2^-5), so the
    cut stays in the ring; what is cut is less than 2^-20 of a turn. The sum before the last cut
    is 2^TOTAL times the value of the polynomial, at most 1 + 2^-10.
    """
    y = times_public(do, x, round(_TURNS * 2 ** (64 - f)), ANY)
    bits = do(fitting.rough_bits, y, skip=64 - BITS, width=BITS)
    place = do(ideal.move_bits, bits, how=("index", moving.frozen(slice(BITS - PLACES, BITS))))
    d = do(proven(fitting.lookup, ANY), place, table=_table(quarters))
    begin = do(proven(ideal.move, ANY), d, how=("index", 4))
    half = (1 << 63 - PLACES) + (1 << 63 - BITS)
    t = do(proven(ideal.sub, ANY), y, begin)
    t = plus_public(do, t, -half, (1 << 63 - PLACES) + (1 << 64 - BITS))
    v = do(ideal.trunc, t, f=64 - STEP)
    v2 = do(ideal.mul, v, v)
    v3 = do(ideal.mul, v2, v)
    return do(proven(fitting.blend, (1 << f) + (1 << f >> 10) + 1), d, v, v2, v3, f=TOTAL - f)


@lru_cache(4)
def _table(quarters: int) -> Table:
    """Coefficients by place, and where each place begins."""
    shift = quarters * (len(CIRCLE) // 4)
    turned = [CIRCLE[(k + shift) % len(CIRCLE)] for k in range(len(CIRCLE))]
    begins = tuple(k << 64 - PLACES for k in range(len(CIRCLE)))
    return (*zip(*turned, strict=True), begins)
