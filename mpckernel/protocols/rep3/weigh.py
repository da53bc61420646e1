"""Sums of shared bits with public weights, as words: what a choice among public values costs.

Source: none; derived here from the conversion of one bit (SECURITY.md, "Weighted bits").
Departs from it in: the products of the two summands are added up before they are shared, so that
a further bit costs one message and not three; low zeros of its weights are not sent.
Notation: b_k = c_k ^ r_k = c_k + r_k - 2 c_k r_k; c_k is known to P_0, r_k to P_1 and P_2.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

from math import prod

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import Weights
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.summands import bit_summand
from mpckernel.ring import bits, words
from mpckernel.ring.words import Shape, Words, as_words
from mpckernel.sharing.rep3 import Bits3, Rep3

_TWO = np.uint64(2)


def _widths(weights: Weights) -> list[int]:
    """How many low bits of each bit's share matter: 64 less the zeros that all weights end in."""
    together = [0] * len(weights[0])
    for row in weights:
        together = [a | w % 2**64 for a, w in zip(together, row, strict=True)]
    return [64 - ((w & -w).bit_length() - 1) if w else 0 for w in together]


def _sizes(n: int, widths: list[int]) -> list[int]:
    return [-(-n * width // 64) for width in widths]


def _weigh_bits(out: Shape, b: Shape, *, weights: Weights) -> int:
    n = prod(b[1:])
    return 64 * sum(_sizes(n, _widths(weights))) + 128 * len(weights) * n


@op(ideal.weigh, rounds=2, bits=_weigh_bits, leaks="nothing", source="SECURITY.md, Weighted bits")
async def weigh(p: Party, b: Bits3, *, weights: Weights) -> Rep3:
    """[sum over k of weights[j][k] b_k], for every j; b_k are the rows of the first axis."""
    k, n = b.shape[0], prod(b.shape[1:])
    table = as_words(np.array([[w % 2**64 for w in row] for row in weights], np.uint64))
    mine = as_words(bits.unpack(bit_summand(p, b), k * n)).reshape(k, n)
    s, summed = await _joined(p, mine, table, _widths(weights))
    u_i, u_j = await _met(p, s, mine, table)
    shape = (len(weights), *b.shape[1:])
    out = (x - _TWO * u for x, u in zip(summed, (u_i, u_j), strict=True))
    return Rep3(*(x.reshape(shape) for x in out))


async def _joined(
    p: Party, mine: Words, table: Words, widths: list[int]
) -> tuple[Words | None, tuple[Words, Words]]:
    """(my part s of c_k = s_0 + s_1, if I am P_1 or P_2; [weighted sums of c_k + r_k])."""
    k, n = mine.shape
    drawn = p.known_to(0, 2, n=k * n)
    s_0 = None if drawn is None else drawn.reshape(k, n)
    if p.id == 0:
        assert s_0 is not None
        s_1 = mine - s_0
        message = [bits.pack_low(s, w) for s, w in zip(s_1, widths, strict=True) if w]
        await p.exchange({1: (np.concatenate(message or [s_1[:0, 0]]),)}, {})
        return None, (words.matmul(table, s_0), words.matmul(table, s_1))
    own = words.matmul(table, mine)
    if p.id == 1:
        sizes = _sizes(n, widths)
        mail = await p.exchange({}, {0: (sum(sizes),)})
        parts = np.split(mail[0][0], np.cumsum(sizes)[:-1])
        s_1 = np.stack(
            [
                bits.unpack_low(as_words(part), w, n) if w else np.zeros(n, np.uint64)
                for part, w in zip(parts, widths, strict=True)
            ]
        )
        return s_1, (words.matmul(table, s_1), own)
    assert s_0 is not None
    await p.exchange({}, {})
    return s_0, (own, words.matmul(table, s_0))


async def _met(p: Party, s: Words | None, r: Words, table: Words) -> tuple[Words, Words]:
    """[weighted sums of c_k r_k]: P_1 and P_2 share what each adds up of s r. One round."""
    shape = (len(table), r.shape[1])
    size = shape[0] * shape[1]
    e, g = p.known_to(0, 1, n=size), p.known_to(1, 2, n=size)
    if s is None:
        assert e is not None
        mail = await p.exchange({}, {2: (size,)})
        return mail[2][0].reshape(shape), e.reshape(shape)
    assert g is not None
    term = words.matmul(table, s * r)
    g = g.reshape(shape)
    if p.id == 1:
        assert e is not None
        term -= e.reshape(shape)
        await p.exchange({2: (term.reshape(-1),)}, {})
        return e.reshape(shape), term + g
    term -= g
    mail = await p.exchange({0: (term.reshape(-1),)}, {1: (size,)})
    return mail[1][0].reshape(shape) + g, term
