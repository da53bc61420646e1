"""What flows through a network in a training step: declared norms where nothing else bounds it.

Norms of weights multiply from layer to layer, and what they say of the third one is far from what
is there. Inside a recorded step, rows (samples) of activations and of errors that could be longer
than a declared norm are taken to lie within it, and whether they do becomes part of the step's
bit (limits.py). Where squares of words might not fit, the words are looked at with fewer fraction
bits. Outside of a step nothing is declared.
Source: none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import ceil, log2, prod, sqrt
from typing import Any

from mpckernel.array.dtypes import sfix
from mpckernel.array.functions.fused import declared
from mpckernel.array.functions.ranges import within
from mpckernel.array.secret import SecretArray
from mpckernel.errors import OutOfRange
from mpckernel.nn import limits, norms

ACTIVATION, ERROR = 512.0, 16.0  # declared norms of the activations of a sample, and of its errors
COMPARED = 30  # bits of a norm, at most
_norms: "ContextVar[tuple[float, float]]" = ContextVar(
    "mpckernel_flows", default=(ACTIVATION, ERROR)
)


@contextmanager
def declaring(activations: float, errors: float) -> Iterator[None]:
    """Inside, these are the declared norms."""
    token = _norms.set((activations, errors))
    try:
        yield
    finally:
        _norms.reset(token)


def activations(x: Any, reach: float) -> Any:
    """x, no row of which is longer than `reach`, proven by the caller; in a step within what is
    declared."""
    return _held(x, _norms.get()[0], reach)


def errors(g: Any, reach: float) -> Any:
    """A gradient, no row of which is longer than `reach`: in a step within what is declared."""
    return _held(g, _norms.get()[1], reach)


def _held(x: Any, most: float, reach: float) -> Any:
    reach = min(reach, norms.row(x))
    if not isinstance(x, SecretArray) or not limits.in_step() or reach <= most:
        return norms.knows(x, reach)
    n, axes = prod(x.shape[1:]), tuple(range(1, x.ndim))
    f = min(x.dtype.f, COMPARED - ceil(log2(1.001 * reach + 1)))
    slack = 0.0 if f == x.dtype.f else sqrt(n) * 2.0**-f  # each word is wrong by a step
    if f < 1 or slack > most / 2:
        raise OutOfRange(
            f"rows of {n} numbers in a training step could have a norm of {reach:.4g}, too much "
            f"to be compared with {most:g}; declare smaller norms, the limit= of layers"
        )
    _, holds = within(x.astype(sfix(f)), norm=most + slack, axes=axes, before=reach + slack)
    limits.watch(holds)
    known = most + 2 * slack
    return norms.knows(declared(x, min(known, norms.largest(x))), known)
