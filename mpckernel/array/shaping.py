"""Placement: everything that moves, repeats or drops elements by public positions. All free."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from mpckernel.array.dtypes import SecretType, sbool
from mpckernel.array.publics import operand
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
    return x[(slice(None),) * place + (np.asarray(indices, np.int64),)]


@implements(np.reshape)
def reshape(a: SecretArray, *shape: Any, order: str = "C") -> SecretArray:
    """The same elements in another shape; -1 is worked out."""
    if order != "C":
        raise UsageError("reshape: secrets are laid out in C order; transpose first")
    wanted = shape[0] if len(shape) == 1 and not np.isscalar(shape[0]) else shape
    target = tuple(int(n) for n in (wanted if np.iterable(wanted) else (wanted,)))
    if target.count(-1) == 1:
        others = int(np.prod([n for n in target if n != -1], dtype=object))
        if others:
            target = tuple(a.size // others if n == -1 else n for n in target)
    return moved(("reshape", target), a)


@implements(np.ravel)
def ravel(a: SecretArray, order: str = "C") -> SecretArray:
    """All elements on one axis."""
    return reshape(a, (a.size,), order=order)


@implements(np.transpose, np.permute_dims)
def transpose(a: SecretArray, *axes: Any) -> SecretArray:
    """Axes in another order; reversed if none are given."""
    order = axes[0] if len(axes) == 1 and (axes[0] is None or np.iterable(axes[0])) else axes
    order = order or range(a.ndim)[::-1]
    return moved(("transpose", tuple(normalize_axis_tuple(tuple(order), a.ndim))), a)


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
    target = tuple(shape) if np.iterable(shape) else (int(shape),)
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


@implements(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """With at least two axes; a vector becomes a row."""
    return _at_least(arys, lambda x: x if x.ndim > 1 else reshape(x, (1, x.size)), np.atleast_2d)


def _at_least(xs: Sequence[Any], secretly: Any, openly: Any) -> Any:
    done = tuple(secretly(x) if isinstance(x, SecretArray) else openly(x) for x in xs)
    return done[0] if len(done) == 1 else done


@implements(np.flip)
def flip(m: SecretArray, axis: Any = None) -> SecretArray:
    """In reverse order along the axes (all if None)."""
    axes = range(m.ndim) if axis is None else normalize_axis_tuple(axis, m.ndim)
    return moved(("flip", tuple(axes)), m)


@implements(np.fliplr)
def fliplr(m: SecretArray) -> SecretArray:
    """Columns in reverse order."""
    return flip(m, 1)


@implements(np.flipud)
def flipud(m: SecretArray) -> SecretArray:
    """Rows in reverse order."""
    return flip(m, 0)


@implements(np.rot90)
def rot90(m: SecretArray, k: int = 1) -> SecretArray:
    """A matrix turned by quarter turns, counter-clockwise."""
    turned = m
    for _ in range(k % 4):
        turned = flip(swapaxes(turned, 0, 1), 0)
    return turned


@implements(np.roll)
def roll(a: SecretArray, shift: Any, axis: Any = None) -> SecretArray:
    """Shifted round the axes by public amounts."""
    by, axes = (tuple(map(int, v)) if np.iterable(v) else v for v in (shift, axis))
    return moved(("roll", by, axes), a)


@implements(np.repeat)
def repeat(a: SecretArray, repeats: Any, axis: int | None = None) -> SecretArray:
    """Each element a public number of times."""
    refuse_filter(repeats)
    counts = tuple(int(n) for n in repeats) if np.iterable(repeats) else int(repeats)
    return moved(("repeat", counts, axis), a)


@implements(np.tile)
def tile(A: SecretArray, reps: Any) -> SecretArray:  # noqa: N803  (NumPy's name)
    """The whole array a public number of times along each axis."""
    return moved(("tile", tuple(map(int, reps)) if np.iterable(reps) else int(reps)), A)


@implements(np.diagonal)
def diagonal(a: SecretArray, offset: int = 0, axis1: int = 0, axis2: int = 1) -> SecretArray:
    """The diagonal of two axes."""
    return moved(("diagonal", int(offset), int(axis1), int(axis2)), a)


@implements(np.diag)
def diag(v: SecretArray, k: int = 0) -> SecretArray:
    """The diagonal of a matrix, or a matrix with this diagonal."""
    return moved(("diag", int(k)), v)


@implements(np.tril)
def tril(m: SecretArray, k: int = 0) -> SecretArray:
    """Zero above a diagonal."""
    return moved(("tril", int(k)), m)


@implements(np.triu)
def triu(m: SecretArray, k: int = 0) -> SecretArray:
    """Zero below a diagonal."""
    return moved(("triu", int(k)), m)


@implements(np.pad)
def pad(array: SecretArray, pad_width: Any, mode: str = "constant") -> SecretArray:
    """Zeros around; only the constant mode with zeros."""
    if mode != "constant":
        raise UsageError("np.pad: only zeros around secrets, mode='constant'")
    pairs = np.broadcast_to(np.asarray(pad_width, np.int64), (array.ndim, 2))
    return moved(("pad_zero", tuple((int(a), int(b)) for a, b in pairs)), array)


# What comes from the shape alone is public.


def _public_like(a: Any, value: Any, dtype: Any, shape: Any) -> np.ndarray:
    t = dtype if dtype is not None else (a.dtype.numpy if isinstance(a, SecretArray) else a.dtype)
    return np.full(a.shape if shape is None else shape, value, t)


@implements(np.zeros_like, np.empty_like)
def zeros_like(a: SecretArray, dtype: Any = None, shape: Any = None) -> np.ndarray:
    """A public array of zeros of the same shape."""
    return _public_like(a, 0, dtype, shape)


@implements(np.ones_like)
def ones_like(a: SecretArray, dtype: Any = None, shape: Any = None) -> np.ndarray:
    """A public array of ones of the same shape."""
    return _public_like(a, 1, dtype, shape)


@implements(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Any:
    """The same value everywhere: public if the value is public."""
    if isinstance(fill_value, SecretArray):
        return broadcast_to(fill_value, a.shape if shape is None else shape)
    return _public_like(a, fill_value, dtype, shape)


@implements(np.shape)
def shape_of(a: SecretArray) -> tuple[int, ...]:
    """The public shape."""
    return a.shape


@implements(np.ndim)
def ndim_of(a: SecretArray) -> int:
    """The public number of axes."""
    return a.ndim


@implements(np.size)
def size_of(a: SecretArray, axis: int | None = None) -> int:
    """The public number of elements."""
    return a.size if axis is None else a.shape[axis]


@implements(np.copy)
def copy(a: SecretArray) -> SecretArray:
    """The same array: secrets do not change."""
    return a


@implements(np.diff)
def diff(a: SecretArray, n: int = 1, axis: int = -1) -> SecretArray:
    """Differences of neighbours, n times."""
    place = (slice(None),) * normalize_axis_index(axis, a.ndim)
    for _ in range(n):
        a = a[(*place, slice(1, None))] - a[(*place, slice(None, -1))]
    return a
