"""Derivatives of the largest and smallest element along an axis: all of it goes to one of them.

Flags of the place are made once, forward; the value is their product with the array, and so is
the gradient. Among equal elements the first one counts, as in PyTorch's max along an axis.
Source: none.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from mpckernel.array.functions.indexing import one_hot
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported
from mpckernel.nn import norms
from mpckernel.nn.tape import derivative


def _at(first: Callable[..., Any], a: Any, axis: Any, keepdims: bool) -> Any:
    """The value at the place that `first` finds, and its pull-back."""
    if axis is not None and not isinstance(axis, int | np.integer):
        raise Unsupported("np.max and np.min of tensors: along one axis, or all of them")
    flat = np.reshape(a, (-1,)) if axis is None else np.moveaxis(a, axis, -1)
    place = 0 if axis is None else normalize_axis_index(int(axis), a.ndim)
    found, n = first(flat, axis=-1), flat.shape[-1]
    secret = isinstance(found, SecretArray)
    flags = one_hot(found, n) if secret else np.eye(n, dtype=np.int64)[found]
    shape = tuple(flat.shape[:-1])
    z = norms.knows(np.sum(flat * flags, axis=-1), whole=norms.whole(a))
    kept = tuple(1 if axis is None or k == place else m for k, m in enumerate(a.shape))

    def back(g: Any) -> Any:
        whole = np.reshape(g, (*shape, 1)) * flags
        return np.reshape(whole, a.shape) if axis is None else np.moveaxis(whole, -1, place)

    return np.reshape(z, kept) if keepdims else z, (back,)


@derivative(np.max)
def max_(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The gradient goes to the first of the largest elements."""
    return _at(np.argmax, a, axis, keepdims)


@derivative(np.min)
def min_(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The gradient goes to the first of the smallest elements."""
    return _at(np.argmin, a, axis, keepdims)
