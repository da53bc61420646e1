"""A public table read at a secret place, and the top bits that say the place.

Source: none; derived here, proofs in SECURITY.md, "Tables" and "Rough bits". That a share of a
point of the table can be turned by a mask both of its holders know is folklore (one-time tables).
Departs from it in: the table is public, so its rows need one point only.
Notation: the place is c ^ r, x = c + r mod 2^64; c is known to P_0, r to P_1 and P_2.
"""

# ruff: noqa: ARG001, ARG005 (operations of one functionality have one signature in every scheme)

from math import prod
from typing import TypeAlias

import numpy as np

from mpckernel.protocols import fitting
from mpckernel.protocols.op import lanes, op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import carry
from mpckernel.protocols.rep3.summands import Pair, bit_summand, summand
from mpckernel.ring import bits, tables
from mpckernel.ring.words import Shape, Words, as_words
from mpckernel.sharing.rep3 import Bits3, Rep3, join_planes

Table: TypeAlias = tuple[tuple[int, ...], ...]
_NOTHING = np.zeros(0, np.uint64)


def _place(p: Party, b: Bits3) -> Words:
    """Mine of the two numbers whose exclusive or is the place."""
    planes = bits.unpack(bit_summand(p, b), b.size).reshape(b.shape[0], -1)
    out = np.zeros(planes.shape[1], np.uint64)
    for k, plane in enumerate(planes):
        out |= plane.astype(np.uint64) << np.uint64(k)
    return out


def _lookup_bits(out: Shape, b: Shape, *, table: Table) -> int:
    return prod(b[1:]) * 64 * (2 ** b[0] - 1 + 2 * len(table))


@op(fitting.lookup, rounds=2, bits=_lookup_bits, leaks="nothing", source="SECURITY.md, Tables")
async def lookup(p: Party, b: Bits3, *, table: Table) -> Rep3:
    """[row j of the table at the place the bits say], j on a new leading axis.

    e, the point at c, is shared between P_1 and P_2, which both know r and turn it to c ^ r;
    their sums of table entries are shares of the result, and each shares its own.
    """
    mine, rows = _place(p, b), as_words(np.array(table, object))
    out = await _read(p, mine, rows, _drawn(p, 0, 2, mine.size * (rows.shape[1] - 1)))
    return Rep3(*(s.reshape(len(table), *b.shape[1:]) for s in out))


def _drawn(p: Party, a: int, b: int, n: int) -> Words:
    """A draw known to the roles a and b; nothing at the third."""
    drawn = p.known_to(a, b, n=n)
    return _NOTHING if drawn is None else drawn


async def _read(p: Party, mine: Words, rows: Words, given: Words) -> Pair:
    """given: s_0 at P_0 and P_2."""
    shape, size = (mine.size, rows.shape[1] - 1), mine.size * rows.shape[0]
    if p.id == 0:
        await p.exchange({1: (tables.point(mine, given.reshape(shape)).reshape(-1),)}, {})
    else:
        mail = await p.exchange({}, {0: (prod(shape),)} if p.id == 1 else {})
        given = mail[0][0] if p.id == 1 else given
    e, g = _drawn(p, 0, 1, size), _drawn(p, 1, 2, size)
    if p.id == 0:
        mail = await p.exchange({}, {2: (size,)})
        return mail[2][0], e
    term = tables.chosen(given.reshape(shape), mine, rows, int(p.id == 1)).reshape(-1)
    if p.id == 1:
        term -= e
        await p.exchange({2: (term,)}, {})
        return e, term + g
    term -= g
    mail = await p.exchange({0: (term,)}, {1: (size,)})
    return mail[1][0] + g, term


def _rough_bits_bits(out: Shape, x: Shape, *, skip: int, width: int) -> int:
    return lanes(x) * carry.sum_bits_bits(width)


@op(
    fitting.rough_bits,
    rounds=lambda skip, width: carry.sum_rounds(width),
    bits=_rough_bits_bits,
    leaks="rho",
    source="SECURITY.md, Rough bits",
)
async def rough_bits(p: Party, x: Rep3, *, skip: int, width: int) -> Bits3:
    """[bits skip, ..., skip + width - 1 of x - rho], rho in [0, 2^skip) known to P_1 and P_2.

    No carry is taken from below: c + r without it is x - (r mod 2^skip) above.
    """
    mine = summand(p, x) >> np.uint64(skip)
    n = prod(x.shape)
    b_i, b_j = (join_planes(b, n) for b in await carry.sum_bits(p, mine, width))
    return Bits3(b_i, b_j, (width, *x.shape))


def _rough_sign_bits(out: Shape, *_: Shape, skip: int, width: int) -> int:
    return lanes(out) * carry.carry_bits(width)


@op(
    fitting.rough_sign,
    rounds=lambda skip, width: carry.carry_rounds(width),
    bits=_rough_sign_bits,
    leaks="rho",
    source="SECURITY.md, Rough bits",
)
async def rough_sign(p: Party, x: Rep3, *, skip: int, width: int) -> Bits3:
    """[x - rho < 0], rho as in rough_bits; |x| < 2^(skip + width - 1) - 2^skip."""
    mine = summand(p, x) >> np.uint64(skip)
    return Bits3(*(await carry.top_bit(p, [(p, mine)], width)), x.shape)
