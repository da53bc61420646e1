"""Placement: everything that moves, repeats or drops elements by public positions. All free."""

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from mpckernel.array.dtypes import SecretType, sbool
from mpckernel.array.publics import operand, positions
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, refuse_filter
from mpckernel.errors import UsageError
from mpckernel.protocols import ideal, moving
from mpckernel.protocols.moving import How


def moved(how: How, *arrays: SecretArray, dtype: SecretType | None = None) -> SecretArray:
    """The movement `how` (protocols/moving.py) of arrays of one type."""
    t = dtype or arrays[0].dtype
    return ask(ideal.move_bits if t == sbool else ideal.move, *arrays, dtype=t, how=how)


@implements("x[...]")
def getitem(x: SecretArray, key: Any) -> SecretArray:
    """Elements at public positions: integers, slices, ..., None, integer and boolean arrays."""
    refuse_filter(key)
    if not isinstance(key, tuple) and key is Ellipsis:
        return x
    return moved(("index", moving.frozen(key)), x)


@implements(np.take)
def take(a: SecretArray, indices: Any, axis: int | None = None) -> SecretArray:
    """Elements at public positions along one axis (of the flat array if None)."""
    refuse_filter(indices)
    if not isinstance(a, SecretArray):
        refuse_filter(a)
    x = a if axis is not None else ravel(a)
    place = normalize_axis_index(axis or 0, x.ndim)
    return x[(slice(None),) * place + (positions(indices),)]


@implements(np.reshape)
def reshape(a: SecretArray, *shape: Any, order: str = "C") -> SecretArray:
    """The same elements in another shape; -1 is worked out."""
    if order != "C":
        raise UsageError("reshape: secrets are laid out in C order; transpose first")
    wanted = shape[0] if len(shape) == 1 and not np.isscalar(shape[0]) else shape
    target = tuple(index(n) for n in (wanted if np.iterable(wanted) else (wanted,)))
    if target.count(-1) == 1:
        others = int(np.prod([n for n in target if n != -1], dtype=object))
        if others:
            target = tuple(a.size // others if n == -1 else n for n in target)
    if isinstance(a, SecretArray) and target == a.shape:
        return a
    return moved(("reshape", target), a)


@implements(np.ravel)
def ravel(a: SecretArray, order: str = "C") -> SecretArray:
    """All elements on one axis."""
    return reshape(a, (a.size,), order=order)


@implements(np.transpose, np.permute_dims)
def transpose(a: SecretArray, *axes: Any) -> SecretArray:
    """Axes in another order; reversed if none are given."""
    order = axes[0] if len(axes) == 1 and (axes[0] is None or np.iterable(axes[0])) else axes
    if order is None or not axes:
        order = range(a.ndim)[::-1]
    order = normalize_axis_tuple(tuple(order), a.ndim)
    if len(order) == a.ndim:
        long = [k for k in order if a.shape[k] != 1]
        if long == sorted(long):  # every element stays where it is
            return reshape(a, tuple(a.shape[k] for k in order))
    return moved(("transpose", order), a)


@implements(np.matrix_transpose)
def matrix_transpose(x: SecretArray, /) -> SecretArray:
    """The last two axes exchanged."""
    return swapaxes(x, -1, -2)


@implements(np.swapaxes)
def swapaxes(a: SecretArray, axis1: int, axis2: int) -> SecretArray:
    """Two axes exchanged."""
    order = list(range(a.ndim))
    i, j = (normalize_axis_index(k, a.ndim) for k in (axis1, axis2))
    order[i], order[j] = order[j], order[i]
    return transpose(a, order)


@implements(np.moveaxis)
def moveaxis(a: SecretArray, source: Any, destination: Any) -> SecretArray:
    """Axes moved to other places."""
    return transpose(a, _order(np.moveaxis, a.ndim, source, destination))


@implements(np.rollaxis)
def rollaxis(a: SecretArray, axis: int, start: int = 0) -> SecretArray:
    """One axis moved back."""
    return transpose(a, _order(np.rollaxis, a.ndim, axis, start))


def _order(function: Any, ndim: int, *args: Any) -> list[int]:
    """Which axes `function` puts where: asked of an array whose axes have lengths 0, 1, 2, ..."""
    stand_in = np.broadcast_to(np.zeros((), np.bool_), tuple(range(1, ndim + 1)))
    return [n - 1 for n in function(stand_in, *args).shape]


@implements(np.broadcast_to)
def broadcast_to(array: SecretArray, shape: Any) -> SecretArray:
    """Repeated along new or single axes."""
    target = tuple(shape) if np.iterable(shape) else (index(shape),)
    return moved(("broadcast_to", target), array)


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any) -> tuple[Any, ...]:
    """All arguments in their common shape."""
    xs = [operand(x) for x in args]
    shape = np.broadcast_shapes(*(x.shape for x in xs))
    return tuple(np.broadcast_to(x, shape) for x in xs)


@implements(np.squeeze)
def squeeze(a: SecretArray, axis: Any = None) -> SecretArray:
    """Without axes of length one."""
    if axis is None:
        axes = tuple(k for k, n in enumerate(a.shape) if n == 1)
    else:
        axes = normalize_axis_tuple(axis, a.ndim)
    return moved(("squeeze", axes), a)


@implements(np.expand_dims)
def expand_dims(a: SecretArray, axis: Any) -> SecretArray:
    """With new axes of length one."""
    axes = tuple(axis) if np.iterable(axis) else (axis,)
    return moved(("expand_dims", normalize_axis_tuple(axes, a.ndim + len(axes))), a)


@implements(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """With at least one axis."""
    return _at_least(arys, lambda x: reshape(x, (1,)) if x.ndim == 0 else x, np.atleast_1d)


@implements(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """With at least three axes; a matrix becomes a block with one layer."""

    def cube(x: SecretArray) -> SecretArray:
        if x.ndim > 2:
            return x
        return reshape(x, (*x.shape, 1)) if x.ndim == 2 else reshape(x, (1, x.size, 1))

    return _at_least(arys, cube, np.atleast_3d)


@implements(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:  # noqa: ARG001
    """Coordinate matrices from coordinate vectors."""
    if indexing not in ("xy", "ij"):
        raise UsageError("np.meshgrid: indexing= is 'xy' or 'ij'")
    n, flip = len(xi), indexing == "xy" and len(xi) > 1
    order = [1, 0, *range(2, n)] if flip else list(range(n))
    grids = [
        np.reshape(operand(x), [-1 if k == order[j] else 1 for k in range(n)])
        for j, x in enumerate(xi)
    ]
    return tuple(grids) if sparse else broadcast_arrays(*grids)


@implements(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """With at least two axes; a vector becomes a row."""
    return _at_least(arys, lambda x: x if x.ndim > 1 else reshape(x, (1, x.size)), np.atleast_2d)


def _at_least(xs: Sequence[Any], secretly: Any, openly: Any) -> Any:
    done = tuple(secretly(x) if isinstance(x, SecretArray) else openly(x) for x in xs)
    return done[0] if len(done) == 1 else done
