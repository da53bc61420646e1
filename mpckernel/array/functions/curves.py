"""Values as samples of a curve: differences, gradients, areas, interpolation, polynomials."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from mpckernel.array.functions.division import real
from mpckernel.array.functions.products import TIMES, Bilinear, product
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError


@implements(np.diff)
def diff(
    a: SecretArray, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None
) -> SecretArray:
    """Differences of neighbours, n times; of booleans, whether they differ. Free."""
    k = normalize_axis_index(axis, a.ndim)
    if n < 0:
        raise UsageError("np.diff: n is 0 or more")
    ends = [_end(prepend, a, k), a, _end(append, a, k)]
    x: Any = np.concatenate([v for v in ends if v is not None], axis=k) if n else a
    place = (slice(None),) * k
    for _ in range(n):
        after, before = x[(*place, slice(1, None))], x[(*place, slice(None, -1))]
        x = after ^ before if x.dtype.kind == "b" else after - before
    return x


def _end(value: Any, a: SecretArray, k: int) -> Any:
    """What comes before or after; a single value is repeated along the other axes."""
    if value is None:
        return None
    x = operand(value)
    one = tuple(1 if j == k else m for j, m in enumerate(a.shape))
    return np.broadcast_to(x, one) if x.ndim == 0 else x


@implements(np.ediff1d)
def ediff1d(ary: SecretArray, to_end: Any = None, to_begin: Any = None) -> SecretArray:
    """Differences of neighbours of the flat array, with values before and after; free."""
    ends = [None if v is None else np.ravel(operand(v)) for v in (to_begin, to_end)]
    parts = [ends[0], diff(np.ravel(as_number(ary))), ends[1]]
    return np.concatenate([v for v in parts if v is not None])


@implements(np.gradient)
def gradient(f: SecretArray, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Slopes by central differences; spacings or coordinates are public.

    Error: 1.2 steps for even spacing; (3 |f| / 2 + 2) 2^-f for coordinates
    """
    axes = range(f.ndim) if axis is None else normalize_axis_tuple(axis, f.ndim)
    spacings = [operand(v) for v in varargs] or [np.asarray(1.0)]
    if any(isinstance(v, SecretArray) for v in spacings):
        raise Unsupported("np.gradient: spacings and coordinates are public")
    if len(spacings) not in (1, len(axes)):
        raise UsageError("np.gradient: one spacing for all axes, or one for each")
    spacings = spacings * len(axes) if len(spacings) == 1 else spacings
    slopes = tuple(_slopes(f, k, v, edge_order) for k, v in zip(axes, spacings, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def _slopes(x: Any, axis: int, spacing: np.ndarray, edge_order: int) -> Any:
    n = x.shape[axis]
    if edge_order not in (1, 2) or n < edge_order + 1:
        raise UsageError("np.gradient: edge_order is 1 or 2, of more values than that")
    if spacing.ndim and spacing.shape != (n,):
        raise UsageError("np.gradient: as many coordinates as values")
    x = np.moveaxis(as_number(x), axis, -1)
    step = np.diff(spacing) if spacing.ndim else spacing
    if step.ndim == 0 or np.all(step == step.flat[0]):
        h = float(step.flat[0])
        middle = (x[..., 2:] - x[..., :-2]) / (2 * h)
        first, last = _edges(x, h, edge_order)
        return np.moveaxis(np.concatenate([first, middle, last], axis=-1), -1, axis)
    weights = np.gradient(np.eye(n), spacing, axis=0, edge_order=edge_order)
    kept = np.array([min(max(k - 1, 0), n - 3) for k in range(n)])[:, None] + np.arange(3)
    near = np.take_along_axis(weights, kept, axis=1) if n > 2 else weights
    windows = x[..., kept] if n > 2 else np.expand_dims(x, -2)
    return np.moveaxis(product(Bilinear("dot", near.shape[1]), windows, near), -1, axis)


def _edges(x: Any, h: float, edge_order: int) -> tuple[Any, Any]:
    if edge_order == 1:
        return (x[..., 1:2] - x[..., :1]) / h, (x[..., -1:] - x[..., -2:-1]) / h
    first = 4 * x[..., 1:2] - 3 * x[..., :1] - x[..., 2:3]
    last = 3 * x[..., -1:] - 4 * x[..., -2:-1] + x[..., -3:-2]
    return first / (2 * h), last / (2 * h)


@implements(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> SecretArray:
    """Areas by the trapezoidal rule, for public or secret y and x.

    Error: 1.2 steps for even spacing; as for np.vecdot with coordinates
    """
    if np.ndim(dx):
        raise UsageError("np.trapezoid: dx is one number; coordinates are given as x")
    v = np.moveaxis(operand(y), axis, -1)
    sums = v[..., 1:] + v[..., :-1]
    if x is None:
        return np.sum(sums, axis=-1) * (dx / 2)
    at = operand(x)
    at = at if at.ndim < 2 else np.moveaxis(at, axis, -1)
    widths = np.diff(at)
    n = np.broadcast_shapes(sums.shape[-1:], widths.shape[-1:])
    sums, widths = (np.broadcast_to(z, (*z.shape[:-1], *n)) for z in (sums, widths))
    if isinstance(widths, SecretArray):
        return np.vecdot(sums, widths) / 2
    return np.vecdot(sums, np.asarray(widths / 2))


@implements(np.polyval)
def polyval(p: Any, x: Any) -> SecretArray:
    """A polynomial by Horner's rule; coefficients public or secret, the highest first.

    Error: that of its products, each times |x| for every step that follows
    """
    coefficients, at = operand(p), operand(x)
    if coefficients.ndim != 1 or not coefficients.size:
        raise UsageError("np.polyval: the coefficients are a vector")
    at = as_number(at) if isinstance(at, SecretArray) else at
    result: Any = np.broadcast_to(coefficients[0], at.shape)
    for k in range(1, coefficients.size):
        result = result * at + coefficients[k]
    t = real(at.dtype) if isinstance(at, SecretArray) and coefficients.dtype.kind == "f" else None
    return secret(result, t) if not isinstance(result, SecretArray) else result


@implements(np.vander)
def vander(x: SecretArray, N: int | None = None, increasing: bool = False) -> SecretArray:  # noqa: N803
    """Powers of a vector as columns, by running products.

    Error: exact for integers; about k |x|^(k-1) 2^-f
    """
    if x.ndim != 1:
        raise UsageError("np.vander: x is a vector")
    base, count = as_number(x), x.size if N is None else int(N)
    powers: list[Any] = [secret(np.ones(x.shape, np.int64), base.dtype)]
    for k in range(1, count):
        powers.append(base if k == 1 else product(TIMES, powers[k // 2], powers[k - k // 2]))
    columns = powers[:count] if increasing else powers[:count][::-1]
    return np.stack(columns, axis=-1) if columns else base[:0].reshape(x.size, 0)
