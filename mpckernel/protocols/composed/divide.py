"""Quotients and reciprocals of any nonzero divisor, by normalisation and a short product.

|y| is scaled by a secret power of two V to u in [1/2, 1]. With a line r0 = A - B u the error e =
1 - u r0 is small, and 1/u = r0 / (1 - e) = r0 (1 + e) (1 + e^2 + e^4 + ...). Cut after e^2, with
its coefficient shaded and e shifted a little, so that what is missing errs equally on both sides,
the product is 1/u within e^4 / 8. The factors run side by side: whatever is to be multiplied by
1/u, V for a reciprocal, starts the product in place of 1. Negative divisors need no case: r0 is
odd in y. Where y = 0, V = 0 makes the result 0.

Source: normalised reciprocal as in Catrina, Saxena 2010; the product form is Goldschmidt's.
Departs from it in: products of one series run side by side; the last one carries no power of two.
Notation: u at scale g, e at scale E; V = 2^(w - bit length of y), y V / 2^w = u; quotients at
scale c means the word x 2^c / y.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpckernel.errors import OutOfRange, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import (
    Do,
    Operand,
    Value,
    bound_of,
    is_public,
    plus_public,
    proven,
    times_public,
)
from mpckernel.protocols.composed.normalise import FOUND, SIGN, Sum, leading_of_signed
from mpckernel.protocols.composed.wide import mul_trunc
from mpckernel.protocols.ideal import LIMIT, SMALLER
from mpckernel.ring.words import as_words

E = 22  # fraction bits of e, and of 1/u in quotients
PRECISE = 28  # the same where e^4 is a factor, too
MOST = 60  # bits of u r0
GUARD = 4  # bits kept below the unit of a quotient


@dataclass(frozen=True, slots=True)
class Line:
    """r0 = A - B u, B = slope / 2^k, A in 2^-12. |e| <= e_max on [1/2, 1]; the rest are the
    constants of the series: 1 + square e^2, square in 2^-11, and e less `shift` units of 2^-E.
    A precise one goes on with 1 + e^4."""

    a: int
    slope: int
    k: int
    e_max: float
    square: int
    shift: int
    precise: bool = False

    @property
    def bits(self) -> int:
        """Fraction bits of e."""
        return PRECISE if self.precise else E


# e = 1 - A u + B u^2: equal errors at u = A / (2 B) and at the worse end.
FINE = Line(11546, 15, 3, 0.0596, 2055, 5)
COARSE = Line(11994, 2, 0, 0.0719, 2059, 15)
LONG = Line(11546, 15, 3, 0.0596, 2048, 0, precise=True)


def reciprocal(do: Do, y: Value, c: int) -> Any:
    """2^c / y for |y| >= 1, within 2^-17.3 |2^c / y| + 3; 0 where y = 0. Within 2^-18.2 of it
    for y below 2^35.

    y: words below 2^61. Raises OutOfRange if 2^c does not fit the ring.
    """
    w = _width(y)
    bound = _quotient_bound((1 << c) if c >= 0 else 1)
    m = _mantissa(do, y, w, FINE if w <= 35 else COARSE, 61 - w if w <= 41 else 22)
    start = _cut(do, m.power, m.start, w + m.scale - c, bound)
    return m.times(start, bound, m.line.e_max)


def divide(
    do: Do, x: Operand, y: Value, c: int, bound: int | None = None, precise: bool = False
) -> Any:
    """x 2^c / y for |y| >= 1, within 2^-18.5 |x 2^c / y| + 3; 0 where y = 0. x may be public.

    y: words below 2^61. bound: of the quotient; without it, that of x 2^c, as y may be 1.
    precise: within 2^-25 of it, for two more products.
    Raises OutOfRange if the quotient might not fit the ring.
    """
    b_x = bound_of(x)
    if bound is None:
        bound = b_x << c if c >= 0 else (b_x >> -c) + 1
    bound = _quotient_bound(bound)
    return mantissa_of(do, y, LONG if precise else FINE).quotient(x, c, bound)


def _width(y: Value) -> int:
    w = max(y.bound, 1).bit_length()
    if w > 61:
        raise OutOfRange(f"a divisor must stay below 2^61 on the ring; {SMALLER}")
    return w


def _quotient_bound(bound: int) -> int:
    bound += (bound >> 16) + 3
    if bound >= LIMIT:
        raise OutOfRange(
            f"this quotient could reach 2^{bound.bit_length()} on the ring, which holds less than "
            "2^62, since nothing is known of the divisor but that it is not zero; for the "
            f"numerator, {SMALLER}"
        )
    return bound


def _cut(do: Do, x: Operand, y: Value, cut: int, bound: int) -> Any:
    """x y / 2^cut, known to stay within the bound; x may be public."""
    if cut > 0:
        return mul_trunc(do, x, y, cut, bound)
    what = proven(ideal.scale if is_public(x) else ideal.mul, (bound >> -cut) + 1)
    return times_public(do, do(what, y, x), 1 << -cut, bound)


@dataclass(frozen=True, slots=True)
class Mantissa:
    """y taken apart: V, r0 at `scale`, and e. Where y = 0: 0, A and 1, or 0 if it is precise;
    then the sign of y is there, too."""

    do: Do
    line: Line
    w: int
    power: Any
    start: Any
    scale: int
    e: Any
    sign: Any = None

    def quotient(self, x: Operand, c: int, bound: int) -> Any:
        """x 2^c / y, at most `bound`, as promised by divide().

        |x V 2^(c - w)| <= |x 2^c / y|; one unit of it weighs |r| <= 2 units, over 2^guard.
        """
        bits, least = self.line.bits, LIMIT.bit_length() - 1 - bound.bit_length()
        r = self.do(ideal.trunc, self.start, f=self.scale - bits)
        r = self.times(r, 12 << bits, 1)
        guard = max(0, min(GUARD, self.w - c, least))
        scaled = _cut(self.do, x, self.power, self.w - c - guard, bound << guard)
        return mul_trunc(self.do, scaled, r, bits + guard, bound)

    def times(self, x: Value, bound: int, share: float) -> Any:
        """z / u within 2 units, where x = z r0, and |z / u| <= bound. share: |e| where x is not
        0; where y = 0 and x is not, e = 1 and the result is 4.02 x.

        Products: x e beside e^2, then with e^2; three rounds each, and three for e^4.
        """
        do, e, cut = self.do, self.e, self.line.bits
        step = mul_trunc(do, x, e, cut, _part(bound, share))
        out = do(proven(ideal.add, bound + (bound >> 3)), x, step)
        if self.line.precise:
            square = do(ideal.mul_trunc, e, e, f=cut)
            fourth = do(ideal.mul_trunc, square, square, f=cut)
        else:
            square = do(ideal.mul_trunc, times_public(do, e, self.line.square), e, f=cut + 11)
            fourth = None
        for factor in (square, fourth):
            if factor is not None:
                step = mul_trunc(do, out, factor, cut, _part(bound, 1.2 * share**2))
                out = do(proven(ideal.add, bound), out, step)
        return out


def _part(bound: int, share: float) -> int:
    """share * bound, and a unit."""
    return bound * int(share * 2**30) // 2**30 + 2


def mantissa_of(do: Do, y: Value, line: Line = LONG) -> Mantissa:
    """For quotients, which share it."""
    return _mantissa(do, y, _width(y), line, 28)


def _mantissa(do: Do, y: Value, w: int, line: Line, most: int) -> Mantissa:
    """V = 2^(w - bit length of y), 0 for y = 0; u = y V / 2^w, in [1/2, 1] at a scale of about
    `most`, at least 20 bits; r0 and e of u.

    u is exact if w is below that scale, else within a unit; e adds two units of 2^-E.
    """
    k, bits = line.k, line.bits
    g = min(most, (MOST - k) // 2, w if 22 <= w <= 28 and not line.precise else bits)
    a = line.a << g + k - 12
    lead = leading_of_signed(do, y, w)
    if line.precise:  # e = 1 would be too long: r0 = e = 0 where y = 0
        power, sign, found = lead.read(lead.down(), SIGN, FOUND)
        signed_a = times_public(do, sign, a)
        one = times_public(do, found, 1 << bits)
    else:
        power, minus = lead.read(lead.down(), Sum(sign=-2 * a))
        signed_a, sign, one = plus_public(do, minus, a, a), None, None
    largest = (1 << g) + 1
    if w > g:
        u = do(proven(ideal.mul_trunc, largest), y, power, f=w - g)
    else:
        u = do(proven(ideal.mul, 1 << w), y, power)
        u = times_public(do, u, 1 << (g - w), largest)
    start = do(proven(ideal.sub, a), signed_a, times_public(do, u, line.slope))
    u_r0 = do(proven(ideal.mul_trunc, (1 << bits) + (1 << bits - 3)), u, start, f=2 * g + k - bits)
    if one is None:
        e = do(proven(ideal.neg, 1 << bits), plus_public(do, u_r0, line.shift - (1 << bits)))
    else:
        e = do(proven(ideal.sub, int(line.e_max * 2**bits)), one, u_r0)
    return Mantissa(do, line, w, power, start, g + k, e, sign)


def divide_public(do: Do, x: Value, d: NDArray[np.float64], c: int) -> Any:
    """x 2^c / d for public nonzero d, within 1.2 units and 2^-52 of the quotient.

    Exact where every d is a power of two and the quotient is a whole number of units.
    Raises UsageError for a public zero, OutOfRange if the quotient might not fit the ring.
    """
    d = np.asarray(d, np.float64)
    if not np.isfinite(d).all() or not d.all():
        raise UsageError("division by a public number that is zero or not finite")
    if d.size == 0:
        return do(ideal.scale, x, as_words(np.zeros(d.shape, np.int64)))
    least = float(np.ldexp(np.abs(d).min(), -c)) if x.bound else 1.0
    if x.bound / least >= LIMIT / 2:
        raise OutOfRange(
            f"this quotient might not fit the ring; divide by larger numbers, {SMALLER}"
        )
    bound = int(x.bound / least * (1 + 2**-50)) + 2
    s = min(_exact_cut(d, c), x.bound.bit_length() + 3)
    while s > 0 and 2.0**s / least >= LIMIT / 2:
        s -= 1
    factor = as_words(np.rint(np.ldexp(1 / d, c + s)).astype(np.int64))
    if s <= 0:
        return do(ideal.scale, x, factor)
    return mul_trunc(do, x, factor, s, bound)


def _exact_cut(d: NDArray[np.float64], c: int) -> int:
    """The least s >= 0 for which every 2^(c + s) / d is whole, if there is one."""
    mantissa, exponent = np.frexp(np.abs(d))
    if (mantissa != 0.5).any():
        return 64
    return max(0, int(exponent.max()) - 1 - c)
