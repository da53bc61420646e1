"""Sine, cosine and tangent of an angle of any size.

How it is done: protocols/composed/circular.py.
"""

import numpy as np

from mpckernel.array.functions.exponentials import as_real
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.protocols.composed import circular, divide
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.runtime.cell import current


def _wave(x: SecretArray, quarters: int) -> SecretArray:
    word, t = as_real(x)
    call = current().record(lanewise(circular.sine), word, f=t.f, quarters=quarters)
    return SecretArray(call, t)


@implements(np.sin)
def sin(x: SecretArray) -> SecretArray:
    """The sine as fixed point (integers: f = 20).

    Error: 2^-16.1 + |x| 2^(f-62) + a step
    """
    return _wave(x, 0)


@implements(np.cos)
def cos(x: SecretArray) -> SecretArray:
    """The cosine as fixed point (integers: f = 20).

    Error: 2^-16.1 + |x| 2^(f-62) + a step
    """
    return _wave(x, 1)


@implements(np.tan)
def tan(x: SecretArray) -> SecretArray:
    """The tangent as fixed point (integers: f = 20), as sine over cosine.

    Where |tan x| is beyond 2^10 only the size is right, and at the poles any sign.

    Error: (2^-15.3 + |x| 2^(f-61) + 2 steps) (1 + tan(x)^2), for |tan x| < 2^10
    """
    up, below = sin(x), cos(x)
    f = up.dtype.f
    call = current().record(lanewise(divide.divide), up.call, below.call, c=f)
    return SecretArray(call, up.dtype)
