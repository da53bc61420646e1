"""Derivatives of further curves, element by element; accuracy as of the functions they are made of.

Source: none; the rules of calculus.
"""

from fractions import Fraction
from math import log
from typing import Any

import numpy as np

from mpckernel.array.functions.activations import sigmoid
from mpckernel.errors import Unsupported
from mpckernel.nn.derivatives.broadcasting import summed_to, weighted
from mpckernel.nn.derivatives.elementwise import fitted
from mpckernel.nn.tape import Scaled, composed, derivative


@derivative(np.sin)
def sin(x: Any) -> Any:
    """d sin x = cos x dx."""
    return np.sin(x), (lambda g: fitted(weighted(g, np.cos(x))),)


@derivative(np.cos)
def cos(x: Any) -> Any:
    """d cos x = -sin x dx."""
    return np.cos(x), (lambda g: Scaled(fitted(weighted(g, np.sin(x))), Fraction(-1)),)


@derivative(np.arctan)
def arctan(x: Any) -> Any:
    """d arctan x = dx / (1 + x^2)."""
    return np.arctan(x), (lambda g: np.divide(g, 1 + fitted(np.square(x))),)


@derivative(np.sinh)
def sinh(x: Any) -> Any:
    """d sinh x = cosh x dx."""
    return np.sinh(x), (lambda g: fitted(weighted(g, np.cosh(x))),)


@derivative(np.cosh)
def cosh(x: Any) -> Any:
    """d cosh x = sinh x dx."""
    return np.cosh(x), (lambda g: fitted(weighted(g, np.sinh(x))),)


@derivative(np.exp2)
def exp2(x: Any) -> Any:
    """d 2^x = log 2 2^x dx; the value is kept."""
    z = np.exp2(x)
    return z, (lambda g: Scaled(fitted(weighted(g, z)), Fraction(log(2))),)


@derivative(np.expm1)
def expm1(x: Any) -> Any:
    """d (e^x - 1) = e^x dx; the value is kept."""
    z = np.expm1(x)
    return z, (lambda g: fitted(weighted(g, z + 1)),)


@derivative(np.log1p)
def log1p(x: Any) -> Any:
    """d log(1 + x) = dx / (1 + x)."""
    return np.log1p(x), (lambda g: np.divide(g, x + 1),)


@derivative(np.log2)
def log2(x: Any) -> Any:
    """d log2 x = dx / (x log 2)."""
    return np.log2(x), (lambda g: Scaled(np.divide(g, x), Fraction(1 / log(2))),)


@derivative(np.log10)
def log10(x: Any) -> Any:
    """d log10 x = dx / (x log 10)."""
    return np.log10(x), (lambda g: Scaled(np.divide(g, x), Fraction(1 / log(10))),)


@derivative(np.logaddexp)
def logaddexp(x1: Any, x2: Any) -> Any:
    """d log(e^x + e^y) = s dx + (1 - s) dy with s = sigmoid(x - y), computed once for both."""
    kept: list[Any] = []

    def share() -> Any:
        if not kept:
            kept.append(sigmoid(x1 - x2))
        return kept[0]

    return np.logaddexp(x1, x2), (
        lambda g: summed_to(fitted(g * share()), np.shape(x1)),
        lambda g: summed_to(fitted(g * (1 - share())), np.shape(x2)),
    )


@composed(np.tan)
def tan(x: Any) -> Any:
    """sin x / cos x."""
    return np.sin(x) / np.cos(x)


@composed(np.hypot)
def hypot(x1: Any, x2: Any) -> Any:
    """The root of x^2 + y^2."""
    return np.sqrt(np.square(x1) + np.square(x2))


@composed(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    """The root of the sum of squares; ord= 1 is the sum of absolute values of vectors."""
    if ord == 1 and (np.ndim(x) == 1 or isinstance(axis, int)):
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if ord not in (None, 2, "fro") or (ord == 2 and not (np.ndim(x) == 1 or isinstance(axis, int))):
        raise Unsupported("np.linalg.norm of a tensor: the Euclidean norm, or ord=1 of vectors")
    return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))
