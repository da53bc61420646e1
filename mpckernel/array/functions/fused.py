"""A matrix product, a factor, a sum and a change of scale with one cut: layers and their updates.

Of words X at scale f, Y at scale g and a factor m 2^-k, m X Y has scale f + g + k, and is cut by
what that is above the scale of the result. What is added is added after the cut; where it is
finer than the result, before it. Ranges follow from norms that the caller knows and interval
arithmetic does not, so they are stated: `most`, `declared`.
Source: none; the fused product of products.py with more of what is linear around it.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType
from mpckernel.array.functions.linear import matmul
from mpckernel.array.functions.shaping import moved
from mpckernel.array.publics import at_scale, operand, secret
from mpckernel.array.secret import SecretArray, ask
from mpckernel.errors import UsageError
from mpckernel.protocols import ideal, moving
from mpckernel.protocols.composed.claims import proven, times_public
from mpckernel.protocols.composed.wide import LAST
from mpckernel.protocols.ideal import LIMIT
from mpckernel.protocols.moving import How
from mpckernel.ring.words import as_words
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current

_FACTOR = 8  # bits of a factor


def matmul_to(
    x: Any,
    y: Any,
    t: SecretType,
    *,
    plus: Any = None,
    times: Fraction | float = 1,
    most: float | None = None,
    spread: How | None = None,
) -> SecretArray:
    """times * (x @ y) + plus, of type t: x and y are matrices, at least one of them secret.

    plus: broadcasts to the result. most: |result| <= most, proven by the caller. spread: a
    placement of protocols/moving.py applied to x @ y, whose leading axis is then added up.
    Rounds and bits are those of one cut product of two secrets, whatever is added.
    Error: one step of t, 2^-f; and `times` is rounded to 8 bits. Where the product does not
    fit the ring before its cut, and with a public x or y, as for np.matmul and the rest in turn.
    Raises UsageError for shapes that do not fit, OutOfRange for a result that might not.
    """
    left, right = operand(x), operand(y)
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[0]:
        raise UsageError(f"matmul_to: shapes {left.shape} and {right.shape} do not fit together")
    added = None if plus is None else operand(plus)
    task = _Task(t, *_rounded(Fraction(times)), added, most, spread)
    result = None
    if isinstance(left, SecretArray) and isinstance(right, SecretArray):
        result = task.at_once(left, right)
    if result is None:
        result = task.in_turn(left, right)
    parts = [v.owners for v in (left, right, added) if isinstance(v, SecretArray)]
    result.owners = result.owners.union(*parts)
    return result


def declared(x: Any, most: Fraction | float) -> SecretArray:
    """The same numbers with |x| <= most, proven by the caller, as their bound: smaller or larger
    than what the plan could see. Free."""
    x = secret(operand(x))
    bound = ceil(Fraction(most) * 2**x.dtype.f)
    if not 0 <= bound < LIMIT:
        raise UsageError(f"a secret of type {x.dtype} cannot be declared below {most}")
    same = ask(proven(ideal.move, bound), x.word, dtype=x.dtype, how=("reshape", x.shape))
    same.owners = x.owners
    return same


def _rounded(times: Fraction) -> tuple[int, int]:
    """(m, k) with m 2^-k the factor, to 8 bits."""
    if times == 0:
        return 0, 0
    k = _FACTOR - (abs(times.numerator).bit_length() - times.denominator.bit_length())
    k -= abs(times) * Fraction(2) ** k >= 1 << _FACTOR
    m = round(times * Fraction(2) ** k)
    zeros = (m & -m).bit_length() - 1
    return m >> zeros, k - zeros


@dataclass(frozen=True, slots=True)
class _Task:
    """m 2^-k (x @ y) + plus as t."""

    t: SecretType
    m: int
    k: int
    plus: "SecretArray | np.ndarray | None"
    most: float | None
    spread: How | None

    def in_turn(self, x: Any, y: Any) -> SecretArray:
        """One after the other."""
        z = matmul(x, y)
        if self.spread is not None:
            z = np.sum(moved(self.spread, z), axis=0)
        if (self.m, self.k) != (1, 0):
            z = z * float(Fraction(self.m) / Fraction(2) ** self.k)
        if self.plus is not None:
            z = z + self.plus
        z = z.astype(self.t)
        return z if self.most is None else declared(z, self.most + 2.0 ** (1 - self.t.f))

    def at_once(self, x: SecretArray, y: SecretArray) -> SecretArray | None:
        """With one cut of two secrets; None where that is not possible."""
        if "w" in (x.dtype.kind, y.dtype.kind, self.t.kind) or self.t.kind == "b":
            return None
        f, cut = self.t.f, x.dtype.f + y.dtype.f + self.k - self.t.f
        before = isinstance(self.plus, SecretArray) and self.plus.dtype.f > f
        finer = self.plus.dtype.f - f if before else 0  # type: ignore[union-attr]
        if cut > LAST or finer > max(cut, 0):
            return None
        rows = (x.shape[0], y.shape[1])
        n = x.shape[1] * (1 if self.spread is None else moving.shape(self.spread, rows)[0])
        scaled = self._scaled(x, y)
        reach = max(n, 1) * scaled[0].bound * scaled[1].bound << max(-cut, 0)
        most = LIMIT if self.most is None else ceil(Fraction(self.most) * 2**f)
        after = None if self.plus is None or before else at_scale(self.plus, f)
        beside = _largest(after)
        c = self._before(cut - finer) if before else None
        reach = min(reach + (c.bound if c else 0), most + beside << max(cut, 0))
        if reach >= LIMIT:
            return None
        z = self._product(*scaled, c, n, cut, (reach >> cut) + 1 if cut > 0 else reach)
        if after is not None:
            z = _sum(z, after, min(z.bound + beside, most + 1))
        return SecretArray(z, self.t)

    def _scaled(self, x: SecretArray, y: SecretArray) -> tuple[Call, Call]:
        """The operands, the smaller one times m."""
        do = current().record
        if x.size <= y.size:
            return times_public(do, x.word, self.m), y.word
        return x.word, times_public(do, y.word, self.m)

    def _before(self, bits: int) -> Call:
        """What is added, at the scale of the product."""
        assert isinstance(self.plus, SecretArray)
        most = min(self.plus.word.bound << bits, LIMIT - 1)  # the whole sum is known to fit
        return times_public(current().record, self.plus.word, 1 << bits, most)  # type: ignore

    def _product(self, x: Call, y: Call, c: Call | None, n: int, cut: int, most: int) -> Call:
        do = current().record
        if cut > 0 and self.spread is None and c is None:
            return do(proven(ideal.matmul_trunc, most), x, y, n=n, f=cut)
        if cut > 0:
            nothing = do(ideal.public, as_words(0)) if c is None else c
            extra = {"n": n, "f": cut, "spread": self.spread}
            return do(proven(ideal.matmul_plus, most), x, y, nothing, **extra)
        z = do(proven(ideal.matmul, most), x, y, n=x.shape[1])
        if self.spread is not None:
            placed = do(proven(ideal.move, most), z, how=self.spread)
            z = do(proven(ideal.total, most), placed, axis=(0,), n=placed.shape[0])
        return times_public(do, z, 1 << -cut, most)  # type: ignore[no-any-return]


def _largest(x: Any) -> int:
    """In words, of what is added after the cut."""
    if x is None:
        return 0
    if isinstance(x, Call):
        return x.bound
    return int(np.abs(x.view(np.int64)).max()) if x.size else 0


def _sum(z: Call, plus: Any, most: int) -> Call:
    try:
        fits = np.broadcast_shapes(z.shape, plus.shape) == z.shape
    except ValueError:
        fits = False
    if not fits:
        raise UsageError(f"matmul_to: {plus.shape} cannot be added to {z.shape}")
    kind = ideal.add if isinstance(plus, Call) else ideal.shift
    return current().record(proven(kind, most), z, plus)
