"""Derivatives of arithmetic, element by element.

A public factor that is one number is not multiplied out in the gradient: it goes beside it.
Source: none; the rules of calculus.
"""

from fractions import Fraction
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported
from mpckernel.nn import norms
from mpckernel.nn.derivatives.broadcasting import scaled, summed_to, weighted
from mpckernel.nn.modes import chosen_type
from mpckernel.nn.tape import Scaled, derivative


def fitted(z: Any) -> Any:
    """A product as the type that `products_in` chooses, if it is finer than that."""
    t = chosen_type()
    finer = isinstance(z, SecretArray) and t is not None and z.dtype.kind == "f"
    return z.astype(t) if finer and z.dtype.f > t.f else z


@derivative(np.add)
def add(x: Any, y: Any) -> Any:
    """d(x + y) = dx + dy."""
    return x + y, (lambda g: summed_to(g, np.shape(x)), lambda g: summed_to(g, np.shape(y)))


@derivative(np.subtract)
def subtract(x: Any, y: Any) -> Any:
    """d(x - y) = dx - dy."""

    def to_y(g: Any) -> Any:
        return Scaled(summed_to(g, np.shape(y)), Fraction(-1))

    return x - y, (lambda g: summed_to(g, np.shape(x)), to_y)


@derivative(np.multiply)
def multiply(x: Any, y: Any) -> Any:
    """d(x y) = y dx + x dy."""

    def pull(other: Any, shape: Any) -> Any:
        def back(g: Any) -> Any:
            if isinstance(other, SecretArray):
                return summed_to(fitted(weighted(g, other)), shape)
            found = scaled(g, other)
            if isinstance(found, Scaled):
                return Scaled(summed_to(found.data, shape), found.times)
            return summed_to(found, shape)

        return back

    return fitted(x * y), (pull(y, np.shape(x)), pull(x, np.shape(y)))


@derivative(np.square)
def square(x: Any) -> Any:
    """d(x^2) = 2 x dx."""
    return fitted(np.square(x)), (lambda g: Scaled(fitted(weighted(g, x)), Fraction(2)),)


@derivative(np.negative)
def negative(x: Any) -> Any:
    """d(-x) = -dx."""
    return norms.like(-x, x), (lambda g: Scaled(g, Fraction(-1)),)


@derivative(np.positive)
def positive(x: Any) -> Any:
    """d(+x) = dx."""
    return x, (lambda g: g,)


@derivative(np.absolute, np.fabs)
def absolute(x: Any) -> Any:
    """d|x| = dx where x > 0, -dx elsewhere; the bit is kept. At 0 it is -1 (PyTorch: 0)."""
    if not isinstance(x, SecretArray):
        return np.abs(x), (lambda g: g * np.sign(x),)
    up = x > 0
    z = norms.like(np.where(up, x, -x), x)
    return z, (lambda g: np.where(up, g, -1 * g),)


@derivative(np.divide)
def divide(x: Any, y: Any) -> Any:
    """d(x / y) = (dx - (x / y) dy) / y. A public divisor of one number goes beside the gradient."""
    q = x / y

    def to_x(g: Any) -> Any:
        if not isinstance(y, SecretArray) and np.size(y) == 1 and np.ndim(y) <= g.ndim:
            one = Fraction(np.asarray(y).item())
            return Scaled(summed_to(g, np.shape(x)), 1 / one)
        return summed_to(g / y, np.shape(x))

    def to_y(g: Any) -> Any:
        return Scaled(summed_to((g / y) * q, np.shape(y)), Fraction(-1))

    return q, (to_x, to_y)


@derivative(np.reciprocal)
def reciprocal(x: Any) -> Any:
    """d(1/x) = -(1/x)^2 dx."""
    q = np.reciprocal(x)
    return q, (lambda g: Scaled(weighted(g, q * q), Fraction(-1)),)


@derivative(np.power)
def power(x: Any, y: Any) -> Any:
    """d(x^n) = n x^(n-1) dx for one public number n."""
    if isinstance(x, SecretArray) and not isinstance(y, SecretArray) and np.size(y) == 1:
        n = np.asarray(y).item()

        def back(g: Any) -> Any:
            if n == 1:
                return g
            return Scaled(fitted(weighted(g, x ** type(n)(n - 1))), Fraction(n))

        return x**n, (back if n else None,)
    if isinstance(x, SecretArray) or isinstance(y, SecretArray):
        raise Unsupported("np.power of a tensor: to one public exponent")
    z = np.power(x, y)
    return z, (
        lambda g: summed_to(g * y * np.power(x, y - 1), np.shape(x)),
        lambda g: summed_to(g * z * np.log(x), np.shape(y)),
    )


@derivative("x.astype")
def astype(x: Any, dtype: Any) -> Any:
    """The gradient has the type that x had."""
    t = getattr(x, "dtype", None)

    def back(g: Any) -> Any:
        finer = isinstance(t, SecretType) and t.kind == "f" and isinstance(g, SecretArray)
        return g.astype(t) if finer and g.dtype.f > t.f else g

    return x.astype(dtype), (back,)
