"""Derivatives of placement: what moves, repeats or drops elements by public positions. All free.

The adjoint of a placement moves every element of the gradient back to where its value came from,
and adds up where one went to several places. Where from is asked of an array of numbers.
Source: none.
"""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.nn import norms
from mpckernel.nn.tape import derivative


@derivative(np.reshape)
def reshape(a: Any, *shape: Any) -> Any:
    """The gradient in the shape that a had."""
    wanted = shape[0] if len(shape) == 1 else shape
    z = np.reshape(a, wanted)
    if a.shape and z.shape and a.shape[0] == z.shape[0]:
        norms.knows(z, norms.row(a), norms.whole(a))
    return z, (lambda g: np.reshape(g, tuple(a.shape)),)


@derivative(np.ravel)
def ravel(a: Any) -> Any:
    """The gradient in the shape that a had."""
    return np.reshape(a, (-1,)), (lambda g: np.reshape(g, tuple(a.shape)),)


@derivative(np.transpose, np.permute_dims)
def transpose(a: Any, *axes: Any) -> Any:
    """The gradient with its axes in the order that a had."""
    order = axes[0] if len(axes) == 1 and (axes[0] is None or np.iterable(axes[0])) else axes
    order = normalize_axis_tuple(tuple(order or range(a.ndim)[::-1]), a.ndim)
    z = norms.knows(np.transpose(a, order), whole=norms.whole(a))
    back = tuple(int(k) for k in np.argsort(order))
    return z, (lambda g: np.transpose(g, back),)
