"""Real numbers as words at scale 2^f, two's complement, with |x| 2^f < 2^62."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mpckernel.errors import OutOfRange
from mpckernel.ring.words import Words, signed

_BOUND = 2.0**62


def encode(x: ArrayLike, f: int) -> Words:
    """round(x 2^f), half to even; |decode(encode(x, f), f) - x| <= 2^-(f+1) where |x| < 2^(53-f).

    Doubles of 2^(53-f) and more are multiples of 2^-f and are encoded exactly.
    Refuses NaN, infinities and |x| 2^f >= 2^62, without saying the value.
    """
    with np.errstate(over="ignore"):
        scaled = np.asarray(np.multiply(x, 2.0**f, dtype=np.float64), order="C")
    if scaled.size and not (scaled.max() < _BOUND and scaled.min() > -_BOUND):  # NaN is neither
        _refuse(np.abs(scaled) < _BOUND, f)
    return np.rint(scaled, out=scaled).astype(np.int64).view(np.uint64)


def decode(words: Words, f: int) -> NDArray[np.float64]:
    """word / 2^f as doubles: exact below 2^53 in magnitude, else within a relative 2^-53."""
    return np.asarray(signed(words) * 2.0**-f, np.float64)


def _refuse(inside: NDArray[np.bool_], f: int) -> None:
    outside = np.flatnonzero(~inside)
    raise OutOfRange(
        f"{outside.size} of {inside.size} values are not finite or do not fit at {f} fractional "
        f"bits; the first has flat index {outside[0]}; scale the data or take fewer bits"
    )
