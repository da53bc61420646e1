"""Carries of the two summands, on bit planes: the sign bit, exact floors and bit decomposition.

Source: Kogge, Stone 1973 and Sklansky 1960 for the trees of (generate, propagate) pairs.
Departs from it in: the first level costs two bits a gate, not three, because one summand is
known to P_0 and the other to P_1 and P_2 (SECURITY.md, "Sign bit").
Notation: plane k holds bit k of all elements; g_k = c_k r_k, p_k = c_k ^ r_k.
"""

import numpy as np

from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.summands import Pair, each, joined, met
from mpckernel.ring import bits
from mpckernel.ring.words import Words


def depth(n: int) -> int:
    """Levels of a binary tree with n leaves."""
    return (n - 1).bit_length() if n > 1 else 0


async def and_planes(p: Party, x: Pair, y: Pair) -> Pair:
    """[x & y], plane by plane, one message. One round, 3 bits a gate.

    Source: Araki et al. 2016, ePrint 2016/768, section 2.1.
    """
    (x_i, x_j), (y_i, y_j) = x, y
    a, b = (m.reshape(x_i.shape) for m in p.masks(x_i.size))
    z_i = bits.cross_and(x_i, x_j, y_i, y_j, a, b)
    z_j = await p.pass_left(z_i)
    return z_i, z_j


async def all_of(p: Party, x: Pair) -> Pair:
    """[the and of all planes], as one plane: n - 1 gates, depth(n) rounds."""
    while (n := len(x[0])) > 1:
        half = n // 2
        low, high, rest = (
            (x[0][s], x[1][s]) for s in (slice(half), slice(half, 2 * half), slice(2 * half, n))
        )
        x = each(_stacked, await and_planes(p, low, high), rest)
    return x[0][0], x[1][0]


def _stacked(*rows: Words) -> Words:
    return np.concatenate(rows)


async def generate(p: Party, mine: Words, width: int, leaves: int) -> tuple[Pair, Pair]:
    """[p_k] for k < width, [g_k] for k < leaves, as planes; `mine` is my summand. Two rounds."""
    planes = bits.planes(mine, width)
    prop = await joined(p, planes, minus=np.bitwise_xor)
    some = (prop[0][:leaves], prop[1][:leaves])
    return prop, await met(p, some, planes[:leaves], xor=True)


def generate_bits(width: int, leaves: int) -> int:
    """Bits that `generate` sends for each lane."""
    return width + 2 * leaves


async def last_carry(p: Party, prop: Pair, gen: Pair) -> Pair:
    """[the carry out of the highest of these planes], as one plane; depth(n) rounds."""
    while len(gen[0]) > 1:
        prop, gen = await _halved(p, prop, gen)
    return gen[0][0], gen[1][0]


async def _halved(p: Party, prop: Pair, gen: Pair) -> tuple[Pair, Pair]:
    """One level: neighbours (lower, upper) become (g_u ^ p_u g_l, p_u p_l). One round.

    The pair that holds plane 0 needs no p; an odd plane out waits for the next level.
    """
    n = len(gen[0])
    pairs, odd = n // 2, slice(n - n % 2, n)
    x = each(lambda q: np.concatenate((q[1:n:2], q[3:n:2])), prop)
    y = each(lambda g, q: np.concatenate((g[0 : n - 1 : 2], q[2 : n - 1 : 2])), gen, prop)
    z = await and_planes(p, x, y)
    gen = each(lambda g, w: np.concatenate((g[1:n:2] ^ w[:pairs], g[odd])), gen, z)
    return each(lambda q, w: np.concatenate((q[:1], w[pairs:], q[odd])), prop, z), gen


def last_carry_bits(n: int) -> int:
    """Bits that `last_carry` sends for each lane: 3 for each of 2 (n - 1) - depth gates."""
    return 3 * (2 * (n - 1) - depth(n))


async def carry_out(p: Party, mine: Words, width: int) -> Pair:
    """[1 where the low `width` bits of the summands add up to 2^width or more], one plane."""
    prop, gen = await generate(p, mine, width, width)
    return await last_carry(p, prop, gen)


def carry_bits(width: int) -> int:
    """Bits that `carry_out` sends for each lane."""
    return generate_bits(width, width) + last_carry_bits(width)


def carry_rounds(width: int) -> int:
    """Rounds of `carry_out`."""
    return 2 + depth(width)


async def all_carries(p: Party, prop: Pair, gen: Pair) -> Pair:
    """[carry out of plane k], for every k: Sklansky's tree, depth(n) rounds."""
    n = len(gen[0])
    gen, prop = each(np.copy, gen), each(lambda q: q[:n].copy(), prop)
    for level in range(depth(n)):
        upper, lower, inner = _sklansky(n, level)
        both = upper[inner:]  # those that still need a p
        x = each(_stacked, _rows(prop, upper), _rows(prop, both))
        y = each(_stacked, _rows(gen, lower), _rows(prop, lower[inner:]))
        z = await and_planes(p, x, y)
        for g, q, w in zip(gen, prop, z, strict=True):
            g[upper] ^= w[: len(upper)]
            q[both] = w[len(upper) :]
    return gen


def _rows(x: Pair, which: np.ndarray) -> Pair:
    return x[0][which], x[1][which]


def _sklansky(n: int, level: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Planes that change on this level, the plane each one takes in, and how many of them
    reach plane 0 and need no p any more."""
    upper = np.array([k for k in range(n) if k >> level & 1])
    lower = (upper >> level << level) - 1
    return upper, lower, int((upper < 2 << level).sum())


def all_carries_bits(n: int) -> int:
    """Bits that `all_carries` sends for each lane."""
    gates = 0
    for level in range(depth(n)):
        upper, _, inner = _sklansky(n, level)
        gates += 2 * len(upper) - inner
    return 3 * gates


async def prefix_or(p: Party, x: Pair) -> Pair:
    """[x_0 | ... | x_k], for every plane k: Sklansky's tree, depth(n) rounds."""
    x = each(np.copy, x)
    for level in range(depth(len(x[0]))):
        upper, lower, _ = _sklansky(len(x[0]), level)
        z = await and_planes(p, _rows(x, upper), _rows(x, lower))
        for s, w in zip(x, z, strict=True):
            s[upper] ^= s[lower] ^ w
    return x


def prefix_or_bits(n: int) -> int:
    """Bits that `prefix_or` sends for each lane."""
    return 3 * sum(len(_sklansky(n, level)[0]) for level in range(depth(n)))
