"""Smooth steps and ramps, element by element, on the whole range of the types.

mpckernel.sigmoid, softplus, gelu, relu and erf have no counterpart in NumPy; given public arrays,
they compute in the clear. SciPy's expit and erf find their way here too. Far from 0 a step is its
limit, but for the error of the table: sigmoid(50) is 1 - 2^-13.4. How it is done:
protocols/composed/pieces.py, tables by fit.py; up to 2^11 elements splines.py and spline_fit.py.
"""

from typing import Any

import numpy as np

from mpckernel.array.functions.exponentials import as_real, pair
from mpckernel.array.offered import offered
from mpckernel.array.publics import operand
from mpckernel.array.rules import RULES, implements
from mpckernel.array.secret import SecretArray
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import fit, pieces, spline_tables, splines, tables
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.runtime.cell import current


def _fitted(x: Any, name: str, clear: fit.Function) -> Any:
    """The function of a secret, few elements in few rounds; of a public array in the clear."""
    x = operand(x)
    if isinstance(x, SecretArray):
        word, t = as_real(x)
        if splines.for_few(word, t.f):
            do, table = current().record, getattr(spline_tables, name)
            return SecretArray(splines.smooth(do, word, t.f, table), t)
    return _in_pieces(x, name, clear)


def _in_pieces(x: Any, name: str, clear: fit.Function) -> Any:
    """The same, as for many elements."""
    if not isinstance(x, SecretArray):
        return clear(np.asarray(x, np.float64))
    word, t = as_real(x)
    do = current().record
    table: pieces.Pieces = getattr(tables, name)
    step = lanewise(pieces.fitted, saturates=not table.slopes)
    return SecretArray(do(step, word, f=t.f, pieces=table), t)


@offered
def sigmoid(x: Any, fine: bool = False) -> SecretArray:
    """1 / (1 + e^-x) as fixed point (integers: f = 20). fine: at four times the price.

    Error: 2^-13.3 + a step; if fine, 2^-20.4 + a step
    """
    if fine:
        return _in_pieces(operand(x), "FINE_SIGMOID", fit.sigmoid)
    return _fitted(x, "SIGMOID", fit.sigmoid)


@implements(np.tanh)
def tanh(x: SecretArray) -> SecretArray:
    """The hyperbolic tangent as fixed point (integers: f = 20).

    Error: 2^-15.1 + a step
    """
    return _fitted(x, "TANH", np.tanh)


RULES["scipy.special.expit"] = RULES["mpckernel.sigmoid"]


@offered
def softplus(x: Any) -> SecretArray:
    """log(1 + e^x) as fixed point (integers: f = 20).

    Error: 2^-13.5 + a step
    """
    return _fitted(x, "SOFTPLUS", fit.softplus)


@offered
def gelu(x: Any) -> SecretArray:
    """x times the normal distribution function of x, as fixed point (integers: f = 20).

    Error: 2^-13.9 + a step
    """
    return _fitted(x, "GELU", fit.gelu)


def gelu_slope(x: Any) -> Any:
    """The derivative of gelu, for gradients. Error: 2^-16.4 + a step."""
    return _in_pieces(operand(x), "GELU_TURN", fit.gelu_turn) + 0.5


@offered
def erf(x: Any) -> SecretArray:
    """The error function as fixed point (integers: f = 20).

    Error: 2^-14.4 + a step
    """
    return _fitted(x, "ERF", fit.erf_of)


RULES["scipy.special.erf"] = RULES["mpckernel.erf"]


@offered
def relu(x: Any) -> Any:
    """x where it is positive, else 0; exact."""
    return np.maximum(operand(x), 0)


@implements(np.logaddexp)
def logaddexp(x1: Any, x2: Any) -> SecretArray:
    """log(e^x + e^y) as fixed point (integers: f = 20).

    Error: 2^-13.5 + a step; a public float is rounded to 2^-f
    """
    a, b, t = pair(x1, x2)
    do = current().record
    apart = SecretArray(do(ideal.sub, a, b), t)
    ramp = _fitted(apart, "SOFTPLUS", fit.softplus)
    return SecretArray(do(ideal.add, b, ramp.call), t)
