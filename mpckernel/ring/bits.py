"""Bits packed 64 to a word, and words as bit planes.

Bit k of word w is element 64 w + k; what lies beyond the last element is zero.
Plane j of a batch holds bit j of every element, so one machine AND is 64 gates.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mpckernel.ring.compiled import compiled
from mpckernel.ring.words import Words, flat

_ONES = np.uint64(2**64 - 1)


def packed_len(n: int) -> int:
    """Words that n bits take."""
    return -(-n // 64)


def pack(bools: ArrayLike) -> Words:
    """Booleans of any shape, in C order, as flat words."""
    bits = np.asarray(bools, np.bool_).ravel()
    out = np.zeros(packed_len(bits.size), "<u8")
    packed = np.packbits(bits, bitorder="little")
    out.view(np.uint8)[: packed.size] = packed
    return out.astype(np.uint64, copy=False)


def unpack(words: Words, n: int) -> NDArray[np.bool_]:
    """The first n bits, as booleans of shape (n,)."""
    octets = np.ascontiguousarray(words, "<u8").view(np.uint8)
    return np.unpackbits(octets, count=n, bitorder="little").view(np.bool_)


def pad_mask(n: int) -> Words:
    """Words with ones on the n real lanes and zeros on the padding."""
    mask = np.full(packed_len(n), _ONES)
    if n % 64:
        mask[-1] = np.uint64((1 << n % 64) - 1)
    return mask


# Words to planes and back


def _matrix(words: Words, width: int) -> NDArray[np.uint8]:
    """One row an element, one column a bit, lowest first."""
    octets = np.ascontiguousarray(words, "<u8").view(np.uint8).reshape(words.size, 8)
    return np.unpackbits(octets, axis=1, count=width, bitorder="little")


def _numbers(bits: NDArray[np.uint8]) -> Words:
    """The inverse of _matrix: rows of at most 64 bits to words."""
    out = np.zeros((bits.shape[0], 8), np.uint8)
    packed = np.packbits(bits, axis=1, bitorder="little")
    out[:, : packed.shape[1]] = packed
    return out.view("<u8").astype(np.uint64, copy=False).reshape(-1)


def planes(words: Words, width: int = 64) -> Words:
    """Plane j = bit j of all elements: (n,) words to (width, packed_len(n))."""
    out = np.empty((width, packed_len(words.size)), np.uint64)
    for plane, bits in zip(out, _matrix(flat(words, words.shape), width).T, strict=True):
        plane[:] = pack(bits)
    return out


def from_planes(planes: Words, n: int) -> Words:
    """The inverse: (width, packed_len(n)) to (n,) words; planes that are missing count as zero."""
    bits = [unpack(plane, n).view(np.uint8) for plane in planes]
    return _numbers(np.stack(bits, axis=1)) if bits else np.zeros(n, np.uint64)


# The low bits of words, packed without gaps


def pack_low(words: Words, width: int) -> Words:
    """The low `width` bits of each element in ceil(n * width / 64) words, no gaps."""
    return pack(_matrix(flat(words, words.shape), width))


def unpack_low(words: Words, width: int, n: int) -> Words:
    """The inverse of pack_low: (n,) words below 2^width."""
    return _numbers(unpack(words, n * width).view(np.uint8).reshape(n, width))


# AND of shared bits, one pass


def _cross_and_definition(
    x_i: Words, x_j: Words, y_i: Words, y_j: Words, a: Words, b: Words, out: Words
) -> None:
    out[:] = (x_i & (y_i ^ y_j)) ^ (x_j & y_i) ^ a ^ b


@compiled("in1 in1 in1 in1 in1 in1 out1", _cross_and_definition)
def _cross_and(
    x_i: Words, x_j: Words, y_i: Words, y_j: Words, a: Words, b: Words, out: Words
) -> None:
    for k in range(out.size):
        out[k] = (x_i[k] & (y_i[k] ^ y_j[k])) ^ (x_j[k] & y_i[k]) ^ a[k] ^ b[k]


def cross_and(x_i: Words, x_j: Words, y_i: Words, y_j: Words, a: Words, b: Words) -> Words:
    """(x_i & (y_i ^ y_j)) ^ (x_j & y_i) ^ a ^ b, elementwise; shapes broadcast, best all equal."""
    operands = (x_i, x_j, y_i, y_j, a, b)
    shape = np.broadcast_shapes(*(x.shape for x in operands))
    out = np.empty(shape, np.uint64)
    _cross_and(*(flat(x, shape) for x in operands), out.reshape(-1))
    return out
