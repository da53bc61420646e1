"""e^x, 2^x, b^x: powers of two from a table, and a cubic for what is left.

With b = e^rate: rate x = i log 2 + rate t. The place of i, read roughly from the top bits of x
log2(b), is taken apart into an upper and a lower digit; tables give 2^i and i log(2) / rate as
products and sums over the digits. |rate t| <= (1 + 1/16) log(2) / 2 wherever the place is rough;
a cubic is e^(rate t) within 2^-13.4.
The lowest upper digit stands for 0 where e^x can fall below half a unit, the highest one for
the largest result where e^x can go beyond it.

Source: e^x = 2^i e^t as in MP-SPDZ and Lu et al., NDSS 2023; digits and rough places are our own.
Departs from it in: i need not be exact, since t is formed from the i that was read.
Notation: p = 8 h + l is the place of i = p - zero; t at scale STEP; q = b^t at scale s.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, log
from math import exp as e_to
from typing import Any

from mpckernel.protocols import fitting, ideal, moving
from mpckernel.protocols.composed.claims import (
    ANY,
    Do,
    Value,
    plus_public,
    proven,
    times_public,
)
from mpckernel.protocols.composed.pieces import STEP, TOTAL, Table
from mpckernel.protocols.composed.tables import EXPONENTIAL

LOW, GUARD = 3, 4  # bits of the lower digit; bits below the place that make it less rough
FINE = 12  # bits of log2(b) in front of x
LARGEST = 47  # bits of a result


@dataclass(frozen=True, slots=True)
class Range:
    """The powers of two that can occur: 2^first, ..., 2^last; under, over: whether b^x can lie
    below or above all of them; upper: the largest x. h: bits of the upper digit. zero: the place
    of 2^0."""

    f: int
    rate: float
    upper: float
    first: int
    last: int
    under: bool
    over: bool

    @property
    def h(self) -> int:
        places = self.last - self.first + 1 + (8 * self.under) + (8 * self.over)
        return max(0, (places - 1 >> LOW).bit_length())

    @property
    def zero(self) -> int:
        return self.top - 9 - self.last if self.over else 8 * self.under - self.first

    @property
    def top(self) -> int:
        """Places."""
        return 1 << self.h + LOW

    @property
    def bound(self) -> int:
        """No result at scale f is larger."""
        if self.over:  # what a rough place may add
            return self.most + (self.most >> 4) + 2
        return ceil(e_to(self.rate * self.upper) * 2**self.f * (1 + 2**-12)) + 2

    @property
    def most(self) -> int:
        """What stands at scale f for all that is too large."""
        return round(2 ** (self.f + self.last + 0.5))


def range_of(f: int, bound: int, most: float | None = None, rate: float = 1.0) -> Range:
    """For |x| <= bound / 2^f, and x <= most where the caller knows it."""
    reach, octaves = bound / 2**f, rate / log(2)
    upper = reach if most is None else min(reach, most)
    least, last = floor(-reach * octaves - 0.6), ceil(upper * octaves + 0.6)
    lowest, highest = -f - 1, LARGEST - 1 - f  # 48 places
    under, over = least < lowest, last > highest
    if over:  # the places below end where the highest upper digit begins
        blocks = -(-(highest + 1 - max(least, lowest)) // 8)
        return Range(f, rate, upper, highest + 1 - 8 * blocks, highest, under, over)
    return Range(f, rate, upper, max(least, lowest), last, under, over)


def exp(
    do: Do, x: Value, f: int, most: float | None = None, rate: float = 1.0, down: int = 0
) -> Any:
    """e^(rate x) at scale f, within 2^-12.2 of it and 1.1 units; 0 where it is below 2^-(f + 2).
    Where it goes beyond that, the result stays 2^(LARGEST - 1/2 - f). 0 < rate <= 2.5.

    most: no x is larger, as the caller knows. down: all of this over 2^down.

    A unit of t is 2^-16; t carries one for v (f > 16), one for both table entries: relative 2^-15.
    q carries a unit of 2^-s, s >= 14, and the product is cut once. |2^i q| < 2^(s + 0.6), times
    2^(last - first): below 2^62.
    """
    r = range_of(f, x.bound, most, rate)
    high, low = _digits(do, x, r)
    power, logarithm, top = _tables(do, high, low, r, down)
    v = do(ideal.trunc, x, f=f - STEP) if f > STEP else times_public(do, x, 1 << STEP - f)
    t = do(proven(ideal.sub, ANY), v, logarithm)
    s = min(max(20, f + r.first + 1), 61 - r.last + r.first)
    q = _cubic(do, t, s, rate)
    bound = (r.bound >> down) + 2
    y = do(proven(ideal.mul_trunc, bound), power, q, f=s - f - r.first + down)
    return y if top is None else do(proven(ideal.add, bound), y, top)


def _cubic(do: Do, t: Value, s: int, rate: float) -> Any:
    """e^(rate t) at scale s: (c_2 + c_3 t) t^2 + c_1 t + c_0, at most 1.45 2^TOTAL before the cut.

    Where 2^i is 0 for a t that is no small number, this is some word, times 0.
    """
    c = [round(v * Fraction(rate) ** j) for j, v in enumerate(EXPONENTIAL)]
    square = do(proven(ideal.mul, ANY), t, t)
    line = plus_public(do, times_public(do, t, c[1], ANY), c[0], ANY)
    upper = plus_public(do, times_public(do, t, c[3], ANY), c[2], ANY)
    both = do(proven(ideal.move, ANY), line, upper, how=("stack", 0))
    return do(proven(fitting.blend, ANY), both, square, f=TOTAL - s)


def _digits(do: Do, x: Value, r: Range) -> tuple[Any, Any]:
    """The bits of the upper digit (None if it has none), and of the lower one."""
    unit = r.f + FINE
    start = (r.zero << unit) + (1 << unit - 1) + (1 << unit - GUARD - 1)
    scaled = plus_public(do, times_public(do, x, round(2**FINE * r.rate / log(2)), ANY), start, ANY)
    skip = max(unit - GUARD, 0)
    n = r.h + LOW
    bits = do(fitting.rough_bits, scaled, skip=skip, width=unit - skip + n)
    low = _rows(do, bits, slice(unit - skip, unit - skip + LOW))
    if r.h == 0:
        return None, low
    high = _rows(do, bits, slice(unit - skip + LOW, unit - skip + n))
    return _held(do, x, high, r), low


def _held(do: Do, x: Value, high: Any, r: Range) -> Any:
    """The lowest upper digit where x lies below all places, the highest one above them."""
    under = _above(do, x, r, 1, not_=True) if r.under else None
    over = _above(do, x, r, r.top - 8) if r.over else None
    if under is not None and over is not None:
        change = do(ideal.and_, do(ideal.xor, under, over), do(ideal.xor, high, over))
        return do(ideal.xor, high, change)
    if under is not None:
        return do(ideal.and_, high, do(ideal.invert, under))
    return high if over is None else do(ideal.or_, high, over)


def _above(do: Do, x: Value, r: Range, p: int, not_: bool = False) -> Any:
    """For every bit of the upper digit: whether x lies above place p; within 4 beyond it, either
    way. not_: the opposite."""
    edge = ceil((p - r.zero + 0.5) * log(2) / r.rate * 2**r.f)
    z = plus_public(do, x, -edge)
    skip = r.f + 2
    width = max((z.bound + (1 << skip)).bit_length() + 1 - skip, 2)
    sign = do(fitting.rough_sign, z, skip=skip, width=width)
    flag = sign if not_ else do(ideal.invert, sign)
    return _rows(do, do(ideal.move_bits, flag, how=("expand_dims", 0)), [0] * r.h)


def _tables(do: Do, high: Any, low: Any, r: Range, down: int) -> tuple[Any, Any, Any]:
    """2^(i - first), i log(2) / rate at scale STEP, and the largest result where x is above all."""
    b = do(proven(fitting.lookup, ANY), low, table=_low_table(r))
    power, logarithm = _row(do, b, 0, 1 << 7), _row(do, b, 1, ANY)
    if high is None:
        return power, logarithm, None
    a = do(proven(fitting.lookup, ANY), high, table=_high_table(r, down))
    power = do(proven(ideal.mul, 1 << r.last - r.first), power, _row(do, a, 0, ANY))
    logarithm = do(proven(ideal.add, ANY), logarithm, _row(do, a, 1, ANY))
    return power, logarithm, _row(do, a, 2, r.most) if r.over else None


def _logarithm(i: int, rate: float) -> int:
    return round(i * log(2) / rate * 2**STEP)


def _low_table(r: Range) -> Table:
    first = 0 if r.h else r.first
    return tuple(1 << k for k in range(8)), tuple(_logarithm(first + k, r.rate) for k in range(8))


def _high_table(r: Range, down: int) -> Table:
    """Where an upper digit stands for no power there is 0."""
    begins = [8 * k - r.zero for k in range(1 << r.h)]  # i at the lower digit 0
    powers = [1 << i - r.first if i >= r.first else 0 for i in begins]
    logs = [_logarithm(i, r.rate) for i in begins]
    if not r.over:
        return tuple(powers), tuple(logs)
    powers[-1] = 0
    return tuple(powers), tuple(logs), (*[0] * (len(begins) - 1), r.most >> down)


def _rows(do: Do, bits: Any, rows: Any) -> Any:
    return do(ideal.move_bits, bits, how=("index", moving.frozen(rows)))


def _row(do: Do, words: Any, k: int, bound: int) -> Any:
    return do(proven(ideal.move, bound), words, how=("index", k))
