"""Numbers of two words: sums that one word cannot hold, exactly.

v = high 2^31 + low, where |high| and |low| stay below 2^62, so that |v| may reach 2^92. A word is
split by one truncation: whatever it rounds, low = x - high 2^31 lies within 2^31. Adding is adding
of both words, and free. A sum of many words is first taken in parts that fit one word, and only
these few are split.

Source: limbs as in any arithmetic of several words; here signed, and normalised only when needed.
Notation: most: a bound on |v|.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import ANY, Do, Value, proven, times_public
from mpckernel.protocols.composed.divide import divide_public
from mpckernel.protocols.ideal import LIMIT, SMALLER, product_of

LIMB = 31  # bits of a limb


@dataclass(frozen=True, slots=True)
class Wide:
    """v = high 2^31 + low."""

    high: Any
    low: Any
    most: int


def split(do: Do, x: Value) -> Wide:
    """A word as two; two rounds."""
    high = do(ideal.trunc, x, f=LIMB)
    above = times_public(do, high, -(1 << LIMB), ANY)
    return Wide(high, do(proven(ideal.add, 1 << LIMB), x, above), x.bound)


def carried(do: Do, v: Wide) -> Wide:
    """The same with a low word within 2^31."""
    low = split(do, v.low)
    return Wide(do(ideal.add, v.high, low.high), low.low, v.most)


def added(do: Do, v: Wide, w: Wide) -> Wide:
    """v + w."""
    if v.low.bound + w.low.bound >= LIMIT:
        v, w = carried(do, v), carried(do, w)
    high, low = do(ideal.add, v.high, w.high), do(ideal.add, v.low, w.low)
    return Wide(high, low, v.most + w.most)


def times(do: Do, v: Wide, c: NDArray[np.uint64], largest: int) -> Wide:
    """v by public whole numbers of at most `largest` in absolute value."""
    if v.low.bound * largest >= LIMIT:
        v = carried(do, v)
    return Wide(do(ideal.scale, v.high, c), do(ideal.scale, v.low, c), v.most * largest)


def total(do: Do, v: Wide, axis: tuple[int, ...], n: int) -> Wide:
    """The sum over axes of n elements together."""
    if v.low.bound * n >= LIMIT:
        v = carried(do, v)
    high, low = (do(ideal.total, part, axis=axis, n=n) for part in (v.high, v.low))
    return Wide(high, low, v.most * max(n, 1))


def sum_of_words(do: Do, x: Value) -> Wide:
    """The sum over the last axis of words (m, n), in parts that fit."""
    m, n = x.shape
    size = max((LIMIT - 1) // max(x.bound, 1), 1)
    parts = max(-(-n // size), 1)
    length = -(-n // parts)
    padded = do(ideal.move, x, how=("pad_zero", ((0, 0), (0, parts * length - n))))
    cut = do(ideal.move, padded, how=("reshape", (m, parts, length)))
    sums = do(ideal.total, cut, axis=(2,), n=length)
    whole = total(do, split(do, sums), (1,), parts)
    return Wide(whole.high, whole.low, n * x.bound)


def narrow(do: Do, v: Wide, cut: int) -> Any:
    """v / 2^cut as one word: exact for cut <= 0, else within two.

    Raises OutOfRange if it might not fit.
    """
    bound = v.most << -cut if cut <= 0 else (v.most >> cut) + 2
    if bound >= LIMIT:
        raise OutOfRange(
            f"a wide sum could reach 2^{bound.bit_length()} as one word, which holds less than "
            f"2^62; divide it by how many terms it has, or for the terms, {SMALLER}"
        )
    if cut > LIMB:
        return do(proven(ideal.trunc, bound), carried(do, v).high, f=cut - LIMB)
    low = do(ideal.trunc, v.low, f=cut) if cut > 0 else times_public(do, v.low, 1 << -cut, ANY)
    high = times_public(do, v.high, 1 << LIMB - cut, ANY)
    return do(proven(ideal.add, bound), high, low)


def divided(do: Do, v: Wide, d: NDArray[np.float64], c: int) -> Any:
    """v 2^c / d for public d as one word, within 2.4 units and 2^-52 of it."""
    v = carried(do, v)
    high = divide_public(do, v.high, np.ldexp(d, -LIMB), c)
    low = divide_public(do, v.low, d, c)
    return do(ideal.add, high, low)


def matmul_parts(inner: int, product: int) -> int:
    """In how many parts a product over `inner` terms is summed, so that each of them fits: its
    whole bound, after the cut, is `product`."""
    parts = product // (LIMIT - (LIMIT >> 4)) + 1
    if parts > inner:
        raise OutOfRange(f"{product_of(1)} could exceed 2^62 on the ring; {SMALLER}")
    return parts
