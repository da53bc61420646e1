"""Derivatives of products that add up: matrix products and what is arranged as them.

Each is of the type that `products_in` chooses (a model's), by one cut. The gradient of a weight
stays a product to be computed: pending.py.
Source: none; d(x y) = dx y + x dy.
"""

from math import prod
from typing import Any

import numpy as np

from mpckernel.array.functions.fused import matmul_to
from mpckernel.array.secret import SecretArray
from mpckernel.nn import norms
from mpckernel.nn.derivatives.broadcasting import summed_to
from mpckernel.nn.pending import Pending
from mpckernel.nn.tape import derivative
from mpckernel.nn.tensor import product_type


def matrices(x: Any, y: Any, t: Any, plus: Any = None) -> Any:
    """x @ y + plus of two matrices as t, in the range that their norms leave."""
    secrets = [v for v in (x, y) if isinstance(v, SecretArray)]
    if not secrets:
        z = np.asarray(x) @ np.asarray(y)
        return z if plus is None else z + plus
    row, whole = norms.product_norms(x, y)
    plain = norms.largest(x) * norms.largest(y) * x.shape[-1]
    if plus is not None:
        more = norms.row(np.reshape(plus, (1, plus.size)))
        row, whole = row + more, whole + more * float(np.sqrt(x.shape[0]))
        plain += norms.largest(plus)
    z = matmul_to(x, y, t, plus=plus, most=row if row < plain else None)
    return norms.knows(z, row + 2.0**-t.f * z.shape[-1], whole + 2.0**-t.f * z.size)


def later(x: Any, y: Any, t: Any, shape: Any = None) -> Any:
    """x @ y as what waits for its cut; public numbers at once."""
    if not any(isinstance(v, SecretArray | Pending) for v in (x, y)):
        z = np.asarray(x) @ np.asarray(y)
        return z if shape is None else z.reshape(shape)
    return Pending(_plain(x), _plain(y), t=t, shape=shape)


def _plain(x: Any) -> Any:
    return x.value() if isinstance(x, Pending) else x


@derivative(np.matmul, np.dot)
def matmul(x: Any, y: Any) -> Any:
    """d(x y) = dx y + x dy, in all shapes of np.matmul."""
    t = product_type(x, y)
    if x.ndim == 0 or y.ndim == 0:
        pulls = (lambda g: summed_to(g * y, x.shape), lambda g: summed_to(g * x, y.shape))
        return x * y, pulls
    if y.ndim == 2 and x.ndim >= 2:
        return _rows(x, y, t)
    if x.ndim == y.ndim == 1:
        z = np.reshape(matrices(np.reshape(x, (1, -1)), np.reshape(y, (-1, 1)), t), ())
        return z, (lambda g: g * y, lambda g: g * x)
    if x.ndim <= 2 and y.ndim <= 2:
        a = np.reshape(x, (1, -1)) if x.ndim == 1 else x
        b = np.reshape(y, (-1, 1)) if y.ndim == 1 else y
        z, (pull_x, pull_y) = _rows(a, b, t)
        shape = z.shape
        kept = tuple(n for n, v in zip(shape, (x, y), strict=True) if v.ndim == 2)
        return np.reshape(z, kept), (
            lambda g: np.reshape(pull_x(np.reshape(g, shape)), x.shape),
            lambda g: np.reshape(pull_y(np.reshape(g, shape)), y.shape),
        )
    return _stacked(x, y)


def _rows(x: Any, y: Any, t: Any) -> Any:
    """Rows of x, on any number of axes, by a matrix."""
    flat = (prod(x.shape[:-1]), x.shape[-1])
    rows, shape = np.reshape(x, flat), (*x.shape[:-1], y.shape[1])

    def to_x(g: Any) -> Any:
        errors = np.reshape(_plain(g), (flat[0], y.shape[1]))
        return np.reshape(matrices(errors, np.transpose(y), t), x.shape)

    def to_y(g: Any) -> Any:
        return later(np.transpose(rows), np.reshape(_plain(g), (flat[0], y.shape[1])), t)

    return np.reshape(matrices(rows, y, t), shape), (to_x, to_y)


def _stacked(x: Any, y: Any) -> Any:
    """Stacks of matrices, which broadcast; a vector beside them is a matrix of one row."""
    a = np.reshape(x, (1, -1)) if x.ndim == 1 else x
    b = np.reshape(y, (-1, 1)) if y.ndim == 1 else y
    z = np.matmul(x, y)
    shape = (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])

    def to_x(g: Any) -> Any:
        whole = np.matmul(np.reshape(g, shape), np.swapaxes(b, -1, -2))
        return np.reshape(summed_to(whole, a.shape), x.shape)

    def to_y(g: Any) -> Any:
        whole = np.matmul(np.swapaxes(a, -1, -2), np.reshape(g, shape))
        return np.reshape(summed_to(whole, b.shape), y.shape)

    return z, (to_x, to_y)
