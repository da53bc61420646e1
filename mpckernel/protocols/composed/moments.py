"""Spread and correlation of rows of very different size, each normalised by its own secret power.

For a row x of n words, D = n x - sum(x) is exact: no mean is rounded. Its size is found from sums
of squares of D cut by 0, s, 2 s, ... bits: the highest of them that is large is within 0.2 % of
its own size and fits the ring; lower ones may wrap and are then not chosen. That sum's power of
four gives the secret power of two P for which c = D P has 0.499 2^K <= |c| <= 1.001 2^K as a
vector, whatever the row's scale. All products are formed of c.

Source: none; derived here.
Notation: rows (m, n); N = |D| as a vector, so the standard deviation is N / (n sqrt(n - ddof));
u = |c|^2 / 2^(2 K) in [0.249, 1.003]; P = R F, R from the pair of leading bits, F from the level.
"""

from dataclasses import dataclass
from math import frexp, isqrt, ldexp, sqrt
from typing import Any

import numpy as np

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import ANY, Do, Value, plus_public, proven, times_public
from mpckernel.protocols.composed.normalise import FOUND, leading_pair
from mpckernel.protocols.composed.roots import G, inverse_root
from mpckernel.protocols.composed.wide import mul_trunc
from mpckernel.protocols.ideal import LIMIT, SMALLER, within
from mpckernel.ring.words import as_words

K = 30  # bits of a normalised row as a vector
SURE = 2**10  # a cut row at least this many units long, times sqrt(n), is within 0.1 % of its size
TOP = 2**61  # sums of squares stay below
UNIT = (1 << G) + (1 << G - 8)  # |u|, with the 0.2 % and roundings


@dataclass(frozen=True, slots=True)
class Spread:
    """Rows taken apart: direction c (m, n), and size |D| = sqrt(u) 2^(1 - spare) up F'."""

    do: Do
    n: int
    bound: int  # of the words of x
    direction: Any
    found: Any  # 1, or 0 for a constant row
    up: Any  # the size's power of two
    spare: int
    level: Any  # 2^(s k) at level k; None if there is one level only

    def deviations(self, ddof: int, shift: int) -> Any:
        """The standard deviations (m,) times 2^shift, in units of x.

        Within (2^-20.7 + sqrt(n) 2^-28) of the deviation and 1.2 units; 0 for constant rows.
        """
        do = self.do
        u = self._squares()
        root = do(proven(ideal.mul_trunc, UNIT), u, inverse_root(do, u), f=G)
        factor, exponent = _mantissa(1 / (self.n * sqrt(self.n - ddof)))
        root = do(ideal.trunc, times_public(do, root, factor), f=27)
        size = do(ideal.mul, root, self.up)
        cut = G - 27 + exponent - 1 + self.spare - shift
        real = ldexp(self.bound, shift) * sqrt(self.n / (self.n - ddof))
        if real >= LIMIT / 2:
            raise OutOfRange(f"this deviation might not fit the ring; {SMALLER}")
        bound = int(real * (1 + 2**-18)) + 3
        if self.level is None:
            if cut > 0:
                return do(proven(ideal.trunc, bound), size, f=cut)
            return times_public(do, size, 1 << -cut, bound)
        return mul_trunc(do, size, self.level, cut, bound)

    def correlations(self, f: int) -> Any:
        """The matrix (m, m) of correlations times 2^f, f <= G.

        Within 2^-19.7 + sqrt(n) 2^-26.5 and a unit; the diagonal is 1 exactly, and 0 for
        constant rows, as is everything next to them.
        """
        do, m = self.do, self.direction.shape[0]
        turned = do(ideal.move, self.direction, how=("transpose", (1, 0)))
        cut = proven(ideal.matmul_trunc, UNIT)
        u = do(cut, self.direction, turned, n=self.n, f=2 * K - G)
        diagonal = do(ideal.move, u, how=("diagonal", 0, 0, 1))
        s = inverse_root(do, self._never_zero(diagonal))
        left = do(ideal.move, s, how=("reshape", (m, 1)))
        right = do(ideal.move, s, how=("reshape", (1, m)))
        both = do(proven(ideal.mul_trunc, 5 << G), left, right, f=G)
        one = (1 << f) + (1 << max(f - 12, 0)) + 2
        rho = do(proven(ideal.mul_trunc, one), u, both, f=2 * G - f)
        off = do(proven(ideal.scale, one), rho, as_words(1 - np.eye(m, dtype=np.int64)))
        found = do(ideal.move, self.found, how=("reshape", (m, 1)))
        on = do(ideal.scale, found, as_words(np.eye(m, dtype=np.int64) << f))
        return do(proven(ideal.add, one), off, on)

    def _squares(self) -> Any:
        """u (m,) at scale G: in [0.249, 1.003]; 1/2 for constant rows."""
        cut = proven(ideal.dot_trunc, UNIT)
        u = self.do(cut, self.direction, self.direction, n=self.n, f=2 * K - G)
        return self._never_zero(u)

    def _never_zero(self, u: Value) -> Any:
        do = self.do
        missing = plus_public(do, times_public(do, self.found, -(1 << G - 1)), 1 << G - 1)
        return do(proven(ideal.add, UNIT), u, missing)


def spread(do: Do, x: Value) -> Spread:
    """Take the rows of x (m, n) apart; n * 2 bound(x) must stay below 2^62."""
    m, n = x.shape
    d = _deviations(do, x)
    levels, s = _levels(d.bound, n)
    cuts = [d] + [do(ideal.trunc, d, f=s * k) for k in range(1, levels + 1)]
    sums = [do(proven(ideal.dot, ANY if levels else n * d.bound**2), c, c, n=n) for c in cuts]
    size, level = sums[0], None
    if levels:
        size, level, inverse = _choose(do, sums, n, s)
    places = -(-max(size.bound, 1).bit_length() // 2)
    lead = leading_pair(do, size, places)
    power, up, found = lead.read(lead.down(1), lead.up(1), FOUND)
    if level is not None:
        power = do(proven(ideal.mul, 1 << places - 1 + s * levels), power, inverse)
    column = do(ideal.move, power, how=("reshape", (m, 1)))
    cut = s * levels + places - K
    largest = (1 << K) + (1 << K - 9)
    if cut <= 0:
        exact = do(proven(ideal.mul, largest >> -cut), d, column)
        direction = times_public(do, exact, 1 << -cut, largest)
    else:
        direction = mul_trunc(do, d, column, cut, largest)
    return Spread(do, n, x.bound, direction, found, up, lead.spare, level)


def _deviations(do: Do, x: Value) -> Any:
    """D = n x - sum(x) of each row: exact."""
    m, n = x.shape
    total = do(ideal.total, x, axis=(1,), n=n)
    column = do(ideal.move, total, how=("reshape", (m, 1)))
    bound = within(2 * (n - 1) * x.bound, f"a deviation from the mean of {n} values")
    return do(proven(ideal.sub, bound), times_public(do, x, n), column)


def _levels(bound: int, n: int) -> tuple[int, int]:
    """(L, s): sums of squares at level L fit, and at level k - 1 wherever level k is small."""
    if n * bound**2 < TOP:
        return 0, 0
    largest = isqrt(TOP // n) - 1  # of a word whose squares may be summed
    needed = max(bound // largest, 1).bit_length()  # bits to cut until it is so
    s_max = (largest // (SURE + 1)).bit_length() - 2
    if s_max < 1:
        raise OutOfRange("so many values in one row are not supported; take means of parts")
    levels = -(-needed // s_max)
    return levels, -(-needed // levels)


def _choose(do: Do, sums: list[Any], n: int, s: int) -> tuple[Any, Any, Any]:
    """(the sum at the highest level k that is large, or at 0; 2^(s k); 2^(s (L - k)))."""
    last = len(sums) - 1
    least = n * SURE**2
    size = sums[0]
    level = do(ideal.public, as_words(np.ones(size.shape, np.int64)))
    inverse = do(ideal.public, as_words(np.full(size.shape, 1 << s * last)))
    for k in range(1, last + 1):
        above = do(proven(ideal.shift, ANY), sums[k], as_words(-least))
        small = do(proven(ideal.msb, 1), above, width=64)
        size = do(proven(ideal.select, TOP if k == last else ANY), small, size, sums[k])
        here = do(ideal.public, as_words(np.full(size.shape, 1 << s * k)))
        back = do(ideal.public, as_words(np.full(size.shape, 1 << s * (last - k))))
        level = do(proven(ideal.select, 1 << s * k), small, level, here)
        inverse = do(proven(ideal.select, 1 << s * last), small, inverse, back)
    return size, level, inverse


def _mantissa(x: float) -> tuple[int, int]:
    """(a, e) with x = a / 2^e within 2^-27 of it, 2^26 <= a <= 2^27."""
    m, e = frexp(x)
    return round(ldexp(m, 27)), 27 - e
