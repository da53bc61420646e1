"""Systems of linear equations: an approximate inverse, refined by residuals that are exact.

With X and A~ of inverse.py, y = X b~ and three times y <- y + X (b~ - A~ y), where A~ and y have
58 bits and products are formed in limbs; each time the error shrinks by 2^-7 at least. What is
solved is thus the system of A~, whose words are those of A times powers of two, and not a rounding
of it. The powers are undone in one multiplication: their exponents, secret words, are added up.

Source: iterative refinement, Wilkinson 1963; the rest is our own.
Notation: A = W 2^-f_a, b = B 2^-f_b, the result at scale f; b~ are the columns of U B, normalised,
over 2^58; Y = y 2^(scale); x_jm 2^f = Y_jm 2^(exponent).
"""

from math import ceil, log2
from typing import Any

import numpy as np

from mpckernel.protocols import ideal, moving
from mpckernel.protocols.composed.claims import (
    ANY,
    Do,
    Operand,
    Value,
    is_public,
    plus_public,
    proven,
    times_public,
)
from mpckernel.protocols.composed.inverse import (
    CONTRACTION,
    ROWS,
    UNIT,
    Inverse,
    Sized,
    inverse,
    normalised_columns,
    power_of_columns,
    scaled,
)
from mpckernel.protocols.composed.wide import matmul_trunc, mul_trunc
from mpckernel.ring.words import as_words

LARGEST = 20  # solutions of absolute value up to 2^20 are found
REFINED = 3  # times
_NARROW = 44  # bits of columns in least squares
_HALF = 29  # bits of the lower half of a right-hand side
_TOP, _UP = 30, 27  # y is compared in 30 bits; at most 27 of them may turn out to be zero


def solve(
    do: Do, w: Value, b: Operand, scales: tuple[int, int, int], raised: Value | None = None
) -> Any:
    """x (p, m) at scale f with A x = b, or columns of 0; scales: f_a, f_b, f.

    Error of x_j: 2^-28 y 2^(v_j) and 2 units, y being the largest of the x_i 2^(-v_i); v_j are the
    powers that normalise the columns of A. 0 where the certificate of `inverse` does not hold, or
    where some |x_j| of the column exceeds 2^20. raised: words (p, m) k for x 2^k instead.
    """
    f_a, f_b, f = scales
    a = inverse(do, w)
    rhs: Any = do(ideal.public, b) if is_public(b) else b
    target = _right_side(do, rhs, a.rows)
    y, scale = _refined(do, a, target.word)
    columns = do(ideal.move, a.columns, how=("reshape", (w.shape[0], 1)))
    exponent = do(ideal.sub, columns, target.exponent)
    if raised is not None:
        exponent = do(ideal.add, exponent, raised)
    return _powered(do, y, plus_public(do, exponent, f_a - f_b + f - scale), f)


def least_squares(do: Do, a: Value, b: Operand, scales: tuple[int, int, int]) -> Any:
    """x (p, m) at scale f with the least |A x - b|, A (n, p) of full rank, or columns of 0.

    The normal equations, formed of columns normalised to 44 bits and kept to 60: the certificate
    is that of A'A. Error: as for `solve`, and the solution's change when columns of A and b change
    by n 2^-43 of their size.
    """
    f_a, f_b, f = scales
    n, p = a.shape
    rhs: Any = do(ideal.public, b) if is_public(b) else b
    left, right = normalised_columns(do, a, _NARROW), normalised_columns(do, rhs, _NARROW)
    turned = do(ideal.move, left.word, how=("transpose", (1, 0)))
    cut, most = 2 * _NARROW - UNIT - 2, 5 << UNIT
    squares = matmul_trunc(do, turned, left.word, n, cut, most)
    goal = matmul_trunc(do, turned, right.word, n, cut, most)
    columns = do(ideal.move, left.exponent, how=("reshape", (p, 1)))
    return solve(do, squares, goal, (f_a, f_b, f), do(ideal.sub, columns, right.exponent))


def _right_side(do: Do, b: Value, rows: Value) -> Sized:
    """U b with columns normalised to 2^57, b having been normalised before; in two halves, so that
    no row loses bits for being multiplied by less than another."""
    first = normalised_columns(do, b, UNIT)
    high = do(proven(ideal.trunc, 1 << UNIT - _HALF), first.word, f=_HALF)
    above = times_public(do, high, -(1 << _HALF), ANY)
    low = do(proven(ideal.add, 1 << _HALF), first.word, above)
    large = do(proven(ideal.mul, 1 << UNIT - _HALF + ROWS), high, rows)
    small = do(proven(ideal.mul, 1 << _HALF + ROWS), low, rows)
    power, width, exponent = power_of_columns(do, large)
    word = scaled(do, large, power, width - UNIT + 1, (1 << UNIT - 1) + 1)
    rest = scaled(do, small, power, _HALF + width - UNIT + 1, 1 << UNIT - 2)
    exponent = plus_public(do, exponent, UNIT - 1 - _HALF - width)
    exponent = do(ideal.add, exponent, first.exponent)
    return Sized(do(proven(ideal.add, 1 << UNIT), word, rest), exponent)


def _refined(do: Do, a: Inverse, b: Value) -> tuple[Any, int]:
    """(Y, its scale): the solution y of A~ y = b / 2^58. |b|_1 <= 2^58."""
    p = a.matrix.shape[0]
    bits = ceil(log2(a.norm * 1.05))  # |y| <= 1.01 |X|
    scale, most = UNIT - bits, 1 << UNIT
    y = matmul_trunc(do, a.x, b, p, a.scale + UNIT - scale, most)
    for k in range(1, REFINED + 1):
        rest = max(bits - CONTRACTION * k, 0) + 1  # |y - exact| < 2^rest, and so |b - A~ y|
        fine = UNIT - 2 - rest
        product = matmul_trunc(do, a.matrix, y, p, UNIT + scale - fine, 1 << UNIT)
        goal = do(ideal.trunc, b, f=UNIT - fine)
        residual = do(proven(ideal.sub, 1 << UNIT), goal, product)
        step = matmul_trunc(do, a.x, residual, p, a.scale + fine - scale, 2 << scale + rest)
        y = do(proven(ideal.add, most), y, step)
    return y, scale


def _powered(do: Do, y: Value, exponent: Value, f: int) -> Any:
    """y 2^exponent, or columns of 0 where an element would exceed 2^(f + LARGEST); it may be let
    through up to 2.5 times that."""
    p, bits = y.shape[0], f + LARGEST + 2
    q = plus_public(do, exponent, UNIT - bits, 512)  # y 2^q < 2^58 is what may be
    above = _bit(do, plus_public(do, do(ideal.neg, q), 0), 16)  # q > 0
    below = _bit(do, q, 16)  # q < 0
    up = do(proven(ideal.mul, 512), above, q)
    down = do(proven(ideal.sub, 512), q, up)
    deep = _bit(do, plus_public(do, q, bits), 16)  # q < -bits: nothing is left
    least = do(proven(ideal.mul, bits), do(proven(ideal.sub, 1), below, deep), down)
    least = do(proven(ideal.sub, bits), least, times_public(do, deep, bits))
    raised = power_of_two(do, up, 5)
    lowered = power_of_two(do, plus_public(do, least, bits, bits), bits.bit_length())
    y = _fitting(do, y, raised, q, p)
    y = do(proven(ideal.mul, 5 << UNIT - 3), y, raised)
    return mul_trunc(do, y, lowered, UNIT, (5 << bits - 3) + 1)


def _fitting(do: Do, y: Value, raised: Value, q: Value, p: int) -> Any:
    """Columns of y in which every |y| 2^q < 2^57, and a quarter more, sure for 2^56; else 0."""
    top = do(proven(ideal.trunc, 1 << _TOP), y, f=UNIT - _TOP)
    top = do(proven(ideal.mul, 1 << _TOP + 31), top, raised)
    most = (1 << _TOP - 1) - 1
    misfits = [
        _bit(do, plus_public(do, do(ideal.neg, top), most), 64),
        _bit(do, plus_public(do, top, most), 64),
        _bit(do, plus_public(do, do(ideal.neg, q), _UP), 16),
    ]
    each = do(ideal.add, do(ideal.add, misfits[0], misfits[1]), misfits[2])
    count = do(ideal.total, each, axis=(0,), n=p)
    some = _bit(do, do(ideal.neg, count), 16)
    fits = plus_public(do, do(ideal.neg, some), 1, 1)
    return do(proven(ideal.mul, y.bound), y, fits)


def _bit(do: Do, x: Value, width: int) -> Any:
    """The word 1 where x < 0."""
    return do(ideal.bit_to_word, do(ideal.msb, x, width=width))


def power_of_two(do: Do, exponent: Value, width: int) -> Any:
    """2^e for the low `width` bits e of the exponent, at most 6; e < 62."""
    rows = do(ideal.bit_to_word, do(ideal.to_bits, exponent, width=width))
    factors = []
    for k in range(width):
        bit = do(ideal.move, rows, how=("index", moving.frozen(k)))
        factors.append(
            plus_public(do, times_public(do, bit, (1 << (1 << k)) - 1), 1, 1 << (1 << k))
        )
    while len(factors) > 1:
        pairs = zip(factors[::2], factors[1::2], strict=False)
        odd = factors[len(factors) - len(factors) % 2 :]
        factors = [do(proven(ideal.mul, min(a.bound * b.bound, ANY)), a, b) for a, b in pairs] + odd
    return factors[0]


def found(do: Do, w: Value) -> Any:
    """The word 1 where the matrix has a certified inverse, else 0."""
    return inverse(do, w).found


def identity(p: int) -> np.ndarray:
    """The right-hand sides whose solutions are the columns of an inverse; at scale 0."""
    return as_words(np.eye(p, dtype=np.int64))
