"""Placement of elements: the NumPy functions that only move, drop or repeat what they get.

`how` is a tuple (name, *arguments) of plain values, so that it can be digested and compared.
The same movement applied to every share moves the secret.
"""

from collections.abc import Callable
from math import prod
from operator import index
from typing import Any, TypeAlias

import numpy as np

from mpckernel.errors import Unsupported
from mpckernel.ring.words import Shape, col2im

How: TypeAlias = tuple[Any, ...]
_LARGEST = 2**63 - 1


def _index(key: Any) -> Any:
    """Undo `frozen`: bytes become index arrays, triples become slices."""
    if isinstance(key, tuple) and key and key[0] == "slice":
        return slice(*key[1:])
    if isinstance(key, tuple) and key and key[0] == "array":
        _, kind, shape, content = key
        return np.frombuffer(content, kind).reshape(shape)
    if isinstance(key, tuple) and key and key[0] == "many":
        return tuple(_index(k) for k in key[1:])
    if key == "...":
        return Ellipsis
    return key


def frozen(key: Any) -> Any:
    """A public index as nested tuples of plain values; arrays as kind, shape and bytes."""
    if isinstance(key, tuple):
        return ("many", *(frozen(k) for k in key))
    if isinstance(key, slice):
        parts = (key.start, key.stop, key.step)
        return ("slice", *(None if k is None else index(k) for k in parts))
    if key is Ellipsis:
        return "..."
    if key is None or isinstance(key, bool | np.bool_):
        return None if key is None else bool(key)
    if isinstance(key, list | np.ndarray):
        a = np.asarray(key)
        if a.size == 0 and a.dtype.kind == "f":
            a = a.astype(np.int64)
        if a.dtype.kind not in "iub":
            raise Unsupported("an index must be public integers, booleans or slices")
        if a.dtype.kind == "u" and a.size and int(a.max()) > _LARGEST:
            raise Unsupported("an index beyond 2^63 lies outside every array")
        kind = "|b1" if a.dtype.kind == "b" else "<i8"
        return ("array", kind, a.shape, a.astype(kind).tobytes())
    try:
        return index(key)
    except TypeError:
        raise Unsupported(
            "an index is public whole numbers, booleans or slices; a column is chosen by its name "
            "where it is shared, alice.df['age']"
        ) from None


def _windows(x: np.ndarray, kernel: Any, stride: Any, padding: Any) -> np.ndarray:
    """Windows of images (n, c, h, w) as rows (n oh ow, c kh kw), zeros beyond the edge."""
    high, wide = padding
    padded = np.pad(x, ((0, 0), (0, 0), (high, high), (wide, wide)))
    view = np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=(2, 3))
    view = view[:, :, :: stride[0], :: stride[1]].transpose(0, 2, 3, 1, 4, 5)
    return view.reshape(prod(view.shape[:3]), prod(view.shape[3:]))


def _placed_windows(
    rows: np.ndarray, shape: Shape, kernel: Any, stride: Any, padding: Any
) -> np.ndarray:
    """Rows of windows back at their places: one image for each element of the kernel, which add
    up to the adjoint of `_windows`."""
    (n, c, h, w), (kh, kw), (down, right) = shape, kernel, padding
    oh, ow = (h + 2 * down - kh) // stride[0] + 1, (w + 2 * right - kw) // stride[1] + 1
    parts = rows.reshape(n, oh, ow, c, kh, kw).transpose(4, 5, 0, 3, 1, 2)
    out = np.zeros((kh, kw, n, c, h + 2 * down, w + 2 * right), rows.dtype)
    for i in range(kh):
        for j in range(kw):
            lines = slice(i, i + stride[0] * (oh - 1) + 1, stride[0])
            out[i, j][..., lines, j : j + stride[1] * (ow - 1) + 1 : stride[1]] = parts[i, j]
    inner = out[..., down : down + h, right : right + w]
    return inner.reshape(kh * kw, n, c, h, w)


MOVES: dict[str, Callable[..., np.ndarray]] = {
    "reshape": lambda x, shape: x.reshape(shape),
    "index": lambda x, key: x[_index(key)],
    "transpose": lambda x, axes: x.transpose(axes),
    "broadcast_to": np.broadcast_to,
    "concatenate": lambda *x, axis: np.concatenate(x, axis=axis),
    "stack": lambda *x, axis: np.stack(x, axis=axis),
    "repeat": np.repeat,
    "tile": np.tile,
    "roll": np.roll,
    "flip": np.flip,
    "squeeze": np.squeeze,
    "expand_dims": np.expand_dims,
    "diagonal": np.diagonal,
    "diag": np.diag,
    "tril": np.tril,
    "triu": np.triu,
    "pad_zero": np.pad,
    "windows": _windows,
    "placed_windows": _placed_windows,
}
SAME_ORDER = {"reshape", "expand_dims", "squeeze"}  # elements keep their order: nothing moves


def apply(how: How, *arrays: np.ndarray) -> np.ndarray:
    """The movement on arrays of any dtype; a contiguous result, which may be the operand's memory
    where elements keep their order."""
    name, *arguments = how
    move = MOVES[name]
    keywords = {"axis": arguments.pop()} if name in ("concatenate", "stack") else {}
    if name in SAME_ORDER:
        return np.ascontiguousarray(arrays[0]).reshape(shape(how, arrays[0].shape))
    return np.array(move(*arrays, *arguments, **keywords), order="C", copy=True)


def added(how: How, x: np.ndarray) -> np.ndarray:
    """The movement of words, added up along the axis that then leads, modulo 2^64."""
    name, *arguments = how
    if name == "placed_windows":
        image, kernel, stride, padding = arguments
        if stride[0] == stride[1] and padding[0] == padding[1]:  # without a copy for each place
            return col2im(x, tuple(image), kernel[0], kernel[1], stride[0], padding[0])
    return np.asarray(np.add.reduce(apply(how, x), axis=0, dtype=np.uint64))


def shape(how: How, *shapes: Shape) -> Shape:
    """The shape of the result, without moving anything: on arrays of one byte."""
    stand_ins = [np.ndarray(s, np.bool_, b"\0", strides=(0,) * len(s)) for s in shapes]
    name, *arguments = how
    keywords = {"axis": arguments.pop()} if name in ("concatenate", "stack") else {}
    try:
        return MOVES[name](*stand_ins, *arguments, **keywords).shape
    except (ValueError, IndexError, np.exceptions.AxisError) as why:
        raise Unsupported(f"{name}: {why}") from None
