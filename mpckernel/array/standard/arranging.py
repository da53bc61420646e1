"""The standard's functions that move, sort, search and contract; see names.py."""

from typing import Any, NoReturn

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from mpckernel.array.operators import here
from mpckernel.array.publics import operand
from mpckernel.array.secret import SecretArray
from mpckernel.array.standard.names import array, given, standard
from mpckernel.errors import Unsupported, UsageError

# Placement.


@standard("broadcast_arrays")
def broadcast_arrays(*arrays: Any) -> list[SecretArray]:
    """All in their common shape."""
    return list(np.broadcast_arrays(*map(array, arrays)))


@standard("broadcast_to")
def broadcast_to(x: Any, /, shape: Any) -> SecretArray:
    """Repeated to a shape."""
    return np.broadcast_to(array(x), shape)


@standard("concat")
def concat(arrays: Any, /, *, axis: int | None = 0) -> SecretArray:
    """One after the other along an axis."""
    return np.concatenate([array(x) for x in arrays], axis=axis)


@standard("expand_dims")
def expand_dims(x: Any, /, axis: int) -> SecretArray:
    """With a new axis of length one."""
    return np.expand_dims(array(x), axis)


@standard("flip")
def flip(x: Any, /, *, axis: Any = None) -> SecretArray:
    """In reverse order."""
    return np.flip(array(x), axis)


@standard("moveaxis")
def moveaxis(x: Any, source: Any, destination: Any, /) -> SecretArray:
    """Axes moved to other places."""
    return np.moveaxis(array(x), source, destination)


@standard("permute_dims")
def permute_dims(x: Any, /, axes: Any) -> SecretArray:
    """Axes in another order."""
    return np.transpose(array(x), axes)


@standard("repeat")
def repeat(x: Any, repeats: Any, /, *, axis: int | None = None) -> SecretArray:
    """Each element a public number of times."""
    return np.repeat(array(x), repeats, axis=axis)


@standard("reshape")
def reshape(x: Any, /, shape: Any, *, copy: bool | None = None) -> SecretArray:  # noqa: ARG001
    """The same elements in another shape."""
    return np.reshape(array(x), shape)


@standard("roll")
def roll(x: Any, /, shift: Any, *, axis: Any = None) -> SecretArray:
    """Shifted round the axes."""
    return np.roll(array(x), shift, axis)


@standard("squeeze")
def squeeze(x: Any, /, axis: Any) -> SecretArray:
    """Without axes of length one."""
    return np.squeeze(array(x), axis)


@standard("stack")
def stack(arrays: Any, /, *, axis: int = 0) -> SecretArray:
    """Along a new axis."""
    return np.stack([array(x) for x in arrays], axis=axis)


@standard("tile")
def tile(x: Any, repetitions: Any, /) -> SecretArray:
    """The whole array repeated."""
    return np.tile(array(x), repetitions)


@standard("unstack")
def unstack(x: Any, /, *, axis: int = 0) -> tuple[SecretArray, ...]:
    """The arrays along one axis."""
    turned = np.moveaxis(array(x), axis, 0)
    return tuple(turned[k] for k in range(turned.shape[0]))


@standard("tril")
def tril(x: Any, /, *, k: int = 0) -> SecretArray:
    """Zero above a diagonal."""
    return np.tril(array(x), k)


@standard("triu")
def triu(x: Any, /, *, k: int = 0) -> SecretArray:
    """Zero below a diagonal."""
    return np.triu(array(x), k)


@standard("meshgrid")
def meshgrid(*arrays: Any, indexing: str = "xy") -> list[SecretArray]:
    """Coordinate matrices from coordinate vectors."""
    return list(np.meshgrid(*map(array, arrays), indexing=indexing))


# Order, places, sets.


@standard("sort")
def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:  # noqa: ARG001
    """In order along one axis; equal elements cannot be told apart."""
    up = np.sort(array(x), axis=axis)
    return np.flip(up, axis) if descending else up


@standard("argsort")
def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """The positions that sort; equal elements in their order."""
    x = array(x)
    if not descending:
        return np.argsort(x, axis=axis, stable=stable)
    n = x.shape[normalize_axis_index(axis, x.ndim)]
    return n - 1 - np.flip(np.argsort(np.flip(x, axis), axis=axis, stable=stable), axis)


@standard("searchsorted")
def searchsorted(x1: Any, x2: Any, /, *, side: str = "left", sorter: Any = None) -> SecretArray:
    """Where x2 would be put into the sorted x1."""
    x, v = array(x1), array(x2)
    return np.searchsorted(x if sorter is None else np.take(x, sorter), v, side=side)


@standard("take")
def take(x: Any, indices: Any, /, *, axis: int | None = None) -> SecretArray:
    """Elements at positions along one axis."""
    x = array(x)
    if axis is None and x.ndim != 1:
        raise UsageError(f"{here()}take: give axis= for an array of {x.ndim} axes")
    return np.take(x, operand(indices), axis=axis)


@standard("take_along_axis")
def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> SecretArray:
    """For each line along an axis, its own positions."""
    return np.take_along_axis(array(x), operand(indices), axis)


def _shape_tells(name: str, instead: str) -> None:
    @standard(name)
    def f(x: Any, /) -> NoReturn:  # noqa: ARG001
        raise Unsupported(
            f"{here()}{name}: the shape of the result would tell a secret; nearest: {instead}"
        )

    f.__doc__ = "Refused: the shape of the result would tell a secret."


_shape_tells("nonzero", "the mask itself, count_nonzero, argmax")
for _name in ("unique_all", "unique_counts", "unique_inverse", "unique_values"):
    _shape_tells(_name, "np.unique with a public size, or (x == value).sum() for public values")


# Sums of products.


@standard("tensordot")
def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> SecretArray:
    """Sums of products over pairs of axes."""
    return given(np.tensordot(array(x1), array(x2), axes))


@standard("vecdot")
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> SecretArray:
    """Sums of products along one axis."""
    return given(np.vecdot(array(x1), array(x2), axis=axis))
