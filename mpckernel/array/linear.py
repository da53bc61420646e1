"""Products that add up: matrix products, dot, outer, tensordot, einsum, trace.

One message per element of the result, however many terms it adds up; free with public integers.
Every contraction is arranged as products of matrices.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.products import Bilinear, product
from mpckernel.array.publics import as_number, operand
from mpckernel.array.reductions import sum_
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError

FEW = 64  # matrices multiplied one by one; more of them by broadcasting


@implements(np.matmul)
def matmul(x: Any, y: Any) -> SecretArray:
    """x @ y in all shapes of NumPy.

    Error: exact for integers; 2^-f for two secrets; (n |x|/2 + 2) 2^-f by a public float
    """
    a, b = operand(x), operand(y)
    if a.ndim == 0 or b.ndim == 0:
        raise UsageError("matmul takes arrays with axes; use * for single values")
    left = np.reshape(a, (1, a.size)) if a.ndim == 1 else a
    right = np.reshape(b, (b.size, 1)) if b.ndim == 1 else b
    if left.shape[-1] != right.shape[-2]:
        raise UsageError(f"matmul: shapes {a.shape} and {b.shape} do not fit together")
    z = _matrices(left, right)
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
    """Sums of products over the last axis, after broadcasting."""
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
    return _dot(np.moveaxis(operand(x1), axis, -1), np.moveaxis(operand(x2), axis, -1))


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


@implements(np.einsum)
def einsum(subscripts: str, *operands: Any) -> SecretArray:
    """Contractions by index letters, without an ellipsis, from left to right.

    Error: as for np.matmul, once per contraction
    """
    if not isinstance(subscripts, str) or "." in subscripts or not operands:
        raise Unsupported("np.einsum: give letters as one string, without an ellipsis")
    text = subscripts.replace(" ", "")
    inputs, arrow, target = text.partition("->")
    names = inputs.split(",")
    if not arrow:
        letters = inputs.replace(",", "")
        target = "".join(sorted(s for s in set(letters) if letters.count(s) == 1))
    xs = [operand(x) for x in operands]
    if len(names) != len(xs) or any(len(s) != x.ndim for s, x in zip(names, xs, strict=True)):
        raise UsageError("np.einsum: letters and axes do not match")
    name, x = _once(names[0], xs[0])
    for k in range(1, len(xs)):
        other, y = _once(names[k], xs[k])
        later = target + "".join(names[k + 1 :])
        name, x = _contract(name, x, other, y, later)
    drop = tuple(k for k, s in enumerate(name) if s not in target)
    x = np.sum(x, axis=drop) if drop else as_number(x) if isinstance(x, SecretArray) else x
    name = "".join(s for s in name if s in target)
    if len(set(target)) != len(target) or set(target) != set(name):
        raise UsageError("np.einsum: each letter of the result comes once, and from an operand")
    return np.transpose(x, [name.index(s) for s in target]) if name else x


def _once(name: str, x: Any) -> tuple[str, Any]:
    """A letter that comes twice in one operand names its diagonal."""
    for s in dict.fromkeys(name):
        while name.count(s) > 1:
            i = name.index(s)
            j = name.index(s, i + 1)
            if x.shape[i] != x.shape[j]:
                raise UsageError("np.einsum: axes with the same letter have different lengths")
            x = np.diagonal(x, 0, i, j)
            name = name[:i] + name[i + 1 : j] + name[j + 1 :] + s
    return name, x


def _contract(a: str, x: Any, b: str, y: Any, later: str) -> tuple[str, Any]:
    """Two operands into one: shared letters that nobody needs later are summed over."""
    x, a = _sum_alone(x, a, b + later)
    y, b = _sum_alone(y, b, a + later)
    over = [s for s in a if s in b and s not in later]
    both = [s for s in a if s in b and s in later]
    free_a, free_b = ([s for s in one if s not in other] for one, other in ((a, b), (b, a)))
    sizes = dict(zip(a, x.shape, strict=True)) | dict(zip(b, y.shape, strict=True))
    if any(sizes[s] != n for s, n in zip(a, x.shape, strict=True)):
        raise UsageError("np.einsum: axes with the same letter have different lengths")

    def arranged(v: Any, name: str, *groups: list[str]) -> Any:
        order = [name.index(s) for s in both + [s for g in groups for s in g]]
        shape = [sizes[s] for s in both] + [prod(sizes[s] for s in g) for g in groups]
        return np.reshape(np.transpose(v, order), shape)

    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray):
        z = arranged(x, a, free_a, over) @ arranged(y, b, over, free_b)
    else:
        z = matmul(arranged(x, a, free_a, over), arranged(y, b, over, free_b))
    name = both + free_a + free_b
    return "".join(name), np.reshape(z, tuple(sizes[s] for s in name))


def _sum_alone(x: Any, name: str, needed: str) -> tuple[Any, str]:
    drop = tuple(k for k, s in enumerate(name) if s not in needed)
    return (np.sum(x, axis=drop) if drop else x), "".join(s for s in name if s in needed)
