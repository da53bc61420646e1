"""Stable radix sort: where each row goes, from the bits of its key.

Source: Hamada et al. 2014, ePrint 2014/121, and Asharov et al. 2022, ePrint 2022/1595: places by
running sums of one-hot flags, opened shuffled.
Departs from it in: digits of several bits; keys not yet used travel as bits, shared by two summands
between passes; places count modulo 2^w, w bits for n rows. The last pass opens which row each place
belongs to, so that the places come out in the rows' own order.
Notation: as in shuffle.py; a key word holds a row's number in its low bits (in the first word),
above it what is left of the key, the digit of the next pass lowest.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

from dataclasses import replace
from math import prod

import numpy as np

from mpckernel.protocols import ordering
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.flags import hot, hot_bits, planes_of
from mpckernel.protocols.rep3.permute import in_flat
from mpckernel.protocols.rep3.shuffle import (
    Column,
    Summands,
    opened,
    orders_of,
    place_width,
    placed,
    reshared,
    shuffled,
)
from mpckernel.protocols.rep3.summands import Pair
from mpckernel.protocols.rounds import together
from mpckernel.ring import bits, orders
from mpckernel.ring.words import Shape, Words
from mpckernel.sharing.rep3 import Bits3, Rep3

ONE = np.uint64(1)
FLAGS = 2**17  # in one piece


# Keys on their way


def words_of(digits: tuple[int, ...], w: int) -> list[list[int]]:
    """Which digits share a word of 64 bits; the first word also holds the row's number."""
    out: list[list[int]] = [[]]
    room = 64 - w
    for d in digits:
        if d > room:
            out.append([])
            room = 64
        out[-1].append(d)
        room -= d
    return out


def _split(packed: Words, words: list[list[int]], n: int, w: int) -> list[Words]:
    """One share of all key bits as words, with room for row numbers."""
    planes, out, at = planes_of(packed, sum(map(sum, words)), n), [], 0
    for k, word in enumerate(words):
        x = bits.from_planes(planes[at : at + sum(word)], n) if word else np.zeros(n, np.uint64)
        out.append(x << np.uint64(w) if k == 0 else x)
        at += sum(word)
    return out


def _columns(words: list[list[int]], n: int, w: int) -> list[Column]:
    """How these words travel."""
    return [Column((n,), sum(d) + (w if k == 0 else 0), xor=True) for k, d in enumerate(words)]


def _first(keys: list[Words], words: list[list[int]], w: int) -> Words:
    """The digit whose turn it is."""
    k = 0 if words[0] else 1
    return keys[k] >> np.uint64(0 if k else w) & np.uint64(2 ** words[k][0] - 1)


def _without(keys: list[Words], words: list[list[int]], w: int) -> list[Words]:
    """The keys without that digit."""
    k = 0 if words[0] else 1
    low, d = (0 if k else w), words[k][0]
    rest = keys[k] >> np.uint64(low + d) << np.uint64(low) if low + d < 64 else 0 * keys[k]
    number = keys[k] & np.uint64(2**low - 1)
    out = [*keys[:k], number | rest, *keys[k + 1 :]]
    return out if k == 0 or len(words[k]) > 1 else [keys[0], *out[2:]]


def _left(words: list[list[int]]) -> list[list[int]]:
    """The digits without that one; a word that is used up is left out, but for the first."""
    k = 0 if words[0] else 1
    left = [*words[:k], words[k][1:], *words[k + 1 :]]
    return [left[0], *(d for d in left[1:] if d)]


# Places, piece by piece: a piece's flags fit a processor's cache


def pieces(rows: int, n: int, d: int) -> list[tuple[int, int]]:
    """Begin and end of each: some whole rows, or part of one."""
    most = max(FLAGS >> d, 64)
    if rows * n == 0:
        return [(0, 0)]
    if n > most:
        return [
            (r * n + a, r * n + min(a + most, n)) for r in range(rows) for a in range(0, n, most)
        ]
    step = max(most // n, 1) * n
    return [(a, min(a + step, rows * n)) for a in range(0, rows * n, step)]


async def _counted(p: Party, digit: Pair, d: int, width: int, n: int) -> tuple[Pair, Pair]:
    """Flags of a piece, and how many of each kind there are in each row of it."""
    f = await hot(p, digit, d, width)
    here = max(f[0].shape[1] // max(n, 1), 1)
    i, j = (s.reshape(len(s), here, -1).sum(axis=2, dtype=np.uint64).T for s in f)
    return f, (i, j)


async def _cross(p: Party, digit: Pair, d: int, width: int, rows: tuple[int, int]) -> Words:
    """1 + the place of each element, as products that are yet to be masked. Two rounds."""
    cuts, n = pieces(*rows, d), rows[1]
    done = await together(
        *(_counted(p, (digit[0][a:b], digit[1][a:b]), d, width, n) for a, b in cuts)
    )
    if rows[0] * n == 0:
        return np.zeros(0, np.uint64)
    starts = [_starts(np.concatenate([t[k] for _, t in done]), rows) for k in (0, 1)]
    out, at = [], 0
    for f, (t, _) in done:
        here = slice(at, at + len(t))
        out.append(orders.places_cross(f[0], f[1], starts[0][here], starts[1][here]))
        at += len(t)
    return np.concatenate(out)


def _starts(counts: Words, rows: tuple[int, int]) -> Words:
    """Of each part of a row: how many elements come before it, for each digit."""
    table = counts.reshape(rows[0], -1, counts.shape[1])
    by_digit = table.transpose(0, 2, 1).reshape(rows[0], -1)
    before = np.cumsum(by_digit, axis=1, dtype=np.uint64) - by_digit
    return before.reshape(rows[0], table.shape[2], -1).transpose(0, 2, 1).reshape(counts.shape)


async def _summands(p: Party, z: Words, column: Column) -> Words | None:
    """Places from those products, as a summand at P_0 and P_1. One round, one message."""
    a, b = p.masks(column.sent)
    z = z + column.unpacked(a) - column.unpacked(b)
    if p.id == 2:
        await p.exchange({1: (column.packed(z),)}, {})
        return None
    if p.id == 0:
        await p.exchange({}, {})
        return z
    mail = await p.exchange({}, {2: (column.sent,)})
    return z + column.unpacked(mail[2][0]) - ONE


def _places_rounds(digits: tuple[int, ...], n: int) -> int:
    return 6 * len(digits)


def places_bits(size: int, digits: tuple[int, ...], n: int) -> int:
    """What the sort of `size` elements in rows of n sends."""
    w, total = place_width(n), 0
    words = words_of(digits, w)
    for k, d in enumerate(digits):
        last = k == len(digits) - 1
        words = _left(words)
        to, keys = Column((size,), 64 if last else w), _columns(words, size, w)
        handed = to.sent + sum(c.sent for c in keys)
        shared = to if last else Column((size,), digits[k + 1])
        opens = keys[0] if last else to
        cuts = pieces(size // n if n else 0, n, d)
        total += sum(hot_bits(b - a, d, to.width) for a, b in cuts)
        total += 64 * (to.sent + 2 * handed + 4 * opens.sent + 2 * shared.sent)
    return total


def _places_bits(out: Shape, *_: Shape, digits: tuple[int, ...], n: int) -> int:
    return places_bits(prod(out), digits, n)


@op(
    ordering.places,
    rounds=_places_rounds,
    bits=_places_bits,
    leaks="nothing",
    source="SECURITY.md, Order",
)
async def places(p: Party, b: Bits3, *, digits: tuple[int, ...], n: int) -> Rep3:
    """[where each element goes in the stable order of its key], along the last axis."""
    size, w, shape = prod(b.shape[1:]), place_width(n), b.shape[1:]
    rows, words = (size // n if n else 0), words_of(digits, w)
    i, j = (_split(s, words, size, w) for s in b)
    digit = (_first(i, words, w), _first(j, words, w))
    keys: Summands = None
    if p.id == 0:
        numbers = np.arange(size, dtype=np.uint64) % np.uint64(max(n, 1))
        keys = [x ^ y for x, y in zip(i, j, strict=True)]
        keys[0] ^= numbers
    elif p.id == 1:
        keys = j
    for d in digits[:-1]:
        keys = None if keys is None else _without(keys, words, w)
        words = _left(words)
        to = Column((size,), w)
        mine = await _summands(p, await _cross(p, digit, d, w, (rows, n)), to)
        digit, keys = await _pass(p, to, mine, keys, words, (rows, n))
        p = replace(p, turn=(p.turn + 1) % 3)  # whoever holds keys, as 2 and 0, is now 0 and 1
    keys = None if keys is None else _without(keys, words, w)
    to = Column((size,))
    mine = await _summands(p, await _cross(p, digit, digits[-1], 64, (rows, n)), to)
    out = await _last(p, to, mine, keys, (rows, n))
    return Rep3(*(s.reshape(shape) for s in out))


async def _pass(
    p: Party,
    to: Column,
    mine: Words | None,
    keys: Summands,
    words: list[list[int]],
    rows: tuple[int, int],
) -> tuple[Pair, Summands]:
    """Keys where their places say, at the roles 2 and 0, and their next digit for all."""
    size, w = to.shape[0], to.width
    columns = [to, *_columns(words, size, w)]
    both = None if mine is None or keys is None else [mine, *keys]
    moved = await shuffled(p, columns, both, orders_of(p, *rows))
    small = Column((size,), words[0][0] if words[0] else words[1][0], xor=True)
    next_digit = None if moved is None else [_first(moved[1:], words, w)]
    where, (digit,) = await together(
        opened(p, to, None if moved is None else moved[0], 2, 0),
        reshared(p, [small], next_digit, 2, 0),
    )
    at = in_flat(where, rows[1])
    keys = None if moved is None else [placed(x, at) for x in moved[1:]]
    return (placed(digit[0], at), placed(digit[1], at)), keys


async def _last(
    p: Party, to: Column, mine: Words | None, keys: Summands, rows: tuple[int, int]
) -> Pair:
    """The places themselves, back in the rows' own order: the rows' numbers are opened."""
    number = Column(to.shape, place_width(rows[1]), xor=True)
    both = None if mine is None or keys is None else [mine, keys[0]]
    moved = await shuffled(p, [to, number], both, orders_of(p, *rows))
    where, (part,) = await together(
        opened(p, number, None if moved is None else moved[1], 2, 0),
        reshared(p, [to], None if moved is None else moved[:1], 2, 0),
    )
    at = in_flat(where, rows[1])
    return placed(part[0], at), placed(part[1], at)
