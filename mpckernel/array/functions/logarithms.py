"""Logarithms, element by element, on the whole range of the types.

There is no NaN and no infinity among secrets: where x <= 0, the result is that for one step of x,
-f log 2 (integers: 0), the least that any positive number gives. Test x with np.where for another
value. How it is done: protocols/composed/logs.py.
"""

from typing import Any

import numpy as np

from mpckernel.array.functions.division import real
from mpckernel.array.publics import as_number
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.protocols.composed import logs
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.runtime.cell import current


def _logarithm(x: SecretArray, kind: str) -> SecretArray:
    x = as_number(x)
    t = real(x.dtype)
    how: dict[str, Any] = {"g": x.dtype.f, "f": t.f, "kind": kind}
    return SecretArray(current().record(lanewise(logs.logarithm), x.word, **how), t)


@implements(np.log)
def log(x: SecretArray) -> SecretArray:
    """The natural logarithm as fixed point (integers: f = 20); where x <= 0, that of one step.

    Error: 2^-18.4 + 2.5 steps
    """
    return _logarithm(x, "ln")


@implements(np.log2)
def log2(x: SecretArray) -> SecretArray:
    """The logarithm to base 2 as fixed point (integers: f = 20); where x <= 0, that of one step.

    Error: 2^-18 + 1 step
    """
    return _logarithm(x, "log2")


@implements(np.log10)
def log10(x: SecretArray) -> SecretArray:
    """The logarithm to base 10 as fixed point (integers: f = 20); where x <= 0, that of one step.

    Error: 2^-19 + 2.5 steps
    """
    return _logarithm(x, "log10")


@implements(np.log1p)
def log1p(x: SecretArray) -> SecretArray:
    """log(1 + x); where x <= -1, the logarithm of one step.

    Error: 2^-18.4 + 2.5 steps
    """
    return log(as_number(x) + 1)
