"""Square and cube roots and their reciprocals: a polynomial on one octave, times a secret power.

x > 0 is scaled by a secret power of two to u in [1/2, 1) (octave.py). With n the bit length of x,
sqrt(x) = sqrt(u) 2^(n/2): the half and third powers of two, irrational ones too, are products of
two sums of the same bits that normalise x (normalise.py), rounded where it does not matter. For
rows whose size is wanted more precisely (moments.py), inverse_root refines a quadratic instead.

Source: normalised roots as in Catrina, Saxena 2010; in inverse_root, the initial quadratic is as
in Lu et al., NDSS 2023 (there for [1/4, 1/2)), and the cubic step Householder's.
Departs from it in: no case for odd exponents; in inverse_root, coefficients fitted for [1/4, 1),
and shaded against the next term.
Notation: k = n - 1 + spare is the index of the leading one; x 2^c is the word under the root.
"""

from fractions import Fraction
from math import isqrt
from typing import Any

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import Do, Value, plus_public, proven, times_public
from mpckernel.protocols.composed.normalise import (
    SIGN,
    Factors,
    Leading,
    leading_of_either,
    leading_of_positive,
    leading_of_signed,
)
from mpckernel.protocols.composed.octave import Octave, mantissa, of_mantissa
from mpckernel.protocols.composed.octave_tables import CBRT, RSQRT, SQRT
from mpckernel.protocols.composed.wide import mul_trunc
from mpckernel.protocols.ideal import LIMIT, SMALLER

FINEST, COARSEST = 44, 39  # bits of a power's mantissa and of a polynomial together
G = 27  # fraction bits of u and s in inverse_root
A = round(2.63610966 * 2**G)
TWICE_B = round(2 * -3.13405187 * 2**G)
E_MAX = int(0.0548 * 2**G)
SQUARE, CUBE, BITS = 1539, 1282, 12  # 3/8 and 5/16, shaded: c2, c3 over 2^12


def sqrt(do: Do, x: Value, c: int) -> Any:
    """sqrt(x 2^c) within 2^-18.3 of it and a unit; 0 where x <= 0.

    x: words below 2^62. A root at scale f of x at scale f' has c = 2 f - f'.
    """
    w = _width(x)
    lead = leading_of_positive(do, x, w)
    root = isqrt(x.bound << c if c >= 0 else x.bound >> -c) + 1
    bound = root + (root >> 18) + 3
    if bound >= LIMIT:
        raise OutOfRange(f"this root might not fit the ring; {SMALLER}")
    return _root(do, x, w, lead, Fraction(1, 2), Fraction(c, 2), SQRT, bound)


def rsqrt(do: Do, x: Value, c: int) -> Any:
    """2^(c/2) / sqrt(x) within 2^-18 of it and a unit; 0 where x <= 0. x: words below 2^62.

    At scale f, for x at scale f': c = 2 f + f'.
    """
    w = _width(x)
    bound = isqrt(1 << c) + 1
    bound += (bound >> 17) + 2
    if bound >= LIMIT:
        raise OutOfRange("the inverse of a root might not fit the ring; use fewer fraction bits")
    lead = leading_of_positive(do, x, w)
    return _root(do, x, w, lead, Fraction(-1, 2), Fraction(c, 2), RSQRT, bound)


def cbrt(do: Do, x: Value, c: int) -> Any:
    """The cube root of x 2^c within 2^-18.3 of it and a unit, of either sign; 0 where x = 0.

    x: words below 2^61. A root at scale f of x at scale f' has c = 3 f - f'.
    """
    w = _width(x)
    lead = leading_of_signed(do, x, w, radix=3)
    most = x.bound << c if c >= 0 else x.bound >> -c
    root = 1 << -(-most.bit_length() // 3)
    return _root(do, x, w, lead, Fraction(1, 3), Fraction(c, 3), CBRT, root + (root >> 18) + 3)


def hypot(do: Do, x: Value, y: Value) -> Any:
    """sqrt(x^2 + y^2) in the units of x and y, within 2^-18.2 of it and a unit.

    x, y: words below 2^59. Squares that fit are exact. Otherwise both are first brought to 29 bits
    by the power of two of the longer one, each within a unit: 2^-27.5 of the result.
    """
    if x.bound**2 + y.bound**2 < LIMIT:
        return sqrt(do, do(ideal.add, do(ideal.mul, x, x), do(ideal.mul, y, y)), 0)
    w = max(_width(x), _width(y))
    if w > 59:
        raise OutOfRange(f"operands of np.hypot must stay below 2^59 on the ring; {SMALLER}")
    lead = leading_of_either(do, x, y, w)
    down, up = lead.read(lead.down(), lead.up())
    total = None
    for v in (x, y):
        short = do(proven(ideal.mul_trunc, (1 << 28) + 1), v, down, f=w - 28)
        square = do(ideal.mul, short, short)
        total = square if total is None else do(ideal.add, total, square)
    root = sqrt(do, do(ideal.trunc, total, f=30), 30)  # in units of 2^(n - 28)
    bound = isqrt(x.bound**2 + y.bound**2) + 1
    return mul_trunc(do, root, up, 28 + lead.spare, bound + (bound >> 17) + 3)


def _width(x: Value) -> int:
    return max(1, max(x.bound, 1).bit_length())


def _root(
    do: Do, x: Value, w: int, lead: Leading, e: Fraction, shift: Fraction, p: Octave, bound: int
) -> Any:
    """p(u) 2^(e n + shift), for x = u 2^n, |u| in [1/2, 1); with the sign of x where it is kept.

    The mantissa of the power and the polynomial have as many bits as fit beside the power's
    range, or in limbs where that is less than 19 and 20; they are wrong by half a unit and one.
    """
    shift += e * ((0 if lead.signed else 1) - lead.spare)  # n = i or i + 1
    for bits in range(FINEST, COARSEST - 1, -1):
        q, f = bits // 2, bits - bits // 2
        power, whole = _power(lead, e, shift, q)
        if power.bound * (int(p.most * 2**f) + 2**f // 2**15) < LIMIT:
            break
    else:
        q = f = 21
        power, whole = _power(lead, e, shift, q)
    readings = [lead.down(), power] + ([SIGN] if lead.signed else [])
    down, size, *sign = lead.read(*readings)
    t = mantissa(do, x, down, w, *sign)
    if sign:
        size = do(proven(ideal.mul, size.bound), size, sign[0])
    root = of_mantissa(do, t, p, f)
    cut = f + q - whole
    if cut > 0:
        return mul_trunc(do, root, size, cut, bound)
    return times_public(do, do(proven(ideal.mul, bound), root, size), 1 << -cut, bound)


def _power(lead: Leading, e: Fraction, shift: Fraction, q: int) -> tuple[Factors, int]:
    """(table of 2^(e k + shift - whole + q), whole): high parts are exact powers of two."""
    radix, groups = lead.radix, lead.groups
    step = e * radix  # a whole number, per group
    if step < 0:  # from the top group down, so that nothing is below one
        shift += step * (groups - 1)
    whole = shift.numerator // shift.denominator
    if e < 0:
        whole += e.numerator * (radix - 1) // e.denominator
    low = tuple(round(2.0 ** float(e * b + shift - whole + q)) for b in range(radix))
    up = abs(step.numerator)
    high = [1 << up * a for a in range(groups)]
    high = high if e > 0 else high[::-1]
    return Factors(tuple(high), low, max(high) * max(low)), whole


def inverse_root(do: Do, u: Value) -> Any:
    """1/sqrt(u) at scale G for u in [1/4, 1) at scale G, within 2^-20.8. Products: 1 + 1 + 1 + 2
    + 1.

    u is brought to [1/4, 1) by a power of four. s0 = A + B u + 3/2 u^2 is 1/sqrt(u) within 2.7 %;
    with e = 1 - u s0^2, 1/sqrt(u) = s0 (1 - e)^(-1/2), whose cubic is enough for 2^-20.9.
    |u s0| <= 1.03, |u s0^2| <= 1.055, |s0| <= 2.06. e carries at most 4 units of 2^-G, u one.
    """
    line = plus_public(do, times_public(do, u, 3), TWICE_B, 6 << G)
    s0 = do(proven(ideal.mul_trunc, 2 << G), u, line, f=G + 1)
    s0 = plus_public(do, s0, A, 33 << (G - 4))
    u_s0 = do(proven(ideal.mul_trunc, 33 << (G - 5)), u, s0, f=G)
    u_s0_s0 = do(proven(ideal.mul_trunc, (1 << G) + E_MAX), u_s0, s0, f=G)
    e = do(proven(ideal.neg, E_MAX), plus_public(do, u_s0_s0, -(1 << G), E_MAX))
    e2 = do(ideal.mul_trunc, e, e, f=G)
    half = do(ideal.mul_trunc, s0, e, f=G + 1)  # s0 e / 2
    tail = do(ideal.add, times_public(do, s0, SQUARE), times_public(do, half, 2 * CUBE))
    tail = do(ideal.mul_trunc, e2, tail, f=G + BITS)
    s = do(ideal.add, do(ideal.add, s0, half), tail)
    return plus_public(do, s, 0, (2 << G) + (1 << 6))
