"""A piecewise polynomial of a secret in four rounds, for few elements: its pieces are found by
private comparison, and what is left to add up is linear.

Source: private comparison of Damgard, Geisler, Kroigaard 2008, among three parties as in SecureNN
(PoPETs 2019), section 4. Proofs in SECURITY.md, "Spline" and "Halves".
Departs from it in: digits of three bits, shared as codes once for all edges; who learns the answers
masked multiplies them with powers of what it knows.
Notation: C = c + 2^(width-1) and R = r modulo 2^width, R > 0, c known to P_0, r to P_1 and P_2;
C' = C >> skip; e_j = [C' >= B_j] ^ beta_j; C = G 2^fine + L.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from mpckernel.protocols import fitting
from mpckernel.protocols.fitting import Polynomials
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3 import halves
from mpckernel.protocols.rep3.summands import summand
from mpckernel.ring import thresholds
from mpckernel.ring.thresholds import SIZE, STEPS, P
from mpckernel.ring.words import Shape, Words, as_words
from mpckernel.sharing.rep3 import Rep3


class Sizes(NamedTuple):
    """Of a call: lanes, digits, comparisons (that with the wrap is the last), terms of a row."""

    n: int
    digits: int
    asked: int
    terms: int

    @property
    def codes(self) -> int:
        """Numbers modulo P that say C'."""
        return self.digits * STEPS * self.n

    @property
    def answers(self) -> int:
        """Numbers modulo P that say where C' lies."""
        return self.digits * self.asked * self.n

    @property
    def powers(self) -> int:
        """Words e_j G^k."""
        return (self.asked + 1) * self.terms * self.n


def _sizes(n: int, table: Polynomials, width: int, skip: int) -> Sizes:
    return Sizes(n, max(1, -(-(width - skip) // SIZE)), len(table), len(table[0]))


def _bits(
    out: Shape, x: Shape, *, table: Polynomials, width: int, skip: int, f: int, **_: Any
) -> int:
    s = _sizes(prod(out), table, width, skip)
    small = _octets_size(s.codes) + 2 * _octets_size(s.answers)
    return 64 * (small + s.powers) + halves.cut_bits(s.n, f)


@op(fitting.spline, rounds=4, bits=_bits, leaks="rho", source="SECURITY.md, Spline")
async def spline(
    p: Party,
    x: Rep3,
    *,
    table: Polynomials,
    edges: tuple[int, ...],
    slopes: tuple[int, ...],
    skip: int,
    width: int,
    fine: int,
    f: int,
) -> Rep3:
    """[floor((p(x) + rho') / 2^f) + slope x], p and the slope those of the piece of x + rho."""
    s = _sizes(prod(x.shape), table, width, skip)
    pair = p.known_to(0, 2, n=s.codes + s.powers)
    own = p.known_to(1, 2, n=2 * s.asked * s.n + s.answers + s.n)
    cut = halves.draws(p, s.n)
    mine = summand(p, x)
    if p.id == 0:
        assert pair is not None
        result = await _compare(p, s, mine, pair, cut, width=width, skip=skip, fine=fine, f=f)
    else:
        assert own is not None
        places = _places(mine, _edges(edges, width, skip), width, skip, fine)
        draws = own[: 2 * s.asked * s.n].reshape(2 * s.asked, s.n)
        zeros = own[2 * s.asked * s.n : -s.n or None].reshape(s.digits * s.asked, s.n)
        q = own[own.size - s.n :]
        shares, given = await _ask(p, s, places, draws, zeros, pair, f)
        v = _chosen(shares, _jumps(table), places, draws)
        incline = _jumps(_inclines(slopes, fine, s.terms)) if slopes else None
        plus = 0 if incline is None else _chosen(shares, incline, places, draws)
        if p.id == 1:
            result = await halves.cut_first(p, cut, v + q, plus, given, f)
        else:
            result = await halves.cut_second(p, cut, v - q, plus, f)
    return result.map(lambda part: part.reshape(x.shape))


async def _compare(
    p: Party, s: Sizes, c: Words, pair: Words, cut: halves.Draws, *,
    width: int, skip: int, fine: int, f: int,
) -> Rep3:  # fmt: skip
    """P_0's side: its number's code goes out, masked answers come in, their products go out."""
    c = c + np.uint64(1 << width - 1) & np.uint64((1 << width) - 1)
    masks = pair[: s.codes].reshape(s.digits * STEPS, s.n)
    coded = thresholds.code(c >> np.uint64(skip), masks)
    await p.exchange({1: (_octets(coded),)}, {})
    words = _octets_size(s.answers)
    mail = await p.exchange({}, {1: (words,), 2: (words,)})
    e = _answers(mail[1][0], mail[2][0], s)
    products = e[:, None] * _powers(c, fine, s.terms)
    products -= pair[s.codes :].reshape(products.shape)
    await p.exchange({1: (products.reshape(-1), halves.dealt(cut, f))}, {})
    return await halves.cut_third(p, cut, f)


def _answers(one: Words, other: Words, s: Sizes) -> Words:
    """e_0 = 1, and e_j: whether both shares of some digit add up to 0."""
    total = _small(one, s.answers) + _small(other, s.answers)
    hit = ((total == 0) | (total == P)).reshape(s.asked, s.digits, s.n).any(axis=1)
    e = np.ones((s.asked + 1, s.n), np.uint64)
    e[1:] = hit
    return e


def _powers(c: Words, fine: int, terms: int) -> Words:
    """1, G, G^2, G^3 and, if there are five terms, L."""
    out = np.ones((terms, c.size), np.uint64)
    out[1] = c >> np.uint64(fine)
    np.multiply(out[1], out[1], out=out[2])
    np.multiply(out[1], out[2], out=out[3])
    if terms == 5:
        out[4] = c & np.uint64((1 << fine) - 1)
    return out


async def _ask(
    p: Party, s: Sizes, at: "Places", draws: Words, zeros: Words, pair: Words | None, f: int
) -> tuple[Words, Words]:
    """The sides of P_1 and P_2: shares of e_j and its products; at P_1, what was dealt."""
    first, rows = p.id == 1, ((s.asked + 1) * s.terms, s.n)
    if first:
        mail = await p.exchange({}, {0: (_octets_size(s.codes),)})
        code = _small(mail[0][0], s.codes).astype(np.uint64)
    else:
        assert pair is not None
        await p.exchange({}, {})
        code = pair[: s.codes] % np.uint64(P)
    asked = thresholds.asked(code.reshape(s.digits * STEPS, s.n), at.compared, draws, zeros, first)
    await p.exchange({0: (_octets(asked),)}, {})
    if not first:
        assert pair is not None
        await p.exchange({}, {})
        return pair[s.codes :].reshape(rows), draws[:0]
    mail = await p.exchange({}, {0: (s.powers, halves.dealt_size(s.n, f))})
    return mail[0][0].reshape(rows), mail[0][1]


class Places(NamedTuple):
    """Where R puts the edges: B_j; whether edge j is passed where C' = 0 (or just before);
    x = 2^fine (G + shift) + L + low there; and how much less after the wrap."""

    compared: Words
    passed: Words
    shift: Words
    low: Words
    span: int


def _places(r: Words, edges: Words, width: int, skip: int, fine: int) -> Places:
    one = np.uint64(1)
    r = (r - one & np.uint64((1 << width) - 1)) + one
    above = r + np.uint64((1 << skip) - 1) >> np.uint64(skip)
    compared = edges - above & np.uint64((1 << width - skip) - 1)
    passed = (edges[:-1] < above).astype(np.uint64)
    back = np.uint64((1 << width - 1 - fine) - (fine > 0))
    low = (r & np.uint64((1 << fine) - 1)) - np.uint64(1 << fine if fine else 0)
    return Places(compared, passed, (r >> np.uint64(fine)) - back, low, 1 << width - fine)


def _edges(edges: tuple[int, ...], width: int, skip: int) -> Words:
    """As numbers from 0 on, in a column; the last one is the wrap."""
    return as_words([*((t >> skip) + (1 << width - skip - 1) for t in edges), 0])[:, None]


@lru_cache(64)
def _jumps(table: Polynomials) -> Words:
    """The first polynomial, what each edge adds, and the first and minus the last for the wrap."""
    rows = as_words(np.array(table, object))
    return np.concatenate((rows[:1], np.diff(rows, axis=0), rows[:1], np.negative(rows[-1:])))


def _inclines(slopes: tuple[int, ...], fine: int, terms: int) -> Polynomials:
    """Slope x as polynomials."""
    return tuple((0, k << fine, 0, 0, k)[:terms] for k in slopes)


def _chosen(shares: Words, jumps: Words, at: Places, draws: Words) -> Words:
    return thresholds.collected(shares, jumps, at.passed, draws, at.shift, at.low, at.span)


def _octets_size(n: int) -> int:
    return -(-n // 8)


def _octets(numbers: Words) -> Words:
    """Numbers below 256, eight in a word."""
    out = np.zeros(8 * _octets_size(numbers.size), np.uint8)
    out[: numbers.size] = numbers.reshape(-1)
    return out.view("<u8").astype(np.uint64, copy=False)


def _small(words: Words, n: int) -> np.ndarray:
    return words.astype("<u8", copy=False).view(np.uint8)[:n]
