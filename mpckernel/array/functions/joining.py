"""Putting arrays together and taking them apart. All free."""

from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from mpckernel.array.functions.shaping import moved
from mpckernel.array.publics import common, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError


def _together(name: str, arrays: Sequence[Any], axis: int, extra: int = 0) -> SecretArray:
    """Operands in their common type, moved by "concatenate" or "stack"."""
    xs = [operand(x) for x in arrays]
    t = common(*xs)
    if name == "concatenate" and any(x.ndim == 0 for x in xs):
        raise UsageError("single values cannot be concatenated; use np.stack or np.atleast_1d")
    place = normalize_axis_index(axis, xs[0].ndim + extra)
    return moved((name, place), *(secret(x, t) for x in xs), dtype=t)


@implements(np.concatenate)
def concatenate(arrays: Sequence[Any], axis: int | None = 0, dtype: Any = None) -> SecretArray:
    """One after the other along an axis (flat if None), in the common type or dtype=."""
    if dtype is not None:
        return concatenate(arrays, axis).astype(dtype)
    if axis is None:
        return _together("concatenate", [np.ravel(operand(x)) for x in arrays], 0)
    return _together("concatenate", arrays, axis)


@implements(np.stack)
def stack(arrays: Sequence[Any], axis: int = 0, dtype: Any = None) -> SecretArray:
    """Arrays of one shape along a new axis, in the common type or dtype=."""
    joined = _together("stack", arrays, axis, extra=1)
    return joined if dtype is None else joined.astype(dtype)


@implements(np.vstack)
def vstack(tup: Sequence[Any]) -> SecretArray:
    """Rows under each other."""
    return concatenate([np.atleast_2d(operand(x)) for x in tup], 0)


@implements(np.hstack)
def hstack(tup: Sequence[Any]) -> SecretArray:
    """Beside each other: along the second axis, the first of vectors."""
    xs = [np.atleast_1d(operand(x)) for x in tup]
    return concatenate(xs, 0 if xs[0].ndim == 1 else 1)


@implements(np.column_stack)
def column_stack(tup: Sequence[Any]) -> SecretArray:
    """Vectors as the columns of a matrix."""
    xs = [operand(x) for x in tup]
    return concatenate([x if x.ndim > 1 else np.reshape(x, (x.size, 1)) for x in xs], 1)


@implements(np.dstack)
def dstack(tup: Sequence[Any]) -> SecretArray:
    """Behind each other, along the third axis."""
    return concatenate([np.atleast_3d(operand(x)) for x in tup], 2)


@implements(np.block)
def block(arrays: Any) -> SecretArray:
    """From nested lists of blocks: the innermost lists along the last axis, and so on outwards."""
    depth = _depth(arrays)
    least = max(depth, _widest(arrays))
    return _blocks(arrays, depth, least)


def _depth(x: Any) -> int:
    return 1 + max(map(_depth, x), default=0) if isinstance(x, list) else 0


def _widest(x: Any) -> int:
    return max(map(_widest, x), default=0) if isinstance(x, list) else operand(x).ndim


def _blocks(x: Any, depth: int, least: int) -> Any:
    if not isinstance(x, list):
        one = operand(x)
        return np.reshape(one, (1,) * (least - one.ndim) + tuple(one.shape))
    return concatenate([_blocks(v, depth - 1, least) for v in x], least - depth)


@implements(*(f for f in [getattr(np, "unstack", None)] if f))
def unstack(x: SecretArray, /, *, axis: int = 0) -> tuple[SecretArray, ...]:
    """The arrays along one axis."""
    turned = np.moveaxis(x, axis, 0)
    return tuple(turned[k] for k in range(turned.shape[0]))


@implements(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> SecretArray:
    """A new array with values at its end."""
    return concatenate([arr, values], axis)


@implements(np.split)
def split(ary: SecretArray, indices_or_sections: Any, axis: int = 0) -> list[SecretArray]:
    """Parts between public positions, or a number of equal parts."""
    n = ary.shape[normalize_axis_index(axis, ary.ndim)]
    if np.ndim(indices_or_sections) == 0:
        parts = index(indices_or_sections)
        if parts < 1 or n % parts:
            raise UsageError(f"np.split: {n} elements are not {parts} equal parts")
    return array_split(ary, indices_or_sections, axis)


@implements(np.array_split)
def array_split(ary: SecretArray, indices_or_sections: Any, axis: int = 0) -> list[SecretArray]:
    """Parts between public positions; a number of parts that does not divide is spread evenly."""
    place = normalize_axis_index(axis, ary.ndim)
    marks = np.array_split(np.arange(ary.shape[place]), indices_or_sections)
    before = (slice(None),) * place
    firsts = [int(m[0]) if m.size else 0 for m in marks]
    return [ary[(*before, slice(a, a + m.size))] for a, m in zip(firsts, marks, strict=True)]


@implements(np.hsplit)
def hsplit(ary: SecretArray, indices_or_sections: Any) -> list[SecretArray]:
    """Parts along the second axis, the first of vectors."""
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@implements(np.vsplit)
def vsplit(ary: SecretArray, indices_or_sections: Any) -> list[SecretArray]:
    """Parts along the first axis."""
    return split(ary, indices_or_sections, 0)


@implements(np.dsplit)
def dsplit(ary: SecretArray, indices_or_sections: Any) -> list[SecretArray]:
    """Parts along the third axis."""
    return split(ary, indices_or_sections, 2)
