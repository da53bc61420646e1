"""Shared bits: what is free, and one AND.

Source: Araki et al. 2016, ePrint 2016/768, section 2.1. Departs from it in: nothing.
Notation: bits are packed 64 to a word; a public constant is added to share 0, which is x_i of
P_0 and x_j of P_2. Only real lanes are ever flipped.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

from math import prod
from typing import Any

import numpy as np

from mpckernel.protocols import ideal, moving
from mpckernel.protocols.op import lanes, op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.carry import and_planes
from mpckernel.ring import bits
from mpckernel.ring.words import Shape, Words
from mpckernel.sharing.rep3 import Bits3, Bools, spread, spread_bools


def xor_public(p: Party, x: Bits3, c: Words) -> Bits3:
    """[x ^ c] for packed public c."""
    return Bits3(x.i ^ c if p.id == 0 else x.i, x.j ^ c if p.id == 2 else x.j, x.shape)


def aligned(x: Bits3, y: Bits3) -> tuple[Bits3, Bits3]:
    """Both with the shape to which they broadcast."""
    shape = np.broadcast_shapes(x.shape, y.shape)
    return spread(x, shape), spread(y, shape)


@op(ideal.xor, rounds=0, bits=0, leaks="nothing", source="linearity")
def xor(p: Party, x: Bits3, y: Bits3) -> Bits3:
    """[x ^ y]."""
    x, y = aligned(x, y)
    return Bits3(x.i ^ y.i, x.j ^ y.j, x.shape)


@op(ideal.flip, rounds=0, bits=0, leaks="nothing", source="linearity")
def flip(p: Party, x: Bits3, c: Bools) -> Bits3:
    """[x ^ c] for public c."""
    x = spread(x, np.broadcast_shapes(x.shape, c.shape))
    return xor_public(p, x, spread_bools(c, x.shape))


@op(ideal.invert, rounds=0, bits=0, leaks="nothing", source="linearity")
def invert(p: Party, x: Bits3) -> Bits3:
    """[not x]: one share is flipped, on real lanes."""
    return xor_public(p, x, bits.pad_mask(x.size))


@op(ideal.keep, rounds=0, bits=0, leaks="nothing", source="linearity")
def keep(p: Party, x: Bits3, c: Bools) -> Bits3:
    """[x and c] for public c."""
    x = spread(x, np.broadcast_shapes(x.shape, c.shape))
    mask = spread_bools(c, x.shape)
    return Bits3(x.i & mask, x.j & mask, x.shape)


@op(ideal.public_bits, rounds=0, bits=0, leaks="nothing", source="linearity")
def public_bits(p: Party, c: Bools) -> Bits3:
    """[c]: shares c, 0, 0."""
    zero = np.zeros(bits.packed_len(c.size), np.uint64)
    return xor_public(p, Bits3(zero, zero, c.shape), bits.pack(c))


@op(ideal.move_bits, rounds=0, bits=0, leaks="nothing", source="linearity")
def move_bits(p: Party, *x: Bits3, how: moving.How) -> Bits3:
    """[the bits of x placed otherwise]: the same movement on every share.

    Whole rows of words move as words; else bit by bit.
    """
    shapes = [b.shape for b in x]
    if _by_rows(how, shapes):
        i, j = (_rows_moved(how, side, shapes) for side in ([b.i for b in x], [b.j for b in x]))
        rest = shapes[0][1:] if how[0] != "stack" or len(shapes[0]) > 1 else shapes[0]
        return Bits3(i.reshape(-1), j.reshape(-1), (*i.shape[:-1], *rest))
    shape = moving.shape(how, *shapes)
    if how[0] in ("reshape", "expand_dims", "squeeze"):
        return Bits3(x[0].i, x[0].j, shape)
    i, j = (_moved(how, side, shapes) for side in ([b.i for b in x], [b.j for b in x]))
    return Bits3(i, j, shape)


def _moved(how: moving.How, shares: list[Words], shapes: list[Shape]) -> Words:
    return bits.pack(moving.apply(how, *map(_unpacked, shares, shapes)))


def _rows_moved(how: moving.How, shares: list[Words], shapes: list[Shape]) -> Words:
    """The shares with rows of words in place of rows of bits: most of one array is a view."""
    rows = [w.reshape(s[0], -1) if len(s) > 1 else w for w, s in zip(shares, shapes, strict=True)]
    if how[0] == "pad_zero":
        how = ("pad_zero", (how[1][0], (0, 0)))  # the axes after the first are one
    if how[0] == "index" and isinstance(how[1], tuple) and how[1][0] == "slice":
        piece = rows[0][slice(*how[1][1:])]
        if piece.flags.c_contiguous and 4 * piece.size >= rows[0].size:
            return piece
    return moving.apply(how, *rows)


def _by_rows(how: moving.How, shapes: list[Shape]) -> bool:
    """Whether the movement is along the first axis, of rows that fill whole words."""
    name, *rest = how
    rows = [s if name == "stack" else s[1:] for s in shapes]
    sizes = [prod(s) for s in rows if s]
    if len(sizes) < len(rows) or not all(size and size % 64 == 0 for size in sizes):
        return False
    if name == "index":
        key = rest[0]
        return type(key) is int or (isinstance(key, tuple) and key[0] in ("slice", "array"))
    if name == "pad_zero":
        return all(width == (0, 0) for width in rest[0][1:])
    return name in ("concatenate", "stack") and rest == [0]


def _unpacked(words: Words, shape: Shape) -> Bools:
    return bits.unpack(words, int(np.prod(shape, dtype=int))).reshape(shape)


def _three_each(out: Shape, *_: Shape, **__: Any) -> int:
    return 3 * lanes(out)


@op(ideal.and_, rounds=1, bits=_three_each, leaks="nothing", source="2016/768 2.1")
async def and_(p: Party, x: Bits3, y: Bits3) -> Bits3:
    """[x and y]."""
    x, y = aligned(x, y)
    return Bits3(*(await and_planes(p, tuple(x), tuple(y))), x.shape)  # type: ignore[arg-type]


@op(ideal.or_, rounds=1, bits=_three_each, leaks="nothing", source="2016/768 2.1")
async def or_(p: Party, x: Bits3, y: Bits3) -> Bits3:
    """[x or y] = [x ^ y ^ x y]."""
    x, y = aligned(x, y)
    z_i, z_j = await and_planes(p, tuple(x), tuple(y))  # type: ignore[arg-type]  # pairs
    return Bits3(x.i ^ y.i ^ z_i, x.j ^ y.j ^ z_j, x.shape)
