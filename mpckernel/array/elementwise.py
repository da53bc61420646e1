"""Arithmetic, element by element.

Booleans count as the integers 0 and 1: the sum of two booleans is an integer, not `or`.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType, number, type_from
from mpckernel.array.products import TIMES, product, times_power
from mpckernel.array.publics import as_number, at_scale, common, operand, secret
from mpckernel.array.rounding import trunc
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, narrowed
from mpckernel.errors import OutOfRange, Unsupported
from mpckernel.protocols import ideal
from mpckernel.ring.words import as_words
from mpckernel.runtime.cell import current
from mpckernel.runtime.plan import Call

MOST_POWER = 64


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


@implements(np.power)
def power(x: Any, y: Any) -> SecretArray:
    """x ** k for one public whole k from 0 to 64, by repeated squaring.

    Error: exact for integers; about k |x|^(k-1) 2^-f
    """
    k = y if isinstance(y, SecretArray) else operand(y)
    if isinstance(x, np.ndarray | int | float) or isinstance(k, SecretArray):
        raise Unsupported("np.power: the exponent must be public: x ** 2, x ** 3, ...")
    if k.size != 1 or k.item() != int(k.item()) or not 0 <= k.item() <= MOST_POWER:
        raise Unsupported(f"np.power: the exponent is one public whole number, 0 to {MOST_POWER}")
    n, base = int(k.item()), as_number(x)
    result: SecretArray | None = None
    while n:
        if n & 1:
            result = base if result is None else product(TIMES, result, base)
        n >>= 1
        base = product(TIMES, base, base) if n else base
    return secret(np.ones(x.shape, np.int64), base.dtype) if result is None else result


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


@implements(np.floor_divide)
def floor_divide(x: Any, y: Any) -> SecretArray:
    """x // 2^k for a public power of two; exact."""
    x, k = _by_power_of_two("np.floor_divide", x, y)
    if k == 0 and x.dtype.f == 0:
        return x
    f = x.dtype.f
    return SecretArray(times_power(current().record(ideal.floor, x.call, f=k + f), f), x.dtype)


@implements(np.remainder)
def remainder(x: Any, y: Any) -> SecretArray:
    """x % 2^k for a public power of two, with the sign of the divisor; exact."""
    x, k = _by_power_of_two("np.remainder", x, y)
    k += x.dtype.f
    if k == 0:
        return SecretArray(_zeros(x), x.dtype)
    down = current().record(ideal.floor, x.call, f=k)
    return narrowed(ask(ideal.sub, x.call, times_power(down, k), dtype=x.dtype), (1 << k) - 1)


def _zeros(x: SecretArray) -> Call:
    """Zeros of the shape of x."""
    return current().record(ideal.scale, x.word, as_words(0))


def _by_power_of_two(name: str, x: Any, y: Any) -> tuple[SecretArray, int]:
    y = operand(y)
    if not isinstance(x, SecretArray) or isinstance(y, SecretArray) or y.size != 1:
        raise Unsupported(f"{name}: only by one public power of two; for others, np.divide")
    n = int(y.item()) if y.item() == int(y.item()) else 0
    if n <= 0 or n & (n - 1):
        raise Unsupported(f"{name}: only by a public power of two; for others, np.divide")
    if n >= 1 << 60 >> x.dtype.f:
        raise OutOfRange(f"{name}: the divisor is beyond the ring")
    return as_number(x), n.bit_length() - 1


@implements("x.astype")
def astype(x: SecretArray, dtype: Any) -> SecretArray:
    """Another secret type: to fewer fraction bits within one step, to integers towards zero.

    Error: exact to a finer scale and to integers; 2^-f to a coarser scale
    """
    t: SecretType = type_from(dtype, x.dtype)
    if t == x.dtype:
        return x
    if t.kind == "b":
        return x != 0
    if t.f >= x.dtype.f:
        return SecretArray(at_scale(x, t.f), t)
    if t.f == 0:
        whole = trunc(x)
        down = current().record(ideal.floor, whole.call, f=x.dtype.f)
        return SecretArray(down, t)
    return ask(ideal.trunc, x.call, f=x.dtype.f - t.f, dtype=t)
