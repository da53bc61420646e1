"""Quotients and roots, element by element, on the whole range of the types.

There is no NaN and no infinity among secrets: x / 0 is 0 where the zero is secret, and so is the
root of a negative number; test the divisor with np.where to choose another value. A public zero
is refused. How it is done: protocols/composed/{divide,roots}.py.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import DEFAULT, SecretType, promote
from mpckernel.array.offered import offered
from mpckernel.array.publics import as_number, at_scale, operand, secret, type_of, words
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.protocols.composed import divide as quotients
from mpckernel.protocols.composed import roots
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.runtime.cell import current


def real(t: SecretType) -> SecretType:
    """The type of a result that is not whole: fixed point stays, everything else becomes f = 20."""
    return t if t.kind == "f" else DEFAULT


@implements(np.divide)
def divide(x1: Any, x2: Any) -> SecretArray:
    """x / y as fixed point (integers: f = 20); 0 where a secret y is 0; a public 0 is refused.

    Two secrets: the divisor in steps below 2^61, and |x| 2^f in steps below 2^62, since y may be
    one step. Exact next to a public power of two, if the quotient is a whole number of steps.

    Error: 2^-18.5 |x/y| + 3 steps; 1.2 steps by a public number
    """
    x, y = operand(x1), operand(x2)
    if isinstance(x, SecretArray) and not isinstance(y, SecretArray):
        return _by_public(as_number(x), np.asarray(y, np.float64))
    secrets = [v.dtype for v in (x, y) if isinstance(v, SecretArray)]
    t = real(promote(*secrets))
    divisor = as_number(secret(y))
    if isinstance(x, SecretArray):
        numerator: Any = as_number(x)
        c = t.f + divisor.dtype.f - numerator.dtype.f
        numerator = numerator.word
    else:
        f = t.f if type_of(x).kind == "f" else 0
        numerator, c = words(x, f), t.f + divisor.dtype.f - f
    call = current().record(lanewise(quotients.divide), numerator, divisor.word, c=c)
    return SecretArray(call, t)


def _by_public(x: SecretArray, d: np.ndarray) -> SecretArray:
    t = real(x.dtype)
    call = quotients.divide_public(current().record, x.word, d, t.f - x.dtype.f)
    return SecretArray(call, t)


@implements(np.reciprocal)
def reciprocal(x: SecretArray) -> SecretArray:
    """1 / x as fixed point, also for integers; 0 where x is 0.

    Error: 2^-17.3 |1/x| + 3 steps
    """
    x = as_number(x)
    t = real(x.dtype)
    c = t.f + x.dtype.f
    return SecretArray(current().record(lanewise(quotients.reciprocal), x.word, c=c), t)


@implements(np.sqrt)
def sqrt(x: SecretArray) -> SecretArray:
    """The square root as fixed point (integers: f = 20); 0 where x <= 0.

    Error: 2^-18.3 sqrt(x) + 1 step
    """
    x = as_number(x)
    t = real(x.dtype)
    c = 2 * t.f - x.dtype.f
    return SecretArray(current().record(lanewise(roots.sqrt), x.word, c=c), t)


@offered
def rsqrt(x: Any) -> Any:
    """1 / sqrt(x) as fixed point (integers: f = 20); 0 where x <= 0. NumPy has no such function.

    Error: 2^-17.9 / sqrt(x) + 1 step
    """
    x = operand(x)
    if not isinstance(x, SecretArray):
        above = np.asarray(x, np.float64) > 0
        return np.where(above, 1 / np.sqrt(np.where(above, x, 1)), 0)
    x = as_number(x)
    t = real(x.dtype)
    c = 2 * t.f + x.dtype.f
    return SecretArray(current().record(lanewise(roots.rsqrt), x.word, c=c), t)


@implements(np.cbrt)
def cbrt(x: SecretArray) -> SecretArray:
    """The cube root as fixed point (integers: f = 20), of either sign.

    Error: 2^-18.3 |cbrt(x)| + 1 step
    """
    x = as_number(x)
    t = real(x.dtype)
    c = 3 * t.f - x.dtype.f
    return SecretArray(current().record(lanewise(roots.cbrt), x.word, c=c), t)


@implements(np.hypot)
def hypot(x1: Any, x2: Any) -> SecretArray:
    """sqrt(x^2 + y^2) as fixed point; squares may be beyond the range of the type.

    Error: 2^-18.2 hypot(x, y) + 1 step
    """
    pair = np.broadcast_arrays(*(secret(operand(v)) for v in (x1, x2)))
    t = real(promote(*(v.dtype for v in pair)))
    x, y = (at_scale(as_number(v), t.f) for v in pair)
    return SecretArray(current().record(lanewise(roots.hypot), x, y), t)
