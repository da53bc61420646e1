"""Digits of up to four bits, on bit planes: which value each one has, and of which sets a sum is.

A digit of `size` planes has 2^size values. A point is the row of bits "the value is t", one for
each t > 0; there is a row of them for each digit. Points turned by a second digit are the points
of the sum, 0 to 2^(size+1) - 2, and every set of sums is an exclusive or of some of those.
"""

import numpy as np

from mpckernel.ring.compiled import compiled
from mpckernel.ring.words import Words

_ZERO, _ONES = np.uint64(0), np.uint64(2**64 - 1)
_TILE = 256  # words of each row in hand: 31 such rows stay in the first-level cache


def _values(planes: Words, size: int) -> Words:
    """The digits as numbers, one for each bit of each word: (digits, 64 m)."""
    m = planes.shape[1]
    bits = np.unpackbits(planes.astype("<u8").view(np.uint8), axis=1, bitorder="little")
    digits = bits.reshape(planes.shape[0] // size, size, 64 * m).astype(np.uint64)
    return (digits << np.arange(size, dtype=np.uint64)[:, None]).sum(1, dtype=np.uint64)


def _packed(bits: np.ndarray) -> Words:
    return np.packbits(bits, axis=-1, bitorder="little").view("<u8").astype(np.uint64)


def _points_definition(planes: Words, size: int, masks: Words, out: Words, _: Words) -> None:
    values = _values(planes, size)
    for t in range(1, 1 << size):
        out[t - 1] = masks[t - 1] ^ _packed(values == t).reshape(-1)


@compiled("in2 int in2 out2 out1", _points_definition)
def _points(planes: Words, size: int, masks: Words, out: Words, h: Words) -> None:
    m = planes.shape[1]
    for q in range(planes.shape[0] // size):
        for w in range(0, m, _TILE):
            n = min(_TILE, m - w)
            h[:n] = _ONES
            for i in range(size):
                digit = planes[q * size + i, w : w + n]
                for t in range(1 << i):
                    up = t + (1 << i)
                    low, high = h[t * _TILE : t * _TILE + n], h[up * _TILE : up * _TILE + n]
                    for k in range(n):
                        x = low[k] & digit[k]
                        high[k] = x
                        low[k] ^= x
            for t in range(1, 1 << size):
                row, to = h[t * _TILE : t * _TILE + n], out[t - 1, q * m + w : q * m + w + n]
                mask = masks[t - 1, q * m + w : q * m + w + n]
                for k in range(n):
                    to[k] = row[k] ^ mask[k]


def points(planes: Words, size: int, masks: Words, out: Words) -> None:
    """out = masks ^ the points of digits made of `size` planes each: (2^size - 1, digits * m)."""
    _points(planes, size, masks, out, np.empty(16 * _TILE, np.uint64))


def sums_definition(
    points: Words, turn: Words, size: int, one: int, asks: Words, out: Words, _: Words
) -> None:
    m, by = turn.shape[1], _values(turn, size)
    bits = np.unpackbits(points.astype("<u8").view(np.uint8), axis=1, bitorder="little")
    bits = bits.reshape(points.shape[0], by.shape[0], 64 * m)
    bits = np.concatenate(((np.bitwise_xor.reduce(bits) ^ np.uint8(one != 0))[None], bits))
    for row, (k, bit) in enumerate(divmod(int(ask) % (2 * size + 2), 2) for ask in asks):
        for t, point in enumerate(bits):
            total, low = by + np.uint64(t), np.uint64((1 << k) - 1)
            holds = (total >> np.uint64(k)) & np.uint64(1) == 1 if bit else total & low == low
            out[row] ^= _packed(point & holds).reshape(-1)


@compiled("in2 in2 int int in1 out2 out1", sums_definition)
def _sums(  # noqa: PLR0912 (compiled as one piece)
    points: Words, turn: Words, size: int, one: int, asks: Words, out: Words, h: Words
) -> None:
    """For the k lowest bits of each digit: of all points that agree above them, row h of `all` is
    the sum, of `carry` that of those which make a carry, of `ones` that of those which pass one on.
    """
    m, many = turn.shape[1], _TILE << size
    both, carry, ones = h[:many], h[many : 2 * many], h[2 * many :]
    start = _ONES if one else _ZERO
    for q in range(turn.shape[0] // size):
        for w in range(0, m, _TILE):
            n = min(_TILE, m - w)
            at = q * m + w
            both[:n] = start
            for t in range(1, 1 << size):
                row, zero = both[t * _TILE : t * _TILE + n], both[:n]
                row[:] = points[t - 1, at : at + n]
                for i in range(n):
                    zero[i] ^= row[i]
            for k in range(size + 1):
                by = turn[q * size + min(k, size - 1), w : w + n]
                for o in range(asks.size):
                    ask, line = asks[o] % np.uint64(2 * size + 2), out[o, at : at + n]
                    if ask >> np.uint64(1) == np.uint64(k):
                        bit = ask & np.uint64(1) == np.uint64(1)
                        if bit and k < size:
                            for i in range(n):
                                line[i] ^= start & by[i]
                        elif k == 0:
                            for i in range(n):
                                line[i] ^= start
                        for t in range(1 << (size - k)):
                            if k > 0:
                                row = (carry if bit else ones)[t * _TILE : t * _TILE + n]
                                for i in range(n):
                                    line[i] ^= row[i]
                            if bit and t % 2 == 1:
                                row = both[t * _TILE : t * _TILE + n]
                                for i in range(n):
                                    line[i] ^= row[i]
                below = ones if k else both
                for t in range((1 << (size - k)) // 2):
                    to, a, b = t * _TILE, 2 * t * _TILE, (2 * t + 1) * _TILE
                    x, y, z = carry[a : a + n], carry[b : b + n], both[b : b + n]
                    into = carry[to : to + n]
                    for i in range(n):
                        into[i] = y[i] ^ (by[i] & (x[i] ^ y[i] ^ z[i])) if k else by[i] & z[i]
                    x, y, into = below[a : a + n], below[b : b + n], ones[to : to + n]
                    for i in range(n):
                        into[i] = y[i] ^ (by[i] & (x[i] ^ y[i]))
                    x, into = both[a : a + n], both[to : to + n]
                    for i in range(n):
                        into[i] = x[i] ^ z[i]


def low_ones(k: int) -> int:
    """To ask `sums`: are the low k bits of the digit's sum ones?"""
    return 2 * k


def bit_set(k: int) -> int:
    """To ask `sums`: is bit k of the digit's sum set?"""
    return 2 * k + 1


def sums(shares: Words, turn: Words, size: int, one: bool, asks: tuple[int, ...]) -> Words:
    """Rows of answers, one for each ask: (asks, digits * m).

    shares: of the points of the first summand's digits, or those; turn: planes of the second one.
    The point at 0 is the exclusive or of the others, and of 1 if `one`.
    """
    out = np.zeros((len(asks), shares.shape[1]), np.uint64)
    h = np.empty(3 * _TILE << size, np.uint64)
    _sums(shares, turn, size, int(one), np.array(asks, np.uint64), out, h)
    return out
