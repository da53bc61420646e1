"""Powers: by products and roots where the exponent is public and simple, else 2^(y log2 x).

Public whole exponents take a base of either sign. To any other power a base that is not positive
gives 0, as 1 / 0 does here; only to the power 0 it gives 1.
"""

from math import log
from typing import Any

import numpy as np

from mpckernel.array.functions.division import real, rsqrt
from mpckernel.array.functions.exponentials import power_of
from mpckernel.array.functions.products import TIMES, product
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.errors import OutOfRange, UsageError

MOST_POWER = 64  # of whole exponents by squaring
MOST_KINDS = 16  # of different ones in one array


@implements(np.power)
def power(x1: Any, x2: Any) -> SecretArray:
    """x ** y. Few public y, whole (up to 64) or a half more: products, one root, one division.
    Any other y: 2^(y log2 x), which is 0 for x <= 0 unless y is 0, or public and whole.

    Whole y >= 0: exact for integers, y max(|x|, 1)^(y-2) 2^-f for fixed point; a half more or a
    negative y adds the error of np.sqrt or np.reciprocal.

    Error: x^y (2^-12.1 + |y| 2^-18 + (|y| + 12) 2^-f) + 1.1 steps; less for few public y, as above
    """
    x, y = operand(x1), operand(x2)
    if not isinstance(x, SecretArray):
        return _of_public(np.asarray(x, np.float64), y)
    y = _exponent(y)
    if not isinstance(y, SecretArray) and y.size > 0:
        twice = 2 * np.unique(y)
        if len(twice) <= MOST_KINDS and _are_simple(twice):
            return _by_products(as_number(x), y, [int(k) for k in twice])
        if (y == np.rint(y)).any():
            return _signed(as_number(x), y)
    return _of_positive(as_number(x), y)


def _of_positive(x: SecretArray, y: Any) -> SecretArray:
    """2^(y log2 x); 0 for x <= 0, unless y is 0."""
    some = (x > 0) | (y == 0)
    return np.where(some, power_of(np.log2(x) * y, log(2)), 0)


def _signed(x: SecretArray, y: np.ndarray) -> SecretArray:
    """Powers of |x| where y is whole, negative where it is odd and x is negative."""
    size = _of_positive(np.where(y == np.rint(y), np.abs(x), x), y)
    return np.where((x < 0) & (y % 2 == 1), -size, size)


def _are_simple(twice: np.ndarray) -> bool:
    """Whether exponents, twice as large here, are whole or a half more, and small."""
    return bool((twice == np.rint(twice)).all() and abs(twice).max() <= 2 * MOST_POWER)


def _by_products(x: SecretArray, y: np.ndarray, twice: list[int]) -> SecretArray:
    """Every power of all of x, each in its places."""
    shape = np.broadcast_shapes(x.shape, y.shape)
    result = np.broadcast_to(_simple(x, twice[0]), shape)
    for k in twice[1:]:
        result = np.where(2 * y == k, _simple(x, k), result)
    return result


def _exponent(y: "SecretArray | np.ndarray") -> "SecretArray | np.ndarray":
    if isinstance(y, SecretArray):
        return as_number(y)
    if not np.isfinite(y).all():
        raise OutOfRange("np.power: a public exponent is not finite")
    return np.asarray(y, np.float64)


def _of_public(base: np.ndarray, y: Any) -> SecretArray:
    """A public base: 2^(y log2 base)."""
    if not (np.isfinite(base).all() and (base > 0).all()):
        raise UsageError("np.power: a public base of a secret exponent is finite and positive")
    return power_of(as_number(y) * np.log2(base), log(2))


def _simple(x: SecretArray, twice: int) -> SecretArray:
    """x to a public power twice / 2."""
    if twice in (1, -1):
        return np.sqrt(x) if twice > 0 else rsqrt(x)
    if twice < 0:
        return np.reciprocal(_simple(x, -twice))
    whole = _whole(x, twice // 2)
    return whole * np.sqrt(x) if twice % 2 else whole


def _whole(x: SecretArray, n: int) -> SecretArray:
    """By repeated squaring."""
    base, result = x, None
    while n:
        if n & 1:
            result = base if result is None else product(TIMES, result, base)
        n >>= 1
        base = product(TIMES, base, base) if n else base
    return secret(np.ones(x.shape, np.int64), x.dtype) if result is None else result


@implements(np.float_power)
def float_power(x1: Any, x2: Any) -> SecretArray:
    """x ** y as fixed point, also of integers.

    Error: as for np.power
    """
    x, y = operand(x1), operand(x2)
    if isinstance(x, SecretArray):
        x = x.astype(real(x.dtype))
    return power(x, y)
