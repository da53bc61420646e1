"""One-hot flags of a number of a few bits, as words.

Source: none; derived here, proof in SECURITY.md, "One-hot flags".
Departs from it in: nothing. Notation: as in shuffle.py; digit = c ^ r, c is known to P_0, r to P_1
and P_2.
"""

from math import prod

import numpy as np

from mpckernel.protocols import ordering
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.shuffle import Column
from mpckernel.protocols.rep3.summands import Pair
from mpckernel.ring import bits, orders
from mpckernel.ring.words import Shape, Words
from mpckernel.sharing.rep3 import Bits3, Rep3


async def hot(p: Party, digit: Pair, d: int, width: int) -> Pair:
    """[v = digit] for every v < 2^d, modulo 2^width, from xor shares of the digit. Two rounds.

    digit = c ^ r, c known to P_0, r to P_1 and P_2. P_2 masks the flags of r ^ s, and P_0 and P_1
    exchange their rows by t = c ^ s: what was flag r ^ s is then flag r ^ c.
    """
    n = digit[0].size
    small, flags = Column((n,), d, xor=True), Column(((1 << d) - 1, n), width)
    s = small.mask(p, 0, 2)
    a, x_0, x_2 = (flags.mask(p, *pair) for pair in ((1, 2), (0, 2), (1, 2)))
    if p.id == 2:
        assert s is not None
        assert a is not None
        assert x_0 is not None
        assert x_2 is not None
        rows = np.arange((1 << d) - 1, dtype=np.uint64)[:, None]
        term = (rows == digit[0] ^ s).astype(np.uint64) - a
        await p.exchange({0: (flags.packed(term),)}, {})
        await p.exchange({}, {})
        return _completed(x_2, 0), _completed(x_0, 0)
    if p.id == 0:
        assert s is not None
        t = digit[0] ^ digit[1] ^ s
        mail = await p.exchange({1: (small.packed(t),)}, {2: (flags.sent,)})
        mine, known = _completed(flags.unpacked(mail[2][0]), 1), x_0
    else:
        assert a is not None
        mail = await p.exchange({}, {0: (small.sent,)})
        t, mine, known = small.unpacked(mail[0][0]), _completed(a, 0), x_2
    assert known is not None
    other = 1 - p.id
    part = orders.turned(mine, t)[:-1] - known
    mail = await p.exchange({other: (flags.packed(part),)}, {other: (flags.sent,)})
    x_1 = _completed(part + flags.unpacked(mail[other][0]), 1)
    whole = _completed(known, 0)
    return (whole, x_1) if p.id == 0 else (x_1, whole)


def _completed(rows: Words, total: int) -> Words:
    """With the last row, which makes the rows sum to `total`."""
    out = np.empty((len(rows) + 1, rows.shape[1]), np.uint64)
    out[:-1] = rows
    np.subtract(np.uint64(total), np.add.reduce(rows, axis=0, dtype=np.uint64), out=out[-1])
    return out


def hot_bits(n: int, d: int, width: int) -> int:
    """Bits that `hot` sends."""
    flags = Column(((1 << d) - 1, n), width)
    return 64 * (Column((n,), d).sent + 3 * flags.sent)


def _one_hot_bits(_: Shape, b: Shape) -> int:
    return hot_bits(prod(b[1:]), b[0], 64)


@op(
    ordering.one_hot,
    rounds=2,
    bits=_one_hot_bits,
    leaks="nothing",
    source="SECURITY.md, One-hot flags",
)
async def one_hot(p: Party, b: Bits3) -> Rep3:
    """[flags] on a new leading axis, in place of that of the bits."""
    d, rest = b.shape[0], b.shape[1:]
    digit = (numbers_of(b.i, d, prod(rest)), numbers_of(b.j, d, prod(rest)))
    out = await hot(p, digit, d, 64)
    return Rep3(*(f.reshape(1 << d, *rest) for f in out))


def numbers_of(packed: Words, width: int, n: int) -> Words:
    """One share of bit planes, packed in C order, as xor shares of words."""
    return bits.from_planes(planes_of(packed, width, n), n)


def planes_of(packed: Words, width: int, n: int) -> Words:
    if n % 64 == 0:
        return packed.reshape(width, -1)
    loose = bits.unpack(packed, width * n).reshape(width, n)
    return np.stack([bits.pack(row) for row in loose]) if width else np.zeros((0, 1), np.uint64)
