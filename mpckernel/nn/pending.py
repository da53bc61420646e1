"""Products that wait for what else goes into their cut: the gradients of weights.

A gradient of a weight is x.T @ d, and a step makes weight - rate * mean of it: one operation with
one cut (array/functions/fused.py), if the product is not computed before the step is known.
Source: none.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType
from mpckernel.array.functions.fused import declared, matmul_to
from mpckernel.array.functions.shaping import moved
from mpckernel.array.operators import Operators
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray, ask
from mpckernel.nn.undoing import kept_if_committed
from mpckernel.protocols import ideal
from mpckernel.protocols.moving import How
from mpckernel.ring.words import Shape, as_words
from mpckernel.runtime.cell import current

BITS = 8  # of a public factor that a cut takes along
FINEST = 28  # fraction bits of a part that is taken away


@dataclass(frozen=True, slots=True)
class Term:
    """left @ right, two matrices; with `spread`, placed and added up over its leading axis."""

    left: Any
    right: Any
    spread: How | None = None


class Pending(Operators):
    """A sum of products of matrices that is not computed yet; for everything else an array.

    left, right: secret or public matrices. spread: as for matmul_to. t: its type as an array.
    shape: of the result, if it is not that of left @ right. `Pending(...).update` computes it
    together with what else is wanted; used as an array, it is computed as it is.
    """

    __slots__ = ("_shape", "_turned", "_value", "dtype", "terms")

    def __init__(
        self,
        left: Any,
        right: Any,
        spread: How | None = None,
        *,
        t: SecretType,
        shape: Shape | None = None,
    ) -> None:
        self.terms = (Term(left, right, spread),)
        self.dtype = t
        plain = (left.shape[0], right.shape[1])
        self._shape = plain if shape is None else shape
        self._turned = False  # the terms give the transpose
        self._value: SecretArray | None = None

    @property
    def shape(self) -> Shape:
        return self._shape[::-1] if self._turned else self._shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def T(self) -> "Pending":  # noqa: N802  (NumPy's name)
        same = self._same()
        same._turned = not self._turned
        return same

    def reshape(self, *shape: Any) -> Any:
        return np.reshape(self, shape[0] if len(shape) == 1 else shape)

    def value(self, t: SecretType | None = None) -> SecretArray:
        """Computed now, as type t."""
        if t not in (None, self.dtype):
            return self.update(t)
        if self._value is None:
            kept_if_committed(self, "_value")
            self._value = self.update(self.dtype)
        return self._value

    def update(
        self,
        t: SecretType,
        times: Fraction | float = 1,
        plus: Any = None,
        most: float | None = None,
    ) -> SecretArray:
        """times * this + plus as t, with one cut; plus of the shape of this.

        most: |result| <= most, proven by the caller. Error: 2^-f; with several terms that cannot
        be computed as one, 2^-f for each of them.
        """
        if plus is not None:
            plus = np.reshape(np.transpose(plus) if self._turned else plus, self._flat())
        *first, last = self.terms
        for term in first:
            plus = self._one(term, finer(t, len(self.terms)), times, plus, None)
        z = self._one(last, t, times, plus, most)
        z = np.reshape(z, self._shape)
        return np.transpose(z) if self._turned else z

    def _one(
        self, term: Term, t: SecretType, times: Any, plus: Any, most: float | None
    ) -> SecretArray:
        if all(isinstance(v, np.ndarray) for v in (term.left, term.right)):
            whole = Term(secret(operand(term.left)), term.right, term.spread)
            return self._one(whole, t, times, plus, most)
        return matmul_to(
            term.left, term.right, t, plus=plus, times=times, most=most, spread=term.spread
        )

    def _flat(self) -> Shape:
        """The shape of the product before it is reshaped."""
        term = self.terms[-1]
        if term.spread is None:
            return (term.left.shape[0], term.right.shape[1])
        return self._shape

    def _same(self, shape: Shape | None = None) -> "Pending":
        same = object.__new__(Pending)
        same.terms, same.dtype, same._turned = self.terms, self.dtype, self._turned
        same._shape = self._shape if shape is None else shape
        same._value = None
        return same

    def joined(self, other: "Pending") -> "Pending | None":
        """Both together, where they are laid out alike: products in a row are one product."""
        if self._shape != other._shape or self._turned != other._turned:
            return None
        same = self._same()
        a, b = self.terms[-1], other.terms[0]
        rows = {self._flat(), other._flat()}
        if len(self.terms) == len(other.terms) == 1 and len(rows) == 1 and a.spread == b.spread:
            left = np.concatenate([a.left, b.left], axis=1)
            same.terms = (Term(left, np.concatenate([a.right, b.right], axis=0), a.spread),)
        else:
            same.terms = (*self.terms, *other.terms)
        return same

    # What NumPy sees.

    def _stands_for(self) -> SecretArray:
        return self.value()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if ufunc is np.add and method == "__call__" and not kwargs:
            x, y = inputs
            if isinstance(x, Pending) and isinstance(y, Pending):
                both = x.joined(y)
                if both is not None:
                    return both
        plain = tuple(x.value() if isinstance(x, Pending) else x for x in inputs)
        return getattr(ufunc, method)(*plain, **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func is np.transpose and self.ndim == 2 and not kwargs and args[1:] in ((), ((1, 0),)):
            return self.T
        if func is np.reshape and not kwargs and len(args) == 2 and not self._turned:
            return self._same(tuple(args[1]))
        return func(*_valued(args), **{k: _valued(v) for k, v in kwargs.items()})

    def __getitem__(self, key: Any) -> Any:
        return self.value()[key]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.value(), name)

    def __repr__(self) -> str:
        return f"<a product to be computed, {self.dtype}, shape {self.shape}>"


def _valued(x: Any) -> Any:
    if isinstance(x, Pending):
        return x.value()
    if type(x) in (list, tuple):
        return type(x)(_valued(v) for v in x)
    return x


def finer(t: SecretType, terms: int) -> SecretType:
    """A type in which parts of a sum of so many terms are kept, so that their errors do not add
    up in the result."""
    extra = (terms - 1).bit_length()
    return SecretType(f"sfix{t.f + extra}", "f", t.f + extra)


def rounded(times: Fraction | float) -> Fraction:
    """The factor with 8 significant bits, as a cut takes it along. Relative error 2^-8."""
    exact = Fraction(times)
    if not exact:
        return exact
    k = BITS - (abs(exact.numerator).bit_length() - exact.denominator.bit_length())
    m = round(exact * Fraction(2) ** k)
    while abs(m) >= 1 << BITS:
        k -= 1
        m = round(exact * Fraction(2) ** k)
    return m / Fraction(2) ** k


def exactly(x: Any, times: Fraction | float) -> SecretArray:
    """x times a public factor of 8 bits, at as many more fraction bits as that asks for: free."""
    x = secret(operand(x))
    factor = rounded(times)
    k = factor.denominator.bit_length() - 1
    if factor == 1:
        return x
    call = current().record(ideal.scale, x.word, as_words(factor.numerator))
    f = x.dtype.f + k
    return SecretArray(call, SecretType(f"sfix{f}", "f", f) if f else x.dtype, x.owners)


def less(x: Any, part: Fraction | float) -> SecretArray:
    """x less a public part of it, at more fraction bits: free. `part` is rounded to 8 significant
    bits and to whole 2^-28; 1 - part would not do, which has no 8 bits for a small part."""
    x = secret(operand(x))
    part = Fraction(round(rounded(part) * 2**FINEST), 2**FINEST)
    return x - exactly(x, part) if part else x


def combined(
    x: Any,
    t: SecretType,
    times: Fraction | float = 1,
    plus: Any = None,
    most: float | None = None,
) -> SecretArray:
    """times * x + plus as t, element by element, with one cut (none where t is fine enough).

    The shapes are the same. most: |result| <= most, proven by the caller.
    Error: 2^-f, and what rounding the factor to 8 bits does.
    """
    if isinstance(x, Pending):
        return x.update(t, times, plus, most)
    z: Any = exactly(x, times)
    if plus is not None:
        z = z + plus
    if z.dtype.f > t.f:
        owners = z.owners
        z = ask(ideal.trunc, z, f=z.dtype.f - t.f, dtype=t)
        z.owners = owners
    z = z.astype(t)
    return z if most is None else declared(z, most)


__all__ = ["Pending", "combined", "declared", "exactly", "finer", "less", "moved", "rounded"]
