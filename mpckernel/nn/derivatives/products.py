"""Derivatives of products that add up: matrix products and what is arranged as them.

Each is of the type that `products_in` chooses (a model's), by one cut. The gradient of a weight
stays a product to be computed: pending.py.
Source: none; d(x y) = dx y + x dy.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.functions.fused import matmul_to
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported
from mpckernel.nn import norms
from mpckernel.nn.derivatives.broadcasting import summed_to
from mpckernel.nn.derivatives.elementwise import fitted
from mpckernel.nn.modes import product_type
from mpckernel.nn.pending import Pending
from mpckernel.nn.tape import composed, derivative


def matrices(x: Any, y: Any, t: Any, plus: Any = None) -> Any:
    """x @ y + plus of two matrices as t, in the range that their norms leave."""
    secrets = [v for v in (x, y) if isinstance(v, SecretArray)]
    if not secrets:
        z = np.asarray(x) @ np.asarray(y)
        return z if plus is None else z + plus
    row, whole = norms.product_norms(x, y)
    plain = norms.largest(x) * norms.largest(y) * x.shape[-1]
    if plus is not None:
        more = norms.whole(plus)
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
        return fitted(x * y), pulls
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
    z = fitted(np.matmul(x, y))
    shape = (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])

    def to_x(g: Any) -> Any:
        whole = fitted(np.matmul(np.reshape(g, shape), np.swapaxes(b, -1, -2)))
        return np.reshape(summed_to(whole, a.shape), x.shape)

    def to_y(g: Any) -> Any:
        whole = fitted(np.matmul(np.swapaxes(a, -1, -2), np.reshape(g, shape)))
        return np.reshape(summed_to(whole, b.shape), y.shape)

    return z, (to_x, to_y)


@derivative(np.outer)
def outer(a: Any, b: Any) -> Any:
    """d(a b.T) = da b.T + a db.T."""
    x, y = np.reshape(a, (-1, 1)), np.reshape(b, (1, -1))
    z, (to_x, to_y) = _rows(x, y, product_type(a, b))
    return z, (
        lambda g: np.reshape(to_x(g), np.shape(a)),
        lambda g: np.reshape(to_y(g), np.shape(b)),
    )


@composed(np.inner)
def inner(a: Any, b: Any) -> Any:
    """As np.tensordot."""
    return np.tensordot(a, b, ((np.ndim(a) - 1,), (np.ndim(b) - 1,)))


@composed(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """As np.matmul of matrices."""
    if np.iterable(axes):
        of_a, of_b = axes
        over_a = normalize_axis_tuple(of_a, a.ndim)
        over_b = normalize_axis_tuple(of_b, b.ndim)
    else:
        over_a, over_b = tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    free_a = [k for k in range(a.ndim) if k not in over_a]
    free_b = [k for k in range(b.ndim) if k not in over_b]
    n = prod(a.shape[k] for k in over_a)
    left = np.reshape(np.transpose(a, (*free_a, *over_a)), (-1, n))
    right = np.reshape(np.transpose(b, (*over_b, *free_b)), (n, -1))
    shape = (*(a.shape[k] for k in free_a), *(b.shape[k] for k in free_b))
    return np.reshape(np.matmul(left, right), shape)


@composed(np.vecdot)
def vecdot(x1: Any, x2: Any, axis: int = -1) -> Any:
    """As np.matmul of rows by columns."""
    x, y = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    whole = np.matmul(np.expand_dims(x, -2), np.expand_dims(y, -1))
    return np.reshape(whole, whole.shape[:-2])


@derivative(np.einsum)
def einsum(subscripts: str, *operands: Any) -> Any:
    """The gradient by one operand is the sum over the others, with letters exchanged."""
    names, _, target = subscripts.replace(" ", "").partition("->")
    letters = names.split(",")
    plain = [*letters, target]
    if "->" not in subscripts or "." in subscripts or any(len(set(n)) < len(n) for n in plain):
        raise Unsupported(
            "np.einsum of tensors: with ->, without ..., each letter once in each array"
        )
    z = fitted(np.einsum(subscripts, *operands))

    def to(k: int) -> Any:
        return lambda g: _contracted(g, target, letters, operands, k)

    return z, (None, *[to(k) for k in range(len(operands))])


def _contracted(g: Any, target: str, letters: list[str], operands: Any, k: int) -> Any:
    others = [x for j, x in enumerate(operands) if j != k]
    names = [n for j, n in enumerate(letters) if j != k]
    there = set(target).union(*names)
    found = "".join(c for c in letters[k] if c in there)
    if others:
        z = fitted(np.einsum(f"{','.join([target, *names])}->{found}", g, *others))
    else:
        z = np.transpose(g, [target.index(c) for c in found])
    shape = operands[k].shape
    kept = tuple(n if c in there else 1 for c, n in zip(letters[k], shape, strict=True))
    return np.broadcast_to(np.reshape(z, kept), tuple(shape))


@composed(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal."""
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)
