"""The place of the leading one, obliviously, as secret powers of two.

The bits of x are or-ed from the top (Sklansky's prefix tree): place i holds 1 exactly where the
leading one is at i or above. Its index is taken apart into digits of base four; for each digit
three bits "at least v" are exclusive ors of such places. They alone become words, and every
power of two with the index in its exponent is a product of weighted sums of them: 2^index and
2^-index at once, which a unary sum of all places would pay for with one conversion each.

Source: normalisation as in Catrina, Saxena 2010; digits in place of the unary sum are our own.
Departs from it in: no bit is opened or converted that is not a digit.
Notation: m places, the lowest is 0; `step` bits per place (1, or 2 for square roots).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from mpckernel.errors import Bug
from mpckernel.protocols import ideal, moving
from mpckernel.protocols.composed.claims import Do, Value, plus_public, proven
from mpckernel.ring.words import as_words


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit of the index: rows[v - 1] is the word "the digit is v or more"; worth `stride`."""

    rows: Any
    stride: int
    radix: int


@dataclass(frozen=True, slots=True)
class Leading:
    """Secret powers of two of the place i of the leading one, all zero where there is none.

    found: the word 1 where there is a leading one. negative: the word 1 where x < 0.
    """

    do: Do
    found: Value
    negative: Value | None
    digits: tuple[Digit, ...]
    spare: int

    def down(self, step: int = 1) -> Any:
        """2^(step (m - 1 - i)), or 0."""
        top = sum(d.stride * (d.radix - 1) for d in self.digits) - self.spare
        weights = [
            [1 << step * d.stride * (d.radix - 1 - v) for v in range(d.radix)] for d in self.digits
        ]
        return self._product(weights, 1 << step * top)

    def up(self, step: int = 1) -> Any:
        """2^(step (i + spare)), or 0; up * down = 2^(step (m - 1 + spare)) where found.

        For places up to step (m - 1 + spare) < 62.
        """
        top = sum(d.stride * (d.radix - 1) for d in self.digits)
        if step * top >= 62:
            raise Bug("a power of two does not fit the ring")
        weights = [[1 << step * d.stride * v for v in range(d.radix)] for d in self.digits]
        return self._product(weights, 1 << step * top)

    def _product(self, weights: list[list[int]], bound: int) -> Any:
        """The product over digits of the weight of each digit's value; neighbours first."""
        factors = [
            self._factor(d, w, k == 0)
            for k, (d, w) in enumerate(zip(self.digits, weights, strict=True))
        ]
        while len(factors) > 1:
            pairs = zip(factors[::2], factors[1::2], strict=False)
            odd = factors[len(factors) - len(factors) % 2 :]
            factors = [
                self.do(proven(ideal.mul, min(bound, a.bound * b.bound)), a, b) for a, b in pairs
            ] + odd
        return factors[0] if factors else self.found

    def _factor(self, d: Digit, w: list[int], first: bool) -> Any:
        """w[digit], for the first digit 0 where there is no leading one."""
        do, ndim = self.do, len(self.found.shape)
        steps = as_words([b - a for a, b in pairwise(w)])
        largest = max(w)
        scaled = do(ideal.scale, d.rows, steps.reshape(-1, *[1] * ndim))
        change = do(proven(ideal.total, largest), scaled, axis=(0,), n=d.radix - 1)
        if not first:
            return plus_public(do, change, w[0], largest)
        base = do(ideal.scale, self.found, as_words(w[0]))
        return do(proven(ideal.add, largest), base, change)


def leading_of_signed(do: Do, x: Value, width: int) -> Leading:
    """m = width + 1 places of |x| for |x| < 2^width: i is its bit length, so that |x| 2^(m-1-i)
    lies in [2^(width-1), 2^width].

    For x < 0 the places hold ones' complements: 2 |x| - 1 in place of 2 |x|, which counts an
    exact -2^k as one bit shorter; hence the closed interval.
    """
    bits = do(ideal.to_bits, x, width=width + 1)
    sign, rest = _rows(do, bits, [width]), _rows(do, bits, range(width))
    rest = do(ideal.xor, rest, sign)
    places = _suffix_or(do, _stack(do, sign, rest))
    return _digits(do, places, sign)


def leading_pair(do: Do, x: Value, m: int) -> Leading:
    """m places of two bits each, for 0 <= x < 4^m: x 4^(m-1-i) lies in [4^(m-1), 4^m).

    Where -4^m <= x < 0 nothing is found.
    """
    bits = do(ideal.to_bits, x, width=2 * m + 1)
    pairs = do(ideal.or_, _rows(do, bits, range(0, 2 * m, 2)), _rows(do, bits, range(1, 2 * m, 2)))
    sign = _rows(do, bits, [2 * m])
    # The sign is or-ed into every place and taken out again: a negative x leaves only zeros.
    places = _rows(do, _suffix_or(do, _stack(do, pairs, sign)), range(m))
    return _digits(do, do(ideal.xor, places, sign), None)


def _digits(do: Do, places: Any, sign: Any) -> Leading:
    """The digits of the index of the highest set place, converted in one call."""
    m, shape = places.shape[0], places.shape[1:]
    top = 1
    while 4 * top < m:
        top *= 4
    radix = -(-m // top)
    spare = top * radix - m if m > 1 else 0
    padded = do(ideal.move_bits, places, how=("pad_zero", ((0, 1), *[(0, 0)] * len(shape))))

    def at(indices: list[int]) -> Any:
        """Places by index + spare; above the top there is a row of zeros."""
        return _rows(do, padded, [min(max(k - spare, 0), m) for k in indices])

    shapes = [(top, radix)] if m > 1 else []
    parts = [at([top * v for v in range(1, radix)])] if m > 1 else []
    stride = top // 4
    while stride:
        parts.append(_digit(do, at, stride, -(-(m + spare) // (4 * stride))))
        shapes.append((stride, 4))
        stride //= 4
    parts += [at([0])] + ([] if sign is None else [sign])
    words = do(ideal.bit_to_word, _stack(do, *parts))
    digits, begin = [], 0
    for stride, radix_k in shapes:
        rows = _word_rows(do, words, slice(begin, begin + radix_k - 1))
        digits.append(Digit(rows, stride, radix_k))
        begin += radix_k - 1
    found = _word_rows(do, words, begin)
    negative = None if sign is None else _word_rows(do, words, begin + 1)
    return Leading(do, found, negative, tuple(digits), spare)


def _digit(do: Do, at: Any, stride: int, blocks: int) -> Any:
    """Bits "the base-four digit worth `stride` is v or more", v = 1, 2, 3: the exclusive or over
    blocks k of [index >= 4 k stride + v stride] ^ [index >= 4 (k + 1) stride]."""
    count = 1 << (blocks - 1).bit_length()
    low = [stride * (4 * k + v) for k in range(count) for v in (1, 2, 3)]
    high = [stride * 4 * (k + 1) for k in range(count) for _ in range(3)]
    rows = do(ideal.xor, at(low), at(high))
    while count > 1:
        count //= 2
        rows = do(
            ideal.xor,
            _rows(do, rows, range(3 * count)),
            _rows(do, rows, range(3 * count, 6 * count)),
        )
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


def _word_rows(do: Do, words: Any, key: Any) -> Any:
    return do(ideal.move, words, how=("index", moving.frozen(key)))
