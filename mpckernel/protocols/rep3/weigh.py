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
from mpckernel.ring import bits
from mpckernel.ring.words import Shape, Words, as_words
from mpckernel.sharing.rep3 import Bits3, Rep3


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


def _added(weights: Weights, x: Words) -> Words:
    """For every row of weights the sum of w_k x_k, where w_k is not 0."""
    out = np.zeros((len(weights), x.shape[1]), np.uint64)
    part = np.empty(x.shape[1], np.uint64)
    for j, row in enumerate(weights):
        terms = [(x_k, np.uint64(w % 2**64)) for x_k, w in zip(x, row, strict=True) if w]
        for count, (x_k, w) in enumerate(terms):
            np.multiply(x_k, w, out=part if count else out[j])
            if count:
                out[j] += part
    return out


@op(ideal.weigh, rounds=2, bits=_weigh_bits, leaks="nothing", source="SECURITY.md, Weighted bits")
async def weigh(p: Party, b: Bits3, *, weights: Weights) -> Rep3:
    """[sum over k of weights[j][k] b_k], for every j; b_k are the rows of the first axis."""
    k, n = b.shape[0], prod(b.shape[1:])
    mine = as_words(bits.unpack(bit_summand(p, b), k * n)).reshape(k, n)
    s, summed = await _joined(p, mine, weights)
    u_i, u_j = await _met(p, s, mine, weights)
    shape = (len(weights), *b.shape[1:])
    out = (_less_twice(x, u).reshape(shape) for x, u in zip(summed, (u_i, u_j), strict=True))
    return Rep3(*out)


def _less_twice(x: Words, u: Words) -> Words:
    """x - 2 u, in place of x."""
    x -= u
    x -= u
    return x


async def _joined(
    p: Party, mine: Words, weights: Weights
) -> tuple[Words | None, tuple[Words, Words]]:
    """(my part s of c_k = s_0 + s_1, if I am P_1 or P_2; [weighted sums of c_k + r_k])."""
    k, n = mine.shape
    widths = _widths(weights)
    drawn = p.known_to(0, 2, n=k * n)
    s_0 = None if drawn is None else drawn.reshape(k, n)
    if p.id == 0:
        assert s_0 is not None
        own = _added(weights, mine)
        np.subtract(mine, s_0, out=mine)
        message = [bits.pack_low(s, w) for s, w in zip(mine, widths, strict=True) if w]
        await p.exchange({1: (np.concatenate(message or [mine[:0, 0]]),)}, {})
        sum_0 = _added(weights, s_0)
        return None, (sum_0, np.subtract(own, sum_0, out=own))
    if p.id == 1:
        sizes = _sizes(n, widths)
        mail = await p.exchange({}, {0: (sum(sizes),)})
        s_1 = _unpacked(mail[0][0], sizes, widths, n)
        return s_1, (_added(weights, s_1), _added(weights, mine))
    assert s_0 is not None
    await p.exchange({}, {})
    return s_0, (_added(weights, mine), _added(weights, s_0))


def _unpacked(heard: Words, sizes: list[int], widths: list[int], n: int) -> Words:
    """The low bits of every s_k, as words."""
    out, begin = np.zeros((len(widths), n), np.uint64), 0
    for s, size, width in zip(out, sizes, widths, strict=True):
        if width:
            s[:] = bits.unpack_low(as_words(heard[begin : begin + size]), width, n)
        begin += size
    return out


async def _met(p: Party, s: Words | None, r: Words, weights: Weights) -> tuple[Words, Words]:
    """[weighted sums of c_k r_k]: P_1 and P_2 share what each adds up of s r. One round."""
    shape = (len(weights), r.shape[1])
    size = shape[0] * shape[1]
    e, g = p.known_to(0, 1, n=size), p.known_to(1, 2, n=size)
    if s is None:
        assert e is not None
        mail = await p.exchange({}, {2: (size,)})
        return mail[2][0].reshape(shape), e.reshape(shape)
    assert g is not None
    term = _added(weights, np.multiply(s, r, out=r))
    g = g.reshape(shape)
    if p.id == 1:
        assert e is not None
        term -= e.reshape(shape)
        await p.exchange({2: (term.reshape(-1),)}, {})
        return e.reshape(shape), term + g
    term -= g
    mail = await p.exchange({0: (term.reshape(-1),)}, {1: (size,)})
    return mail[1][0].reshape(shape) + g, term
