"""Between words and bits: one bit to a word, a word to its bits, and its headroom.

Source: MP-SPDZ's "unsplit" for one bit; Sklansky 1960 for the adder.
Departs from it in: the terms of the two summands are shared as in summands.py; headroom is
derived here (SECURITY.md, "Headroom").
Notation: x = c + r mod 2^64, b = c ^ r for bits; c is known to P_0, r to P_1 and P_2.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

from math import prod

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.op import lanes, op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import carry
from mpckernel.protocols.rep3.carry import depth
from mpckernel.protocols.rep3.linear import plus_public
from mpckernel.protocols.rep3.mul import mul
from mpckernel.protocols.rep3.summands import Pair, bit_summand, each, joined, met, summand
from mpckernel.ring import bits
from mpckernel.ring.words import Shape, Words, as_words
from mpckernel.sharing.rep3 import Bits3, Rep3, join_planes

GROUP = 8  # headroom = 2^(8 a + b): one product of two sums over one-hot bits


async def _words_of(p: Party, mine: Words) -> Pair:
    """[b] = [c + r - 2 c r] for my summand as words 0 or 1. Two rounds, 192 bits each."""
    b_i, b_j = joint = await joined(p, mine)
    u_i, u_j = await met(p, joint, mine)
    return b_i - (u_i + u_i), b_j - (u_j + u_j)


@op(ideal.bit_to_word, rounds=2, bits=3 * 64, leaks="nothing", source="SECURITY.md, Bit to word")
async def bit_to_word(p: Party, b: Bits3) -> Rep3:
    """[b] as a word, 0 or 1."""
    mine = as_words(bits.unpack(bit_summand(p, b), b.size))
    w_i, w_j = await _words_of(p, mine)
    return Rep3(w_i.reshape(b.shape), w_j.reshape(b.shape))


def _to_bits_bits(out: Shape, x: Shape, *, width: int) -> int:
    return lanes(x) * carry.sum_bits_bits(width)


@op(
    ideal.to_bits,
    rounds=carry.sum_rounds,
    bits=_to_bits_bits,
    leaks="nothing",
    source="SECURITY.md, Sign bit",
)
async def to_bits(p: Party, x: Rep3, *, width: int) -> Bits3:
    """[the low `width` bits of x], least significant first, on a new leading axis."""
    n = prod(x.shape)
    b_i, b_j = (join_planes(b, n) for b in await carry.sum_bits(p, summand(p, x), width))
    return Bits3(b_i, b_j, (width, *x.shape))


def _one_hot(first: Words, width: int) -> Words:
    """From one share of prefix ors q_0 <= q_1 <= ...: planes of a = t // 8, then of b = t % 8 but
    for b = 0, where t is the first place with q_t = 1. No plane is set if there is none."""
    step = np.concatenate((first[:1], first[1:] ^ first[:-1]))
    high = [np.bitwise_xor.reduce(step[a : a + GROUP]) for a in range(0, width, GROUP)]
    low = [np.bitwise_xor.reduce(step[b::GROUP]) for b in range(1, min(GROUP, width))]
    return np.stack(high + low)


def _planes_sent(width: int) -> int:
    return -(-width // GROUP) + min(GROUP, width) - 1


def _headroom_bits(out: Shape, x: Shape, *, width: int) -> int:
    bit_part = carry.sum_bits_bits(width) + carry.prefix_or_bits(width)
    return lanes(x) * bit_part + 192 * prod(x) * (_planes_sent(width) + 1)


@op(
    ideal.headroom,
    rounds=lambda width: carry.sum_rounds(width) + depth(width) + 3,
    bits=_headroom_bits,
    leaks="nothing",
    source="SECURITY.md, Headroom",
)
async def headroom(p: Party, x: Rep3, *, width: int) -> Rep3:
    """[2^(width - bit length of x)] for 0 < x < 2^width, and [0] for x = 0.

    The highest set bit, width - 1 - t, comes first from the top at t; 2^t = 2^(8 a) 2^b.
    """
    n, groups = prod(x.shape), -(-width // GROUP)
    planes = await carry.sum_bits(p, summand(p, x), width)
    first = await carry.prefix_or(p, each(lambda b: b[::-1], planes))
    hot = each(lambda q: join_planes(_one_hot(q, width), n), first)
    flags = await bit_to_word(p, Bits3(*hot, (_planes_sent(width), n)))
    high = flags.map(lambda s: _weighted(s[:groups], [1 << GROUP * a for a in range(groups)]))
    low = flags.map(lambda s: _weighted(s[groups:], [(1 << b) - 1 for b in range(1, GROUP)]))
    out = await mul(p, high, plus_public(p, low, np.ones(n, np.uint64)))
    return out.map(lambda s: s.reshape(x.shape))


def _weighted(rows: Words, weights: list[int]) -> Words:
    """Sum of rows times weights; weights beyond the last row are not used."""
    out = np.zeros(rows.shape[1:], np.uint64)
    for row, weight in zip(rows, weights, strict=False):
        out += row * np.uint64(weight)
    return out
