"""Smooth functions of the mantissa u in [1/2, 1): one polynomial of degree six, cut once.

With t = u - 3/4 two squares are enough, t^2 and t^4: the polynomial is d_0 + d_1 t^2 + d_2 t^4
with d_j of degree one and two in t, which public coefficients make for nothing.

Source: Paterson, Stockmeyer 1973, for squares. Coefficients: octave_fit.py.
Departs from it in: the products with the squares are added up before the only cut.
Notation: t at scale G, the sum at scale TOTAL; coefficient j is an integer over 2^SCALES[j].
"""

from dataclasses import dataclass
from typing import Any

from mpckernel.protocols import fitting, ideal
from mpckernel.protocols.composed.claims import Do, Value, plus_public, proven, times_public

G = 22
TOTAL = 58
SCALES = (TOTAL, TOTAL - G, TOTAL - G, TOTAL - 2 * G, TOTAL - G, TOTAL - 2 * G, TOTAL - 2 * G)
MOST = 4.2  # of the sum, for 0 <= u <= 1


@dataclass(frozen=True, slots=True)
class Octave:
    """A fitted function on [1/2, 1). error: the largest one of the fit; most: its largest
    value."""

    error: float
    most: float
    coefficients: tuple[int, ...]


def of_mantissa(do: Do, t: Value, function: Octave, f: int, bound: int | None = None) -> Any:
    """The function of u = t + 3/4 at scale f <= 30: within its error, 2^-20.6 and a unit.

    The squares carry a unit of 2^-G each, t^4 another eighth: with |d_1| <= 1.7 and |d_2| <= 1.6
    that is less than 2^-20.4 for all functions here, and |t| may be wrong by a unit of 2^-G in
    addition, which counts as much as the function is steep. For u = 0 the result is arbitrary,
    but below 2^(f + 2 + 1/8) (or `bound`, if given).
    """
    c = function.coefficients
    t2 = do(proven(ideal.mul_trunc, (9 << G - 4) + 1), t, t, f=G)
    t4 = do(proven(ideal.mul_trunc, (81 << G - 8) + 3), t2, t2, f=G)
    d0 = _line(do, t, c[0], c[1])
    d1 = _line(do, t, c[2], c[3])
    d2 = do(ideal.add, _line(do, t, c[4], c[5]), times_public(do, t2, c[6]))
    d = _stacked(do, d0, d1, d2)
    most = int(MOST * 2**f) if bound is None else bound
    return do(proven(fitting.blend, most), d, t2, t4, f=TOTAL - f)


def _line(do: Do, t: Value, c: int, slope: int) -> Any:
    return plus_public(do, times_public(do, t, slope), c)


def _stacked(do: Do, *parts: Value) -> Any:
    return do(ideal.move, *parts, how=("stack", 0))


def mantissa(do: Do, x: Value, power: Value, w: int, sign: Value | None = None) -> Any:
    """t = |x| V / 2^w - 3/4 at scale G, within a unit below or above (exact for w <= G).

    sign: of x, where it may be negative. Where V = 0, t = -3/4: u = 0.
    """
    if w > G:
        u = do(proven(ideal.mul_trunc, (1 << G) + 1), x, power, f=w - G)
    else:
        u = times_public(do, do(proven(ideal.mul, 1 << w), x, power), 1 << (G - w), 1 << G)
    if sign is not None:
        u = do(proven(ideal.mul, (1 << G) + 1), u, sign)
    return plus_public(do, u, -(3 << G - 2), (3 << G - 2) + 1)
