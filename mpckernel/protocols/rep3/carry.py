"""Carries of the two summands, on bit planes: the sign bit, exact floors and bit decomposition.

Source: Kogge, Stone 1973 and Sklansky 1960 for the trees of (generate, propagate) pairs.
Departs from it in: the leaves are digits of four bits (digits.py), because one summand is known
to P_0 and the other to P_1 and P_2 (SECURITY.md, "Sign bit").
Notation: plane k holds bit k of all elements; g: a digit makes a carry, p: it passes one on.
"""

from functools import partial

import numpy as np

from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import digits
from mpckernel.protocols.rep3.digits import SIZE, count, layout
from mpckernel.protocols.rep3.summands import Pair, Part, beside, each, in_turn
from mpckernel.ring import bits
from mpckernel.ring.carries import halve_and
from mpckernel.ring.digits import bit_set, low_ones
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


def _carry_ends(q: int, n: int, size: int) -> dict[str, int]:  # noqa: ARG001
    """Of each digit: does it pass a carry on, and does it make one?"""
    passes = {"pass": low_ones(size)} if q else {}
    return passes | {"make": bit_set(size)}


def _sign_ends(q: int, n: int, size: int) -> dict[str, int]:
    """The same; of the top digit: would a carry flip its top bit, and is that set?"""
    if q < n - 1:
        return _carry_ends(q, n, size)
    passes = {"pass": low_ones(size - 1)} if q else {}
    return passes | {"make": bit_set(size - 1)}


async def carry_out(p: Party, mine: Words, width: int) -> Pair:
    """[1 where the low `width` bits of the summands add up to 2^width or more], one plane."""
    return await _ended(p, [(p, mine)], layout(width, _carry_ends))


async def top_bit(p: Party, parts: list[Part], width: int) -> Pair:
    """[bit width - 1 of the sum], one plane, of all parts side by side."""
    return await _ended(p, parts, layout(width, _sign_ends))


async def _ended(p: Party, parts: list[Part], what: digits.Layout) -> Pair:
    found = await in_turn(partial(digits.answers, what=what), parts)
    made = beside([pair for pair, _ in found])
    passes = what.where.get("pass", slice(0))
    return await last_carry(p, each(lambda s: s[passes], made), _rows(made, what.where["make"]))


def carry_bits(width: int) -> int:
    """Bits that `carry_out` sends for each lane, and `top_bit`."""
    return layout(width, _carry_ends).bits + last_carry_bits(count(width))


def carry_rounds(width: int) -> int:
    """Rounds of `carry_out`, and of `top_bit`."""
    return 2 + depth(count(width))


async def last_carry(p: Party, prop: Pair, gen: Pair) -> Pair:
    """[the carry out of the highest of n digits], as one plane; depth(n) rounds.

    gen: n rows "makes a carry"; prop: n - 1 rows "passes one on", none for the lowest digit.
    """
    while len(gen[0]) > 1:
        prop, gen = await _halved(p, prop, gen)
    return gen[0][0], gen[1][0]


async def _halved(p: Party, prop: Pair, gen: Pair) -> tuple[Pair, Pair]:
    """One level: neighbours (lower, upper) become (g_u ^ p_u g_l, p_u p_l). One round.

    The pair that holds digit 0 needs no p; an odd digit out waits for the next level.
    """
    n = len(gen[0])
    pairs, odd = n // 2, slice(n - n % 2, n)
    gates = 2 * pairs - 1
    a, b = (m.reshape(gates, -1) for m in p.masks(gates * gen[0].shape[1]))
    z_i = halve_and(*prop, *gen, a, b)
    z = z_i, await p.pass_left(z_i)
    gen = each(lambda g, w: _raised(g[1:n:2], w[pairs - 1 :], g[odd]), gen, z)
    return each(lambda q, w: _above(w[: pairs - 1], q[gates:]), prop, z), gen


def _raised(upper: Words, product: Words, odd: Words) -> Words:
    """g_u ^ p_u g_l, row by row; an odd row waits for the next level."""
    out = np.empty((len(upper) + len(odd), upper.shape[1]), np.uint64)
    np.bitwise_xor(upper, product, out=out[: len(upper)])
    out[len(upper) :] = odd
    return out


def _above(rows: Words, odd: Words) -> Words:
    return np.concatenate((rows, odd)) if len(odd) else rows


def last_carry_bits(n: int) -> int:
    """Bits that `last_carry` sends for each lane: 3 for each of 2 (n - 1) - depth gates."""
    return 3 * (2 * (n - 1) - depth(n))


def _all_sums(q: int, n: int, size: int) -> dict[str, int]:
    """Of each digit: its ends, where there is one above; bit k of its sum; and whether a carry
    from below flips bit k, that is whether all bits below k are ones (for k = 1: the lowest)."""
    asks = _carry_ends(q, n, size) if q < n - 1 else {}
    for k in range(1, size):
        asks[f"bit {k}"] = bit_set(k)
        if q and k > 1:
            asks[f"flip {k}"] = low_ones(k)
    return asks


async def sum_bits(p: Party, mine: Words, width: int) -> Pair:
    """[the low `width` bits of the sum], as planes: bit k of a digit is s_k ^ f_k carry, where
    Sklansky's tree over the digits gives the carry, and f_k says that all bits below k are ones.
    """
    what, n = layout(width, _all_sums), count(width)
    made, given = await digits.answers(p, mine, what)
    low = digits.lowest(p, bits.planes(mine, width), what, given)
    planes = each(lambda s: np.empty((width, s.shape[1]), np.uint64), low)
    inside = {k: _rows(made, what.where[f"bit {k}"]) for k in range(1, min(SIZE, width))}
    for out, lowest in zip(planes, low, strict=True):
        out[::SIZE] = lowest
    for k, rows in inside.items():
        for out, row in zip(planes, rows, strict=True):
            out[k::SIZE] = row
    if n > 1:
        await _carried(p, what, made, low, planes)
    return planes


async def _carried(p: Party, what: digits.Layout, made: Pair, low: Pair, planes: Pair) -> None:
    """Take the carries between digits into the planes."""
    gen, passes = _rows(made, what.where["make"]), what.where.get("pass", slice(0))
    prop = each(lambda g, s: np.concatenate((g[:1], s[passes])), gen, made)  # row 0 is not used
    into = await all_carries(p, prop, gen)
    n, width = len(low[0]), len(planes[0])
    above = {k: len(range(SIZE + k, width, SIZE)) for k in range(1, SIZE)}
    flips = [_rows(made, what.where[f"flip {k}"]) for k, c in above.items() if k > 1 and c]
    for out, carry in zip(planes, into, strict=True):
        out[SIZE::SIZE] ^= carry[: n - 1]
    if not any(above.values()):
        return
    x = each(_stacked, each(lambda s: s[1 : 1 + above[1]], low), *flips)
    y = each(lambda c: np.concatenate([c[: above[k]] for k in above]), into)
    z = await and_planes(p, x, y)
    for out, flipped in zip(planes, z, strict=True):
        at = 0
        for k, c in above.items():
            out[SIZE + k :: SIZE] ^= flipped[at : at + c]
            at += c


def sum_bits_bits(width: int) -> int:
    """Bits that `sum_bits` sends for each lane."""
    n = count(width)
    flips = max(0, width - SIZE - (n - 1))
    return layout(width, _all_sums).bits + all_carries_bits(n - 1) + 3 * flips


def sum_rounds(width: int) -> int:
    """Rounds of `sum_bits`."""
    n = count(width)
    return 2 + depth(n - 1) + (width - SIZE > n - 1)


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


def _rows(x: Pair, which: np.ndarray | slice) -> Pair:
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
