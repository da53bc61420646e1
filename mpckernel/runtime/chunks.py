"""Cutting large elementwise calls into chunks, and putting the results together.

A chunk is what travels as one message of 1 MiB, so that one is sent while the next is
computed. Only a window of chunks is on its way at a time: what they need beside operands and
result does not grow with the call. A call of more chunks than that takes several waves, and the
rounds of each. Chunks of packed bits begin at whole words.
"""

from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from mpckernel.protocols.op import Op
from mpckernel.ring import bits
from mpckernel.ring.words import Shape
from mpckernel.runtime.call import Call, Operand
from mpckernel.runtime.lanes import LanewiseOp
from mpckernel.sharing.rep3 import Bits3, Rep3

WHOLE = 2**16  # elements of a call in one piece
CHUNK = 2**17  # the most in one of several
BIT_CHUNK = 2**22
LANES = 2**16  # of a composed function
WINDOW = 2**20  # elements on their way
BIT_WINDOW = 2**24
LANES_WINDOW = 2**19
_FEW = 1024  # lanes from which filling up whole words costs less than 7 %


@dataclass(frozen=True, slots=True)
class Cut:
    """How a call of n elements is cut: chunks of `step`, `window` of them at a time.

    filled: the last chunk is filled up with zeros, so that every chunk is alike.
    """

    n: int
    step: int
    window: int = 1
    filled: bool = False

    @property
    def count(self) -> int:
        """How many chunks."""
        return max(1, -(-self.n // self.step))

    @property
    def waves(self) -> int:
        """How many windows after each other."""
        return -(-self.count // self.window)

    def span(self, k: int) -> tuple[int, int]:
        """Begin and end of chunk k in flat order."""
        return k * self.step, min((k + 1) * self.step, self.n)


def is_small(shape: Shape) -> bool:
    """Whether a call with this result is one wave, and one piece unless it is lanewise."""
    return prod(shape) <= min(WHOLE, LANES_WINDOW)


def cut(op: Op, shape: Shape, only_bits: bool) -> Cut:
    """How to cut a call with this result; in one piece if it is small or not elementwise."""
    n = prod(shape)
    if isinstance(op, LanewiseOp):
        lanes = op.inner.lanes
        return Cut(n, lanes, max(2, LANES_WINDOW // lanes), filled=True)
    if not op.ideal.elementwise or n <= (BIT_CHUNK if only_bits else WHOLE):
        return Cut(n, max(n, 1))
    if only_bits:
        return Cut(n, BIT_CHUNK, BIT_WINDOW // BIT_CHUNK)
    step = _even(n, 3 * CHUNK) if op.turns else _thirds(n)
    return Cut(n, step, max(WINDOW // step, 3))


def only_bits(op: Op, operands: tuple[Operand, ...]) -> bool:
    """Whether a call takes in bits alone, and gives bits."""
    kinds = (
        x.dtype == np.bool_ if isinstance(x, np.ndarray) else x.kind == "bit" for x in operands
    )
    return op.ideal.gives == "bit" and all(kinds)


def pieces(call: Call) -> Cut:
    """How a call is cut: a function of the plan alone, the same at every party."""
    assert call.op is not None
    return cut(call.op, call.shape, only_bits(call.op, call.operands))


def _thirds(n: int) -> int:
    """Elements of a chunk, such that three, six, ... are the whole: roles rotate from chunk to
    chunk, and what one role sends more than another comes out even."""
    return _even(n, CHUNK, 3)


def _even(n: int, most: int, times: int = 1) -> int:
    """Elements of chunks of `most` or less, alike, whose number is a multiple of `times`."""
    count = times * -(-n // (times * most))
    return -(-n // (64 * count)) * 64


def lanes_for(n: int) -> int:
    """Lanes of each chunk of a composed function on n lanes: all alike, and whole words of bits
    where filling up is cheap."""
    even = -(-n // -(-n // LANES)) if n else 0
    return even if n < _FEW else -(-even // 64) * 64


def spread(x: Any, shape: Shape) -> Any:
    """An operand broadcast to the shape of the result, flat."""
    if isinstance(x, Rep3):
        return Rep3(*(np.broadcast_to(w, shape).reshape(-1) for w in x))
    if not isinstance(x, Bits3):
        return np.broadcast_to(x, shape).reshape(-1)
    if x.shape != shape:
        loose = (bits.unpack(w, x.size).reshape(x.shape) for w in x)
        x_i, x_j = (bits.pack(np.broadcast_to(b, shape).reshape(-1)) for b in loose)
        return Bits3(x_i, x_j, (prod(shape),))
    return Bits3(x.i, x.j, (x.size,))


def piece(flat: Any, a: int, b: int) -> Any:
    """Elements a to b of a flat operand."""
    if isinstance(flat, Rep3):
        return Rep3(flat.i[a:b], flat.j[a:b])
    if isinstance(flat, Bits3):
        words = slice(a // 64, -(-b // 64))
        return Bits3(flat.i[words], flat.j[words], (b - a,))
    return flat[a:b]


def filled(part: Any, lanes: int) -> Any:
    """The same with zeros after it, up to this many lanes."""
    if part.shape == (lanes,):
        return part
    if isinstance(part, Rep3):
        return part.map(lambda s: _longer(s, lanes))
    if isinstance(part, Bits3):
        words = bits.packed_len(lanes)
        return Bits3(_longer(part.i, words), _longer(part.j, words), (lanes,))
    return _longer(part, lanes)


def _longer(x: np.ndarray, n: int) -> np.ndarray:
    out = np.zeros(n, x.dtype)
    out[: x.size] = x
    return out


@dataclass(slots=True)
class Whole:
    """The result of a call, filled in chunk by chunk."""

    shape: Shape
    result: Any = field(default=None, repr=False)

    def put(self, part: Any, a: int, b: int) -> None:
        """Elements a to b; lanes that were filled in are left out."""
        if self.result is None:
            self.result = _room(part, self.shape)
        if isinstance(part, Bits3):
            last, mask = -(-b // 64), bits.pad_mask(b - a)
            for whole, words in zip(self.result, part, strict=True):
                np.bitwise_and(words[: mask.size], mask, out=whole[a // 64 : last])
        elif isinstance(part, Rep3):
            for whole, words in zip(self.result, part, strict=True):
                whole[a:b] = words[: b - a]
        else:
            self.result[a:b] = part[: b - a]

    def value(self) -> Any:
        """The whole result in its shape."""
        if isinstance(self.result, Bits3):
            return self.result
        if isinstance(self.result, Rep3):
            return self.result.map(lambda s: s.reshape(self.shape))
        return self.result.reshape(self.shape)


def _room(like: Any, shape: Shape) -> Any:
    """Room for a whole result of this kind."""
    n = prod(shape)
    if isinstance(like, Bits3):
        words = bits.packed_len(n)
        return Bits3(np.empty(words, np.uint64), np.empty(words, np.uint64), shape)
    if isinstance(like, Rep3):
        return Rep3(np.empty(n, np.uint64), np.empty(n, np.uint64))
    return np.empty(n, like.dtype)
