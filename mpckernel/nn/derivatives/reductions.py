"""Derivatives of sums and what follows from them."""

from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.nn.derivatives.broadcasting import weighted
from mpckernel.nn.derivatives.elementwise import fitted
from mpckernel.nn.tape import Scaled, composed, derivative


def spread(g: Any, shape: Any, axis: Any) -> Any:
    """The gradient of a sum over axes: repeated along them."""
    axes = range(len(shape)) if axis is None else normalize_axis_tuple(axis, len(shape))
    kept = tuple(1 if k in axes else n for k, n in enumerate(shape))
    return np.broadcast_to(np.reshape(g, kept), tuple(shape))


def _count(shape: Any, axis: Any) -> int:
    axes = range(len(shape)) if axis is None else normalize_axis_tuple(axis, len(shape))
    return prod(shape[k] for k in axes)


@derivative(np.sum)
def sum_(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    """The gradient of a sum is repeated along its axes. dtype= is not differentiated."""
    z = np.sum(a, axis=axis, dtype=dtype, keepdims=keepdims)
    return z, (lambda g: spread(g, a.shape, axis),)


@derivative(np.mean)
def mean(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
    """As of a sum, with 1/n as a public factor."""
    z = np.mean(a, axis=axis, dtype=dtype, keepdims=keepdims)
    n = _count(a.shape, axis)
    return z, (lambda g: Scaled(spread(g, a.shape, axis), Fraction(1, n)),)


@derivative(np.var)
def var(
    a: Any, axis: Any = None, dtype: Any = None, *, ddof: int = 0, keepdims: bool = False
) -> Any:
    """d var = 2 (x - mean) dx / (n - ddof)."""
    z = np.var(a, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)
    n = _count(a.shape, axis)

    def back(g: Any) -> Any:
        apart = a - np.mean(a, axis=axis, keepdims=True)
        whole = g if isinstance(g, np.ndarray) and g.size == 1 else spread(g, a.shape, axis)
        return Scaled(fitted(weighted(whole, apart)), Fraction(2, n - ddof))

    return z, (back,)


@derivative(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None) -> Any:
    """The gradient is added up from the other end."""
    z = np.cumsum(a, axis=axis, dtype=dtype)

    def back(g: Any) -> Any:
        if axis is None:
            return np.reshape(np.flip(np.cumsum(np.flip(g))), a.shape)
        return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)

    return z, (back,)


@composed(np.std)
def std(a: Any, axis: Any = None, *, ddof: int = 0, keepdims: bool = False) -> Any:
    """The root of np.var."""
    return np.sqrt(np.var(a, axis=axis, ddof=ddof, keepdims=keepdims))


@composed(np.average)
def average(a: Any, axis: Any = None, weights: Any = None) -> Any:
    """The mean, or the mean under public or secret weights of the same shape."""
    if weights is None:
        return np.mean(a, axis=axis)
    return np.sum(a * weights, axis=axis) / np.sum(weights, axis=axis)
