"""Comparison with zero: the sign bit, and equality.

Source: none; derived here, proofs in SECURITY.md, "Sign bit" and "Zero test". The circuits are
textbook ones (carry.py).
Departs from it in: nothing. Notation: x = c + r mod 2^64; c is known to P_0, r to P_1 and P_2.
"""

from collections.abc import Callable

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.op import lanes, op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.carry import all_of, carry_bits, carry_rounds, depth, top_bit
from mpckernel.protocols.rep3.summands import Pair, beside, in_turn, joined, summands
from mpckernel.protocols.rounds import Steps
from mpckernel.ring import bits
from mpckernel.ring.words import Shape, Words
from mpckernel.sharing.rep3 import Bits3, Rep3


def _per_lane(count: Callable[[int], int]) -> Callable[..., int]:
    def total(out: Shape, *_: Shape, width: int) -> int:
        return lanes(out) * count(width)

    return total


@op(
    ideal.msb,
    rounds=carry_rounds,
    bits=_per_lane(carry_bits),
    leaks="nothing",
    source="SECURITY.md, Sign bit",
    turns=True,
)
async def msb(p: Party, x: Rep3, *, width: int) -> Bits3:
    """[x < 0] for |x| < 2^(width - 1): c + r's bit of weight 2^(width-1)."""
    return Bits3(*(await top_bit(p, summands(p, x), width)), x.shape)


@op(
    ideal.is_zero,
    rounds=lambda width: 1 + depth(width),
    bits=_per_lane(lambda w: w + 3 * (w - 1)),
    leaks="nothing",
    source="SECURITY.md, Zero test",
    turns=True,
)
async def is_zero(p: Party, x: Rep3, *, width: int) -> Bits3:
    """[x = 0] for |x| < 2^(width - 1): every bit of c equals that of -r.

    P_1 and P_2 give r - 1, the complement of -r, so that equal bits join to ones.
    """

    def same(q: Party, mine: Words) -> Steps[Pair]:
        mine = mine if q.id == 0 else mine - np.uint64(1)
        return joined(q, bits.planes(mine, width), minus=np.bitwise_xor)

    return Bits3(*(await all_of(p, beside(await in_turn(same, summands(p, x))))), x.shape)
