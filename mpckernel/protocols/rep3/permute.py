"""Rows to secret places, and back.

Source: places are shuffled together with the rows and opened: Hamada et al. 2014, ePrint 2014/121;
the way back: Asharov et al. 2022, ePrint 2022/1595.
Departs from it in: the shuffle is that of shuffle.py (SECURITY.md, "Opened places").
Notation: as in shuffle.py; places are a permutation of each row, along their last axis.
"""

from math import prod

import numpy as np
from numpy.typing import NDArray

from mpckernel.errors import PeerError
from mpckernel.protocols import ordering
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.shuffle import (
    Column,
    Summands,
    opened,
    orders_of,
    place_width,
    placed,
    reshared,
    shuffled,
    two_summands,
    unshuffled,
)
from mpckernel.protocols.rounds import together
from mpckernel.ring import bits
from mpckernel.ring.words import Shape, Words
from mpckernel.sharing.rep3 import Bits3, Rep3


def rows_of(shape: Shape) -> tuple[int, int]:
    """(how many rows of elements, elements in each): the last axis is permuted."""
    n = shape[-1] if shape else 1
    return (prod(shape) // n if n else 0), n


def in_flat(places: Words, n: int) -> NDArray[np.int64]:
    """Opened places within rows of n as places in the flat array.

    They are a permutation, or something went wrong before: then rows would be missing, and what
    was opened would say more than a permutation does.
    """
    at = np.arange(places.size, dtype=np.int64) // max(n, 1) * n + places.view(np.int64)
    found = np.zeros(places.size, bool)
    if not (places >= n).any():
        found[at] = True
    if not found.all():
        raise PeerError("opened places are not a permutation; the run ends here")
    return at


def _places_bits(places: Shape) -> int:
    """Bits to shuffle the places and open them."""
    return 6 * Column(places, place_width(rows_of(places)[1])).sent * 64


def _permute_bits(out: Shape, places: Shape, *_: Shape) -> int:
    return _places_bits(places) + 4 * 64 * prod(out)


def _permute_planes_bits(out: Shape, places: Shape, *_: Shape) -> int:
    words = sum(c.sent for c in _bit_columns(prod(places), prod(out[len(places) :])))
    return _places_bits(places) + 4 * 64 * words


async def _permuted(
    p: Party, places: Rep3, columns: list[Column], mine: Summands
) -> list[tuple[Words, Words]]:
    """[columns, row k at places[k]]: shuffle both, open the places, put rows there. 3 rounds."""
    rows, n = rows_of(places.shape)
    to = Column((rows * n,), place_width(n))
    first = two_summands(p, places, to.shape, first=True)
    both = None if first is None or mine is None else [first, *mine]
    moved = await shuffled(p, [to, *columns], both, orders_of(p, rows, n))
    where, parts = await together(
        opened(p, to, None if moved is None else moved[0], 2, 0),
        reshared(p, columns, None if moved is None else moved[1:], 2, 0),
    )
    at = in_flat(where, n)
    return [(placed(i, at), placed(j, at)) for i, j in parts]


@op(ordering.permute, rounds=3, bits=_permute_bits, leaks="nothing", source="ePrint 2014/121")
async def permute(p: Party, places: Rep3, x: Rep3) -> Rep3:
    """[y], y[places[k]] = x[k] along the last axis of `places`, a permutation of each row."""
    n = prod(places.shape)
    columns = [Column((n, prod(x.shape[len(places.shape) :])))]
    mine = two_summands(p, x, columns[0].shape, first=True)
    ((i, j),) = await _permuted(p, places, columns, None if mine is None else [mine])
    return Rep3(i.reshape(x.shape), j.reshape(x.shape))


@op(
    ordering.permute_bits,
    rounds=3,
    bits=_permute_planes_bits,
    leaks="nothing",
    source="ePrint 2014/121",
)
async def permute_bits(p: Party, places: Rep3, x: Bits3) -> Bits3:
    """The same for bits."""
    n = prod(places.shape)
    columns = _bit_columns(n, prod(x.shape[len(places.shape) :]))
    mine: Summands = None
    if p.id < 2:
        mine = _as_rows(x.i ^ x.j if p.id == 0 else x.j, n, columns)
    parts = await _permuted(p, places, columns, mine)
    i, j = (_as_bits([part[k] for part in parts], n, columns) for k in (0, 1))
    return Bits3(i, j, x.shape)


def _bit_columns(n: int, m: int) -> list[Column]:
    """n rows of m bits, at most 64 of them to a column."""
    return [Column((n,), min(64, m - k), xor=True) for k in range(0, m, 64)]


def _as_rows(packed: Words, n: int, columns: list[Column]) -> list[Words]:
    """Packed bits in C order as one word for each row and column."""
    m = sum(c.width for c in columns)
    loose = bits.unpack(packed, n * m).reshape(n, m)
    out = []
    for k, c in enumerate(columns):
        wide = np.zeros((n, 64), bool)
        wide[:, : c.width] = loose[:, 64 * k : 64 * k + c.width]
        out.append(bits.pack(wide))
    return out


def _as_bits(rows: list[Words], n: int, columns: list[Column]) -> Words:
    """The inverse."""
    parts = [
        bits.unpack(x, 64 * n).reshape(n, 64)[:, : c.width]
        for x, c in zip(rows, columns, strict=True)
    ]
    return bits.pack(np.concatenate(parts, axis=1)) if parts else np.zeros(0, np.uint64)


def _unpermute_bits(out: Shape, places: Shape, *_: Shape) -> int:
    return _places_bits(places) + 4 * 64 * prod(out)


@op(
    ordering.unpermute,
    rounds=6,
    bits=_unpermute_bits,
    leaks="nothing",
    source="ePrint 2022/1595",
)
async def unpermute(p: Party, places: Rep3, x: Rep3) -> Rep3:
    """[y], y[k] = x[places[k]]: open the shuffled places, gather, and undo the shuffle."""
    rows, n = rows_of(places.shape)
    to, by = Column((rows * n,), place_width(n)), orders_of(p, rows, n)
    first = two_summands(p, places, to.shape, first=True)
    moved = await shuffled(p, [to], None if first is None else [first], by)
    where = in_flat(await opened(p, to, None if moved is None else moved[0], 2, 0), n)
    columns = [Column((rows * n, prod(x.shape[len(places.shape) :])))]
    mine = two_summands(p, x, columns[0].shape, first=False)
    back = await unshuffled(p, columns, None if mine is None else [mine[where]], by)
    ((i, j),) = await reshared(p, columns, back, 0, 1)
    return Rep3(i.reshape(x.shape), j.reshape(x.shape))
