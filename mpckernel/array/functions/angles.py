"""Angles: inverse tangent, sine and cosine.

How it is done: protocols/composed/angles.py.
"""

from typing import Any

import numpy as np

from mpckernel.array.functions.exponentials import as_real, pair
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.protocols.composed import angles
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.runtime.cell import current


def _angle(x: SecretArray, program: Any) -> SecretArray:
    word, t = as_real(x)
    return SecretArray(current().record(lanewise(program), word, f=t.f), t)


@implements(np.arctan)
def arctan(x: SecretArray) -> SecretArray:
    """The inverse tangent as fixed point (integers: f = 20). One quotient, none for |x| <= 1.

    Error: 2^-18 + 3 steps
    """
    return _angle(x, angles.arctan)


@implements(np.arctan2)
def arctan2(x1: Any, x2: Any) -> SecretArray:
    """The angle of (x2, x1) as fixed point (integers: f = 20); 0 at (0, 0).

    Error: 2^-18 + 3 steps; a public float is rounded to 2^-f
    """
    y, x, t = pair(x1, x2)
    return SecretArray(current().record(lanewise(angles.angle), y, x, f=t.f), t)


@implements(np.arcsin)
def arcsin(x: SecretArray) -> SecretArray:
    """The inverse sine as fixed point (integers: f = 20); of 1 or -1 where x lies beyond.

    Error: 2^-18 + 4 steps
    """
    return _angle(x, angles.arcsin)


@implements(np.arccos)
def arccos(x: SecretArray) -> SecretArray:
    """The inverse cosine as fixed point (integers: f = 20); of 1 or -1 where x lies beyond.

    Error: 2^-18 + 4 steps
    """
    return _angle(x, angles.arccos)
