"""Pivots of a matrix that was turned by public rotations: elimination that needs little choice.

B = Q1 A~ Q2, det B = +-det A~. Whatever A~ was (a permutation, say), pivots of B are as those of a
random matrix: one is rarely much smaller than what stands below it, and the larger one of two
candidates, swapped obliviously, hardly ever. A column is used only if |column| <= 2^9 |pivot|,
|row| <= 2^9 and |pivot| >= 2^(8-G), which is checked under secrecy beside the reciprocal. Where
that fails, the column counts as 0, so that no word exceeds its bound, and a word tells it.

Source: Gauss; turned as in Parker 1995 (random butterflies), by dense rotations here.
Departs from it in: two candidates for each pivot; failure is a secret word.
Notation: S = B 2^G, what is left of it; m = column / pivot.
"""

from dataclasses import dataclass, replace
from math import ceil, log2, sqrt
from typing import Any

import numpy as np

from mpckernel.protocols import ideal, moving
from mpckernel.protocols.composed.claims import ANY, Do, Value, plus_public, proven, times_public
from mpckernel.protocols.composed.divide import Mantissa, mantissa_of
from mpckernel.protocols.composed.inverse import UNIT
from mpckernel.protocols.composed.rotations import SCALE, rotation
from mpckernel.protocols.composed.wide import matmul_trunc, mul_trunc
from mpckernel.protocols.ideal import Ideal

RATIO = 9  # |column| <= 2^9 |pivot|
ROW = 9  # |row| <= 2^9
_SMALL = 8  # |pivot| >= 2^8 units
_ROUGH = 24  # fraction bits of the first quotient
_HALF = 50  # fraction bits of Q1 A~


@dataclass(frozen=True, slots=True)
class Pivots:
    """word: (p,) at scale G; flips: bits (p - 1,), rows that were swapped, or None for p = 1; odd:
    whether det Q1 Q2 < 0; failed: words (p,), 1 where the column was not used."""

    word: Any
    flips: Any
    odd: bool
    failed: Any


@dataclass(frozen=True, slots=True)
class _Column:
    """What a column leaves: its pivot (1, 1), the bit "rows were swapped", the word "it failed"."""

    pivot: Any
    swapped: Any
    failed: Any


def bits(p: int) -> int:
    """G: fraction bits of the matrix while it is eliminated."""
    return 42 - ceil(log2(p))


def eliminated(do: Do, a: Value, which: int) -> Pivots:
    """The pivots of A~ = a / 2^58, (p, p), turned by the rotations 2 which, 2 which + 1."""
    p = a.shape[0]
    g, most = bits(p), ceil(sqrt(p)) + 1
    (left, odd_left), (right, odd_right) = (rotation(p, 2 * which + k) for k in (0, 1))
    half = matmul_trunc(do, left, a, p, SCALE + UNIT - _HALF, most << _HALF)
    s = matmul_trunc(do, half, right, p, _HALF + SCALE - g, most << g)
    columns = []
    for _ in range(p):
        column, s = _column(do, s, g)
        columns.append(column)
    word = joined(do, *(_as(do, c.pivot, (1,)) for c in columns))
    swaps = [c.swapped for c in columns if c.swapped is not None]
    flips = joined_bits(do, *swaps) if swaps else None
    failed = joined(do, *(c.failed for c in columns))
    return Pivots(word, flips, odd_left != odd_right, failed)


def _column(do: Do, s: Value, g: int) -> tuple[_Column, Any]:
    """The first column of s, (k, k), eliminated: what it leaves, and the rest (k - 1, k - 1)."""
    first, one = slice(0, 1), slice(1, None)
    if s.shape[0] == 1:
        return _Column(s, None, _failed(do, s, None, None, g)), s
    by = mantissa_of(do, _part(do, s, slice(0, 2), first))  # of both, beside their comparison
    swapped, word, s = _swapped(do, s)
    pivot = _part(do, s, first, first)
    column, row = _part(do, s, one, first), _part(do, s, first, one)
    failed = _failed(do, pivot, column, row, g)
    good = plus_public(do, times_public(do, failed, -1), 1, 1)
    column, row = (do(ideal.mul, x, _as(do, good, (1, 1))) for x in (column, row))
    m = _quotients(do, column, pivot, _chosen(do, by, word), g)
    return _Column(pivot, swapped, failed), _updated(do, s, m, row, g)


def _chosen(do: Do, by: Mantissa, word: Value) -> Mantissa:
    """That of the second pivot where the word is 1, else of the first."""

    def pick(x: Value) -> Any:
        a, b = (_part(do, x, slice(i, i + 1), slice(None)) for i in (0, 1))
        step = do(proven(ideal.mul, ANY), do(proven(ideal.sub, ANY), b, a), word)
        return do(proven(ideal.add, x.bound), a, step)

    return replace(by, power=pick(by.power), start=pick(by.start), e=pick(by.e), sign=None)


def _smaller(do: Do, x: Value, y: Value) -> Any:
    """Bits |x| < |y|, where x and y are not as long as to be equal: x - y, x + y have two signs."""
    signs = (
        do(ideal.msb, do(proven(what, ANY), x, y), width=64) for what in (ideal.sub, ideal.add)
    )
    return do(ideal.xor, *signs)


def _swapped(do: Do, s: Value) -> tuple[Any, Any, Any]:
    """(the bit (1,), its word, s with its first two rows swapped): the larger pivot goes first."""
    first, second = (_part(do, s, slice(i, i + 1), slice(None)) for i in (0, 1))
    bit = _smaller(do, *(_part(do, x, slice(None), slice(0, 1)) for x in (first, second)))
    word = do(ideal.bit_to_word, bit)
    step = do(proven(ideal.mul, ANY), do(proven(ideal.sub, ANY), second, first), word)
    first = do(proven(ideal.add, s.bound), first, step)
    second = do(proven(ideal.sub, s.bound), second, step)
    rest = _part(do, s, slice(2, None), slice(None))
    bit = do(ideal.move_bits, bit, how=("reshape", (1,)))
    return bit, word, joined(do, first, second, rest)


def _failed(do: Do, pivot: Value, column: Value | None, row: Value | None, g: int) -> Any:
    """The word 1 where the column must not be used."""
    large, small = [_as(do, pivot, (1,))], [_known(do, 1, 1 << _SMALL)]
    if column is not None and row is not None:
        k = column.shape[0]
        large += [do(ideal.move, large[0], how=("broadcast_to", (k,))), _known(do, k, 1 << g + ROW)]
        small += [do(ideal.trunc, _as(do, column, (k,)), f=RATIO), _as(do, row, (k,))]
    bad = _smaller(do, joined(do, *large), joined(do, *small))
    return do(ideal.bit_to_word, folded(do, ideal.or_, bad))


def _known(do: Do, n: int, value: int) -> Any:
    return do(ideal.public, np.full((n,), value, np.uint64))


def _quotients(do: Do, column: Value, pivot: Value, by: Mantissa, g: int) -> Any:
    """column / pivot at scale g within 4 units: a quotient, and that of what it leaves."""
    rough = by.quotient(column, _ROUGH, (1 << RATIO + _ROUGH) + (1 << _ROUGH))
    product = mul_trunc(do, rough, pivot, _ROUGH, column.bound + (column.bound >> 4))
    left = do(proven(ideal.sub, max(1, column.bound >> 14)), column, product)
    fine = by.quotient(left, g, 1 << g - 6)
    raised = times_public(do, rough, 1 << g - _ROUGH)
    return do(proven(ideal.add, (1 << RATIO + g) + (1 << g)), raised, fine)


def _updated(do: Do, s: Value, m: Value, row: Value, g: int) -> Any:
    """s - m row, but for the first row and column; |m| <= 2^RATIO + 1, |row| <= 2^ROW.

    In limbs of h bits: m row = 2^2h (m'' row + m' r_1 + m_0 r_2) + 2^h (m' r' + m_0 r_0') + less
    than two units, which are left out; one product of matrices for each bracket. Error: 3 units,
    of mean 0, as m_0, what a truncation left, is.
    """
    h, one = -(-g // 2), slice(1, None)
    step = ((1 << RATIO) + 1) << ROW + g
    row = do(proven(ideal.move, 1 << ROW + g), row, how=("reshape", row.shape))
    m_2, m_1, m_0 = _limbs(do, m, h)
    r_2, r_1, r_0 = _limbs(do, row, h)
    middle = do(ideal.trunc, row, f=h)
    left, right = joined(do, m_2, m_1, m_0, axis=1), joined(do, row, middle, r_2)
    high = do(proven(ideal.matmul, ANY), left, right, n=3)
    left, right = joined(do, m_1, m_0, axis=1), joined(do, r_0, r_1)
    low = do(ideal.matmul_trunc, left, right, n=2, f=g - h)
    product = do(proven(ideal.add, step), times_public(do, high, 1 << 2 * h - g, ANY), low)
    rest = _part(do, s, one, one)
    return do(proven(ideal.sub, s.bound + step), rest, product)


def _limbs(do: Do, x: Value, h: int) -> list[Any]:
    """x = x_2 2^2h + x_1 2^h + x_0, the lower two at most 2^h."""
    ups = [x, do(ideal.trunc, x, f=h), do(ideal.trunc, x, f=2 * h)]
    out = [ups[2]]
    for up, above in ((ups[1], ups[2]), (ups[0], ups[1])):
        less = times_public(do, above, -(1 << h), ANY)
        out.append(do(proven(ideal.add, 1 << h), up, less))
    return out


def _as(do: Do, x: Value, shape: tuple[int, ...]) -> Any:
    return do(ideal.move, x, how=("reshape", shape))


def _part(do: Do, x: Value, rows: slice, columns: slice, bound: int | None = None) -> Any:
    what = ideal.move if bound is None else proven(ideal.move, bound)
    return do(what, x, how=("index", moving.frozen((rows, columns))))


def joined(do: Do, *x: Value, axis: int = 0) -> Any:
    return do(ideal.move, *x, how=("concatenate", axis))


def joined_bits(do: Do, *x: Value) -> Any:
    return do(ideal.move_bits, *x, how=("concatenate", 0))


def folded(do: Do, what: Ideal, x: Value) -> Any:
    """All bits (n,) as one, (1,), by a tree."""
    while (n := x.shape[0]) > 1:
        low, high, rest = halves(do, ideal.move_bits, x)
        y = do(what, low, high)
        x = joined_bits(do, y, rest) if n % 2 else y
    return x


def halves(do: Do, move: Ideal, x: Value) -> list[Any]:
    """Two halves of x (n,), and what is left over."""
    n = x.shape[0]
    h = n // 2
    parts = (slice(0, h), slice(h, 2 * h), slice(2 * h, n))
    return [do(move, x, how=("index", moving.frozen(part))) for part in parts]
