"""Rows in an order that nobody knows.

Source: three passes, each by a permutation that one pair of parties knows and the third does not:
Laur, Willemson, Zhang 2011, ePrint 2011/429.
Departs from it in: between passes a sharing has two summands, held by the pair that permutes;
handing it on costs one message, so that a shuffle sends 4 words for a word instead of 6
(SECURITY.md, "Shuffle").
Notation: a column is an array of rows and how it is shared: `width` low bits that count, and
whether its summands add or xor. `mine` is my summand of each column, None at the third party.
"""

from dataclasses import dataclass
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mpckernel.protocols import ordering
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.ring import bits, orders
from mpckernel.ring.words import Shape, Words
from mpckernel.sharing.rep3 import Rep3

Order: TypeAlias = NDArray[np.int64] | None
Summands: TypeAlias = list[Words] | None
PASSES = ((0, 1), (1, 2), (2, 0))  # who permutes; the first of a pair hands its summand on


@dataclass(frozen=True, slots=True)
class Column:
    """How one column travels."""

    shape: Shape  # rows first
    width: int = 64
    xor: bool = False

    @property
    def sent(self) -> int:
        """Words of one message."""
        return bits.packed_len(prod(self.shape) * self.width)

    def plus(self, x: Words, y: Words) -> Words:
        return x ^ y if self.xor else x + y

    def minus(self, x: Words, y: Words) -> Words:
        return x ^ y if self.xor else x - y

    def packed(self, x: Words) -> Words:
        flat = x.reshape(-1)
        return flat if self.width == 64 else bits.pack_low(flat, self.width)

    def unpacked(self, words: Words) -> Words:
        n = prod(self.shape)
        flat = words if self.width == 64 else bits.unpack_low(words, self.width, n)
        return flat.reshape(self.shape)

    def mask(self, p: Party, a: int, b: int) -> Words | None:
        """A draw of the roles a and b; None at the third."""
        drawn = p.known_to(a, b, n=self.sent)
        return None if drawn is None else self.unpacked(drawn)


def place_width(n: int) -> int:
    """Bits that hold every place among n."""
    return max(n - 1, 1).bit_length()


def orders_of(p: Party, rows: int, n: int) -> list[Order]:
    """For each pass a permutation within each row of n, at the two roles that make it."""
    out: list[Order] = []
    for a, b in PASSES:
        draws = p.known_to(a, b, n=orders.draws_for(rows * n))
        out.append(None if draws is None else orders.random_order(draws, rows, n))
    return out


async def handed(
    p: Party, columns: list[Column], mine: Summands, giver: int, taker: int, keeper: int
) -> Summands:
    """The summand of `giver` goes to `taker`, under a mask of giver and keeper. One round."""
    masks = [c.mask(p, giver, keeper) for c in columns]
    if p.id == giver:
        assert mine is not None
        sent = [c.packed(c.minus(x, m)) for c, x, m in zip(columns, mine, masks, strict=True)]  # type: ignore[arg-type]
        await p.exchange({taker: tuple(sent)}, {})
        return None
    if p.id == keeper:
        assert mine is not None
        await p.exchange({}, {})
        return [c.plus(x, m) for c, x, m in zip(columns, mine, masks, strict=True)]  # type: ignore[arg-type]
    mail = await p.exchange({}, {giver: tuple(c.sent for c in columns)})
    return [c.unpacked(w) for c, w in zip(columns, mail[giver], strict=True)]


async def shuffled(p: Party, columns: list[Column], mine: Summands, by: list[Order]) -> Summands:
    """From the roles 0 and 1 to 2 and 0, by all three permutations. Two rounds."""
    mine = _moved(mine, by[0])
    mine = _moved(await handed(p, columns, mine, 0, 2, 1), by[1])
    return _moved(await handed(p, columns, mine, 1, 0, 2), by[2])


async def unshuffled(p: Party, columns: list[Column], mine: Summands, by: list[Order]) -> Summands:
    """The way back, from the roles 2 and 0 to 0 and 1. Two rounds."""
    mine = _back(mine, by[2])
    mine = _back(await handed(p, columns, mine, 0, 1, 2), by[1])
    return _back(await handed(p, columns, mine, 2, 0, 1), by[0])


def _moved(mine: Summands, by: Order) -> Summands:
    return None if mine is None or by is None else [x[by] for x in mine]


def _back(mine: Summands, by: Order) -> Summands:
    return None if mine is None or by is None else [placed(x, by) for x in mine]


def placed(x: Words, places: NDArray[np.int64]) -> Words:
    """Row k of x at row places[k]."""
    out = np.empty_like(x)
    out[places] = x
    return out


async def reshared(
    p: Party, columns: list[Column], mine: Summands, a: int, b: int
) -> list[tuple[Words, Words]]:
    """Parts of a replicated sharing from the summands of roles a and b. One round.

    Each of the two shares with the third party is a draw; what is left of both is the share
    of a and b.
    """
    c = 3 - a - b
    shares = [(x.mask(p, a, c), x.mask(p, b, c)) for x in columns]
    if p.id == c:
        await p.exchange({}, {})
        held = [{_share(a, c): s, _share(b, c): t} for s, t in shares]
    else:
        assert mine is not None
        other, k = (b, 0) if p.id == a else (a, 1)
        rest = [x.minus(m, s[k]) for x, m, s in zip(columns, mine, shares, strict=True)]  # type: ignore[arg-type]
        sent = tuple(x.packed(r) for x, r in zip(columns, rest, strict=True))
        mail = await p.exchange({other: sent}, {other: tuple(x.sent for x in columns)})
        both = [
            x.plus(r, x.unpacked(w)) for x, r, w in zip(columns, rest, mail[other], strict=True)
        ]
        held = [{_share(a, b): s, _share(p.id, c): t[k]} for s, t in zip(both, shares, strict=True)]
    return [(h[p.id], h[p.right]) for h in held]  # type: ignore[misc]


def _share(a: int, b: int) -> int:
    """Which share the roles a and b both hold."""
    return a if (a - 1) % 3 == b else b


async def opened(p: Party, column: Column, mine: Words | None, a: int, b: int) -> Words:
    """The column, to all, from the summands of roles a and b, masked anew. One round."""
    z, c = column.mask(p, a, b), 3 - a - b
    hear = column.sent
    if p.id == c:
        mail = await p.exchange({}, {a: (hear,), b: (hear,)})
        (x,), (y,) = mail[a], mail[b]
        total = column.plus(column.unpacked(x), column.unpacked(y))
    else:
        assert mine is not None
        assert z is not None
        other = b if p.id == a else a
        out = column.plus(mine, z) if p.id == a else column.minus(mine, z)
        sent = column.packed(out)
        mail = await p.exchange({other: (sent,), c: (sent,)}, {other: (hear,)})
        total = column.plus(out, column.unpacked(mail[other][0]))
    return total & np.uint64(2**column.width - 1)


def two_summands(p: Party, x: Rep3, shape: Shape, first: bool) -> Words | None:
    """Mine of two summands: x_0 + x_1 at P_0, x_2 at P_1 (for the first pass) or P_2."""
    if p.id == 0:
        return (x.i + x.j).reshape(shape)
    if p.id != (1 if first else 2):
        return None
    return (x.j if first else x.i).reshape(shape)


def _four_each(out: Shape, *_: Shape) -> int:
    return 4 * 64 * prod(out)


@op(ordering.shuffle, rounds=3, bits=_four_each, leaks="nothing", source="ePrint 2011/429")
async def shuffle(p: Party, x: Rep3) -> Rep3:
    """[x with its rows (first axis) in an order that no party knows]."""
    n = x.shape[0] if x.shape else 1
    columns = [Column((n, prod(x.shape[1:])))]
    mine = two_summands(p, x, columns[0].shape, first=True)
    moved = await shuffled(p, columns, None if mine is None else [mine], orders_of(p, 1, n))
    ((i, j),) = await reshared(p, columns, moved, 2, 0)
    return Rep3(i.reshape(x.shape), j.reshape(x.shape))
