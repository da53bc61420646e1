"""Initial weights: public numbers, the same at every party.

They come from a seed: that of `manual_seed`, or a public coin of the parties, thrown when the
first layer is made. Initial weights say nothing about data.
Source: PyTorch's default for layers, uniform in +-1/sqrt(fan in).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from mpckernel.array.operators import here
from mpckernel.errors import UsageError
from mpckernel.nn.undoing import undoing
from mpckernel.protocols import ideal
from mpckernel.ring.prg import Prg, derive
from mpckernel.runtime.cell import _current, current
from mpckernel.runtime.recording import Recording

_FRACTION = 53  # bits of a random number

_blank: "ContextVar[bool]" = ContextVar("mpckernel_blank", default=False)


@contextmanager
def blank() -> Iterator[None]:
    """Inside, layers begin with zeros and nothing is drawn: their values are given afterwards."""
    token = _blank.set(True)
    try:
        yield
    finally:
        _blank.reset(token)


@dataclass(slots=True)
class Stream:
    """A seed, and how often it has been drawn from."""

    key: bytes | None = None
    drawn: int = 0


_alone = Stream()  # of what is made outside joint cells
_streams: "WeakKeyDictionary[Any, Stream]" = WeakKeyDictionary()  # by room


def _stream() -> Stream:
    """That of the room whose cell runs here; it begins as the one outside."""
    cell: Any = _current.get()
    while isinstance(cell, Recording):
        cell = cell.cell
    if cell is None:
        return _alone
    if cell.room not in _streams:
        _streams[cell.room] = Stream(_alone.key, 0)
    return _streams[cell.room]


def manual_seed(seed: int) -> None:
    """Let all random numbers that are public (initial weights) follow from this seed, at every
    party: a whole number from 0 to 2^64 - 1."""
    if not isinstance(seed, int) or not 0 <= seed < 1 << 64:
        raise UsageError("nn.manual_seed: a whole number from 0 to 2^64 - 1")
    _set(derive(b"mpckernel nn seed", seed.to_bytes(8, "big")), 0)


def uniform(shape: Any, limit: float) -> Any:
    """A public array of numbers between -limit and limit. UsageError if this is no shape."""
    if not all(isinstance(n, int | np.integer) and n >= 0 for n in shape):
        raise UsageError(f"{here()}sizes of layers are whole numbers: {tuple(shape)} is no shape")
    if _blank.get():
        return np.zeros(shape)
    stream = _stream()
    key, drawn = stream.key or _coin(), stream.drawn
    _set(key, drawn + 1)
    words = Prg(key).words(tuple(shape), call=drawn, use=0)
    parts = np.asarray(words >> (64 - _FRACTION)).astype(np.float64) / 2.0**_FRACTION
    return (2 * parts - 1) * limit


def _coin() -> bytes:
    """32 bytes that no party chose."""
    if _current.get() is None:
        raise UsageError("call nn.manual_seed(0) first, or make layers in a joint cell (%%mpc)")
    call = current().record(ideal.coin, shape=(4,))
    current().flush()
    if call.result is None:  # a dry run
        return bytes(32)
    return np.ascontiguousarray(call.result).tobytes()


def _set(key: bytes, drawn: int) -> None:
    """A cell that does not commit puts it back: every party goes on from the same place."""
    stream = _stream()
    before = (stream.key, stream.drawn)
    undoing(lambda: _put(stream, *before))
    _put(stream, key, drawn)


def _put(stream: Stream, key: bytes | None, drawn: int) -> None:
    stream.key, stream.drawn = key, drawn
