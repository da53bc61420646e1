"""Products that add up: matrix products, dot, outer, tensordot, trace, chains and powers.

One message per element of the result, however many terms it adds up; free with public integers.
Every contraction is arranged as products of matrices.
"""

from collections.abc import Callable
from math import prod
from operator import index
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.dtypes import number
from mpckernel.array.functions.products import Bilinear, product
from mpckernel.array.functions.reductions import sum_
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError

FEW = 64  # matrices multiplied one by one; more of them by broadcasting


@implements(np.matmul)
def matmul(x: Any, y: Any) -> SecretArray:
    """x @ y in all shapes of NumPy.

    Error: exact for integers; 2^-f for two secrets; (n |x|/2 + 2) 2^-f by a public float
    """
    return in_matrices(operand(x), operand(y), _matrices)


def in_matrices(a: Any, b: Any, times: Callable[[Any, Any], SecretArray]) -> SecretArray:
    """a @ b as `times` of two arrays with at least two axes each, as NumPy does it."""
    if a.ndim == 0 or b.ndim == 0:
        raise UsageError("matmul takes arrays with axes; use * for single values")
    left = np.reshape(a, (1, a.size)) if a.ndim == 1 else a
    right = np.reshape(b, (b.size, 1)) if b.ndim == 1 else b
    if left.shape[-1] != right.shape[-2]:
        raise UsageError(f"matmul: shapes {a.shape} and {b.shape} do not fit together")
    z = times(left, right)
    shape = list(z.shape)
    if b.ndim == 1:
        shape.pop(-1)
    if a.ndim == 1:
        shape.pop(-1 if b.ndim == 1 else -2)
    return np.reshape(z, tuple(shape))


def _matrices(x: Any, y: Any) -> SecretArray:
    """Both with at least two axes."""
    m, p, q = x.shape[-2], x.shape[-1], y.shape[-1]
    if y.ndim == 2:
        rows = np.reshape(x, (prod(x.shape[:-1]), p))
        return np.reshape(product(Bilinear("matmul", p), rows, y), (*x.shape[:-1], q))
    outer = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    count = prod(outer)
    if 0 < count <= FEW:
        xs = np.reshape(np.broadcast_to(x, (*outer, m, p)), (count, m, p))
        ys = np.reshape(np.broadcast_to(y, (*outer, p, q)), (count, p, q))
        parts = [product(Bilinear("matmul", p), xs[k], ys[k]) for k in range(count)]
        return np.reshape(np.stack(parts), (*outer, m, q))
    columns = np.swapaxes(y, -1, -2)
    return _dot(np.expand_dims(x, -2), np.expand_dims(columns, -3))


def _dot(x: Any, y: Any) -> SecretArray:
    """Sums of products over the last axis, after broadcasting the others."""
    assert x.shape[-1] == y.shape[-1]
    return product(Bilinear("dot", x.shape[-1]), x, y)


@implements(np.dot)
def dot(a: Any, b: Any) -> SecretArray:
    """Sums over the last axis of a and the last but one of b.

    Error: as for np.matmul
    """
    x, y = operand(a), operand(b)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    if y.ndim <= 2:
        return matmul(x, y)
    return tensordot(x, y, ((x.ndim - 1,), (y.ndim - 2,)))


@implements(np.vdot)
def vdot(a: Any, b: Any) -> SecretArray:
    """The sum of products of all elements.

    Error: as for np.matmul
    """
    return matmul(np.ravel(operand(a)), np.ravel(operand(b)))


@implements(np.vecdot)
def vecdot(x1: Any, x2: Any, axis: int = -1) -> SecretArray:
    """Sums of products along one axis.

    Error: as for np.matmul
    """
    x, y = np.moveaxis(operand(x1), axis, -1), np.moveaxis(operand(x2), axis, -1)
    if x.shape[-1] != y.shape[-1]:
        raise UsageError(
            f"np.vecdot: vectors of {x.shape[-1]} and {y.shape[-1]} elements; to repeat one, use "
            "np.broadcast_to"
        )
    return _dot(x, y)


@implements(np.inner)
def inner(a: Any, b: Any) -> SecretArray:
    """Sums of products over the last axes.

    Error: as for np.matmul
    """
    x, y = operand(a), operand(b)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    return tensordot(x, y, ((x.ndim - 1,), (y.ndim - 1,)))


@implements(np.outer)
def outer(a: Any, b: Any) -> SecretArray:
    """All products of elements of two flat arrays.

    Error: as for np.multiply
    """
    x, y = np.ravel(operand(a)), np.ravel(operand(b))
    return np.reshape(x, (x.size, 1)) * y


@implements(np.kron)
def kron(a: Any, b: Any) -> SecretArray:
    """The Kronecker product of two arrays with equally many axes.

    Error: as for np.multiply
    """
    x, y = operand(a), operand(b)
    if x.ndim != y.ndim:
        raise UsageError("np.kron: give both arrays the same number of axes")
    grid = np.expand_dims(x, tuple(range(1, 2 * x.ndim, 2))) * np.expand_dims(
        y, tuple(range(0, 2 * y.ndim, 2))
    )
    return np.reshape(grid, tuple(i * j for i, j in zip(x.shape, y.shape, strict=True)))


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> SecretArray:
    """Sums of products over pairs of axes.

    Error: as for np.matmul
    """
    x, y = operand(a), operand(b)
    if np.iterable(axes):
        over_x, over_y = (
            normalize_axis_tuple(k, v.ndim) for k, v in zip(axes, (x, y), strict=True)
        )
    else:
        if not 0 <= index(axes) <= min(x.ndim, y.ndim):
            raise UsageError(f"np.tensordot: axes= is a number from 0 to {min(x.ndim, y.ndim)}")
        over_x, over_y = tuple(range(x.ndim - axes, x.ndim)), tuple(range(axes))
    if [x.shape[k] for k in over_x] != [y.shape[k] for k in over_y]:
        raise UsageError(f"np.tensordot: shapes {x.shape} and {y.shape} do not fit together")
    free_x = [k for k in range(x.ndim) if k not in over_x]
    free_y = [k for k in range(y.ndim) if k not in over_y]
    n = prod(x.shape[k] for k in over_x)
    rows, columns = [x.shape[k] for k in free_x], [y.shape[k] for k in free_y]
    left = np.reshape(np.transpose(x, (*free_x, *over_x)), (prod(rows), n))
    right = np.reshape(np.transpose(y, (*over_y, *free_y)), (n, prod(columns)))
    return np.reshape(product(Bilinear("matmul", n), left, right), (*rows, *columns))


@implements(np.trace)
def trace(a: SecretArray, offset: int = 0, axis1: int = 0, axis2: int = 1) -> SecretArray:
    """The sum of a diagonal; free."""
    return sum_(np.diagonal(a, offset, axis1, axis2), -1)


@implements(np.matrix_transpose, np.linalg.matrix_transpose)
def matrix_transpose(x: SecretArray) -> SecretArray:
    """The last two axes exchanged."""
    return np.swapaxes(x, -1, -2)


@implements(np.cross, np.linalg.cross)
def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> SecretArray:
    """Cross products of vectors of three elements, or of two; one cut for each difference.

    Error: as for np.matmul
    """
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    x, y = np.moveaxis(operand(a), axisa, -1), np.moveaxis(operand(b), axisb, -1)
    sizes = {x.shape[-1], y.shape[-1]}
    if sizes not in ({2}, {3}):
        raise UsageError("np.cross: vectors of three elements, or both of two")

    def part(i: int, j: int) -> SecretArray:
        left, right = np.stack([x[..., i], -x[..., j]], -1), np.stack([y[..., j], y[..., i]], -1)
        return vecdot(left, right)

    if sizes == {2}:
        return part(0, 1)
    return np.moveaxis(np.stack([part(1, 2), part(2, 0), part(0, 1)], -1), -1, axisc)


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Any) -> SecretArray:
    """The matrix product of several arrays, in the cheapest order.

    Error: as for np.matmul, once per product, times the others
    """
    xs = [operand(x) for x in arrays]
    if len(xs) < 2 or any(x.ndim != 2 for x in xs[1:-1]) or not {xs[0].ndim, xs[-1].ndim} <= {1, 2}:
        raise UsageError("np.linalg.multi_dot: matrices, at least two; the ends may be vectors")
    sizes = [xs[0].shape[-2] if xs[0].ndim == 2 else 1, *(x.shape[0] for x in xs[1:])]
    sizes.append(xs[-1].shape[-1] if xs[-1].ndim == 2 else 1)
    return _chained(xs, sizes)


def _chained(xs: list[Any], sizes: list[int]) -> Any:
    """The product of all, by a table of the fewest multiplications; matrix k is sizes[k:k+2]."""
    n = len(xs)
    best: dict[tuple[int, int], tuple[int, int]] = {(k, k + 1): (0, k) for k in range(n)}
    for span in range(2, n + 1):
        for i in range(n - span + 1):
            ways = (
                (best[i, k][0] + best[k, i + span][0] + sizes[i] * sizes[k] * sizes[i + span], k)
                for k in range(i + 1, i + span)
            )
            best[i, i + span] = min(ways)

    def chain(i: int, j: int) -> Any:
        if j == i + 1:
            return xs[i]
        k = best[i, j][1]
        left, right = chain(i, k), chain(k, j)
        if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
            return left @ right
        return matmul(left, right)

    return chain(0, n)


@implements(np.linalg.matrix_power)
def matrix_power(a: SecretArray, n: int) -> SecretArray:
    """A public whole power of square matrices; a negative one of the inverse (np.linalg.inv).

    Error: as for np.matmul, once per product, times the others
    """
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise UsageError("np.linalg.matrix_power: square matrices")
    if not isinstance(n, int | np.integer):
        raise UsageError("np.linalg.matrix_power: the power is a public whole number")
    if n == 0:
        one = np.eye(a.shape[-1], dtype=np.int64)
        return secret(np.broadcast_to(one, a.shape), number(a.dtype))
    base, power = (a, n) if n > 0 else (np.linalg.inv(a), -n)
    result: Any = None
    while power:
        if power & 1:
            result = base if result is None else matmul(result, base)
        power >>= 1
        if power:
            base = matmul(base, base)
    return as_number(result)
