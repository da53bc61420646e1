"""Opening a replicated sharing, to all or to one party. The only way out of a sharing.

Source: Araki et al. 2016, ePrint 2016/768, section 2.1. Departs from it in: nothing.
Notation: P_i lacks x_{i-1}, which is x_j of P_{i+1}; so everybody passes x_j to the left.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpckernel.protocols import ideal
from mpckernel.protocols.op import lanes, op
from mpckernel.protocols.party import Party
from mpckernel.ring import bits
from mpckernel.ring.words import Shape, Words
from mpckernel.sharing.rep3 import Bits3, Rep3


async def lacking_share(p: Party, x_j: Words, to: int) -> Words | None:
    """x_{i-1} at the role `to`, None at the others; only its right neighbour sends. One round."""
    source = (to + 1) % 3
    send = {to: (x_j.reshape(-1),)} if p.id == source else {}
    mail = await p.exchange(send, {source: (x_j.size,)} if p.id == to else {})
    return mail[source][0].reshape(x_j.shape) if p.id == to else None


def _bools(x_i: Words, x_j: Words, x_k: Words, shape: Shape) -> NDArray[np.bool_]:
    n = int(np.prod(shape, dtype=int))
    return bits.unpack(x_i ^ x_j ^ x_k, n).reshape(shape)


def _one_each(out: Shape, *_: Shape, **__: Any) -> int:
    return lanes(out)


def _three_each(out: Shape, *_: Shape, **__: Any) -> int:
    return 3 * lanes(out)


@op(ideal.open_words, rounds=1, bits=3 * 64, leaks="x, to all", source="2016/768 2.1")
async def open_words(p: Party, x: Rep3) -> Words:
    """x, to every party. Once this is called, treat x as public, however the call ends."""
    x_k = await p.pass_left(x.j)
    return np.asarray(x.i + x.j + x_k)


@op(ideal.open_words_to, rounds=1, bits=64, leaks="x, to one", source="2016/768 2.1")
async def open_words_to(p: Party, x: Rep3, *, to: int) -> Words | None:
    """x at party number `to`; None at the others, who hear nothing."""
    x_k = await lacking_share(p, x.j, (to + p.turn) % 3)
    return None if x_k is None else np.asarray(x.i + x.j + x_k)


@op(ideal.open_bits, rounds=1, bits=_three_each, leaks="x, to all", source="2016/768 2.1")
async def open_bits(p: Party, x: Bits3) -> NDArray[np.bool_]:
    """x as bools, to every party. Padding lanes are cleared before they are sent."""
    x_k = await p.pass_left(x.j & bits.pad_mask(x.size))
    return _bools(x.i, x.j, x_k, x.shape)


@op(ideal.open_bits_to, rounds=1, bits=_one_each, leaks="x, to one", source="2016/768 2.1")
async def open_bits_to(p: Party, x: Bits3, *, to: int) -> NDArray[np.bool_] | None:
    """x as bools at party number `to`; None at the others, who hear nothing."""
    x_k = await lacking_share(p, x.j & bits.pad_mask(x.size), (to + p.turn) % 3)
    return None if x_k is None else _bools(x.i, x.j, x_k, x.shape)
