"""Placement of elements: the NumPy functions that only move, drop or repeat what they get.

`how` is a tuple (name, *arguments) of plain values, so that it can be digested and compared.
The same movement applied to every share moves the secret.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from mpckernel.errors import Unsupported
from mpckernel.ring.words import Shape

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
        return ("slice", *(None if k is None else int(k) for k in parts))
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
    return int(key)


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
}


def apply(how: How, *arrays: np.ndarray) -> np.ndarray:
    """The movement on arrays of any dtype; a contiguous result."""
    name, *arguments = how
    move = MOVES[name]
    keywords = {"axis": arguments.pop()} if name in ("concatenate", "stack") else {}
    return np.array(move(*arrays, *arguments, **keywords), order="C", copy=True)


def shape(how: How, *shapes: Shape) -> Shape:
    """The shape of the result, without moving anything: on arrays of no bytes."""
    stand_ins = [np.broadcast_to(np.zeros((), np.bool_), s) for s in shapes]
    name, *arguments = how
    keywords = {"axis": arguments.pop()} if name in ("concatenate", "stack") else {}
    try:
        return MOVES[name](*stand_ins, *arguments, **keywords).shape
    except (ValueError, IndexError, np.exceptions.AxisError) as why:
        raise Unsupported(f"{name}: {why}") from None
