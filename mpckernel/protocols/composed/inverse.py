"""An approximate inverse of a square matrix by products of matrices alone, with a certificate.

Columns, then rows, are multiplied by secret powers of two, so that A~ has row sums (of absolute
values) in [1/4, 1]. From X = 2^-s A~' on, X <- rho (2 I - X A~) X: the eigenvalues of X A~, which
lie in (0, 15/8], become rho t (2 - t). rho, public, grows small ones almost threefold a step as
long as there may be any, and ends at 1; the number of steps depends on p alone. T = X A~ carries
few bits: its rounding multiplies X, so it errs relatively, and later steps correct it. For the
same reason two steps in three go without it, and take T <- rho (2 I - T) T side by side with X.
The certificate is |I - X A~|_F < 2^-7, one secret bit: where it holds, A~ is regular, |A~^-1| <=
1.01 |X|, and refinement by residuals gains 7 bits a step. It holds whenever |A~^-1| <= 2^k,
k = 18 + log2(p) / 2. Where it does not, X becomes 0. No word wraps for any matrix, a singular
one too: an eigenvalue is at most g s^2 and at most 2, so |X| <= sqrt(2 g), g being public.

Source: Newton's iteration, Schulz 1933; scaled as in Pan, Schreiber 1991.
Departs from it in: rho is capped, as larger ones, though faster, amplify roundings; T is reused.
Notation: X at scale G_X, at most 2^40; T at scale 16; s: singular values of A~ = S / 2^58.
"""

from dataclasses import dataclass
from math import ceil, log2, sqrt
from typing import Any

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import Do, Value, plus_public, proven, times_public
from mpckernel.protocols.composed.normalise import Leading, leading_of_positive
from mpckernel.protocols.composed.wide import mul_trunc
from mpckernel.ring.words import as_words

UNIT = 58  # A~ = S / 2^58
ROWS = 24  # rows are multiplied by 2^0 ... 2^24
CONTRACTION = 7  # the certificate: |I - X A~| < 2^-7
_T = 16  # fraction bits of X A~
_X = 40  # bits of X
_RHO = 16  # rho is a multiple of 1/16
_MOST = (
    23  # rho < 3/2 keeps equal eigenvalues together: |d rho t (2 - t) / dt| < 1 where they settle
)
_START = 15 / 8  # no eigenvalue is larger
_FRESH = 3  # steps before T is computed of X again
_FULL = 59  # fraction bits of X A~ before the cut


@dataclass(frozen=True, slots=True)
class Sized:
    """A matrix whose columns are normalised: column j of `word` is that of W times 2^v_j.

    exponent: words v_j, one per column.
    """

    word: Any
    exponent: Any


@dataclass(frozen=True, slots=True)
class Inverse:
    """A~ = S / 2^58 = (rows scaled by `rows`) of A; X / 2^scale its inverse, or 0.

    columns: v with A~_ij = W_ij 2^v_j rows_i / 2^58. places: those of `rows`, which is
    2^(24 - i). norm: a bound on |X|_2. found: the word 1 where the certificate holds.
    """

    matrix: Any
    rows: Any
    places: Leading
    columns: Any
    x: Any
    scale: int
    norm: float
    found: Any


def power_of_columns(do: Do, w: Value) -> tuple[Any, int, Any]:
    """(V, width, v): V = 2^v, one per column, (1, m): sums of |w| V lie in [2^(width-1), 2^width].

    V = 0 for a column of zeros; v is a word (m,). Where sums could exceed 2^60, words of less than
    a unit of theirs count as zeros.
    """
    lead, places, spare = leading_of_columns(do, w)
    power, length = lead.read(lead.down(), lead.length())
    power = do(ideal.move, power, how=("reshape", (1, w.shape[1])))
    return power, places + spare, plus_public(do, do(ideal.neg, length), places)


def leading_of_columns(do: Do, w: Value) -> tuple[Leading, int, int]:
    """(the leading one of sums / 2^spare, its places, spare): sums of |w| along each column."""
    n = w.shape[0]
    size, spare = absolute(do, w), max((n * w.bound).bit_length() - 60, 0)
    if spare:
        size = do(ideal.trunc, size, f=spare)
    sums = do(ideal.total, size, axis=(0,), n=n)
    places = max(sums.bound, 1).bit_length()
    return leading_of_positive(do, sums, places), places, spare


def normalised_columns(do: Do, w: Value, bits: int) -> Sized:
    """Columns times secret powers of two, sums of absolute values in [2^(bits-1), 2^bits].

    Error: one unit where the words are cut, which they are only above `bits`. A column of zeros
    stays one.
    """
    power, width, exponent = power_of_columns(do, w)
    word = scaled(do, w, power, width - bits, (1 << bits) + 1)
    return Sized(word, plus_public(do, exponent, bits - width))


def scaled(do: Do, x: Value, y: Value, cut: int, bound: int) -> Any:
    """x y / 2^cut, known to stay within the bound; exact where cut <= 0."""
    if cut > 0:
        return mul_trunc(do, x, y, cut, bound)
    return times_public(do, do(proven(ideal.mul, bound >> -cut), x, y), 1 << -cut, bound)


def absolute(do: Do, x: Value) -> Any:
    """|x|, exactly."""
    width = next(w for w in (16, 32, 64) if x.bound < 2 ** (w - 1))
    negative = do(ideal.bit_to_word, do(ideal.msb, x, width=width))
    sign = plus_public(do, times_public(do, negative, -2, 2), 1, 1)
    return do(proven(ideal.mul, x.bound), x, sign)


def inverse(do: Do, w: Value) -> Inverse:
    """The approximate inverse of the matrix of words w (p, p), p <= 128, normalised."""
    p = w.shape[0]
    places = (p - 1).bit_length()
    columns = normalised_columns(do, w, UNIT - 1 - places)
    rows, places, s = _normalised_rows(do, columns.word)
    x, scale, norm = _newton(do, s, p)
    found = _certified(do, s, x, scale, p)
    x = do(proven(ideal.mul, x.bound), x, do(ideal.move, found, how=("reshape", (1, 1))))
    return Inverse(s, rows, places, columns.exponent, x, scale, norm, found)


def _normalised_rows(do: Do, w: Value) -> tuple[Any, Leading, Any]:
    """(U, its places, S): S = U w with row sums in [2^56, 2^58], or less where U (p, 1) is 2^24."""
    p = w.shape[0]
    sums = do(proven(ideal.total, p * w.bound), absolute(do, w), axis=(1,), n=p)
    coarse = do(ideal.trunc, sums, f=UNIT - 1 - ROWS)
    upper = plus_public(do, coarse, 1, (1 << ROWS) + p + 2)  # above the sum
    lead = leading_of_positive(do, upper, ROWS + 1)
    power = do(ideal.move, lead.read(lead.down())[0], how=("reshape", (p, 1)))
    return power, lead, do(proven(ideal.mul, (1 << UNIT) + (p + 2 << ROWS)), w, power)


def reach(p: int) -> int:
    """k: the certificate holds for every matrix with |A~^-1| <= 2^k."""
    return 18 + ceil(log2(p) / 2)


def steps(p: int) -> list[int]:
    """rho of each step, times 16."""
    low, high = 2.0 ** (-2 * reach(p) - _first(p)), _START
    out: list[int] = []
    while low < 1 - 2.0**-11 or high > 1 + 2.0**-11:
        least = min(low * (2 - low), high * (2 - high))
        best = int(_RHO * 2 / (1 + least))
        out.append(min(max(best, _RHO), _MOST))
        low, high = least * out[-1] / _RHO, out[-1] / _RHO
    return out


def _first(p: int) -> int:
    """s with |A~|_2^2 2^-s <= 15/8, as |A~|_2^2 <= |A~|_1 |A~|_inf <= p."""
    return max(0, ceil(log2(p / _START)))


def _newton(do: Do, s: Value, p: int) -> tuple[Any, int, float]:
    growth = 2.0 ** -_first(p)
    scale = _scale_of(growth)
    turned = do(ideal.move, s, how=("transpose", (1, 0)))
    x = _cut_to(do, turned, UNIT + _first(p), scale)
    rhos = steps(p)
    fresh = {*range(0, len(rhos), _FRESH), len(rhos) - 1}
    t: Any = None
    for k, rho in enumerate(rhos):
        if k in fresh:
            t = _product(do, x, scale, s, p)
        rest = do(proven(ideal.scale, 5 << _T + 5), t, as_words(-rho))
        two = as_words(np.eye(p, dtype=np.int64) * (2 * rho << _T))
        factor = do(proven(ideal.shift, 5 << _T + 5), rest, two)  # rho (2 I - T), at scale _T + 4
        growth *= 2 * rho / _RHO
        wanted = _scale_of(growth)
        cut = proven(ideal.matmul_trunc, 1 << _X)
        x = do(cut, factor, x, n=p, f=_T + 4 + scale - wanted)
        scale = wanted
        if k + 1 < len(rhos) and k + 1 not in fresh:
            t = do(proven(ideal.matmul_trunc, 5 << _T - 1), factor, t, n=p, f=_T + 4)
    return x, scale, _norm(growth)


def _norm(growth: float) -> float:
    """|X|_2 <= sqrt(2 g), with what roundings may add."""
    return 1.1 * sqrt(2 * growth)


def _scale_of(growth: float) -> int:
    return _X - 1 - ceil(log2(_norm(growth)))


def _product(do: Do, x: Value, scale: int, s: Value, p: int) -> Any:
    """X A~ at scale 16; A~ cut to as many bits as fit, in steps of four."""
    bits = (_FULL - scale) // 4 * 4
    a = _cut_to(do, s, UNIT, bits)
    cut = proven(ideal.matmul_trunc, 5 << _T - 1)
    return do(cut, x, a, n=p, f=scale + bits - _T)


def _cut_to(do: Do, x: Value, scale: int, wanted: int) -> Any:
    if scale > wanted:
        return do(ideal.trunc, x, f=scale - wanted)
    return times_public(do, x, 1 << wanted - scale)


def _certified(do: Do, s: Value, x: Value, scale: int, p: int) -> Any:
    """The word 1 where the sum of squares of I - X A~ is below 2^-14."""
    one = as_words(np.eye(p, dtype=np.int64) << _T)
    t = do(ideal.neg, _product(do, x, scale, s, p))
    rest = do(proven(ideal.shift, t.bound), t, one)
    flat = do(ideal.move, rest, how=("reshape", (p * p,)))
    squares = do(proven(ideal.dot, p << 2 * _T + 2), flat, flat, n=p * p)
    least = 1 << 2 * _T - 2 * CONTRACTION
    return do(ideal.bit_to_word, do(ideal.msb, plus_public(do, squares, -least), width=64))
