"""Cutting large elementwise calls into chunks, and putting the results together.

A chunk is what travels as one message of 1 MiB, so that one is sent while the next is
computed. Chunks of packed bits begin at whole words.
"""

from math import prod
from typing import Any

import numpy as np

from mpckernel.protocols.ideal import Ideal
from mpckernel.ring import bits
from mpckernel.ring.words import Shape
from mpckernel.sharing.rep3 import Bits3, Rep3

CHUNK = 2**17  # elements
BIT_CHUNK = 2**22


def pieces(ideal: Ideal, shape: Shape, operands: list[Any]) -> list[tuple[int, int]]:
    """(begin, end) of each chunk in flat order; one if the call is small or not elementwise."""
    n = prod(shape)
    only_bits = all(isinstance(x, Bits3) or getattr(x, "dtype", None) == np.bool_ for x in operands)
    step = BIT_CHUNK if only_bits and ideal.gives == "bit" else CHUNK
    if not ideal.elementwise or n <= step:
        return [(0, n)]
    return [(a, min(a + step, n)) for a in range(0, n, step)]


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


def join(results: list[Any], shape: Shape) -> Any:
    """The result of the whole call."""
    if len(results) == 1 and results[0].shape == shape:
        return results[0]
    i, j = (np.concatenate([getattr(r, s) for r in results]) for s in "ij")
    if isinstance(results[0], Rep3):
        return Rep3(i.reshape(shape), j.reshape(shape))
    return Bits3(i, j, shape)
