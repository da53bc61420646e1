"""Inverse hyperbolic functions, element by element, by logarithms.

There is no NaN and no infinity among secrets: arccosh is 0 below 1, and arctanh from -1 and 1 on is
what it is about a step inside of them.
"""

from typing import Any

import numpy as np

from mpckernel.array.functions.division import real
from mpckernel.array.publics import as_number
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray


@implements(np.arcsinh)
def arcsinh(x: SecretArray) -> SecretArray:
    """The inverse hyperbolic sine as fixed point (integers: f = 20).

    Error: 2^-17 + 8 steps
    """
    size: Any = np.abs(as_number(x))
    return np.copysign(np.maximum(np.log(size + np.hypot(size, 1)), 0), x)


@implements(np.arccosh)
def arccosh(x: SecretArray) -> SecretArray:
    """The inverse hyperbolic cosine as fixed point (integers: f = 20); 0 where x <= 1.

    Error: 2^-17 + 8 steps
    """
    y: Any = np.maximum(as_number(x).astype(real(x.dtype)), 1)
    return np.maximum(np.log(y + np.sqrt(y - 1) * np.sqrt(y + 1)), 0)


@implements(np.arctanh)
def arctanh(x: SecretArray) -> SecretArray:
    """The inverse hyperbolic tangent as fixed point (integers: f = 20); near 8 where |x| >= 1.

    Error: 2^-17.4 + 5 steps
    """
    y: Any = as_number(x).astype(real(x.dtype))
    return (np.log(1 + y) - np.log(1 - y)) / 2
