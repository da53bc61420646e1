"""Repeated, turned, padded, cut out: more placement by public positions. All free."""

from operator import index
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from mpckernel.array.functions.shaping import moved
from mpckernel.array.publics import common, operand, secret, whole
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, refuse_filter
from mpckernel.errors import Unsupported, UsageError


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
def rot90(m: SecretArray, k: int = 1, axes: Any = (0, 1)) -> SecretArray:
    """Turned by quarter turns in the plane of two axes, counter-clockwise."""
    first, second = normalize_axis_tuple(axes, m.ndim)
    turned: Any = m
    for _ in range(k % 4):
        turned = flip(np.swapaxes(turned, first, second), first)
    return turned


@implements(np.roll)
def roll(a: SecretArray, shift: Any, axis: Any = None) -> SecretArray:
    """Shifted round the axes by public amounts."""
    return moved(("roll", whole(shift), None if axis is None else whole(axis)), a)


@implements(np.repeat)
def repeat(a: SecretArray, repeats: Any, axis: int | None = None) -> SecretArray:
    """Each element a public number of times."""
    _public("np.repeat: how many times", repeats)
    return moved(("repeat", whole(repeats), axis), a)


@implements(np.tile)
def tile(A: SecretArray, reps: Any) -> SecretArray:  # noqa: N803  (NumPy's name)
    """The whole array a public number of times along each axis."""
    return moved(("tile", whole(reps)), A)


@implements(np.diagonal)
def diagonal(a: SecretArray, offset: int = 0, axis1: int = 0, axis2: int = 1) -> SecretArray:
    """The diagonal of two axes."""
    return moved(("diagonal", index(offset), index(axis1), index(axis2)), a)


@implements(np.diag)
def diag(v: SecretArray, k: int = 0) -> SecretArray:
    """The diagonal of a matrix, or a matrix with this diagonal."""
    return moved(("diag", index(k)), v)


@implements(np.tril)
def tril(m: SecretArray, k: int = 0) -> SecretArray:
    """Zero above a diagonal."""
    return moved(("tril", index(k)), _with_axes(m))


@implements(np.triu)
def triu(m: SecretArray, k: int = 0) -> SecretArray:
    """Zero below a diagonal."""
    return moved(("triu", index(k)), _with_axes(m))


def _with_axes(m: SecretArray) -> SecretArray:
    if not m.ndim:
        raise UsageError("a single value has no diagonal")
    return m


@implements(np.diagflat)
def diagflat(v: SecretArray, k: int = 0) -> SecretArray:
    """A matrix with all elements on a diagonal."""
    return diag(np.ravel(v), k)


@implements(np.resize)
def resize(a: SecretArray, new_shape: Any) -> SecretArray:
    """In another shape, from the start again where elements are missing."""
    return np.ravel(a)[np.resize(np.arange(a.size), new_shape)]


_COPIES = ("edge", "reflect", "symmetric", "wrap")


@implements(np.pad)
def pad(array: SecretArray, pad_width: Any, mode: Any = "constant", **options: Any) -> SecretArray:
    """Public constants around, or copies: modes constant, edge, reflect, symmetric, wrap."""
    pairs = _pairs(pad_width, array.ndim)
    if not pairs:
        return array
    if mode == "constant":
        around = options.pop("constant_values", 0)
        if options or isinstance(operand(around), SecretArray):
            raise Unsupported("np.pad: constant_values= is all there is, and public")
        zeros = moved(("pad_zero", pairs), array)
        if np.all(np.asarray(around) == 0):
            return zeros
        inside = np.pad(np.ones(array.shape, np.bool_), pairs)
        blank = np.zeros(array.shape, array.dtype.numpy)
        return np.where(inside, zeros, np.pad(blank, pairs, constant_values=around))
    if mode not in _COPIES or options:
        raise Unsupported(
            f"np.pad: the modes are constant, {', '.join(_COPIES)}, without options; for others, "
            "np.concatenate with what should be around"
        )
    for k, pair in enumerate(pairs):
        places = np.pad(np.arange(array.shape[k]), pair, mode=mode)
        array = np.take(array, places, axis=k)
    return array


def _pairs(pad_width: Any, ndim: int) -> tuple[tuple[int, int], ...]:
    if isinstance(pad_width, dict):
        given = {k % ndim: v for k, v in pad_width.items()}
        pad_width = [np.broadcast_to(given.get(k, 0), 2) for k in range(ndim)]
    widths = np.broadcast_to(whole(pad_width), (ndim, 2))
    return tuple((int(a), int(b)) for a, b in widths)


def _public(what: str, x: Any) -> None:
    if isinstance(x, SecretArray):
        raise Unsupported(f"{what} is public, since the result would show it by its shape or order")


@implements(np.delete)
def delete(arr: SecretArray, obj: Any, axis: int | None = None) -> SecretArray:
    """Without the elements at public positions."""
    _public("np.delete: which elements go", obj)
    x = np.ravel(arr) if axis is None else arr
    k = normalize_axis_index(axis or 0, x.ndim)
    return np.take(x, np.delete(np.arange(x.shape[k]), obj), axis=k)


@implements(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> SecretArray:
    """With values before public positions of one axis (of the flat array if None)."""
    _public("np.insert: where elements come in", obj)
    x, new = operand(arr), operand(values)
    if axis is None:
        x, axis = np.ravel(x), 0
    k = normalize_axis_index(axis, x.ndim)
    n = x.shape[k]
    at = np.arange(n)[obj] if isinstance(obj, slice) else np.asarray(obj)
    at = np.flatnonzero(at) if at.dtype.kind == "b" and at.ndim == 1 else at
    count = at.size
    if count == 1:
        new = np.reshape(new, (1,) * (x.ndim - new.ndim) + new.shape)
        new = np.moveaxis(new, 0, k) if at.ndim == 0 else new
        count = new.shape[k]
    while new.ndim > x.ndim and len(new) == 1:
        new = new[0]
    new = np.broadcast_to(new, tuple(count if j == k else m for j, m in enumerate(x.shape)))
    places = np.insert(np.arange(n), at if at.size else [], n + np.arange(count))
    t = common(x, new)
    joined: Any = np.concatenate([secret(x, t), secret(new, t)], axis=k)
    return np.take(joined, places, axis=k)


@implements(np.compress)
def compress(condition: Any, a: SecretArray, axis: int | None = None) -> SecretArray:
    """The elements that a public mask keeps along one axis (of the flat array if None)."""
    refuse_filter(operand(condition))
    x = np.ravel(a) if axis is None else a
    kept = np.flatnonzero(np.asarray(condition))
    return np.take(x, kept, axis=normalize_axis_index(axis or 0, x.ndim))


@implements(np.extract)
def extract(condition: Any, arr: SecretArray) -> SecretArray:
    """The elements that a public mask keeps, on one axis."""
    refuse_filter(operand(condition))
    return np.take(np.ravel(arr), np.flatnonzero(np.asarray(condition)))
