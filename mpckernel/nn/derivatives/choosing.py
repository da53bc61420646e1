"""Derivatives of choices: what decided forward decides on the way back, without a new comparison.

Source: none; a choice passes the gradient to what it took.
"""

from typing import Any

import numpy as np

from mpckernel.array.functions.comparing import truth
from mpckernel.array.publics import operand
from mpckernel.errors import Unsupported
from mpckernel.nn import norms
from mpckernel.nn.derivatives.broadcasting import summed_to
from mpckernel.nn.tape import derivative


@derivative(np.where)
def where(condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y; exact. The condition has no gradient."""
    on = truth(condition)
    pull_x, pull_y = _routes(on, np.shape(x), np.shape(y))
    return np.where(on, x, y), (None, pull_x, pull_y)


@derivative(np.maximum, np.fmax)
def maximum(x: Any, y: Any) -> Any:
    """The larger one; exact. Of equal ones the first gets the gradient."""
    return _extreme(x, y, x < y)


@derivative(np.minimum, np.fmin)
def minimum(x: Any, y: Any) -> Any:
    """The smaller one; exact. Of equal ones the first gets the gradient."""
    return _extreme(x, y, y < x)


def _extreme(x: Any, y: Any, second: Any) -> Any:
    pull_y, pull_x = _routes(second, np.shape(y), np.shape(x))
    return np.where(second, y, x), (pull_x, pull_y)


def _routes(on: Any, x: Any, y: Any) -> Any:
    """Pull-backs of a choice between shapes x and y: one product of the gradient for both."""
    kept: list[Any] = []

    def taken(g: Any) -> Any:
        if not kept or kept[0] is not g:
            kept[:] = [g, norms.like(np.where(on, g, 0), g)]
        return kept[1]

    def to_y(g: Any) -> Any:
        return summed_to(norms.like(g - taken(g), g), y)

    return (lambda g: summed_to(taken(g), x)), to_y


@derivative(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    """Between public ends; exact. Outside them the gradient is 0."""
    ends = [None if end is None else operand(end) for end in (a_min, a_max)]
    if not all(end is None or isinstance(end, np.ndarray) for end in ends):
        raise Unsupported("np.clip of tensors takes public ends; np.minimum and np.maximum others")
    low, high = ends
    below = None if low is None else a < low
    above = None if high is None else a > high
    z = a if below is None else np.where(below, low, a)
    z = z if above is None else np.where(above, high, z)
    outside = below if above is None else above if below is None else below | above

    def back(g: Any) -> Any:
        return g if outside is None else norms.like(summed_to(np.where(outside, 0, g), a.shape), g)

    return z, (back,)
