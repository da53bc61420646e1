"""Derivatives of placement: what moves, repeats or drops elements by public positions. All free.

The adjoint of a placement moves every element of the gradient back to where its value came from,
and adds up where one went to several places. Where from is asked of an array of numbers.
Source: none.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from mpckernel.errors import Unsupported
from mpckernel.nn import norms
from mpckernel.nn.derivatives.broadcasting import summed_to
from mpckernel.nn.tape import composed, derivative


@derivative(np.reshape)
def reshape(a: Any, *shape: Any) -> Any:
    """The gradient in the shape that a had."""
    wanted = shape[0] if len(shape) == 1 else shape
    z = np.reshape(a, wanted)
    if a.shape and z.shape and a.shape[0] == z.shape[0]:
        norms.knows(z, norms.row(a), norms.whole(a))
    return z, (lambda g: norms.reshaped(g, a.shape),)


def _reshaping(function: Any) -> None:
    """For what changes the shape alone."""

    def rule(a: Any, *args: Any, **kwargs: Any) -> Any:
        return function(a, *args, **kwargs), (lambda g: np.reshape(g, tuple(a.shape)),)

    derivative(function)(rule)


for _function in (np.ravel, np.squeeze, np.expand_dims, np.atleast_1d, np.atleast_2d):
    _reshaping(_function)
_reshaping(np.atleast_3d)


@derivative(np.transpose, np.permute_dims)
def transpose(a: Any, *axes: Any) -> Any:
    """The gradient with its axes in the order that a had."""
    order = axes[0] if len(axes) == 1 and (axes[0] is None or np.iterable(axes[0])) else axes
    order = normalize_axis_tuple(tuple(order or range(a.ndim)[::-1]), a.ndim)
    z = norms.knows(np.transpose(a, order), whole=norms.whole(a))
    back = tuple(int(k) for k in np.argsort(order))
    return z, (lambda g: np.transpose(g, back),)


@composed(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """As np.transpose."""
    order = list(range(a.ndim))
    i, j = (normalize_axis_index(k, a.ndim) for k in (axis1, axis2))
    order[i], order[j] = order[j], order[i]
    return np.transpose(a, tuple(order))


@composed(np.matrix_transpose)
def matrix_transpose(x: Any) -> Any:
    """As np.transpose."""
    return swapaxes(x, -1, -2)


@composed(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """As np.transpose."""
    stand_in = np.broadcast_to(np.zeros((), np.bool_), tuple(range(1, a.ndim + 1)))
    order = tuple(n - 1 for n in np.moveaxis(stand_in, source, destination).shape)
    return np.transpose(a, order)


@derivative(np.broadcast_to)
def broadcast_to(array: Any, shape: Any) -> Any:
    """The gradient is added up along what was repeated."""
    return np.broadcast_to(array, shape), (lambda g: summed_to(g, tuple(array.shape)),)


# What places single elements: one rule for all of it.


def moved_back(g: Any, came_from: np.ndarray, shape: tuple[int, ...]) -> Any:
    """Gradient g of a placement, added up where its values came from.

    came_from: for each element of g, 1 + the flat position in an array of this shape; 0: from
    nowhere (a constant).
    """
    flat, n = came_from.reshape(-1), int(np.prod(shape, dtype=int))
    times = np.bincount(flat, minlength=n + 1)[1:]
    most = int(times.max()) if times.size else 0
    if most == 0:
        return np.zeros(shape, np.int64)
    order = np.argsort(flat, kind="stable")[np.count_nonzero(flat == 0) :]
    starts = np.cumsum(times) - times
    table = np.full((most, n), flat.size)  # the place of a zero behind all others
    for k in range(most):
        there = times > k
        table[k, there] = order[starts[there] + k]
    line = np.reshape(g, (flat.size,))
    if (table == flat.size).any():
        line = np.concatenate([line, np.zeros(1, np.int64)])
    parts = line[table]
    return np.reshape(parts[0] if most == 1 else np.sum(parts, axis=0), shape)


def _placing(function: Any, run: Callable[..., Any] | None = None) -> None:
    """For a function of one array that places its elements, and zeros."""
    place = run or function

    def rule(a: Any, *args: Any, **kwargs: Any) -> Any:
        def back(g: Any) -> Any:
            numbers = np.arange(1, a.size + 1).reshape(a.shape)
            return moved_back(g, np.asarray(place(numbers, *args, **kwargs)), tuple(a.shape))

        return place(a, *args, **kwargs), (back,)

    derivative(function)(rule)


def _item(x: Any, key: Any) -> Any:
    return x[key]


def _padded(array: Any, pad_width: Any, mode: str = "constant", **options: Any) -> Any:
    if any(np.any(np.asarray(v) != 0) for k, v in options.items() if k == "constant_values"):
        raise Unsupported("np.pad of a tensor: constant_values are 0")
    return np.pad(array, pad_width, mode, **options)  # type: ignore[call-overload]


_placing("x[...]", _item)
_placing(np.pad, _padded)
for _function in (
    np.flip, np.fliplr, np.flipud, np.rot90, np.roll, np.repeat, np.tile, np.diagonal, np.diag,
    np.tril, np.triu, np.diagflat, np.resize, np.delete, np.take,
):  # fmt: skip
    _placing(_function)


# Joining and splitting.


@derivative(np.concatenate)
def concatenate(arrays: Any, axis: int | None = 0) -> Any:
    """Each array has its part of the gradient."""
    z = np.concatenate(arrays, axis)
    if axis is None:
        ends = np.cumsum([0, *(np.size(x) for x in arrays)])
        return z, ([_part(None, ends[k], ends[k + 1], x) for k, x in enumerate(arrays)],)
    ends = np.cumsum([0, *(x.shape[axis] for x in arrays)])
    place = normalize_axis_index(axis, z.ndim)
    return z, ([_part(place, ends[k], ends[k + 1], x) for k, x in enumerate(arrays)],)


def _part(axis: int | None, start: int, stop: int, x: Any) -> Callable[[Any], Any]:
    rows = slice(int(start), int(stop))
    if axis is None:
        return lambda g: np.reshape(g[rows], np.shape(x))
    return lambda g: g[(*(slice(None),) * axis, rows)]


@derivative(np.stack)
def stack(arrays: Any, axis: int = 0) -> Any:
    """Each array has its part of the gradient."""
    z = np.stack(arrays, axis)
    before = (slice(None),) * normalize_axis_index(axis, z.ndim)
    return z, ([_layer((*before, k)) for k in range(len(arrays))],)


def _layer(key: Any) -> Callable[[Any], Any]:
    return lambda g: g[key]


@composed(np.vstack)
def vstack(tup: Any) -> Any:
    """As np.concatenate."""
    return np.concatenate([np.atleast_2d(x) for x in tup], 0)


@composed(np.hstack)
def hstack(tup: Any) -> Any:
    """As np.concatenate."""
    xs = [np.atleast_1d(x) for x in tup]
    return np.concatenate(xs, 0 if xs[0].ndim == 1 else 1)


@composed(np.column_stack)
def column_stack(tup: Any) -> Any:
    """As np.concatenate."""
    return np.concatenate([x if x.ndim > 1 else np.reshape(x, (x.size, 1)) for x in tup], 1)


@composed(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """As indexing."""
    place = normalize_axis_index(axis, ary.ndim)
    marks = np.array_split(np.arange(ary.shape[place]), indices_or_sections)
    before = (slice(None),) * place
    starts = np.cumsum([0, *(m.size for m in marks)])
    return [ary[(*before, slice(int(a), int(b)))] for a, b in pairwise(starts)]


@composed(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """As np.array_split."""
    return array_split(ary, indices_or_sections, axis)
