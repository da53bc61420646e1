"""Bits packed 64 to a word, and words as bit planes.

Bit k of word w is element 64 w + k; what lies beyond the last element is zero.
Plane j of a batch holds bit j of every element, so one machine AND is 64 gates.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mpckernel.errors import Bug
from mpckernel.ring.compiled import compiled
from mpckernel.ring.words import Words, even

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


# Words to planes and back: blocks of 64 by 64 bits, transposed

_ZERO, _NONE = np.uint64(0), np.empty((1, 0), np.uint64)
_BLOCKS = 16  # blocks transposed together, side by side: a cache line and more of every plane
_MASKS = np.array([(2**64 - 1) // (2 ** (32 >> k) + 1) for k in range(6)], np.uint64)


def _table(words: Words, width: int) -> NDArray[np.uint8]:
    """One row an element, one column a bit, lowest first."""
    octets = np.ascontiguousarray(words, "<u8").view(np.uint8).reshape(words.size, 8)
    return np.unpackbits(octets, axis=1, count=width, bitorder="little")


def _numbers(table: NDArray[np.uint8]) -> Words:
    """The inverse of _table."""
    out = np.zeros((table.shape[0], 8), np.uint8)
    packed = np.packbits(table, axis=1, bitorder="little")
    out[:, : packed.shape[1]] = packed
    return out.view("<u8").astype(np.uint64, copy=False).reshape(-1)


def _turn_definition(
    words: Words, planes: Words, words_out: Words, planes_out: Words, _: Words
) -> None:
    if words.size:
        planes_out[:] = [pack(bits) for bits in _table(words, len(planes_out)).T]
    else:
        bits = np.array([unpack(plane, words_out.size) for plane in planes], np.uint8)
        words_out[:] = _numbers(bits.T)


@compiled("in1 in2 out1 out2 out1", _turn_definition)
def _turn(  # noqa: PLR0912 (compiled as one piece)
    words: Words, planes: Words, words_out: Words, planes_out: Words, tile: Words
) -> None:
    """words to planes_out, or if there are no words planes to words_out.

    Row r of the blocks in hand is tile[16 r : 16 r + 16]. Masked swaps exchange quarters at
    distance 32 and 16, then 8 and 4, then 2 and 1: the transposition of Hacker's Delight, 7-3.
    """
    forth = words.size > 0
    n, width, blocks = words.size, planes_out.shape[0], planes_out.shape[1]
    if not forth:
        n, width, blocks = words_out.size, planes.shape[0], planes.shape[1]
    for g in range(0, blocks, _BLOCKS):
        lanes = min(_BLOCKS, blocks - g)
        if n < 64 * (g + _BLOCKS) or not forth:
            tile[:] = _ZERO
        if forth:
            for lane in range(lanes):
                k = 64 * (g + lane)
                for r in range(min(64, n - k)):
                    tile[_BLOCKS * r + lane] = words[k + r]
        else:
            for j in range(width):
                for lane in range(lanes):
                    tile[_BLOCKS * j + lane] = planes[j, g + lane]
        for stage in range(0, 6, 2):
            far, near, step = np.uint64(32 >> stage), np.uint64(16 >> stage), 256 >> stage
            wide, narrow = _MASKS[stage], _MASKS[stage + 1]
            for base in range(0, 64 * _BLOCKS, 4 * step):
                for k in range(base, base + step):
                    a, b, c, d = tile[k], tile[k + step], tile[k + 2 * step], tile[k + 3 * step]
                    ac, bd = ((a >> far) ^ c) & wide, ((b >> far) ^ d) & wide
                    a, b, c, d = a ^ (ac << far), b ^ (bd << far), c ^ ac, d ^ bd
                    ab, cd = ((a >> near) ^ b) & narrow, ((c >> near) ^ d) & narrow
                    tile[k], tile[k + step] = a ^ (ab << near), b ^ ab
                    tile[k + 2 * step], tile[k + 3 * step] = c ^ (cd << near), d ^ cd
        if forth:
            for j in range(width):
                for lane in range(lanes):
                    planes_out[j, g + lane] = tile[_BLOCKS * j + lane]
        else:
            for lane in range(lanes):
                k = 64 * (g + lane)
                for r in range(min(64, n - k)):
                    words_out[k + r] = tile[_BLOCKS * r + lane]


def planes(words: Words, width: int = 64) -> Words:
    """Plane j = bit j of all elements: (n,) words to (width, packed_len(n))."""
    if not 0 <= width <= 64:
        raise Bug("a word has 64 planes")
    out = np.empty((width, packed_len(words.size)), np.uint64)
    if out.size:
        _turn(words.ravel(), _NONE, _NONE[0], out, np.empty(64 * _BLOCKS, np.uint64))
    return out


def from_planes(planes: Words, n: int) -> Words:
    """The inverse: (width, packed_len(n)) to (n,) words; planes that are missing count as zero."""
    if len(planes) > 64 or planes.shape[1] != packed_len(n):
        raise Bug("planes of a shape that does not fit the number of words")
    if not planes.size:
        return np.zeros(n, np.uint64)
    out = np.empty(n, np.uint64)
    planes = np.ascontiguousarray(planes)
    _turn(_NONE[0], planes, out, _NONE, np.empty(64 * _BLOCKS, np.uint64))
    return out


# The low bits of words, packed without gaps


def _squeeze_definition(words: Words, width: int, out: Words) -> None:
    out[:] = pack(_table(words, width))


@compiled("in1 int out1", _squeeze_definition)
def _squeeze(words: Words, width: int, out: Words) -> None:
    mask = _ONES >> np.uint64(64 - width)
    gathered, filled, at = _ZERO, 0, 0
    for k in range(words.size):
        x = words[k] & mask
        gathered |= x << np.uint64(filled)
        filled += width
        if filled >= 64:
            out[at] = gathered
            at += 1
            filled -= 64
            gathered = x >> np.uint64(width - filled) if filled else _ZERO
    if filled:
        out[at] = gathered


def _spread_definition(packed: Words, width: int, out: Words) -> None:
    out[:] = _numbers(unpack(packed, width * out.size).view(np.uint8).reshape(-1, width))


@compiled("in1 int out1", _spread_definition)
def _spread(packed: Words, width: int, out: Words) -> None:
    mask = _ONES >> np.uint64(64 - width)
    for k in range(out.size):
        at, shift = width * k >> 6, width * k & 63
        x = packed[at] >> np.uint64(shift)
        if shift + width > 64:
            x |= packed[at + 1] << np.uint64(64 - shift)
        out[k] = x & mask


def pack_low(words: Words, width: int) -> Words:
    """The low `width` bits, 0 to 64, of each element in ceil(n * width / 64) words, no gaps."""
    if not 0 <= width <= 64:
        raise Bug("a word has 64 bits")
    out = np.empty(packed_len(words.size * width), np.uint64)
    if out.size:
        _squeeze(words.ravel(), width, out)
    return out


def unpack_low(words: Words, width: int, n: int) -> Words:
    """The inverse of pack_low: (n,) words below 2^width."""
    if not 0 <= width <= 64 or words.size != packed_len(n * width):
        raise Bug("packed words of a length that does not fit")
    if not width:
        return np.zeros(n, np.uint64)
    out = np.empty(n, np.uint64)
    _spread(words.ravel(), width, out)
    return out


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
    shape, operands = even((x_i, x_j, y_i, y_j, a, b))
    out = np.empty(shape, np.uint64)
    _cross_and(*operands, out.reshape(-1))
    return out
