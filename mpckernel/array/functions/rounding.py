"""Whole numbers near a secret: floor, ceil, trunc, rint and round, exactly.

Source: none; a cut without error (ideal.floor) and comparisons of what it left.
"""

from operator import index
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sint
from mpckernel.array.functions.products import times_power
from mpckernel.array.publics import as_number
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, narrowed
from mpckernel.errors import UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.divide import divide_public
from mpckernel.protocols.ideal import LIMIT
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current

MOST_DECIMALS = 18


@implements(np.floor)
def floor(x: SecretArray) -> SecretArray:
    """The largest whole number not above x; exact."""
    if x.dtype.f == 0:
        return as_number(x)
    down = current().record(ideal.floor, x.call, f=x.dtype.f)
    return SecretArray(times_power(down, x.dtype.f), x.dtype)


@implements(np.ceil)
def ceil(x: SecretArray) -> SecretArray:
    """The smallest whole number not below x; exact."""
    return as_number(x) if x.dtype.f == 0 else -floor(-x)


@implements(np.trunc, np.fix)
def trunc(x: SecretArray) -> SecretArray:
    """The whole part of x, towards zero; exact."""
    if x.dtype.f == 0:
        return as_number(x)
    return np.where(x < 0, -floor(-x), floor(x))


@implements(np.modf)
def modf(x: SecretArray) -> tuple[SecretArray, SecretArray]:
    """The fraction and the whole part of x, both with its sign; exact."""
    whole = trunc(x)
    return narrowed(as_number(x) - whole, (1 << x.dtype.f) - 1), whole


@implements(np.rint)
def rint(x: SecretArray) -> SecretArray:
    """The nearest whole number, halves to the even one; exact."""
    if x.dtype.f == 0:
        return as_number(x)
    return SecretArray(times_power(_nearest(x.call, x.dtype.f), x.dtype.f), x.dtype)


@implements(np.round, "x.round")
def round_(a: SecretArray, decimals: int = 0) -> SecretArray:
    """The nearest number with so many decimals, halves to the even one; decimals may be negative.

    Error: exact for decimals <= 0; else 0.75 steps, or 1.2 where bound^2 10^decimals > 2^(60 - f)
    """
    if isinstance(decimals, SecretArray) or abs(index(decimals)) > MOST_DECIMALS:
        raise UsageError(f"np.round: decimals are public, {-MOST_DECIMALS} to {MOST_DECIMALS}")
    if decimals < 0:
        return _tens(as_number(a), 10 ** -int(decimals))
    if decimals == 0 or 10**decimals >= 1 << a.dtype.f:
        return rint(a) if decimals == 0 else as_number(a)
    ten = 10 ** int(decimals)
    shifted = ask(ideal.scale, a.call, np.asarray(ten, np.uint64), dtype=a.dtype)
    return _over(_nearest(shifted.call, a.dtype.f), ten, a)


def _over(whole: Call, ten: int, a: SecretArray) -> SecretArray:
    """whole / ten within (1 + 2^-extra) / 2 steps: cut exactly if so many bits have room."""
    do, f, b = current().record, a.dtype.f, whole.bound.bit_length()
    fits = [s for s in range(b + 1, b + 10) if (whole.bound << f + s) // ten < LIMIT // 2]
    if not fits:
        return SecretArray(divide_public(do, whole, np.asarray(float(ten)), f), a.dtype)
    s = fits[-1]  # b + extra
    factor = ((2 << f + s) // ten + 1) // 2
    scaled = do(ideal.scale, whole, np.asarray(factor, np.uint64))
    nearest = do(ideal.shift, scaled, np.asarray(1 << s - 1, np.uint64))
    return ask(ideal.floor, nearest, f=s, dtype=a.dtype)


def _nearest(w: Call, f: int) -> Call:
    """w / 2^f as a whole number: twice the floor of w / 2^(f + 1), and what the rest adds."""
    do = current().record
    twice = do(ideal.floor, w, f=f + 1)
    rest = narrowed(ask(ideal.sub, w, times_power(twice, f + 1), dtype=sint), (2 << f) - 1)
    whole = ask(ideal.add, times_power(twice, 1), _carried(rest, 1 << f).word, dtype=sint)
    return narrowed(whole, (w.bound >> f) + 1).call


def _carried(rest: SecretArray, unit: int) -> SecretArray:
    """0, 1 or 2: the even number nearest to rest / unit in a tie, for rest in [0, 2 unit)."""
    return narrowed((rest > unit // 2) + (rest >= unit + unit // 2), 2)


def _tens(x: SecretArray, unit: int) -> SecretArray:
    """The nearest multiple of a power of ten."""
    twice = np.floor_divide(x, 2 * unit)
    rest: Any = x - twice * (2 * unit)
    whole = twice * 2 + _carried(rest, unit)
    return narrowed(whole * unit, x.bound + (unit << x.dtype.f))
