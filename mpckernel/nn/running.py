"""Running means and variances: kept with as many bits as there is room for.

They are few, a number for each channel, and divided by, so that a step of an ordinary type would
be too much of a small variance.
Source: none.
"""

from math import ceil, log2
from typing import Any

from mpckernel.array.dtypes import MOST_BITS, SecretType, sfix
from mpckernel.array.functions.fused import declared
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray
from mpckernel.nn import norms

ROOM = 60  # bits of a word, so that a sum of two still fits


def finest(most: float) -> SecretType:
    """The type with the most fraction bits, 30 or fewer, for numbers up to `most`."""
    return sfix(max(1, min(MOST_BITS, ROOM - ceil(log2(max(most, 1.0))))))


def fine(x: Any) -> SecretArray:
    """x as a secret of its finest type: free, and exact but for public numbers, which are rounded
    to the nearest step."""
    x = operand(x)
    t = finest(norms.largest(x))
    if not isinstance(x, SecretArray):
        return secret(x, t)
    return x if x.dtype.f >= t.f else x.astype(t)


def mixed(old: Any, new: SecretArray, momentum: float) -> SecretArray:
    """A running number goes a part of the way to a new one: old + momentum (new - old), within a
    step of the finest type of both. Its bound is a power of two, so that steps have one form."""
    most = 2.0 ** ceil(log2(max(norms.largest(old), 1.125 * norms.largest(new), 1.0)))
    t = finest(most)
    before, after = fine(old).astype(t), fine(new).astype(t)
    z = declared((before + momentum * (after - before)).astype(t), most)
    z.owners = before.owners | new.owners
    return z
