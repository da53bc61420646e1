"""What models take beside what base.py reads: numbers as fixed point and in units of their own."""

from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from mpckernel.array.dtypes import DEFAULT, sfix
from mpckernel.array.functions.fused import declared
from mpckernel.array.secret import SecretArray
from mpckernel.learn.base import column, table


def reals(x: Any) -> SecretArray:
    """A table as fixed point: integers become f = 20, fixed point keeps its fraction bits."""
    rows = table(x)
    return rows if rows.dtype.kind == "f" else rows.astype(DEFAULT)


def real_column(y: Any, rows: int) -> SecretArray:
    """A value for each row as fixed point, likewise."""
    return reals(column(y, rows)[:, None])[:, 0]


class Scaled(NamedTuple):
    """z = (x - middle) unit, column by column; unit is about 1 / spread, and 0 for a constant."""

    z: SecretArray
    middle: SecretArray
    unit: SecretArray
    spread: SecretArray


def scaled(rows: SecretArray) -> Scaled:
    """(n, p) roomy rows in standard deviations from the mean.

    unit has 3 steps of error, so that z is off by as much of itself; x is found back exactly, as
    z / unit + middle. Rounds: 81.
    """
    middle, spread = np.mean(rows, axis=0), np.std(rows, axis=0)
    unit = np.reciprocal(spread)
    return Scaled(declared((rows - middle) * unit, _reach(rows)), middle, unit, spread)


def roomy(rows: SecretArray) -> SecretArray:
    """With so many fraction bits that x over one step still fits: 2 |x| 2^2f < 2^61."""
    whole = max(rows.bound.bit_length() - rows.dtype.f, 0)
    f = min(rows.dtype.f, (59 - whole) // 2)
    return rows if f == rows.dtype.f else rows.astype(sfix(f))


def length(rows: SecretArray) -> float:
    """The root of the sum of squares of a column of scaled(rows).z is at most this: the square root
    of n, for the same roundings."""
    step = 2.0**-rows.dtype.f
    return sqrt(len(rows)) * (4 + 6 * rows.bound * step * step)


def _reach(rows: SecretArray) -> float:
    """No row is further from the mean, in standard deviations: at most sqrt(n - 1) of them. Twice
    as much where a deviation is one step, rounded, and the mean is off by a step; and what three
    steps of the reciprocal make of the largest x."""
    step = 2.0**-rows.dtype.f
    return 4 * sqrt(len(rows)) + 6 * rows.bound * step * step + 4
