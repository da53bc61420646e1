"""Cholesky's factor of a symmetric positive definite matrix, column by column.

Rows and columns are first multiplied by the secret powers of two that bring the diagonal into
[1/4, 1). Each column takes a root and its inverse, and one product of its elements with each other,
taken from what is left. Everything that makes a matrix not positive definite shows as a pivot
below 2^-16, or as an element that exceeds the root of the pivot of its column; the first time it
does, a secret word becomes 0, and with it all later pivots, and in the end the whole factor. Until
then no word is larger than stated: positive definite matrices have elements below 1 throughout.

Source: Cholesky 1924, right-looking; inverse roots as in roots.py and one step of Newton's.
Departs from it in: failure is a secret word instead of an exception.
Notation: C = W P P' / 4^m at scale G; U = 2^(m + spare) / P; s = 1/sqrt(pivot) at scale ROOT.
"""

from typing import Any

import numpy as np

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal, moving
from mpckernel.protocols.composed.claims import Do, Value, plus_public, proven, times_public
from mpckernel.protocols.composed.normalise import leading_pair
from mpckernel.protocols.composed.roots import rsqrt
from mpckernel.protocols.composed.wide import mul_trunc
from mpckernel.protocols.ideal import SMALLER

G = 27  # fraction bits of the matrix while it is eliminated
ROOT = 26  # of inverse roots, which are at most 2^8
LEAST = 16  # pivots are at least 2^-16
_ONE = (1 << G) + (1 << 8)  # an element of a definite matrix, and a unit for each column before
_ANY = 1 << 64 - ROOT  # of words cut by 26 bits, also of those that have wrapped
LARGEST = 54  # bits of a word of the matrix


def cholesky(do: Do, w: Value, c: int) -> Any:
    """L 2^(c/2) with L L' = W, lower triangular; c is even. 0 where it is not found.

    Only the lower triangle is read. L L' is W within (p + 8) 2^-25 sqrt(W_ii W_jj), and the
    roundings of L.
    It is found wherever the least eigenvalue, with the diagonal in [1/4, 1), is 2^-15 or more.
    """
    p = w.shape[0]
    if w.bound.bit_length() > LARGEST:
        raise OutOfRange(f"a matrix to be factored must stay below 2^{LARGEST}; {SMALLER}")
    s, up, spare, alive = _normalised(do, _symmetric(do, w))
    columns = []
    for k in range(p):
        column, s, alive = _column(do, s, alive)
        columns.append(do(ideal.move, column, how=("pad_zero", ((k, 0), (0, 0)))))
    factor = do(ideal.move, *columns, how=("concatenate", 1))
    factor = do(proven(ideal.mul, _ONE), factor, _as(do, alive, (1, 1)))
    cut = G - 1 + spare - c // 2
    bound = int((w.bound << c if c >= 0 else w.bound >> -c) ** 0.5 * (1 + 2**-20)) + 3
    if cut > 0:
        return mul_trunc(do, factor, up, cut, bound)
    return times_public(do, do(proven(ideal.mul, bound), factor, up), 1 << -cut, bound)


def _as(do: Do, x: Value, shape: tuple[int, ...]) -> Any:
    return do(ideal.move, x, how=("reshape", shape))


def _part(do: Do, x: Value, *key: Any) -> Any:
    return do(ideal.move, x, how=("index", moving.frozen(key)))


def _symmetric(do: Do, w: Value) -> Any:
    """The lower triangle on both sides."""
    low = do(ideal.move, w, how=("tril", 0))
    strict = do(ideal.move, do(ideal.move, w, how=("tril", -1)), how=("transpose", (1, 0)))
    return do(proven(ideal.add, w.bound), low, strict)


def _negative(do: Do, x: Value, width: int = 64) -> Any:
    return do(ideal.bit_to_word, do(ideal.msb, x, width=width))


def _none(do: Do, *counts: Value) -> Any:
    """The word 1 where all these words, which are not negative, add up to 0."""
    total: Any = None
    for x in counts:
        axes = tuple(range(len(x.shape)))
        n = int(np.prod(x.shape))
        one = do(ideal.total, x, axis=axes, n=n) if axes else x
        total = one if total is None else do(ideal.add, total, one)
    some = _negative(do, do(ideal.neg, total), 16 if total.bound < 2**15 else 32)
    return plus_public(do, times_public(do, some, -1), 1, 1)


def _normalised(do: Do, w: Value) -> tuple[Any, Any, int, Any]:
    """(C, U, spare, the word 1 where no |W_ij| exceeds (2 / 2^spare)^2 U_i U_j)."""
    p = w.shape[0]
    diagonal = do(ideal.move, w, how=("diagonal", 0, 0, 1))
    m = max(1, -(-w.bound.bit_length() // 2))
    lead = leading_pair(do, diagonal, m)
    down, up = lead.read(lead.down(1), lead.up(1))
    powers = do(proven(ideal.mul, 1 << 2 * m), _as(do, down, (p, 1)), _as(do, down, (1, p)))
    column, spare = _as(do, up, (p, 1)), lead.spare
    limits = do(ideal.mul, column, _as(do, up, (1, p)))
    limits = times_public(do, limits, 1 if spare else 4)
    raised = times_public(do, w, 4 ** max(spare - 1, 0))
    over = _outside(do, raised, limits)
    cut = 2 * m - G
    if cut > 0:
        c = do(proven(ideal.mul_trunc, 1 << 64 - cut), w, powers, f=cut)
    else:
        c = times_public(do, do(ideal.mul, w, powers), 1 << -cut)
    return c, column, spare, _none(do, over)


def _outside(do: Do, x: Value, limit: Value) -> Any:
    """How often |x| exceeds the limit, in all: a word."""
    sides = [_negative(do, do(name, limit, x)) for name in (ideal.sub, ideal.add)]
    both = do(ideal.add, *sides)
    n = int(np.prod(both.shape))
    return do(ideal.total, both, axis=tuple(range(len(both.shape))), n=n)


def _column(do: Do, s: Value, alive: Value) -> tuple[Any, Any, Any]:
    """(column (k, 1) of the factor, what is left (k - 1, k - 1), alive)."""
    pivot = do(
        proven(ideal.mul, _ONE), _part(do, s, slice(0, 1), slice(0, 1)), _as(do, alive, (1, 1))
    )
    small = _negative(do, plus_public(do, pivot, -(1 << G - LEAST)))
    rough = rsqrt(do, pivot, 2 * ROOT + G)
    root = do(proven(ideal.mul_trunc, 2 << G), pivot, rough, f=ROOT)
    error = do(proven(ideal.mul_trunc, 3 << G), root, rough, f=ROOT)
    half = do(proven(ideal.neg, 3 << G), plus_public(do, error, -(1 << G), 3 << G))
    inverse = do(proven(ideal.mul_trunc, 1 << ROOT + LEAST // 2), rough, half, f=G + 1)
    inverse = do(proven(ideal.add, 2 << ROOT + LEAST // 2), rough, inverse)
    whole = do(
        proven(ideal.mul_trunc, _ANY), _part(do, s, slice(None), slice(0, 1)), inverse, f=ROOT
    )
    limit = plus_public(do, root, 1 << G - 10)
    over = _outside(do, _part(do, s, slice(None), slice(0, 1)), limit)
    good = _none(do, _as(do, small, ()), over)
    left = _part(do, whole, slice(1, None), slice(None))
    products = do(
        proven(ideal.mul_trunc, _ANY), left, do(ideal.move, left, how=("transpose", (1, 0))), f=G
    )
    rest = do(ideal.sub, _part(do, s, slice(1, None), slice(1, None)), products)
    return whole, rest, do(proven(ideal.mul, 1), alive, good)
