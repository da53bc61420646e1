"""Square roots and their reciprocals, by normalisation and one cubic step.

x >= 0 is scaled by a secret V = R^2, a power of four, to u in [1/4, 1), so that odd and even
exponents need no case. s0 = A + B u + 3/2 u^2 is 1/sqrt(u) within 2.7 %; with e = 1 - u s0^2,
1/sqrt(u) = s0 (1 - e)^(-1/2), whose cubic is enough for 2^-20.9. Then sqrt(x) = (x R) s / 2^h and
1/sqrt(x) = R s / 2^h: both powers of two come from the same digits.

Source: initial quadratic as in Lu et al., NDSS 2023 (there for [1/4, 1/2)); the cubic step is
Householder's.
Departs from it in: coefficients fitted here for [1/4, 1), and shaded against the next term.
Notation: u, s at scale G; R = 2^k, x R^2 / 4^h = u; x 2^c is the word under the root.
"""

from math import isqrt
from typing import Any

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import Do, Value, plus_public, proven, times_public
from mpckernel.protocols.composed.normalise import Leading, leading_pair
from mpckernel.protocols.composed.wide import mul_trunc
from mpckernel.protocols.ideal import LIMIT, SMALLER

G = 27  # fraction bits of u and s
A = round(2.63610966 * 2**G)
TWICE_B = round(2 * -3.13405187 * 2**G)
E_MAX = int(0.0548 * 2**G)
SQUARE, CUBE, BITS = 1539, 1282, 12  # 3/8 and 5/16, shaded: c2, c3 over 2^12
GUARD = 4  # bits kept below the unit of the result


def sqrt(do: Do, x: Value, c: int) -> Any:
    """sqrt(x 2^c) within 2^-20.7 of it and 1.2 units; 0 where x <= 0.

    x: words below 2^62 (2^61 for odd c). A root at scale f of x at scale f' has c = 2 f - f'.
    """
    x, c = _even(do, x, c)
    h = _half_bits(x)
    lead = leading_pair(do, x, h)
    root = lead.down(1)
    s = inverse_root(do, _normal(do, x, lead, h))
    # One unit of t = x R / 2^a weighs 2^(1 + a + c/2 - h) <= 2^-3 in the result.
    a = max(h - c // 2 - GUARD, 0)
    largest = max(x.bound, 1 << (2 * h - 1))
    bound = _root_bound(x.bound, c)
    if a:
        t = do(proven(ideal.mul_trunc, (largest >> a) + 1), x, root, f=a)
    else:
        t = do(proven(ideal.mul, largest), x, root)
    return _scaled(do, t, s, G + h - c // 2 - a, bound)


def rsqrt(do: Do, x: Value, c: int) -> Any:
    """2^c / sqrt(x) within 2^-20.7 of it and 1.2 units; 0 where x <= 0. x: words below 2^62.

    At scale f, for x at scale f': c = f + f'/2; twice c must be whole, so c is given doubled:
    `c` here is 2 f + f'.
    """
    if c % 2:
        x, c = _doubled(do, x), c + 1
    h = _half_bits(x)
    lead = leading_pair(do, x, h)
    bound = (1 << c // 2) + (1 << c // 2 >> 20) + 2
    if bound >= LIMIT:
        raise OutOfRange("the inverse of a root might not fit the ring; use fewer fraction bits")
    s = inverse_root(do, _normal(do, x, lead, h))
    return _scaled(do, lead.down(1), s, G + h - c // 2, bound)


def inverse_root(do: Do, u: Value) -> Any:
    """1/sqrt(u) at scale G for u in [1/4, 1) at scale G. Products: 1 + 1 + 1 + 2 + 1.

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


def _normal(do: Do, x: Value, lead: Leading, h: int) -> Any:
    """u = x R^2 / 4^h at scale G; 1/2 where nothing was found."""
    power = lead.down(2)
    if 2 * h > G:
        u = do(proven(ideal.mul_trunc, (1 << G) + 1), x, power, f=2 * h - G)
    else:
        u = do(proven(ideal.mul, 1 << 2 * h), x, power)
        u = times_public(do, u, 1 << (G - 2 * h), (1 << G) + 1)
    missing = times_public(do, lead.found, -(1 << (G - 1)))
    return do(proven(ideal.add, (1 << G) + 1), u, plus_public(do, missing, 1 << (G - 1)))


def _half_bits(x: Value) -> int:
    return max(1, -(-max(x.bound, 1).bit_length() // 2))


def _even(do: Do, x: Value, c: int) -> tuple[Value, int]:
    return (_doubled(do, x), c - 1) if c % 2 else (x, c)


def _doubled(do: Do, x: Value) -> Any:
    return times_public(do, x, 2)


def _root_bound(b: int, c: int) -> int:
    root = isqrt(b << c if c >= 0 else b >> -c) + 1
    bound = root + (root >> 20) + 3
    if bound >= LIMIT:
        raise OutOfRange(f"this root might not fit the ring; {SMALLER}")
    return bound


def _scaled(do: Do, t: Value, s: Value, cut: int, bound: int) -> Any:
    """t s / 2^cut, known to stay within the bound."""
    if cut > 0:
        return mul_trunc(do, t, s, cut, bound)
    return times_public(do, do(proven(ideal.mul, bound), t, s), 1 << -cut, bound)
