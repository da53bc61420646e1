"""Derivatives of smooth functions, element by element; each from its own value where it can be.

Source: none; s' = s (1 - s), tanh' = 1 - tanh^2, (e^x)' = e^x, and so on.
"""

from fractions import Fraction
from math import inf
from math import sqrt as root
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel import array
from mpckernel.array.functions.activations import gelu_slope
from mpckernel.array.functions.division import rsqrt
from mpckernel.array.functions.fused import declared
from mpckernel.array.secret import SecretArray
from mpckernel.nn import norms
from mpckernel.nn.derivatives.broadcasting import weighted
from mpckernel.nn.derivatives.elementwise import fitted
from mpckernel.nn.tape import Scaled, derivative
from mpckernel.nn.tensor import differentiable

STEEPEST = 1.13  # slope of gelu, at sqrt(2)
_SLACK = 2.0**-8  # more than tables and cuts can be wrong by


@differentiable
def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x). The gradient takes two products. Error: as for mpckernel.sigmoid."""
    y = array.sigmoid(x)
    return y, (lambda g: _times(g, _at_most(y * (1 - y), 0.25)),)


@derivative(np.tanh)
def tanh(x: Any) -> Any:
    """The hyperbolic tangent. The gradient takes two products. Error: as for np.tanh."""
    y = np.tanh(x)
    return y, (lambda g: _times(g, _at_most(1 - y * y, 1)),)


@differentiable
def gelu(x: Any) -> Any:
    """x times the normal distribution function of x. Error: as for mpckernel.gelu; of the
    gradient 2^-16.4 and a step."""
    return array.gelu(x), (lambda g: _times(g, _at_most(gelu_slope(x), STEEPEST), STEEPEST),)


@differentiable
def softplus(x: Any) -> Any:
    """log(1 + e^x). Error: as for mpckernel.softplus."""
    z = array.softplus(x)
    if isinstance(z, SecretArray):  # it is between 0 and |x| + log 2
        rows = z.size / max(1, z.shape[0] if z.shape else 1)
        norms.knows(z, norms.row(x) + 0.7 * root(rows), norms.whole(x) + 0.7 * root(z.size))
    return z, (lambda g: _times(g, array.sigmoid(x)),)


@derivative(np.exp)
def exp(x: Any) -> Any:
    """e^x. Error: as for np.exp."""
    y = np.exp(x)
    return y, (lambda g: fitted(weighted(g, y)),)


@derivative(np.log)
def log(x: Any) -> Any:
    """The natural logarithm. The gradient is a quotient. Error: as for np.log."""
    return np.log(x), (lambda g: np.divide(g, x),)


@derivative(np.sqrt)
def sqrt(x: Any) -> Any:
    """The square root. Error: as for np.sqrt; the gradient at 0 is 0."""
    return np.sqrt(x), (lambda g: Scaled(fitted(weighted(g, rsqrt(x))), Fraction(1, 2)),)


@differentiable
def softmax(x: Any, axis: Any = -1) -> Any:
    """e^x over the sum of e^x along one or several axes. The gradient takes two products.

    Error: as for mpckernel.softmax.
    """
    y = array.softmax(x, axis)

    def back(g: Any) -> Any:
        share = np.sum(fitted(g * y), axis=axis, keepdims=True)
        terms = x.size // max(1, share.size)
        return _reaching(fitted(y * (g - share)), g, _length(y, terms) ** 2, axis)

    return y, (back,)


@differentiable
def log_softmax(x: Any, axis: Any = -1) -> Any:
    """x minus the logarithm of the sum of e^x along one or several axes. The gradient takes a
    softmax and a product.

    Error: 2^-12.1 + 4 steps; of the gradient 2^-11.1 softmax + 3 steps, times the sum of g.
    """

    def back(g: Any) -> Any:
        total = np.sum(g, axis=axis, keepdims=True)
        y, terms = array.softmax(x, axis), x.size // max(1, total.size)
        most = 1 + root(terms) * _length(y, terms)  # |sum of g| <= root(terms) |g|
        return _reaching(g - fitted(weighted(total, y)), g, most, axis)

    return x - array.logsumexp(x, axis=axis, keepdims=True), (back,)


def _at_most(slope: Any, most: float) -> Any:
    """A slope that is at most `most` but for the errors of tables."""
    return declared(slope, most + _SLACK) if isinstance(slope, SecretArray) else slope


def _times(g: Any, slope: Any, most: float = 1) -> Any:
    """g times a slope of at most `most`."""
    return _reaching(fitted(weighted(g, slope)), g, most)


def _reaching(z: Any, g: Any, most: float, axis: Any = ()) -> Any:
    """z, whose norm is at most `most` times that of g; it mixes elements along an axis."""
    cuts = 2 * _rounding(z) if axis != () else _rounding(z)  # of sums along an axis as well
    row, whole = (n * (most + _SLACK) + cuts for n in (norms.row(g), norms.whole(g)))
    over = range(z.ndim) if axis is None else normalize_axis_tuple(axis, z.ndim)
    return norms.knows(z, inf if 0 in over else row, whole)


def _length(y: Any, terms: int) -> float:
    """No softmax of so many terms has a larger norm: 1, and what it may be off."""
    return 1.001 + (3 * root(terms) * 2.0**-y.dtype.f if isinstance(y, SecretArray) else 0)


def _rounding(z: Any) -> float:
    return float(z.size * 2.0**-z.dtype.f) if isinstance(z, SecretArray) else 0.0
