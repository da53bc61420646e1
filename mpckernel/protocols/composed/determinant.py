"""Determinants: the product of pivots of the matrix normalised as for its inverse, and turned.

Two pairs of public rotations are tried side by side (elimination.py), and the second one counts
where the first has failed, which a well conditioned matrix makes it do once in many thousands.
Mantissas of pivots are multiplied, and exponents, those of the normalisation too, are added. Where
both pairs fail, and where the inverse has no certificate, there is no result.

Error: what is eliminated is B + E, E being unbiased roundings, and the determinant is wrong by the
factor 1 + tr(B^-1 E). Each of p^3 / 3 roundings moves the trace by at most 3 units |A~^-1|; they
add up to p |A~^-1| units in the mean square, and four times that is the stated error.

Source: none but those of elimination.py and inverse.py.
Notation: units are 2^-G of elimination.py.
"""

from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import Do, Value, plus_public, proven, times_public
from mpckernel.protocols.composed.elimination import (
    Pivots,
    bits,
    eliminated,
    folded,
    halves,
    joined,
    joined_bits,
)
from mpckernel.protocols.composed.inverse import ROWS, UNIT, inverse
from mpckernel.protocols.composed.logs import logarithm
from mpckernel.protocols.composed.normalise import leading_of_positive
from mpckernel.protocols.composed.solving import power_of_two
from mpckernel.protocols.composed.wide import mul_trunc

LEAST = -(1 << 13)  # the logarithm of what is not found; below that of all that is
TRIED = 2  # pairs of rotations
_U = 30  # bits of a mantissa
_LOG = 46  # fraction bits of log 2


@dataclass(frozen=True, slots=True)
class Product:
    """A determinant sign * u / 2^30 * 2^exponent; found: the word 1 or 0. All are words (1,)."""

    sign: Any
    u: Any
    exponent: Any
    found: Any


def slogdet(do: Do, w: Value, f_a: int, f: int) -> tuple[Any, Any]:
    """(sign, log |det A|) at scale f of A = w / 2^f_a, p <= 128; 0 and LEAST where not found.

    Error of the logarithm: 2^-17 + p^2 2^-40 |A~^-1| and 3 units. Not found: where `inverse` has
    no certificate (|A~^-1| > 2^18 sqrt(p), which condition numbers up to 2^16 do not exceed), and
    where both pairs of rotations fail.
    """
    d = determinant(do, w, f_a)
    one = round(log(2) * 2**_LOG)
    exponent = times_public(do, d.exponent, one)
    whole = do(ideal.trunc, exponent, f=_LOG - f)
    y = do(ideal.add, logarithm(do, d.u, _U, f, "ln"), whole)
    above = do(proven(ideal.mul, -2 * LEAST << f), plus_public(do, y, -LEAST << f), d.found)
    sign = times_public(do, do(ideal.mul, d.sign, d.found), 1 << f)
    return sign, plus_public(do, above, LEAST << f, -LEAST << f)


def det(do: Do, w: Value, f_a: int, f: int, most: int) -> Any:
    """det A at scale f, a word of at most `most` < 2^60 by what is known of A; 0 where not found.

    Error: (2^-20 + p^2 2^-40 |A~^-1|) |det A| and 2 units.
    """
    d = determinant(do, w, f_a)
    t = plus_public(do, d.exponent, f)  # |det| 2^f < 2^t
    none = do(ideal.bit_to_word, do(ideal.msb, t, width=32))
    valid = do(proven(ideal.mul, 1), d.found, plus_public(do, times_public(do, none, -1), 1, 1))
    power = power_of_two(do, do(proven(ideal.mul, 61), t, valid), 6)
    u = do(ideal.mul, do(ideal.mul, d.u, d.sign), valid)
    return mul_trunc(do, u, power, _U, most + (most >> 4) + 2)


def determinant(do: Do, w: Value, f_a: int) -> Product:
    """det A of A = w / 2^f_a, w (p, p)."""
    p = w.shape[0]
    a = inverse(do, w)
    first, *others = (_product(do, eliminated(do, a.matrix, k)) for k in range(TRIED))
    for other in others:
        first = _either(do, first, other)
    found = do(ideal.mul, first.found, do(ideal.move, a.found, how=("reshape", (1,))))
    exponent = do(ideal.sub, first.exponent, _total(do, a.columns))
    # U = 2^(24 - i), and length is i + 1
    exponent = do(ideal.add, exponent, _total(do, a.places.read(a.places.length())[0]))
    known = p * (UNIT - f_a - bits(p) - ROWS - 1)
    exponent = plus_public(do, exponent, known, 1 << 15)
    return Product(first.sign, first.u, exponent, found)


def _product(do: Do, x: Pivots) -> Product:
    """That of the pivots in units; found where no column has failed."""
    negative = do(ideal.msb, x.word, width=64)
    flips = negative if x.flips is None else joined_bits(do, negative, x.flips)
    u, exponent = _multiplied(do, _absolute(do, x.word, negative))
    lost = plus_public(do, _total(do, x.failed), -1)
    found = do(ideal.bit_to_word, do(ideal.msb, lost, width=16))
    return Product(_sign(do, flips, x.odd), u, exponent, found)


def _either(do: Do, x: Product, y: Product) -> Product:
    """x if it is found, else y."""

    def pick(a: Value, b: Value) -> Any:
        most = max(a.bound, b.bound)
        step = do(ideal.mul, x.found, do(ideal.sub, a, b))
        return do(proven(ideal.add, most), b, step)

    pairs = ((x.sign, y.sign), (x.u, y.u), (x.exponent, y.exponent), (x.found, y.found))
    return Product(*(pick(*pair) for pair in pairs))


def _total(do: Do, x: Value) -> Any:
    """The sum of all elements, (1,)."""
    n = int(np.prod(x.shape))
    return do(ideal.total, do(ideal.move, x, how=("reshape", (1, n))), axis=(1,), n=n)


def _absolute(do: Do, x: Value, negative: Value) -> Any:
    minus = times_public(do, do(ideal.bit_to_word, negative), -2)
    return do(proven(ideal.mul, x.bound), x, plus_public(do, minus, 1, 1))


def _sign(do: Do, flips: Value, odd: bool) -> Any:
    """The word 1 or -1: parity of the bits (n,)."""
    unit = 2 if odd else -2
    word = times_public(do, do(ideal.bit_to_word, folded(do, ideal.xor, flips)), unit)
    return plus_public(do, word, -1 if odd else 1, 1)


def _multiplied(do: Do, x: Value) -> tuple[Any, Any]:
    """(u, e): the product of x (p,) >= 0 is u / 2^30 2^e, u in [2^29, 2^30], or 0 and anything."""
    width = max(x.bound.bit_length(), _U)
    lead = leading_of_positive(do, x, width)
    power, length = lead.read(lead.down(), lead.length())
    largest = (1 << _U) + 64
    u = mul_trunc(do, x, power, width - _U, largest)
    exponent = _total(do, length)
    while u.shape[0] > 1:
        low, high, rest = halves(do, ideal.move, u)
        y = do(proven(ideal.mul_trunc, largest), low, high, f=_U)
        short = do(ideal.msb, plus_public(do, y, -(1 << _U - 1)), width=32)
        less = do(ideal.bit_to_word, short)
        y = do(proven(ideal.add, largest), y, do(proven(ideal.mul, 1 << _U - 1), y, less))
        exponent = do(ideal.sub, exponent, _total(do, less))
        u = joined(do, y, rest)
    return u, exponent
