"""A number as the sum of two, one at P_1 and one at P_2: cut and shared again in one round.

Source: none; derived here, with a proof in SECURITY.md, "Halves". A product of two known bits by
masks whose product is dealt before is Beaver's (CRYPTO 1991).
Departs from it in: the masks are draws that one of the two does not know; P_0 deals one number.
Notation: v = v_1 + v_2; m_1 and m_2 are the top bits of v_1 + q and v_2 - q + 2^62 - 1.
"""

from dataclasses import dataclass, field

import numpy as np

from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.summands import _narrow, _narrow_size, _widen
from mpckernel.ring.words import Words
from mpckernel.sharing.rep3 import Rep3

_TOP = np.uint64(63)


@dataclass(slots=True)
class Draws:
    """a, z_1 of P_0 and P_1; b_0, g, z_0 of P_0 and P_2; q, b_2 of P_1 and P_2. None elsewhere."""

    with_first: Words | None = field(repr=False)
    with_second: Words | None = field(repr=False)
    between: Words | None = field(repr=False)


def draws(p: Party, n: int) -> Draws:
    """For n numbers; before anything else of the cut."""
    asked = (0, 1, 2), (0, 2, 3), (1, 2, 2)
    drawn = ((p.known_to(a, b, n=k * n), k) for a, b, k in asked)
    return Draws(*(None if d is None else d.reshape(k, n) for d, k in drawn))


def dealt(d: Draws, f: int) -> Words:
    """a b_0 - g, which P_0 sends to P_1 in some round before the cut: f bits each."""
    assert d.with_first is not None
    assert d.with_second is not None
    (a, _), (b_0, g, _) = d.with_first, d.with_second
    return _narrow(a * b_0 - g, f)


def dealt_size(n: int, f: int) -> int:
    """Words of it."""
    return _narrow_size(n, f)


def cut_bits(n: int, f: int) -> int:
    """Bits that a cut sends, with what is dealt before."""
    return 3 * 64 * n + 4 * 64 * _narrow_size(n, f)


async def cut_first(p: Party, d: Draws, v: Words, plus: Words | int, given: Words, f: int) -> Rep3:
    """P_1's side of [floor((v + rho) / 2^f) + plus], |v| < 2^62; given: what was dealt."""
    assert d.with_first is not None
    assert d.between is not None
    (a, z_1), (q, b_2), up = d.with_first, d.between, np.uint64(64 - f)
    v = v + q
    m = v >> _TOP
    half = (v >> np.uint64(f)) + plus - z_1 + (m * (b_2 - np.uint64(1)) << up)
    mail = await p.exchange(
        {0: (v,), 2: (_narrow(m - a, f), half)}, {2: (_narrow_size(v.size, f), v.size)}
    )
    e, other = _widen(mail[2][0], f, v), mail[2][1]
    return Rep3(z_1 + (m * e + _widen(given, f, v) << up), half + other)


async def cut_second(p: Party, d: Draws, v: Words, plus: Words | int, f: int) -> Rep3:
    """P_2's side."""
    assert d.with_second is not None
    assert d.between is not None
    (b_0, g, z_0), (q, b_2), up = d.with_second, d.between, np.uint64(64 - f)
    v = v - q + np.uint64((1 << 62) - 1)
    m = v >> _TOP
    half = (v >> np.uint64(f)) + plus - z_0 - (m << up)
    half -= np.uint64((1 << 62 - f) - 1)
    e = _narrow(m - b_0 - b_2, f)
    mail = await p.exchange({0: (e,), 1: (e, half)}, {1: (e.size, v.size)})
    less = _widen(mail[1][0], f, v)
    return Rep3(half + mail[1][1], z_0 + (less * b_0 + g << up))


async def cut_third(p: Party, d: Draws, f: int) -> Rep3:
    """P_0's side, which learns v_1 + q: uniform to it."""
    assert d.with_first is not None
    assert d.with_second is not None
    (a, z_1), (b_0, g, z_0), up = d.with_first, d.with_second, np.uint64(64 - f)
    mail = await p.exchange({}, {1: (a.size,), 2: (_narrow_size(a.size, f),)})
    m, e = mail[1][0] >> _TOP, _widen(mail[2][0], f, a)
    return Rep3(z_0 + ((m - a) * b_0 + g << up), z_1 + (m * e + a * b_0 - g << up))
