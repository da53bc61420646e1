"""The place of the leading one, obliviously, as secret words that scale by it.

The bits of x are or-ed from the top (Sklansky's prefix tree): place i holds 1 exactly where the
leading one is at i or above. Its index k (counted from a spare start, so that places come in
whole groups) is taken apart into k = radix a + b, with a radix of four or three: exclusive ors of
places give one-hot bits of a, and bits "b is v or more". Any table over k that is a product of
one over a and one over b, as powers are, is then a product of two sums of these few bits with
public weights; all sums that a function wants are read at once (ideal.weigh), and share the price
of the bits.

Source: normalisation as in Catrina, Saxena 2010; digits in place of the unary sum are our own.
Departs from it in: no bit is opened or converted that is not a digit.
Notation: m places, the lowest is 0; index k = i + spare for place i, below radix * groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from mpckernel.errors import Bug
from mpckernel.protocols import ideal, moving
from mpckernel.protocols.composed.claims import Do, Value, plus_public, proven


@dataclass(frozen=True, slots=True)
class Factors:
    """The word high[a] * low[b], at most `bound`; 0 where there is no leading one."""

    high: tuple[int, ...]
    low: tuple[int, ...]
    bound: int


@dataclass(frozen=True, slots=True)
class Sum:
    """The word high[a] + low[b] where there is a leading one, else 0; low[0] must be 0. `sign`:
    added where x < 0."""

    high: tuple[int, ...] = ()
    low: tuple[int, ...] = ()
    sign: int = 0


Reading: TypeAlias = Factors | Sum
FOUND = Sum(high=(1,))  # 1 where there is a leading one; one weight stands for all
NEGATIVE = Sum(sign=1)  # 1 where x < 0
SIGN = Sum(high=(1,), sign=-2)  # -1, 0 or 1


@dataclass(frozen=True, slots=True)
class Leading:
    """Where the leading one is, as bits: one-hot of a, "b >= v", and (where kept) the sign."""

    do: Do
    bits: Any
    groups: int
    radix: int
    spare: int
    signed: bool

    def down(self, step: int = 1) -> Factors:
        """2^(step (m - 1 - i)), or 0."""
        groups, radix = range(self.groups), self.radix
        high = tuple(1 << step * radix * (self.groups - 1 - a) for a in groups)
        low = tuple(1 << step * (radix - 1 - b) for b in range(radix))
        return Factors(high, low, 1 << step * (radix * self.groups - 1 - self.spare))

    def up(self, step: int = 1) -> Factors:
        """2^(step (i + spare)), or 0; up * down = 2^(step (m - 1 + spare)) where found.

        For places up to step (m - 1 + spare) < 62.
        """
        top = self.radix * self.groups - 1
        if step * top >= 62:
            raise Bug("a power of two does not fit the ring")
        high = tuple(1 << step * self.radix * a for a in range(self.groups))
        return Factors(high, tuple(1 << step * b for b in range(self.radix)), 1 << step * top)

    def length(self) -> Sum:
        """i + 1, the bit length of x, or 0."""
        high = tuple(self.radix * a + 1 - self.spare for a in range(self.groups))
        return Sum(high, tuple(range(self.radix)))

    def read(self, *wanted: Reading) -> list[Any]:
        """Words for all of these: two rounds, and one more where there are factors."""
        rows: list[tuple[int, ...]] = []
        for r in wanted:
            rows += self._rows(r)
        words = self.do(ideal.weigh, self.bits, weights=tuple(rows))
        out, k = [], 0
        for r in wanted:
            if isinstance(r, Factors):
                out.append(self._product(r, words, k))
                k += 2
            else:
                out.append(self._bounded(words, k, _reach(r)))
                k += 1
        return out

    def _rows(self, r: Reading) -> list[tuple[int, ...]]:
        """Weights of the bits: groups, then b >= 1, 2, ..., then the sign."""
        sign = (0,) if self.signed else ()
        none, over = (0,) * self.groups, (0,) * (self.radix - 1)
        if isinstance(r, Factors):
            return [r.high + over + sign, none + _steps(r.low) + sign]
        high = r.high * self.groups if len(r.high) == 1 else r.high or none
        return [high + (_steps(r.low) if r.low else over) + ((r.sign,) if self.signed else ())]

    def _product(self, r: Factors, words: Any, k: int) -> Any:
        high = self._bounded(words, k, max(r.high))
        least, most = min(r.low) - r.low[0], max(r.low) - r.low[0]
        low = self._bounded(words, k + 1, max(most, -least))
        low = plus_public(self.do, low, r.low[0], max(r.low))
        return self.do(proven(ideal.mul, r.bound), high, low)

    def _bounded(self, words: Any, k: int, bound: int) -> Any:
        """Row k, known to be at most this."""
        return self.do(proven(ideal.move, bound), words, how=("index", moving.frozen(k)))


def _steps(low: Sequence[int]) -> tuple[int, ...]:
    return tuple(b - a for a, b in pairwise(low))


def _reach(r: Sum) -> int:
    """The largest absolute value: one of high, one of low, and the sign or not."""
    parts = ((0, *r.high), (0, *r.low), (0, r.sign))
    return max(sum(map(max, parts)), -sum(map(min, parts)))


def leading_of_signed(do: Do, x: Value, width: int, radix: int = 4) -> Leading:
    """m = width + 1 places of |x| for |x| < 2^width: i is its bit length, so that |x| 2^(m-1-i)
    lies in [2^(width-1), 2^width].

    For x < 0 the places hold ones' complements: 2 |x| - 1 in place of 2 |x|, which counts an
    exact -2^k as one bit shorter; hence the closed interval.
    """
    places, sign = _complement(do, x, width)
    return _digits(do, _suffix_or(do, places), sign, radix)


def leading_of_either(do: Do, x: Value, y: Value, width: int) -> Leading:
    """The same of the longer one of x and y, without a sign."""
    rows = [_complement(do, v, width)[0] for v in (x, y)]
    return _digits(do, _suffix_or(do, do(ideal.or_, *rows)), None, 4)


def _complement(do: Do, x: Value, width: int) -> tuple[Any, Any]:
    """Bits of 2 |x|, for x < 0 less one; the sign bit."""
    bits = do(ideal.to_bits, x, width=width + 1)
    sign, rest = _rows(do, bits, [width]), _rows(do, bits, range(width))
    return _stack(do, sign, do(ideal.xor, rest, sign)), sign


def leading_of_positive(do: Do, x: Value, width: int) -> Leading:
    """m = width places of 0 <= x < 2^width: x 2^(m-1-i) lies in [2^(width-1), 2^width).

    Where -2^width <= x < 0 nothing is found.
    """
    bits = do(ideal.to_bits, x, width=width + 1)
    return _unless_negative(do, _rows(do, bits, range(width)), _rows(do, bits, [width]))


def leading_pair(do: Do, x: Value, m: int) -> Leading:
    """m places of two bits each, for 0 <= x < 4^m: x 4^(m-1-i) lies in [4^(m-1), 4^m).

    Where -4^m <= x < 0 nothing is found.
    """
    bits = do(ideal.to_bits, x, width=2 * m + 1)
    pairs = do(ideal.or_, _rows(do, bits, range(0, 2 * m, 2)), _rows(do, bits, range(1, 2 * m, 2)))
    return _unless_negative(do, pairs, _rows(do, bits, [2 * m]))


def _unless_negative(do: Do, rows: Any, sign: Any) -> Leading:
    """The sign is or-ed into every place and taken out again: a negative x leaves only zeros."""
    m = rows.shape[0]
    places = _rows(do, _suffix_or(do, _stack(do, rows, sign)), range(m))
    return _digits(do, do(ideal.xor, places, sign), None, 4)


def _digits(do: Do, places: Any, sign: Any, radix: int) -> Leading:
    """The digits of the index of the highest set place, as bits."""
    m, shape = places.shape[0], places.shape[1:]
    groups = -(-m // radix)
    spare = radix * groups - m
    padded = do(ideal.move_bits, places, how=("pad_zero", ((0, 1), *[(0, 0)] * len(shape))))

    def at(indices: list[int]) -> Any:
        """Places by index + spare; above the top there is a row of zeros."""
        return _rows(do, padded, [min(max(k - spare, 0), m) for k in indices])

    starts = [radix * a for a in range(groups)]
    hot = do(ideal.xor, at(starts), at([k + radix for k in starts]))
    parts = [hot, _low_digit(do, at, groups, radix)] + ([] if sign is None else [sign])
    return Leading(do, _stack(do, *parts), groups, radix, spare, sign is not None)


def _low_digit(do: Do, at: Any, groups: int, radix: int) -> Any:
    """Bits "b >= v", v = 1, 2, ...: the exclusive or over groups a of [k >= radix a + v] ^
    [k >= radix a + radix]."""
    count, some = 1 << (groups - 1).bit_length(), radix - 1
    low = [radix * a + v for a in range(count) for v in range(1, radix)]
    high = [radix * (a + 1) for a in range(count) for _ in range(some)]
    rows = do(ideal.xor, at(low), at(high))
    while count > 1:
        count //= 2
        upper = _rows(do, rows, range(some * count, 2 * some * count))
        rows = do(ideal.xor, _rows(do, rows, range(some * count)), upper)
    return rows


def _suffix_or(do: Do, rows: Any) -> Any:
    """Row i becomes the or of rows i and above, in ceil(log2 m) rounds."""
    m = rows.shape[0]
    width = 1
    while width < m:
        # Counted from the top: the upper half of each block takes in the last of its lower half.
        late = [k for k in range(m) if k & width]
        source = [k // width * width - 1 for k in late]
        joined = do(
            ideal.or_,
            _rows(do, rows, [m - 1 - k for k in late]),
            _rows(do, rows, [m - 1 - k for k in source]),
        )
        place = {m - 1 - k: m + n for n, k in enumerate(late)}
        rows = _rows(do, _stack(do, rows, joined), [place.get(k, k) for k in range(m)])
        width *= 2
    return rows


def _rows(do: Do, bits: Any, indices: Any) -> Any:
    """Rows of the leading axis, in this order; a slice where they follow each other."""
    k = list(indices)
    if k == list(range(k[0], k[-1] + 1)):
        if len(k) == bits.shape[0]:
            return bits
        how = ("index", moving.frozen(slice(k[0], k[-1] + 1)))
    else:
        how = ("index", moving.frozen(np.array(k, np.int64)))
    return do(ideal.move_bits, bits, how=how)


def _stack(do: Do, *rows: Any) -> Any:
    return do(ideal.move_bits, *rows, how=("concatenate", 0))
