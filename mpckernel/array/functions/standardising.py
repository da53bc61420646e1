"""Columns less their means, over their standard deviations: what `learn` fits to.

Ranges follow from the formula, not from intervals: n values less their mean, over their standard
deviation, are at most sqrt(n), and their squares add up to n. Not offered to users by itself.
Source: none; quotients of protocols/composed/divide.py with a bound that is known.
"""

from fractions import Fraction
from math import ceil, sqrt
from typing import Any, NamedTuple

import numpy as np

from mpckernel.array.dtypes import SecretType, sfix24
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.secret import SecretArray
from mpckernel.protocols.composed import divide as quotients
from mpckernel.runtime.cell import current

LEAST = 2.0**-12  # columns that vary less count as constant, and so do those
APART = 1024.0  # whose mean is so many standard deviations from 0
OFF = 1.0 + 2.0**-8  # what rounding may add to a standardised column, as a factor of its norm


class Standard(NamedTuple):
    """Means and standard deviations (p,) of columns, and which of them do not count as constant;
    the deviation of a constant column is 0 here."""

    mean: SecretArray
    std: SecretArray
    varies: SecretArray


def standard(x: Any) -> Standard:
    """Of the columns of x (n, p), as sfix24."""
    x = numbers(x)
    mean, std = np.mean(x, axis=0), np.std(x, axis=0)
    varies = (std >= LEAST) & (std * int(APART) >= np.abs(mean))
    return Standard(mean, np.where(varies, std, 0), varies)


def numbers(x: Any) -> SecretArray:
    """x as sfix24. Raises OutOfRange for values that may be beyond its range."""
    return as_number(secret(operand(x))).astype(sfix24)


def standardised(x: Any, by: Standard, t: SecretType, most: float) -> SecretArray:
    """(x - mean) / std of each column as t, at most `most`, which the caller has proven.

    Within 2^-25 of itself and 4 steps of t; 0 in constant columns.
    """
    apart = numbers(x) - by.mean
    return quotient(apart, by.std, t, most)


def own(x: Any, by: Standard, t: SecretType) -> SecretArray:
    """standardised(x) for the columns that the moments were taken of."""
    return standardised(x, by, t, sqrt(len(x)) * OFF + 2.0 ** (3 - t.f))


def others(x: Any, by: Standard, t: SecretType, most: float) -> SecretArray:
    """standardised(x) for any columns; what is farther out than `most` is taken to be there."""
    apart = numbers(x) - by.mean
    reach = Fraction(apart.bound, 2**apart.dtype.f) / Fraction(LEAST)
    return np.clip(quotient(apart, by.std, t, float(reach) + 1), -most, most)


def quotient(x: SecretArray, y: SecretArray, t: SecretType, most: float) -> SecretArray:
    """x / y as t, within 2^-25 of itself and 3 steps; 0 where y is 0. |x / y| <= most, proven by
    the caller. y may have fewer axes: it is inverted once."""
    bound = ceil(Fraction(most) * 2**t.f)
    c = t.f + y.dtype.f - x.dtype.f
    do = current().record
    call = quotients.divide(do, x.word, y.word, c, bound, precise=True)
    found = SecretArray(call, t)
    found.owners = x.owners | y.owners
    return found
