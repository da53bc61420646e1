"""Logarithms: that of the mantissa from a polynomial, that of the power of two from its place.

x > 0 is u 2^n with u in [1/2, 1) (octave.py), so log x = n log 2 + log u. n log 2 is read in one
word from the bits that normalise x: parts over groups of places and over places in a group, each
rounded to a step.

Source: exponent and mantissa as in MP-SPDZ; the word of the exponent is our own.
Departs from it in: one polynomial of degree six in place of a quotient of two.
Notation: n is the bit length of the word, x = word / 2^g, results at scale f.
"""

from math import log, log2, log10
from typing import Any

from mpckernel.protocols import ideal
from mpckernel.protocols.composed import octave_tables
from mpckernel.protocols.composed.claims import Do, Value, plus_public, proven, times_public
from mpckernel.protocols.composed.normalise import FOUND, Leading, Sum, leading_of_positive
from mpckernel.protocols.composed.octave import G, Octave, mantissa, of_mantissa

KINDS = {  # the logarithm of 2, and the polynomial
    "ln": (log(2), octave_tables.LN),
    "log2": (1.0, octave_tables.LOG2),
    "log10": (log10(2), octave_tables.LOG10),
}


def logarithm(do: Do, x: Value, g: int, f: int, kind: str) -> Any:
    """log(x) at scale f for a word x at scale g, within the error of `error(kind)` and 2.5 units
    (log2: 1 unit); where x <= 0, as for one unit of x: -g log(2).

    x: words below 2^62. Where nothing is found u stands for 1 and n for 0.
    """
    one, polynomial = KINDS[kind]
    w = max(1, x.bound.bit_length())
    lead = leading_of_positive(do, x, w)
    power, found, exponent = lead.read(lead.down(), FOUND, _exponent(lead, one * 2**f))
    t = mantissa(do, x, power, w)
    missing = plus_public(do, times_public(do, found, -(1 << G)), 1 << G, 1 << G)
    t = do(proven(ideal.add, 3 << G - 2), t, missing)
    y = of_mantissa(do, t, polynomial, f, int(1.001 * polynomial.most * 2**f) + 2)
    y = do(ideal.add, y, exponent)
    return plus_public(do, y, -round(g * one * 2**f), _bound(x, g, one * 2**f, polynomial))


def error(kind: str) -> float:
    """The largest error of a logarithm but for units of its word: the fit's, that of the squares,
    and that of the mantissa times the steepest slope of a logarithm, at 1/2."""
    one, polynomial = KINDS[kind]
    return polynomial.error + 2**-20.6 + 2 * one / log(2) * 2.0**-G


def _exponent(lead: Leading, unit: float) -> Sum:
    """n times the unit."""
    radix = lead.radix
    high = tuple(round((radix * a + 1 - lead.spare) * unit) for a in range(lead.groups))
    return Sum(high, tuple(round(b * unit) for b in range(radix)))


def _bound(x: Value, g: int, unit: float, polynomial: Octave) -> int:
    """From -g log 2, for one unit of x, to the logarithm of its bound."""
    most = abs(log2(max(x.bound, 1)) - g)
    return int(max(g, most) * unit + 0.001 * polynomial.most * unit) + 4
