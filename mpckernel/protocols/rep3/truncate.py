"""Division by 2^f: stochastic (floor or floor + 1) in two rounds, or exact.

Source: none; derived here, with proofs in SECURITY.md, "Truncation" and "Exact floor". The wrap
of two summands by their top bits is MP-SPDZ's small-gap truncation (Protocols/Replicated.hpp).
Departs from it in: the wrap is shared modulo 2^f, since 2^(64-f) multiplies it; a product is cut
before it is replicated: few of them by two parties (halves.py), many with the third one's help.
Notation: |x| < 2^62; y = x + 2^62 - 1 = c + r mod 2^64; c is known to P_0, r to P_1 and P_2.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

from collections.abc import Callable
from functools import partial, wraps
from math import prod
from typing import Any

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import Ideal
from mpckernel.protocols.op import Op, lanes, op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import halves
from mpckernel.protocols.rep3.carry import carry_bits, carry_out, carry_rounds
from mpckernel.protocols.rep3.convert import bit_to_word
from mpckernel.protocols.rep3.mul import dot_share, matmul_share, product_share
from mpckernel.protocols.rep3.summands import Pair, joined, met, summand
from mpckernel.protocols.rounds import together
from mpckernel.ring.words import Shape, Words, raised_less
from mpckernel.sharing.rep3 import Bits3, Rep3

_TOP = np.uint64(63)


async def _tops(p: Party, mine: Words, f: int) -> tuple[Pair, Pair]:
    """[m + m'] and [m m'] modulo 2^f, for the top bits m of c and m' of r. Their difference is w,
    1 where c + r passes 2^64: exactly where a top bit is set."""
    top = mine >> _TOP
    both = await joined(p, top, f)
    return both, await met(p, both, top, f)


async def _cut(p: Party, mine: Words, f: int, shape: Shape, plus: int) -> Rep3:
    """[(c >> f) + (r >> f) - w 2^(64-f) - 2^(62-f) + plus]. Two rounds."""
    s, (both, product) = await together(joined(p, mine >> np.uint64(f)), _tops(p, mine, f))
    constant = plus - (1 << 62 - f)  # share 0 takes it in
    out_i = raised_less(s[0], both[0], product[0], 64 - f, constant if p.id == 0 else 0)
    out_j = raised_less(s[1], both[1], product[1], 64 - f, constant if p.id == 2 else 0)
    return Rep3(out_i.reshape(shape), out_j.reshape(shape))


def _offset(p: Party, mine: Words, less: int) -> Words:
    """Make x not negative: P_0 adds 2^62 - less to its summand."""
    return mine + np.uint64((1 << 62) - less) if p.id == 0 else mine


def _trunc_bits(out: Shape, *_: Shape, f: int, **__: Any) -> int:
    n = prod(out)
    return 64 * n + 3 * 64 * -(-n * f // 64)


def _product_bits(out: Shape, *_: Shape, f: int, **__: Any) -> int:
    return 64 * prod(out) + halves.cut_bits(prod(out), f)


def _products_bits(out: Shape, *_: Shape, f: int, **__: Any) -> int:
    return 2 * 64 * prod(out) + _trunc_bits(out, f=f)


@op(ideal.trunc, rounds=2, bits=_trunc_bits, leaks="rho", source="SECURITY.md, Truncation")
async def trunc(p: Party, x: Rep3, *, f: int) -> Rep3:
    """[floor((x + rho) / 2^f)], rho in [0, 2^f): floor or floor + 1; |x| < 2^62.

    rho is a function of the part each party holds already: functionality F_trunc.
    """
    return await _cut(p, _offset(p, summand(p, x), 1), f, x.shape, 1)


async def _cut_product(p: Party, z_i: Words, f: int) -> Rep3:
    """[floor((z + rho) / 2^f)] from masked z_0, z_1, z_2, without replicating z. Two rounds.

    P_1 learns z_0, and cuts z_0 + z_1 with P_2, which has z_2.
    """
    cut, z = halves.draws(p, z_i.size), z_i.reshape(-1)
    if p.id == 0:
        await p.exchange({1: (z, halves.dealt(cut, f))}, {})
        result = await halves.cut_third(p, cut, f)
    elif p.id == 1:
        mail = await p.exchange({}, {0: (z.size, halves.dealt_size(z.size, f))})
        result = await halves.cut_first(p, cut, z + mail[0][0], 0, mail[0][1], f)
    else:
        await p.exchange({}, {})
        result = await halves.cut_second(p, cut, z, 0, f)
    return result.map(lambda part: part.reshape(z_i.shape))


async def _cut_products(p: Party, z_i: Words, f: int) -> Rep3:
    """The same for many: three rounds, and less to send and to compute.

    P_0 learns z_1 and P_1 learns z_2; nobody is sent z_0.
    """
    mine = z_i.reshape(-1)
    send = {} if p.id == 0 else {p.left: (mine,)}
    mail = await p.exchange(send, {} if p.id == 2 else {p.right: (mine.size,)})
    if p.id == 0:
        mine = mine + mail[1][0]
    elif p.id == 1:
        mine = mail[2][0]
    return await _cut(p, _offset(p, mine, 1), f, z_i.shape, 1)


def cut_in_two_ways(what: Ideal) -> Callable[[Callable[..., Words]], Op]:
    """Register a functionality that cuts what the decorated function makes: masked z_i."""

    def register(share: Callable[..., Words]) -> Op:
        @wraps(share)
        async def few(p: Party, *x: Rep3, **params: Any) -> Rep3:
            return await _cut_product(p, share(p, *x, **params), params["f"])

        @wraps(share)
        async def many(p: Party, *x: Rep3, **params: Any) -> Rep3:
            return await _cut_products(p, share(p, *x, **params), params["f"])

        claimed = partial(op, what, leaks="rho", source="SECURITY.md, Truncation")
        quick = claimed(rounds=2, bits=_product_bits, way="few")(few)
        return claimed(rounds=3, bits=_products_bits, few=quick)(many)

    return register


@cut_in_two_ways(ideal.mul_trunc)
def mul_trunc(p: Party, x: Rep3, y: Rep3, *, f: int) -> Words:
    """[floor((x y + rho) / 2^f)], elementwise; |x y| < 2^62."""
    return product_share(p, x, y)


@cut_in_two_ways(ideal.dot_trunc)
def dot_trunc(p: Party, x: Rep3, y: Rep3, *, n: int, f: int) -> Words:
    """[floor((x . y + rho) / 2^f)] over the last axis: one truncation for each sum."""
    return dot_share(p, x, y)


@cut_in_two_ways(ideal.matmul_trunc)
def matmul_trunc(p: Party, x: Rep3, y: Rep3, *, n: int, f: int) -> Words:
    """[floor((x @ y + rho) / 2^f)]: one truncation for each entry."""
    return matmul_share(p, x, y)


async def _low_carry(p: Party, mine: Words, f: int, shape: Shape) -> Rep3:
    """[1 where the low f bits of c and r add up to 2^f or more, else 0]."""
    c_i, c_j = await carry_out(p, mine, f)
    return await bit_to_word(p, Bits3(c_i, c_j, shape))


def _floor_bits(out: Shape, *_: Shape, f: int) -> int:
    return _trunc_bits(out, f=f) + lanes(out) * carry_bits(f) + 3 * 64 * prod(out)


@op(
    ideal.floor,
    rounds=lambda f: carry_rounds(f) + 2,
    bits=_floor_bits,
    leaks="nothing",
    source="SECURITY.md, Exact floor",
)
async def floor(p: Party, x: Rep3, *, f: int) -> Rep3:
    """[floor(x / 2^f)] exactly, |x| < 2^62: the cut of both summands, plus their low carry."""
    mine = _offset(p, summand(p, x), 0)
    base, carry = await together(_cut(p, mine, f, x.shape, 0), _low_carry(p, mine, f, x.shape))
    return base + carry
