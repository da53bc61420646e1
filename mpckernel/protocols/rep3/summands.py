"""A secret as the sum of two numbers, each known to somebody: where every conversion starts.

Source: MP-SPDZ's share splitting (Araki et al. 2018, ePrint 2018/762), for two summands
instead of three.
Departs from it in: the two summands are shared with two parties' terms instead of bit by bit,
see SECURITY.md, "Two summands".
Notation: c = x_0 + x_1 is known to P_0; r = x_2 to P_1 and P_2. `minus` is the group's own
subtraction: of words, or xor of bits. `width` counts the low bits that matter, and are sent.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import TypeAlias, TypeVar

import numpy as np

from mpckernel.protocols.party import Party
from mpckernel.protocols.rounds import Steps, together
from mpckernel.ring import bits
from mpckernel.ring.words import Words, times_less
from mpckernel.sharing.rep3 import Bits3, Rep3

T = TypeVar("T")
Pair: TypeAlias = tuple[Words, Words]  # this party's shares x_i, x_j, flat or as planes
Part: TypeAlias = tuple[Party, Words]  # some elements: who I am there, and my summand of them

MANY = 1 << 16  # elements beyond which roles turn within a call
_BEGINS = (0, 2, 1)  # place of each role
_NOTHING = np.zeros(0, np.uint64)


def summand(p: Party, x: Rep3) -> Words:
    """Mine of the two: c at P_0, r at P_1 and P_2; flat."""
    if p.id == 0:
        return x.i.reshape(-1) + x.j.reshape(-1)
    return (x.j if p.id == 1 else x.i).reshape(-1)


def summands(p: Party, x: Rep3) -> list[Part]:
    """My summand; of more than MANY elements that of each third, one role on from third to third,
    so that all parties send and compute the same. A third is made of whole words of bits."""
    n = prod(x.shape)
    if n <= MANY:
        return [(p, summand(p, x))]
    flat, third = x.map(lambda s: s.reshape(-1)), 64 * -(-n // 192)
    thirds = [flat.map(lambda s, a=a: s[a : a + third]) for a in range(0, n, third)]
    turned = [p.turned(by) for by in range(len(thirds))]
    return [(q, summand(q, part)) for q, part in zip(turned, thirds, strict=True)]


async def in_turn(run: Callable[[Party, Words], Steps[T]], parts: list[Part]) -> list[T]:
    """Run all parts side by side; their results. First that in which I am P_0, who gives the others
    something, last that in which I am P_1, who can only wait for it. The order also fits what
    `digits.answers` and `joined` send, all to the right: what I send as P_2 and as P_1 my neighbour
    expects as P_0 and as P_2."""
    order = sorted(range(len(parts)), key=lambda k: _BEGINS[parts[k][0].id])
    done = await together(*(run(*parts[k]) for k in order))
    return [done[order.index(k)] for k in range(len(parts))]


def beside(pairs: Sequence[Pair]) -> Pair:
    """The planes of all parts, side by side."""
    return pairs[0] if len(pairs) == 1 else each(lambda *s: np.concatenate(s, axis=1), *pairs)


def bit_summand(p: Party, b: Bits3) -> Words:
    """The same for bits: b_0 ^ b_1 at P_0, b_2 at P_1 and P_2; packed."""
    if p.id == 0:
        return b.i ^ b.j
    return b.j if p.id == 1 else b.i


def each(f: Callable[..., Words], *pairs: Pair) -> Pair:
    """f on all x_i, and on all x_j."""
    return f(*(x[0] for x in pairs)), f(*(x[1] for x in pairs))


async def joined(p: Party, mine: Words, width: int = 64, minus: np.ufunc = np.subtract) -> Pair:
    """[v + u] = (s_0, v - s_0, u): P_0 gives v, and P_1 and P_2 both give u. One round.

    P_1 sees v - s_0, and s_0 is uniform to it. Costs `width` bits an element.
    """
    s_0 = _mask(p, 0, 2, mine)
    if p.id == 0:
        s_1 = minus(mine, s_0)
        await p.exchange({1: (_narrow(s_1, width),)}, {})
        return s_0, s_1
    if p.id == 1:
        mail = await p.exchange({}, {0: (_narrow_size(mine.size, width),)})
        return _widen(mail[0][0], width, mine), mine
    await p.exchange({}, {})
    return mine, s_0


async def met(p: Party, joint: Pair, mine: Words, width: int = 64) -> Pair:
    """[v u], given `joint` = [v + u] from `joined` and the same `mine`. One round.

    v u = s_1 u + s_0 u: P_1 knows the first term, P_2 the second; each shares its own.
    P_2 sees s_1 u - e, and P_0 sees s_0 u - g, where e and g are uniform to them.
    Costs 2 `width` bits an element.
    """
    e, g = _mask(p, 0, 1, mine), _mask(p, 1, 2, mine)
    size = _narrow_size(mine.size, width)
    if p.id == 0:
        mail = await p.exchange({}, {2: (size,)})
        return _widen(mail[2][0], width, mine), e
    if p.id == 1:
        term = times_less(joint[0], mine, e)
        await p.exchange({2: (_narrow(term, width),)}, {})
        return e, term + g
    term = times_less(joint[1], mine, g)
    mail = await p.exchange({0: (_narrow(term, width),)}, {1: (size,)})
    return _widen(mail[1][0], width, mine) + g, term


def _mask(p: Party, a: int, b: int, like: Words) -> Words:
    drawn = known(p, a, b, like.size)
    return drawn.reshape(like.shape) if drawn is not _NOTHING else drawn


def known(p: Party, a: int, b: int, n: int) -> Words:
    """A draw known to the roles a and b; nothing at the third."""
    drawn = p.known_to(a, b, n=n)
    return _NOTHING if drawn is None else drawn


def _narrow(words: Words, width: int) -> Words:
    return words.reshape(-1) if width == 64 else bits.pack_low(words.reshape(-1), width)


def _narrow_size(n: int, width: int) -> int:
    return -(-n * width // 64)


def _widen(words: Words, width: int, like: Words) -> Words:
    wide = words if width == 64 else bits.unpack_low(words, width, like.size)
    return wide.reshape(like.shape)
