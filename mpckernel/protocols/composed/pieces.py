"""Smooth functions by a cubic on each of 2^n equal pieces, chosen by the top bits of x.

The place of x is read from its top bits, roughly: near a boundary either piece will do. Beyond the
outermost pieces two signs put it there. A table gives the piece's coefficients as secrets, and one
sum of products with 1, x, x^2, x^3 is cut once. Powers and table entries are exact modulo 2^64:
whatever wraps on the way, the sum is the polynomial's value around the centre of the piece, and
that is small. So there is nothing to clamp, and the powers are computed beside the comparisons.

Source: piecewise polynomials as in NFGen (CCS 2022); the powers modulo 2^64 are our own.
Departs from it in: the place comes from bits instead of one comparison for each boundary.
Notation: x = v / 2^g, w = 2^e / a the width of a piece, d_j the table's rows; TOTAL, STEP, BITS as
in fit.py.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, comb
from typing import Any

from mpckernel.protocols import fitting, ideal, moving
from mpckernel.protocols.composed.claims import (
    ANY,
    Do,
    Value,
    proven,
    times_public,
)
from mpckernel.ring.words import as_words

TOTAL, STEP, BITS = 61, 16, 9
Table = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Pieces:
    """A fitted function: 2^n pieces of width 2^e / a around 0, the outermost two constant.

    error: the largest one of the fit. slopes: what multiple of x comes on top on each piece (none
    at all if empty). coefficients: of each piece around its centre, see tables.py.
    """

    n: int
    a: int
    e: int
    error: float
    slopes: tuple[int, ...]
    coefficients: Table

    def centre(self, k: int) -> Fraction:
        """Of what piece k may be asked for."""
        return Fraction(2**self.e, self.a) * (k + Fraction(1 + Fraction(2) ** (self.n - BITS)) / 2)


def fitted(do: Do, x: Value, f: int, pieces: Pieces) -> Any:
    """The function of x at scale f, within its error and one unit; slopes below 1.1.

    Where f > 16, v is x cut to 16 bits, and what was cut counts by the slope at the centre of the
    piece; the slope varies by less than 0.2 within a piece, which leaves 2^-18. The sum before the
    cut is 2^TOTAL times the value of the polynomial, at most 1 + 2^-10 in absolute value: below
    2^62. So is the result at scale f, less the part that has a slope.
    """
    g = min(f, STEP)
    v = do(ideal.trunc, x, f=f - g) if f > g else x
    powers = [v, do(proven(ideal.mul, ANY), v, v)]
    powers.append(do(proven(ideal.mul, ANY), powers[1], v))
    if f > g:
        cut = times_public(do, v, -(1 << f - g), ANY)
        powers.append(do(proven(ideal.add, 1 << f - g), x, cut))
    d = do(proven(fitting.lookup, ANY), place(do, x, f, pieces), table=_rows(pieces, f))
    y = do(proven(fitting.blend, (1 << f) + (1 << f >> 10) + 1), d, *powers, f=TOTAL - f)
    if not pieces.slopes:
        return y
    slope = do(proven(ideal.move, 1), d, how=("index", len(powers) + 1))
    return do(proven(ideal.add, x.bound + (1 << f) + 1), y, do(ideal.mul, x, slope))


def place(do: Do, x: Value, f: int, pieces: Pieces) -> Any:
    """The bits of the piece of x, lowest first, as a signed number.

    Of a x, cut below its top BITS bits without the carry from there, the place may be one too low
    up to 2^(n - BITS) of a piece above a boundary.
    """
    n, top = pieces.n, f + pieces.e + pieces.n
    skip = max(top - BITS, 0)
    scaled = times_public(do, x, pieces.a, ANY)
    bits = do(fitting.rough_bits, scaled, skip=skip, width=top - skip)
    bits = _rows_of(do, bits, slice(top - skip - n, top - skip))
    inside = x.bound * pieces.a + (1 << skip) <= 1 << top - 1
    return bits if inside else _held(do, x, bits, f, pieces)


def _held(do: Do, x: Value, bits: Any, f: int, pieces: Pieces) -> Any:
    """The outermost place where x lies beyond: 0111 above, 1000 below.

    Above, the sign is taken a piece before the end, and roughly by less than a piece. Below, it is
    taken where the place, which may be one too low, could fall off the end: for all x that are
    less than 2^(n - BITS) of a piece above it; and roughly for no more than the rest of the piece.
    """
    half, loose = 1 << pieces.n - 1, Fraction(2) ** (pieces.n - BITS)
    unit = Fraction(2**pieces.e, pieces.a) * 2**f
    edges = [ceil((half - 1) * unit), ceil((loose - half) * unit) + 1]
    ends = as_words([-edge for edge in edges]).reshape(2, *[1] * len(x.shape))
    skip = max(int((1 - loose) * unit - 1).bit_length() - 1, 0)
    beyond = do(ideal.shift, x, ends)
    width = (beyond.bound + (1 << skip)).bit_length() + 1 - skip
    signs = do(fitting.rough_sign, beyond, skip=skip, width=max(width, 2))
    above = do(ideal.invert, _rows_of(do, signs, slice(0, 1)))
    flags = do(ideal.move_bits, above, _rows_of(do, signs, slice(1, 2)), how=("concatenate", 0))
    out = do(ideal.xor, _row(do, flags, 0), _row(do, flags, 1))
    wanted = _rows_of(do, flags, [0] * (pieces.n - 1) + [1])
    many = _rows_of(do, do(ideal.move_bits, out, how=("expand_dims", 0)), [0] * pieces.n)
    change = do(ideal.and_, many, do(ideal.xor, bits, wanted))
    return do(ideal.xor, bits, change)


def _rows_of(do: Do, bits: Any, rows: Any) -> Any:
    return do(ideal.move_bits, bits, how=("index", moving.frozen(rows)))


def _row(do: Do, bits: Any, k: int) -> Any:
    return do(ideal.move_bits, bits, how=("index", k))


@lru_cache(64)
def _rows(pieces: Pieces, f: int) -> Table:
    """The rows of the table for x at scale f, modulo 2^64: d_0, ..., d_3 for v, that for what was
    cut from x, and the slopes. Columns are places as unsigned numbers.
    """
    half, g = 1 << pieces.n - 1, min(f, STEP)
    columns = []
    for k, c in zip(range(-half, half), pieces.coefficients, strict=True):
        real = [Fraction(v, 1 << TOTAL - STEP * j) for j, v in enumerate(c)]
        at_x = (round(real[1] * 2 ** (TOTAL - f)) % 2**64,) if f > g else ()
        columns.append(_around_zero(real, pieces.centre(k), g) + at_x)
    if pieces.slopes:
        columns = [(*c, s) for c, s in zip(columns, pieces.slopes, strict=True)]
    turned = columns[half:] + columns[:half]
    return tuple(zip(*turned, strict=True))


def _around_zero(real: list[Fraction], centre: Fraction, g: int) -> tuple[int, ...]:
    """Integers d_j with sum d_j v^j = 2^TOTAL p(v / 2^g), for p given around its centre.

    The centre is first moved to a whole multiple m of 2^-g; coefficients round there.
    """
    m = round(centre * 2**g)
    nearby = _moved(real, Fraction(m, 2**g) - centre)
    whole = [round(c * 2 ** (TOTAL - g * j)) for j, c in enumerate(nearby)]
    return tuple(int(d) % 2**64 for d in _moved(whole, -m))


def _moved(c: list[Any], by: Any) -> list[Any]:
    """The coefficients of p(t + by)."""
    return [
        sum((comb(i, j) * c[i] * by ** (i - j) for i in range(j, len(c))), start=0 * by)
        for j in range(len(c))
    ]
