"""A number times an exclusive or of two bits, where one knows one bit and two know the other."""

import numpy as np

from mpckernel.ring.bits import unpack
from mpckernel.ring.compiled import compiled
from mpckernel.ring.words import Words

_ONE, _ZERO = np.uint64(1), np.uint64(0)


def _offered_definition(bits: Words, a: Words, masks: Words, out: Words) -> None:
    c = unpack(bits, a.size).astype(np.uint64)
    out[: a.size] = c - masks[: a.size]
    out[a.size :] = c * a - masks[a.size :]


@compiled("in1 in1 in1 out1", _offered_definition)
def _offered(bits: Words, a: Words, masks: Words, out: Words) -> None:
    n = a.size
    low, high, mask_low, mask_high = out[:n], out[n:], masks[:n], masks[n:]
    for w in range(bits.size):
        word, begin = bits[w], 64 * w
        for k in range(min(64, n - begin)):
            c = word >> np.uint64(k) & _ONE
            low[begin + k] = c - mask_low[begin + k]
            high[begin + k] = c * a[begin + k] - mask_high[begin + k]


def offered(bits: Words, a: Words, masks: Words) -> Words:
    """c - s, then c a - s', for packed bits c and masks s, s' of a.size words each."""
    out = np.empty(2 * a.size, np.uint64)
    _offered(bits, a, masks, out)
    return out


def _taken_definition(bits: Words, u: Words, shares: Words, a: Words, one: int, out: Words) -> None:
    c, c_a = shares[: u.size], shares[u.size :]
    straight, turned = c_a + c * u, a - c_a + (np.uint64(one) - c) * u
    out[:] = np.where(unpack(bits, u.size), turned, straight)


@compiled("in1 in1 in1 in1 int out1", _taken_definition)
def _taken(bits: Words, u: Words, shares: Words, a: Words, one: int, out: Words) -> None:
    n, constant = u.size, np.uint64(one)
    c, c_a = shares[:n], shares[n:]
    for w in range(bits.size):
        word, begin = bits[w], 64 * w
        for k in range(min(64, n - begin)):
            at = begin + k
            turn = _ZERO - (word >> np.uint64(k) & _ONE)
            times = c[at] ^ turn  # c, or -c - 1
            times += turn & (constant + _ONE)  # c, or 1 - c
            out[at] = ((c_a[at] ^ turn) - turn) + (a[at] & turn) + times * u[at]


def taken(bits: Words, u: Words, shares: Words, a: Words, one: bool) -> Words:
    """c a + c u where the bit is 0, a - c a + (1 - c) u where it is 1, of shares of c, c a and a.

    shares: of c, then of c a, u.size words each; one: whether this share takes in the 1.
    """
    out = np.empty(u.size, np.uint64)
    _taken(bits, u, shares, a, int(one), out)
    return out
