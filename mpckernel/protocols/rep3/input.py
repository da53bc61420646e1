"""Sharing a value that one party knows.

Source: pseudo-random secret sharing of an input, as MP-SPDZ's ReplicatedInput.
Departs from it in: the share that the owner does not hold is public noise instead of zero, so
that a truncation of the input rounds up and down (SECURITY.md, "Inputs").
Notation: P_o is the owner; it holds x_o and x_{o+1}.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

from math import prod
from typing import Any

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.op import lanes, op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.summands import Pair
from mpckernel.ring import bits
from mpckernel.ring.words import Shape, Words, as_words
from mpckernel.sharing.rep3 import Bits3, Bools, Rep3


async def _shared(p: Party, mine: Words | None, o: int, n: int, minus: np.ufunc) -> Pair:
    """x_o = PRF, x_{o+1} = v - d - x_o, x_{o-1} = d, public noise. One round, one message.

    P_{o+1} sees v - d - x_o, and x_o is uniform to it; P_{o-1} sees nothing.
    """
    d = p.public_noise(n)
    x_o = p.known_to(o, (o - 1) % 3, n=n)
    if x_o is None:
        mail = await p.exchange({}, {o: (n,)})
        return mail[o][0], d
    if p.id != o:
        await p.exchange({}, {})
        return d, x_o
    x_next = minus(minus(mine, d), x_o)
    await p.exchange({p.right: (x_next,)}, {})
    return x_o, x_next


def _lanes(out: Shape, *_: Shape, **__: Any) -> int:
    return lanes(out)


@op(ideal.input_words, rounds=1, bits=64, leaks="nothing", source="SECURITY.md, Inputs")
async def input_words(
    p: Party, value: Words | None, *, owner: int, shape: Shape, bound: int
) -> Rep3:
    """[value of party number `owner`]; the others pass None."""
    mine = None if value is None else as_words(value).reshape(-1)
    x_i, x_j = await _shared(p, mine, (owner + p.turn) % 3, prod(shape), np.subtract)
    return Rep3(x_i.reshape(shape), x_j.reshape(shape))


@op(ideal.input_bits, rounds=1, bits=_lanes, leaks="nothing", source="SECURITY.md, Inputs")
async def input_bits(
    p: Party, value: Bools | None, *, owner: int, shape: Shape, bound: int
) -> Bits3:
    """[bools of party number `owner`]; the others pass None."""
    mine = None if value is None else bits.pack(value)
    n = bits.packed_len(prod(shape))
    return Bits3(*(await _shared(p, mine, (owner + p.turn) % 3, n, np.bitwise_xor)), shape)
