"""A matrix product times a public number with one cut: what a learning rate asks for.

factor * (a @ b) cuts the product, and then what the factor makes of it. Here the factor is K 2^-t
for an integer K; one matrix is multiplied by K, which is free, and the product is cut by t bits
more.
Source: none; it is the fused product of products.py with a wider cut.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from numbers import Real
from typing import Any

import numpy as np

from mpckernel.array.functions.linear import in_matrices
from mpckernel.array.functions.products import Bilinear, product
from mpckernel.array.offered import offered
from mpckernel.array.publics import operand
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT
from mpckernel.ring.words import Words, as_words
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current

_WIDEST, _SPARE = 61, 4  # the widest cut; bits of t beyond those needed


@dataclass(frozen=True, slots=True)
class _Scaled(Bilinear):
    """A product cut by `more` bits than its scales ask for."""

    more: int = 0

    def cut(self, x: "Call | Words", y: "Call | Words", f: int) -> Call:
        return Bilinear(self.name, self.n).cut(x, y, f + self.more)


@offered
def scaled_matmul(a: Any, b: Any, factor: float) -> SecretArray:
    """factor * (a @ b) for a public number; of two fixed-point secrets in the rounds of a @ b.

    Error: 2 steps; where the ring has no room for the factor, |factor| + 2 + |a @ b|/2 steps
    """
    x, y = operand(a), operand(b)
    if not isinstance(factor, Real) or not np.isfinite(float(factor)):
        raise UsageError("scaled_matmul: the factor is a public finite number")
    if type(x) is SecretArray and type(y) is SecretArray and x.ndim and 1 <= y.ndim <= 2:
        reach, f = x.shape[-1] * x.word.bound * y.word.bound, min(x.dtype.f, y.dtype.f)
        found = _integer(Fraction(float(factor)), max(reach, 1), f) if f else None
        if found is not None:
            return in_matrices(x, y, lambda left, right: _times(left, right, *found))
    return np.multiply(np.matmul(x, y), float(factor))  # type: ignore[no-any-return]


def _integer(factor: Fraction, reach: int, f: int) -> tuple[int, int] | None:
    """(K, t) with K 2^-t the factor, to a step of the result at most, if the ring has room.

    The product before the cut by f + t is at most `reach` |K|. A step is 2^f of it without a
    factor, so what rounding K does is below reach |factor - K 2^-t| 2^-f steps.
    """
    needed = max(0, reach.bit_length() - f - 1)
    exact = factor.denominator.bit_length() - 1
    for t in range(min(needed + _SPARE, exact, _WIDEST - f), -1, -1):
        k = round(factor * 2**t)
        if reach * max(abs(k), 1) < LIMIT and reach * abs(factor - Fraction(k, 2**t)) <= 2**f:
            return k, t
    return None


def _times(left: Any, right: Any, k: int, t: int) -> SecretArray:
    """k 2^-t left @ right, right a matrix."""
    if right.size <= left.size:
        right = _raised(right, k)
    else:
        left = _raised(left, k)
    rows = np.reshape(left, (prod(left.shape[:-1]), left.shape[-1]))
    z = product(_Scaled("matmul", left.shape[-1], t), rows, right)
    return np.reshape(z, (*left.shape[:-1], right.shape[-1]))  # type: ignore[no-any-return]


def _raised(x: SecretArray, k: int) -> SecretArray:
    return SecretArray(current().record(ideal.scale, x.word, as_words(k)), x.dtype)
