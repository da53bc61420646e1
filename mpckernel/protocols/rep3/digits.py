"""Digits of four bits of two summands: in one go, what a carry tree needs of each pair of them.

P_0 gives the points of the digits of c ("the digit is t", for t > 0), masked; every question about
c + r of one digit is then a sum of points that P_1 and P_2, who know r, choose by themselves.

Source: none; derived here, proof in SECURITY.md, "Digits". Points of a small table are folklore
(one-time tables); that the second summand turns them is our own.
Departs from it in: nothing. Notation: x = c + r mod 2^64; c is known to P_0, r to P_1 and P_2;
digit q is made of planes 4 q to 4 q + 3, the top one of what is left.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.summands import Pair, known
from mpckernel.ring import bits, carries, digits
from mpckernel.ring.words import Words

SIZE = 4
"""Bits of a digit: 3, 4 and 5 cost 345, 380 and 487 bits for a sign of 64 bits, and 7, 6 and 6
rounds."""

Wanted = Callable[[int, int, int], dict[str, int]]
"""wanted(q, n, size) -> what is asked of digit q of n, by name; as ring/digits.py has it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring digits of which the same is asked: `count` of them, from plane `begin`."""

    begin: int
    size: int
    count: int
    asks: tuple[int, ...]
    rows: tuple[int, ...]  # of the first digit's answers; the next digit's follow

    @property
    def points(self) -> int:
        """Rows of points."""
        return self.count * ((1 << self.size) - 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """Which row answers what: all digits that were asked `name`, from the lowest, side by side.
    width: bits of the number. rows: of answers. points: rows of them."""

    groups: tuple[Group, ...]
    where: dict[str, slice]
    width: int
    rows: int
    points: int

    @property
    def bits(self) -> int:
        """What `sums` sends for each lane."""
        return self.points + 2 * self.rows


def count(width: int) -> int:
    """Digits of a number."""
    return -(-width // SIZE)


@lru_cache(256)
def layout(width: int, wanted: Wanted) -> Layout:
    """Rows for what is wanted of each digit of a number."""
    n = count(width)
    size = [min(SIZE, width - SIZE * q) for q in range(n)]
    asked = [wanted(q, n, size[q]) for q in range(n)]
    where: dict[str, slice] = {}
    end = 0
    for name in dict.fromkeys(name for names in asked for name in names):
        begin, end = end, end + sum(name in names for names in asked)
        where[name] = slice(begin, end)
    groups = []
    for begin, stop in _runs(n):
        rows = [
            where[name].start + sum(name in names for names in asked[:begin])
            for name in asked[begin]
        ]
        asks = tuple(asked[begin].values())
        groups.append(Group(SIZE * begin, size[begin], stop - begin, asks, tuple(rows)))
    return Layout(tuple(groups), where, width, end, sum(g.points for g in groups))


def _runs(n: int) -> Iterator[tuple[int, int]]:
    """The lowest digit, those between, the top one."""
    yield 0, 1
    if n > 2:
        yield 1, n - 1
    if n > 1:
        yield n - 1, n


async def answers(p: Party, mine: Words, what: Layout) -> tuple[Pair, Words]:
    """[the answers], row by row; and what I hold of the points, for `lowest`. Two rounds.

    P_1 is sent the points of c less s_0; meanwhile P_2 computes its answers from s_0. P_1 sends P_2
    its own less e, P_2 sends P_0 its own less g, as in `summands.met`.
    """
    planes = bits.planes(mine, what.width)
    m = planes.shape[1]
    points, size = what.points * m, what.rows * m
    s_0 = known(p, 0, 2, points)
    if p.id == 0:
        await p.ahead({1: (_masked_points(planes, what, s_0),)})
    e, g = known(p, 0, 1, size), known(p, 1, 2, size)
    if p.id == 0:
        await p.exchange({}, {})
        mail = await p.exchange({}, {2: (size,)})
        return _rows(mail[2][0], e, what, m), s_0
    if p.id == 1:
        mail = await p.exchange({}, {0: (points,)})
        (s_1,) = mail[0]
        term = _answers(planes, what, s_1, e, first=True)
        await p.exchange({2: (term,)}, {})
        return _rows(e, term ^ g, what, m), s_1
    term = _answers(planes, what, s_0, g, first=False)
    await p.exchange({}, {})
    mail = await p.exchange({0: (term,)}, {1: (size,)})
    return _rows(mail[1][0] ^ g, term, what, m), s_0


def _rows(i: Words, j: Words, what: Layout, m: int) -> Pair:
    return i.reshape(what.rows, m), j.reshape(what.rows, m)


def _masked_points(planes: Words, what: Layout, masks: Words) -> Words:
    """The points of all digits, less the masks; flat."""
    out, m = np.empty_like(masks), planes.shape[1]
    pairs = zip(_by_group(masks, what, m), _by_group(out, what, m), strict=True)
    for (group, less), (_, to) in pairs:
        digits.points(_planes(planes, group), group.size, less, to)
    return out


def _by_group(flat: Words, what: Layout, m: int) -> Iterator[tuple[Group, Words]]:
    """Each group with its rows of points: (2^size - 1, count m)."""
    at = 0
    for group in what.groups:
        end = at + group.points * m
        yield group, flat[at:end].reshape((1 << group.size) - 1, group.count * m)
        at = end


def _planes(planes: Words, group: Group) -> Words:
    return planes[group.begin : group.begin + group.size * group.count]


def _answers(planes: Words, what: Layout, given: Words, mask: Words, first: bool) -> Words:
    m = planes.shape[1]
    term = mask.reshape(what.rows, m).copy()
    for group, points in _by_group(given, what, m):
        rows = [term[row : row + group.count].reshape(-1) for row in group.rows]
        turn = _planes(planes, group)
        carries.add_sums(points, turn, group.size, first, group.asks, rows)
    return term.reshape(-1)


def lowest(p: Party, planes: Words, what: Layout, given: Words) -> Pair:
    """[c ^ r of the lowest plane of each digit]: the points at odd t. Local."""
    m = planes.shape[1]
    odd = [
        np.bitwise_xor.reduce(points[::2]).reshape(group.count, m)
        for group, points in _by_group(given, what, m)
    ]
    mine, share = planes[::SIZE], np.concatenate(odd)
    if p.id == 0:
        return share, mine ^ share
    return (share, mine) if p.id == 1 else (mine, share)
