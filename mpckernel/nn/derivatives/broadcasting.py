"""What all rules share: gradients in the shape of what they belong to."""

from typing import Any

import numpy as np

from mpckernel.nn.tape import Scaled


def summed_to(g: Any, shape: tuple[int, ...]) -> Any:
    """g, added up over the axes along which an operand of this shape was repeated."""
    if tuple(g.shape) == tuple(shape):
        return g
    extra = g.ndim - len(shape)
    ones = [k + extra for k, n in enumerate(shape) if n == 1 and g.shape[k + extra] != 1]
    return np.reshape(np.sum(g, axis=(*range(extra), *ones)), tuple(shape))


def scaled(g: Any, c: Any) -> Any:
    """c g for what is public and one number: a factor that is not multiplied out."""
    if isinstance(c, int | float | np.generic) or (isinstance(c, np.ndarray) and c.size == 1):
        value = np.asarray(c).item()
        if np.ndim(c) <= np.ndim(g) and abs(value) < 2.0**60 and np.isfinite(value):
            return _factored(g, value)
    return g * c


def _factored(g: Any, value: float) -> Any:
    from fractions import Fraction

    return Scaled(g, Fraction(value)) if value else g * 0


def weighted(g: Any, d: Any) -> Any:
    """g d; d itself where g is the public 1 with which a backward begins."""
    one = isinstance(g, np.ndarray) and g.size == 1 and g.reshape(-1)[0] == 1
    return d if one and np.ndim(g) <= np.ndim(d) else g * d
