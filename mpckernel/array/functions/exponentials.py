"""Exponentials, element by element, on the whole range of the types.

There is no infinity among secrets: where e^x goes beyond it, the result stays the largest one of
these functions, 2^(46.5 - f), which leaves room for sums; where it falls below half a step, it is
exactly 0. Where the public bound of x rules both out, nothing is spent on them: np.clip first, or a
declared bound, makes these functions cheaper and their results smaller in public.
How it is done: protocols/composed/exponential.py.
"""

from math import log
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType, promote
from mpckernel.array.functions.division import real
from mpckernel.array.publics import as_number, at_scale, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import exponential
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.ring.words import Shape, as_words
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current


def as_real(x: SecretArray, t: SecretType | None = None) -> tuple[Any, SecretType]:
    """The words of x as fixed point: of its own type, or f = 20 for integers and booleans."""
    t = t or real(x.dtype)
    return at_scale(as_number(x), t.f), t


def power_of(
    x: SecretArray, rate: float = 1.0, down: int = 0, most: float | None = None
) -> SecretArray:
    """e^(rate x) / 2^down. most: no x is larger, as the caller knows; for x <= 0 this saves a fifth
    and gives a result with a bound of 1."""
    word, t = as_real(x)
    how = {"f": t.f, "rate": rate, "down": down, "most": most}
    return SecretArray(current().record(lanewise(exponential.exp), word, **how), t)


@implements(np.exp)
def exp(x: SecretArray) -> SecretArray:
    """e^x as fixed point (integers: f = 20); 0 where it is below 2^-(f+2), at most 2^(46.5-f).

    Error: 2^-12.2 e^x + 1.1 steps
    """
    return power_of(x)


@implements(np.exp2)
def exp2(x: SecretArray) -> SecretArray:
    """2^x as fixed point (integers: f = 20); see np.exp.

    Error: 2^-12.2 2^x + 1.1 steps
    """
    return power_of(x, log(2))


@implements(np.expm1)
def expm1(x: SecretArray) -> SecretArray:
    """e^x - 1 as fixed point (integers: f = 20); see np.exp.

    Error: 2^-12.2 e^x + 1.1 steps, also near 0
    """
    y = power_of(x)
    one = as_words(-1 << y.dtype.f)
    return SecretArray(current().record(ideal.shift, y.call, one), y.dtype)


@implements(np.sinh)
def sinh(x: SecretArray) -> SecretArray:
    """(e^x - e^-x) / 2 as fixed point (integers: f = 20), at most 2^(45.5-f); see np.exp.

    Error: 2^-12.2 cosh(x) + 2.2 steps
    """
    return _halves(x, ideal.sub)


@implements(np.cosh)
def cosh(x: SecretArray) -> SecretArray:
    """(e^x + e^-x) / 2 as fixed point (integers: f = 20), at most 2^(45.5-f); see np.exp.

    Error: 2^-12.2 cosh(x) + 2.2 steps
    """
    return _halves(x, ideal.add)


def _halves(x: SecretArray, how: ideal.Ideal) -> SecretArray:
    up, below = power_of(x, down=1), power_of(-as_number(x), down=1)
    return SecretArray(current().record(how, up.call, below.call), up.dtype)


def pair(x: Any, y: Any) -> tuple[Call, Call, SecretType]:
    """Two operands as fixed point of one type and shape, at least one of them secret."""
    x, y = operand(x), operand(y)
    t = real(promote(*(v.dtype for v in (x, y) if isinstance(v, SecretArray))))
    a, b = (as_real(v if isinstance(v, SecretArray) else secret(v, t), t)[0] for v in (x, y))
    shape = np.broadcast_shapes(a.shape, b.shape)
    return _spread(a, shape), _spread(b, shape), t


def _spread(x: Call, shape: Shape) -> Call:
    return x if x.shape == shape else current().record(ideal.move, x, how=("broadcast_to", shape))
