"""What follows from the shape alone, and is therefore public."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray


def _public_like(a: Any, value: Any, dtype: Any, shape: Any) -> np.ndarray:
    t = dtype if dtype is not None else (a.dtype.numpy if isinstance(a, SecretArray) else a.dtype)
    return np.full(a.shape if shape is None else shape, value, t)


@implements(np.zeros_like, np.empty_like)
def zeros_like(a: SecretArray, dtype: Any = None, *, shape: Any = None, **_: Any) -> np.ndarray:
    """A public array of zeros of the same shape."""
    return _public_like(a, 0, dtype, shape)


@implements(np.ones_like)
def ones_like(a: SecretArray, dtype: Any = None, *, shape: Any = None, **_: Any) -> np.ndarray:
    """A public array of ones of the same shape."""
    return _public_like(a, 1, dtype, shape)


@implements(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None, **_: Any) -> Any:
    """The same value everywhere: public if the value is public."""
    if isinstance(fill_value, SecretArray):
        return np.broadcast_to(fill_value, a.shape if shape is None else shape)
    return _public_like(a, fill_value, dtype, shape)


@implements(np.shape)
def shape_of(a: SecretArray) -> tuple[int, ...]:
    """The public shape."""
    return a.shape


@implements(np.ndim)
def ndim_of(a: SecretArray) -> int:
    """The public number of axes."""
    return a.ndim


@implements(np.size)
def size_of(a: SecretArray, axis: int | None = None) -> int:
    """The public number of elements."""
    return a.size if axis is None else a.shape[normalize_axis_index(axis, a.ndim)]


@implements(np.copy)
def copy(a: SecretArray) -> SecretArray:
    """The same array: secrets do not change."""
    return a


@implements(np.triu_indices_from)
def triu_indices_from(arr: SecretArray, k: int = 0) -> Any:
    """Public positions on and above a diagonal."""
    return np.triu_indices(arr.shape[-2], k, arr.shape[-1])


@implements(np.tril_indices_from)
def tril_indices_from(arr: SecretArray, k: int = 0) -> Any:
    """Public positions on and below a diagonal."""
    return np.tril_indices(arr.shape[-2], k, arr.shape[-1])


@implements(np.diag_indices_from)
def diag_indices_from(arr: SecretArray) -> Any:
    """Public positions of the diagonal of a square array."""
    return np.diag_indices_from(np.empty(arr.shape, np.bool_))
