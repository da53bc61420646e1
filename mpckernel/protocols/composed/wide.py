"""Truncated products whose full value does not fit the ring, but whose result does.

x y / 2^f is computed from limbs. With `up(k)` = trunc(x, s k), which is x / 2^(s k) within one,
the limb x_k = up(k) - 2^s up(k + 1) lies in [-2^s, 2^s], whatever the truncations rounded, and
x = up(m) 2^(s m) + x_(m-1) 2^(s (m-1)) + ... + x_0 exactly. Limbs with s m >= f make all
products at positions of f and more integers of the result; those may wrap, because sums modulo
2^64 are exact and the result itself is below 2^62. Only the positions below f are truncated, and
their bounds do not depend on x (nor, if y is split too, on y).

Source: schoolbook multiplication; the limbs by truncation are our own.
Departs from it in: signed limbs of a stochastic truncation instead of digits.
Notation: n terms are summed; m limbs of s bits lie below the cut f.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import (
    ANY,
    Do,
    Operand,
    bound_of,
    is_public,
    proven,
    times_public,
)
from mpckernel.protocols.ideal import LIMIT, SMALLER, floor_cut, product_of, within
from mpckernel.ring.words import as_words

LAST = 61  # no more bits are cut at once


def mul_trunc(do: Do, x: Operand, y: Operand, f: int, bound: int | None = None) -> Any:
    """x y / 2^f elementwise, for |x y| / 2^f + 2 < 2^62; one operand may be public.

    The result is floor or floor + 1 of the exact value, as for ideal.mul_trunc, where one limb
    suffices (always for f <= 20 and two secrets); else within 1 + 2^-(f/2) of it.
    bound: of the result, where the caller has proven a smaller one than the operands give.
    Raises OutOfRange if the result might not fit.
    """
    return _Product(do, "mul", 1, f).run(x, y, bound)


def dot_trunc(do: Do, x: Operand, y: Operand, n: int, f: int, bound: int | None = None) -> Any:
    """The sum over the last axis (of length n) of x y, over 2^f; accuracy as for mul_trunc."""
    return _Product(do, "dot", n, f).run(x, y, bound)


def matmul_trunc(do: Do, x: Operand, y: Operand, n: int, f: int, bound: int | None = None) -> Any:
    """x @ y / 2^f for two matrices of inner length n; accuracy as for mul_trunc."""
    return _Product(do, "matmul", n, f).run(x, y, bound)


@dataclass(frozen=True, slots=True)
class _Product:
    """One kind of product: mul, dot or matmul of n terms, then a cut of f bits."""

    do: Do
    kind: str
    n: int
    f: int

    def run(self, x: Operand, y: Operand, bound: int | None) -> Any:
        a, b, n = bound_of(x), bound_of(y), max(self.n, 1)
        if bound is None:
            bound = (n * a * b >> self.f) + 2
        within(bound, product_of(n))
        full = min(n * a * b, (bound + 1) << self.f)
        if full < LIMIT:
            return self._cut_product(x, y, full, bound)
        m, s, split = _choose(a, b, n, self.f, [is_public(x), is_public(y)])
        limbs_x, limbs_y = _Limbs(self.do, x, s, m), _Limbs(self.do, y, s, m)
        if split == "xy":
            return self._both(limbs_x, limbs_y, bound)
        if split == "x":
            return self._one(limbs_x, y, first=True, bound=bound)
        return self._one(limbs_y, x, first=False, bound=bound)

    def _one(self, limbs: "_Limbs", other: Operand, first: bool, bound: int) -> Any:
        """Only one operand in limbs: products (limb k) * other at position s k."""
        m, s, b = limbs.m, limbs.s, max(self.n, 1) * bound_of(other)

        def product(limb: Operand, bound: int) -> Any:
            return self._exact(*((limb, other) if first else (other, limb)), bound)

        most = bound if limbs.whole else ANY  # then the low part is the result
        if m == 1:
            pair = (limbs.low(0), other) if first else (other, limbs.low(0))
            low = self._cut_product(*pair, b << s, min((b << s >> self.f) + 1, most))
        else:
            low = self._carry([[product(limbs.low(k), b << s)] for k in range(m)], s, most)
        high = [] if limbs.whole else [product(limbs.up(m), ANY)]
        return self._above(high, low, s * m, bound)

    def _both(self, x: "_Limbs", y: "_Limbs", bound: int) -> Any:
        """Both in limbs: x_i y_j below position s m, everything above it exactly."""
        m, s, b = x.m, x.s, max(self.n, 1) << 2 * x.s
        if m == 1:
            most = bound if x.whole and y.whole else ANY
            low = self._cut_product(x.low(0), y.low(0), b, min((b >> self.f) + 1, most))
        else:
            rows = [
                [self._exact(x.low(i), y.low(k - i), b) for i in range(k + 1)] for k in range(m)
            ]
            low = self._carry(rows, s)
        high = [] if x.whole else [self._exact(x.up(m), y.up(0), ANY)]
        last = range(1 if y.whole else 0, m)
        high += [self._exact(x.low(i), y.up(m - i), ANY) for i in last]
        return self._above(high, low, s * m, bound)

    def _above(self, high: list[Any], low: Any, position: int, bound: int) -> Any:
        """The low part with the products at `position`, modulo 2^64 and so exactly."""
        for k, term in enumerate(high):
            raised = times_public(self.do, term, 1 << (position - self.f), ANY)
            low = self.do(proven(ideal.add, bound if k == len(high) - 1 else ANY), raised, low)
        return low

    def _carry(self, rows: list[list[Any]], s: int, most: int = ANY) -> Any:
        """The sum of rows[k] 2^(s k), over 2^f; each sum fits, as _choose has checked.

        most: a bound on the result that the caller has proven.
        """
        do = self.do
        carried: Any = None
        for row in rows:
            for term in row:
                carried = term if carried is None else do(ideal.add, carried, term)
            if row is not rows[-1]:
                carried = do(ideal.trunc, carried, f=s)
        f = self.f - s * (len(rows) - 1)
        return do(proven(ideal.trunc, min((carried.bound >> f) + 1, most)), carried, f=f)

    def _exact(self, x: Operand, y: Operand, bound: int) -> Any:
        """The product modulo 2^64, without a cut."""
        do, n = self.do, self.n
        if is_public(x):
            if self.kind == "matmul":
                return do(proven(ideal.public_matmul, bound), x, y, n=n)
            x, y = y, x
        if self.kind == "mul":
            return do(proven(ideal.scale if is_public(y) else ideal.mul, bound), x, y)
        if self.kind == "matmul":
            name = ideal.matmul_public if is_public(y) else ideal.matmul
            return do(proven(name, bound), x, y, n=n)
        if not is_public(y):
            return do(proven(ideal.dot, bound), x, y, n=n)
        scaled = do(proven(ideal.scale, bound), x, y)
        return do(proven(ideal.total, bound), scaled, axis=(len(scaled.shape) - 1,), n=n)

    def _cut_product(self, x: Operand, y: Operand, full: int, bound: int) -> Any:
        """The product, at most `full` < 2^62, over 2^f in one step."""
        if self.f > LAST:  # below one in any case
            return times_public(self.do, self._exact(x, y, full), 0)
        if self.f == 0 or is_public(x) or is_public(y):
            exact = self._exact(x, y, full)
            return self.do(proven(ideal.trunc, bound), exact, f=self.f) if self.f else exact
        if self.kind == "mul":
            return self.do(proven(ideal.mul_trunc, bound), x, y, f=self.f)
        name = ideal.dot_trunc if self.kind == "dot" else ideal.matmul_trunc
        return self.do(proven(name, bound), x, y, n=self.n, f=self.f)


@dataclass(frozen=True, slots=True)
class _Limbs:
    """x in m limbs of s bits and what is above them. Public operands are cut in the clear."""

    do: Do
    x: Operand
    s: int
    m: int

    @property
    def whole(self) -> bool:
        """Whether m limbs are all of x: limb m - 1 is then up(m - 1)."""
        return _is_whole(bound_of(self.x), self.s, self.m)

    def up(self, k: int) -> Any:
        """x / 2^(s k) within one."""
        if k == 0:
            return self.x
        if isinstance(self.x, np.ndarray):
            return floor_cut(self.x, self.s * k)
        return self.do(ideal.trunc, self.x, f=self.s * k)

    def low(self, k: int) -> Any:
        """Limb k, at most 2^s in absolute value: |d_k - 2^s d_(k+1)| < 2^s + 1 for errors d < 1."""
        if k == self.m - 1 and self.whole:
            return self.up(k)
        if is_public(self.x):
            return as_words(self.up(k) - (self.up(k + 1) << self.s))
        above = times_public(self.do, self.up(k + 1), -(1 << self.s), ANY)
        return self.do(proven(ideal.add, 1 << self.s), self.up(k), above)


def _choose(a: int, b: int, n: int, f: int, public: list[bool]) -> tuple[int, int, str]:
    """(m, s, which operands to split) of the cheapest way whose low products fit."""
    singles = [("x", b), ("y", a)]
    if public == [False, True] or (a < b and public == [False, False]):
        singles.reverse()
    for m in range(1, f + 1):
        s = -(-f // m)
        if s * (m - 1) >= min(f, LAST + 1):
            continue
        reachable = {
            which: s * m <= LAST or _is_whole(bound, s, m) for which, bound in (("x", a), ("y", b))
        }
        for which, other in singles:
            if reachable[which] and _fits([n * other << s] * m, s):
                return m, s, which
        if all(reachable.values()) and _fits([(k + 1) * n << 2 * s for k in range(m)], s):
            return m, s, "xy"
    raise OutOfRange(f"{product_of(n)} does not fit the ring in any limbs; {SMALLER}")


def _is_whole(bound: int, s: int, m: int) -> bool:
    return (bound >> s * (m - 1)) + 1 <= 1 << s


def _fits(rows: list[int], s: int) -> bool:
    carried = 0
    for row in rows:
        total = row + carried
        if total >= LIMIT:
            return False
        carried = (total >> s) + 1
    return True
