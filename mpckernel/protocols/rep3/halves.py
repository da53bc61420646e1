"""A number as the sum of two, one at P_1 and one at P_2: cut and shared again in one round.

Source: none; derived here, with a proof in SECURITY.md, "Halves". A product of two known bits by
masks whose product is dealt before is Beaver's (CRYPTO 1991).
Departs from it in: the masks are draws that one of the two does not know; P_0 deals one number.
Notation: v = u_1 + u_2 - 2^62 + 1; m_1 and m_2 are the top bits of u_1 and u_2.
"""

from dataclasses import dataclass, field

import numpy as np

from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.summands import _narrow, _narrow_size, _widen
from mpckernel.ring import bits
from mpckernel.ring.words import Words
from mpckernel.sharing.rep3 import Rep3

_TOP = np.uint64(63)
_NOTHING = np.zeros(0, np.uint64)
_ROLES = ((0, 1), (0, 1), (0, 2), (0, 2), (0, 2), (1, 2))


@dataclass(slots=True)
class Draws:
    """a, z_1 of P_0 and P_1; b_0, g, z_0 of P_0 and P_2; b_2 of P_1 and P_2. Nothing elsewhere."""

    a: Words = field(repr=False)
    z_1: Words = field(repr=False)
    b_0: Words = field(repr=False)
    g: Words = field(repr=False)
    z_0: Words = field(repr=False)
    b_2: Words = field(repr=False)


def draws(p: Party, n: int) -> Draws:
    """For n numbers; before anything else of the cut."""
    drawn = (p.known_to(*roles, n=n) for roles in _ROLES)
    return Draws(*(_NOTHING if d is None else d for d in drawn))


def dealt(d: Draws, f: int) -> Words:
    """a b_0 - g, which P_0 sends to P_1 in some round before the cut: f bits each."""
    return _narrow(d.a * d.b_0 - d.g, f)


def dealt_size(n: int, f: int) -> int:
    """Words of it."""
    return _narrow_size(n, f)


def cut_bits(n: int, f: int) -> int:
    """Bits that a cut sends, with what is dealt before."""
    return 2 * 64 * n + 64 * bits.packed_len(n) + 4 * 64 * _narrow_size(n, f)


async def cut_first(p: Party, d: Draws, u: Words, plus: Words | int, given: Words, f: int) -> Rep3:
    """P_1's side of [floor((v + rho) / 2^f) + plus], |v| < 2^62; given: what was dealt.

    u_1 is uniform to P_0, which learns its top bit.
    """
    m, up = u >> _TOP, np.uint64(64 - f)
    half = (u >> np.uint64(f)) + plus - d.z_1 + (m * (d.b_2 - np.uint64(1)) << up)
    less = _narrow(m - d.a, f)
    mail = await p.exchange({0: (bits.pack(m),), 2: (less, half)}, {2: (less.size, u.size)})
    e, other = _widen(mail[2][0], f, u), mail[2][1]
    return Rep3(d.z_1 + (m * e + _widen(given, f, u) << up), half + other)


async def cut_second(p: Party, d: Draws, v: Words, plus: Words | int, f: int) -> Rep3:
    """P_2's side: v is what u_1 lacks of the number, v = u_2 - 2^62 + 1."""
    u, up = v + np.uint64((1 << 62) - 1), np.uint64(64 - f)
    m = u >> _TOP
    half = (u >> np.uint64(f)) + plus - d.z_0 - (m << up)
    half -= np.uint64((1 << 62 - f) - 1)
    e = _narrow(m - d.b_0 - d.b_2, f)
    mail = await p.exchange({0: (e,), 1: (e, half)}, {1: (e.size, u.size)})
    less = _widen(mail[1][0], f, u)
    return Rep3(half + mail[1][1], d.z_0 + (less * d.b_0 + d.g << up))


async def cut_third(p: Party, d: Draws, f: int) -> Rep3:
    """P_0's side."""
    n, up = d.a.size, np.uint64(64 - f)
    mail = await p.exchange({}, {1: (bits.packed_len(n),), 2: (_narrow_size(n, f),)})
    m, e = bits.unpack(mail[1][0], n).astype(np.uint64), _widen(mail[2][0], f, d.a)
    return Rep3(d.z_0 + ((m - d.a) * d.b_0 + d.g << up), d.z_1 + (m * e + d.a * d.b_0 - d.g << up))
