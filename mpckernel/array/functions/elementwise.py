"""Arithmetic, element by element.

Booleans count as the integers 0 and 1: the sum of two booleans is an integer, not `or`.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType, number, type_from
from mpckernel.array.functions.products import TIMES, product, times_power
from mpckernel.array.functions.rounding import trunc
from mpckernel.array.publics import as_number, at_scale, common, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, narrowed
from mpckernel.array.widening import widened
from mpckernel.errors import OutOfRange, Unsupported
from mpckernel.protocols import ideal
from mpckernel.runtime.cell import current


@implements(np.add)
def add(x: Any, y: Any) -> SecretArray:
    """x + y; free. Two booleans give an integer.

    Error: exact; a public float is rounded to 2^-f
    """
    x, y = operand(x), operand(y)
    t = number(common(x, y))
    a, b = at_scale(x, t.f), at_scale(y, t.f)
    if isinstance(a, np.ndarray):
        a, b = b, a
    return ask(ideal.shift if isinstance(b, np.ndarray) else ideal.add, a, b, dtype=t)


@implements(np.subtract)
def subtract(x: Any, y: Any) -> SecretArray:
    """x - y; free. Two booleans give an integer.

    Error: exact; a public float is rounded to 2^-f
    """
    x, y = operand(x), operand(y)
    t = number(common(x, y))
    a, b = at_scale(x, t.f), at_scale(y, t.f)
    if isinstance(b, np.ndarray):
        return ask(ideal.shift, a, np.asarray(np.negative(b)), dtype=t)
    if isinstance(a, np.ndarray):
        return ask(ideal.shift, current().record(ideal.neg, b), a, dtype=t)
    return ask(ideal.sub, a, b, dtype=t)


@implements(np.multiply)
def multiply(x: Any, y: Any) -> SecretArray:
    """x * y; free next to public integers, one round for integers, three for fixed point.

    Error: exact for integers; 2^-f for two secrets; (|x|/2 + 2) 2^-f by a public float
    """
    return product(TIMES, operand(x), operand(y))


@implements(np.square)
def square(x: Any) -> SecretArray:
    """x * x.

    Error: exact for integers; 2^-f
    """
    return product(TIMES, x, x)


@implements(np.negative)
def negative(x: SecretArray) -> SecretArray:
    """-x; free."""
    return ask(ideal.neg, x.word, dtype=number(x.dtype))


@implements(np.positive, np.conjugate, np.real, np.real_if_close)
def positive(x: SecretArray) -> SecretArray:
    """x itself."""
    return as_number(x)


@implements(np.absolute, np.fabs)
def absolute(x: SecretArray) -> SecretArray:
    """|x|, by the sign bit."""
    if x.dtype.kind == "b":
        return as_number(x)
    minus = current().record(ideal.neg, x.call)
    return narrowed(ask(ideal.select, x < 0, minus, x.call, dtype=x.dtype), x.bound)


@implements(np.copysign)
def copysign(x1: Any, x2: Any) -> SecretArray:
    """|x1| with the sign of x2; 0 counts as positive."""
    x, y = as_number(secret(operand(x1))), operand(x2)
    minus = current().record(ideal.neg, x.call)
    other: Any = (x < 0) ^ (y < 0 if isinstance(y, SecretArray) else np.signbit(y * 1.0))
    shape = np.broadcast_shapes(x.shape, y.shape)
    sides = [SecretArray(v, x.dtype) for v in (minus, x.call)]
    return narrowed(np.where(other, *(np.broadcast_to(v, shape) for v in sides)), x.bound)


@implements(np.deg2rad, np.radians)
def deg2rad(x: SecretArray) -> SecretArray:
    """Degrees as radians.

    Error: (|x|/2 + 2) 2^-f
    """
    return product(TIMES, x, np.asarray(np.pi / 180))


@implements(np.rad2deg, np.degrees)
def rad2deg(x: SecretArray) -> SecretArray:
    """Radians as degrees.

    Error: (|x|/2 + 2) 2^-f
    """
    return product(TIMES, x, np.asarray(180 / np.pi))


@implements(np.ldexp, np.left_shift)
def ldexp(x1: SecretArray, x2: Any) -> SecretArray:
    """x 2^k for public whole k >= 0; free."""
    k = operand(x2)
    if isinstance(k, SecretArray) or k.dtype.kind == "f" or (k.size and int(k.min()) < 0):
        raise Unsupported("a shift is by public whole numbers, 0 or more")
    if k.size and int(k.max()) > 61:
        raise OutOfRange("a shift by more than 61 bits is beyond the ring")
    return product(TIMES, as_number(x1), np.asarray(1 << k))


@implements(np.right_shift)
def right_shift(x1: SecretArray, x2: Any) -> SecretArray:
    """x >> k of integers for one public k >= 0: the floor of x / 2^k; exact."""
    k = operand(x2)
    if x1.dtype.kind == "f" or isinstance(k, SecretArray) or k.size != 1 or k.dtype.kind == "f":
        raise Unsupported(">>: only of integers, by one public whole number")
    if int(k.item()) < 0:
        raise Unsupported(">>: the number of bits is 0 or more")
    x, bits = as_number(x1), min(int(k.item()), 61)
    shape = np.broadcast_shapes(x.shape, k.shape)
    return np.broadcast_to(ask(ideal.floor, x.call, f=bits, dtype=x.dtype) if bits else x, shape)


@implements(np.sign)
def sign(x: SecretArray) -> SecretArray:
    """-1, 0 or 1, of the type of x."""
    signs = subtract(x > 0, x < 0)
    narrowed(signs, 1)
    return SecretArray(times_power(signs.call, x.dtype.f), number(x.dtype))


@implements("x.astype")
def astype(x: SecretArray, dtype: Any) -> SecretArray:
    """Another secret type: to fewer fraction bits within one step, to integers towards zero.

    Error: exact to a finer scale and to integers; 2^-f to a coarser scale
    """
    t: SecretType = type_from(dtype, x.dtype)
    if t == x.dtype:
        return x
    if t.kind == "w":
        return widened(x)
    if t.kind == "b":
        return x != 0
    if t.f >= x.dtype.f:
        return SecretArray(at_scale(x, t.f), t)
    if t.f == 0:
        whole = trunc(x)
        down = current().record(ideal.floor, whole.call, f=x.dtype.f)
        return SecretArray(down, t)
    return ask(ideal.trunc, x.call, f=x.dtype.f - t.f, dtype=t)
