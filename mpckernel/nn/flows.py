"""What flows through a network in a training step: declared norms where nothing else bounds it.

Norms of weights multiply from layer to layer, and what they say of the third one is far from what
is there. Inside a recorded step, rows (samples) of activations and of errors that could be longer
than a declared norm are taken to lie within it, and whether they do becomes part of the step's
bit (limits.py). What is looked at are the words cut to as few fraction bits as their squares
leave room for. Outside of a step nothing is declared.
Source: none.
"""

from math import ceil, log2, prod, sqrt
from typing import Any

from mpckernel.array.dtypes import sfix
from mpckernel.array.functions.fused import declared
from mpckernel.array.functions.ranges import within
from mpckernel.array.secret import SecretArray
from mpckernel.errors import OutOfRange
from mpckernel.nn import limits, norms

ACTIVATION, ERROR = 512.0, 16.0  # declared norms of the activations of a sample, and of its errors
FINEST = 30  # bits of a norm that is compared


def activations(x: Any, reach: float) -> Any:
    """x, no row of which is longer than `reach`, proven by the caller: within 512 in a step."""
    return _held(x, ACTIVATION, reach)


def errors(g: Any, reach: float) -> Any:
    """A gradient, no row of which is longer than `reach`: within 16 in a step."""
    return _held(g, ERROR, reach)


def _held(x: Any, most: float, reach: float) -> Any:
    reach = min(reach, norms.row(x))
    if not isinstance(x, SecretArray) or not limits.in_step() or reach <= most:
        return norms.knows(x, reach)
    root = sqrt(prod(x.shape[1:]))
    f = min(x.dtype.f, FINEST - ceil(log2(reach * 1.001 + 1)))
    if f < 1 or root * 2.0 ** (1 - f) > most:
        raise OutOfRange(
            f"rows of {prod(x.shape[1:])} numbers in a training step could have a norm of "
            f"{reach:.4g}, too much to be compared with {most:g}; declare smaller limit= of layers"
        )
    slack = root * 2.0**-f
    axes = tuple(range(1, x.ndim))
    _, holds = within(x.astype(sfix(f)), norm=most + slack, axes=axes, before=reach + slack)
    limits.watch(holds)
    known = most + 2 * slack
    return norms.knows(declared(x, min(known, norms.largest(x))), known)
