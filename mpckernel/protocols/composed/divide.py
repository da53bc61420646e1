"""Quotients and reciprocals of any nonzero divisor, by normalisation and a short polynomial.

|y| is scaled by a secret power of two V to u in [1/2, 1]. With r0 = A - 2 u the error
e = 1 - u r0 is at most 0.0718, and 1/u = r0 / (1 - e) = r0 (1 + e) (1 + e^2 + e^4 + ...); three
products in a row after e make r with |1 - u r| <= 2^-25.8, the last coefficient being shaded so
that the cut-off series errs equally on both sides. Negative divisors need no case: r0 is odd in y.

Source: normalised reciprocal as in Catrina, Saxena 2010; the product form is Goldschmidt's.
Departs from it in: the series replaces Newton steps, so that products run side by side.
Notation: u, r at scale G; V = 2^(w - bit length of y), y V / 2^w = u; quotients at scale c means
the word x 2^c / y.
"""

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
from mpckernel.protocols.composed.normalise import leading_of_signed
from mpckernel.protocols.composed.wide import mul_trunc
from mpckernel.protocols.ideal import LIMIT, SMALLER
from mpckernel.ring.words import as_words

G = 29  # fraction bits of u and r: u r0 2^(2 G) and r 2^(2 G) stay below 2^62
A = round(2.9282 * 2**G)  # r0 = A - 2 u: equal errors at u = A/4 and at u = 1
E_MAX = 0.0722 * 2**G  # |e|, with the roundings of u and e
SERIES = 2058  # e^4 (1 + 10/2048) in place of e^4 + e^6 + ...: at most 2^-25.8 is missing
_SERIES_BITS = 11


def reciprocal(do: Do, y: Value, c: int) -> Any:
    """2^c / y for |y| >= 1, within 2^-24.9 |2^c / y| + 2; 0 where y = 0.

    y: words below 2^61. Raises OutOfRange if 2^c does not fit the ring.
    """
    return _divided(do, None, y, c, None)


def divide(do: Do, x: Operand, y: Value, c: int, bound: int | None = None) -> Any:
    """x 2^c / y for |y| >= 1, within 2^-24.9 |x 2^c / y| + 3; 0 where y = 0. x may be public.

    y: words below 2^61. bound: of the quotient; without it, that of x 2^c, as y may be 1.
    Raises OutOfRange if the quotient might not fit the ring.
    """
    return _divided(do, x, y, c, bound)


def _divided(do: Do, x: Operand | None, y: Value, c: int, bound: int | None) -> Any:
    w = max(y.bound, 1).bit_length()
    if w > 61:
        raise OutOfRange(f"a divisor must stay below 2^61 on the ring; {SMALLER}")
    b_x = 1 if x is None else bound_of(x)
    if bound is None:
        bound = b_x << c if c >= 0 else (b_x >> -c) + 1
    bound += (bound >> 24) + 3
    if bound >= LIMIT:
        raise OutOfRange(
            f"this quotient could reach 2^{bound.bit_length()} on the ring, which holds less than "
            "2^62, since nothing is known of the divisor but that it is not zero; for the "
            f"numerator, {SMALLER}"
        )
    power, r = _mantissa(do, y, w)
    if x is None:
        return _times_power(do, r, power, G + w - c, bound)
    # t = x r / 2^(G - guard): one unit of t weighs V 2^(c - w - guard) <= 2^(c - guard).
    guard = min(max(c, 0), G)
    while _t_bound(b_x, guard) >= LIMIT:
        guard -= 1
    if guard == G:
        product = ideal.scale if is_public(x) else ideal.mul
        t = do(proven(product, _t_bound(b_x, G)), *((r, x) if is_public(x) else (x, r)))
    else:
        t = mul_trunc(do, x, r, G - guard, _t_bound(b_x, guard))
    return _times_power(do, t, power, w + guard - c, bound)


def _t_bound(b_x: int, guard: int) -> int:
    """|x r| / 2^(G - guard) with |r| <= 2 (1 + 2^-24)."""
    twice = 2 * b_x + (b_x >> 23) + 1
    return (twice << guard if guard >= 0 else twice >> -guard) + 2


def _times_power(do: Do, t: Value, power: Value, cut: int, bound: int) -> Any:
    if cut > 0:
        return mul_trunc(do, t, power, cut, bound)
    return times_public(do, do(proven(ideal.mul, bound), t, power), 1 << -cut, bound)


def _mantissa(do: Do, y: Value, w: int) -> tuple[Any, Any]:
    """(V, r): V = 2^(w - bit length of y), 0 for y = 0; r = 2^w / (y V) at scale G, where
    |1 - r u| <= 2^-24.9. For y = 0, u stands for 3/4."""
    lead = leading_of_signed(do, y, w)
    assert lead.negative is not None
    power = lead.down()
    largest = (1 << G) + 1
    if w > G:
        u = do(proven(ideal.mul_trunc, largest), y, power, f=w - G)
    else:
        u = do(proven(ideal.mul, 1 << w), y, power)
        u = times_public(do, u, 1 << (G - w), largest)
    missing = times_public(do, lead.found, -(3 << (G - 2)))
    u = do(proven(ideal.add, largest), u, plus_public(do, missing, 3 << (G - 2)))
    return power, _inverse(do, u, lead.negative)


def _inverse(do: Do, u: Value, negative: Value) -> Any:
    """1/u at scale G for 1/2 <= |u| <= 1. Products: 1 + 2 + 1 + 1, three rounds each.

    e, e^2 and e^4 carry at most 2 units of 2^-G, r0 (1 + e) one, u one (relative two).
    """
    e_max = int(E_MAX)
    signed_a = plus_public(do, times_public(do, negative, -2 * A), A, A)
    r0 = do(proven(ideal.add, 2 << G), signed_a, times_public(do, u, -2))
    u_r0 = do(proven(ideal.mul_trunc, (1 << G) + e_max), u, r0, f=G)
    e = do(proven(ideal.neg, e_max), plus_public(do, u_r0, -(1 << G), e_max))
    e2 = do(ideal.mul_trunc, e, e, f=G)
    r1 = do(proven(ideal.mul_trunc, 2 << G), r0, plus_public(do, e, 1 << G), f=G)
    e4 = do(ideal.mul_trunc, times_public(do, e2, SERIES), e2, f=G + _SERIES_BITS)
    tail = plus_public(do, do(ideal.add, e2, e4), 1 << G)
    return do(proven(ideal.mul_trunc, (2 << G) + (1 << 6)), r1, tail, f=G)


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
