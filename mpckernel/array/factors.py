"""Products of a secret with public numbers: free for integers, digits and cuts for reals.

A real factor is rounded to as many bits as the ring holds next to the secret; if those are fewer
than the fraction bits of the secret, the rest is a second digit, applied to the secret without
its low bits, and so on.
Source: truncation of public products as in SecureML; the digits are ours.
"""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, frexp
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mpckernel.array.dtypes import DEFAULT, number
from mpckernel.array.publics import words
from mpckernel.array.secret import SecretArray
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT
from mpckernel.ring import fixed
from mpckernel.ring.words import Words
from mpckernel.runtime.cell import current
from mpckernel.runtime.plan import Call

Reals: TypeAlias = NDArray[np.float64]
Combine: TypeAlias = Callable[[Call, Words], Call]  # the bilinear operation, by public words


def by_public(x: SecretArray, c: np.ndarray, combine: Combine, terms: int = 1) -> SecretArray:
    """x by public c, where one result adds up `terms` products.

    Integer c, and whole real c on fixed point: exact and free. Other real c, with n terms:
    |error| <= (n |x| / 2 + 6 n + 6) 2^-f; an integer x becomes fixed point with f = 20.
    """
    if c.dtype.kind != "f":
        return SecretArray(combine(x.word, words(c, 0)), number(x.dtype))
    if x.dtype.f == 0:
        return SecretArray(_integer(x.word, c, combine, terms), DEFAULT)
    return SecretArray(_fixed(x.word, c, x.dtype.f, combine, terms), x.dtype)


def _integer(x: Call, c: Reals, combine: Combine, terms: int) -> Call:
    """An integer by c, at the default scale: c at g >= f bits, then cut by g - f."""
    f, n = DEFAULT.f, max(terms, 1) * x.bound
    exact = exact_bits(c)
    if exact <= f:
        return combine(x, words(c, f))
    g = min(exact, _room(n, _largest(c)), f + n.bit_length())
    if g <= f:
        return combine(x, words(c, f))
    call = current().record(ideal.trunc, combine(x, words(c, g)), f=g - f)
    return _at_most(call, n * Fraction(_largest(c)) * 2**f + 2 + Fraction(n, 2))


def _fixed(x: Call, c: Reals, f: int, combine: Combine, terms: int) -> Call:
    """Fixed point by c: the whole part is free, then digits of the fraction until f bits."""
    do, n = current().record, max(terms, 1)
    fixed.encode(c, 0)  # refuses what is not finite
    whole = np.rint(c)
    left, done, y = c - whole, 0, x
    parts = [combine(x, words(whole, 0))] if whole.any() or not left.any() else []
    while left.any():
        g = min(
            exact_bits(left), _room(n * y.bound, _largest(left)), max(1, (n * y.bound).bit_length())
        )
        digit = np.rint(np.ldexp(left, g))
        if digit.any():
            parts.append(do(ideal.trunc, combine(y, words(digit, 0)), f=g))
        left, done = np.ldexp(left, g) - digit, done + g
        if done >= f or n * x.bound < 1 << done:
            break
        if left.any():
            y = do(ideal.trunc, y, f=g)
    if not parts:
        parts = [combine(x, words(whole, 0))]
    total = parts[0]
    for part in parts[1:]:
        total = do(ideal.add, total, part)
    error = (n * x.bound >> done) + (n + 1) * 6
    return _at_most(total, n * x.bound * Fraction(_largest(c)) + error)


def exact_bits(c: Reals) -> int:
    """The least g >= 0 for which every c 2^g is whole."""
    mantissa, exponent = np.frexp(c[c != 0])
    if mantissa.size == 0:
        return 0
    m = np.ldexp(mantissa, 53).astype(np.int64)
    zeros = np.log2((m & -m).astype(np.float64)).astype(np.int64)  # trailing zero bits
    return max(0, int((53 - exponent - zeros).max()))


def _room(n: int, largest: float) -> int:
    """The most bits g >= 1 for which n round(largest 2^g) < 2^62."""
    if n == 0 or largest == 0.0:
        return 60
    g = 62 - n.bit_length() - frexp(largest)[1] + 2
    while g > 1 and n * round(Fraction(largest) * Fraction(2) ** g) >= LIMIT:
        g -= 1
    return max(1, min(g, 60))


def _largest(c: Reals) -> float:
    return float(np.abs(c).max()) if c.size else 0.0


def _at_most(call: Call, bound: Fraction) -> Call:
    call.bound = min(call.bound, ceil(bound))
    return call
