"""What a tree of carries needs: which digits make and pass them, and one level of gates.

The general case of the first is in digits.py; digits of four bits, asked for both alone, take one
pass here, where what lies between points and answers stays in registers.
"""

import numpy as np

from mpckernel.ring import digits
from mpckernel.ring.compiled import compiled
from mpckernel.ring.words import Words

MAKES, PASSES = digits.bit_set(4), digits.low_ones(4)  # is it above 15? is it 15?

_ZERO, _ONES = np.uint64(0), np.uint64(2**64 - 1)
_WIDE = 128  # words of each row in hand: 22 of them, in the first-level cache
_NOTHING = np.empty(0, np.uint64)


def _ends_definition(
    points: Words, turn: Words, one: int, makes: Words, passes: Words, _: Words
) -> None:
    asks, out = np.array([MAKES, PASSES], np.uint64), np.zeros((2, makes.size), np.uint64)
    digits.sums_definition(points, turn, 4, one, asks, out, out[0])
    makes ^= out[0]
    passes ^= out[1][: passes.size]


@compiled("in2 in2 int out1 out1 out1", _ends_definition)
def _ends(points: Words, turn: Words, one: int, makes: Words, passes: Words, h: Words) -> None:
    """As `_sums`, level by level: x and y are two neighbours' rows `ones` and `carry`, z the sums
    of neighbours' points. Row t of h is point t, then come the digits' bits, and the answers."""
    m, start = turn.shape[1], _ONES if one else _ZERO
    for q in range(turn.shape[0] // 4):
        for w in range(0, m, _WIDE):
            n, at = min(_WIDE, m - w), q * m + w
            for t in range(15):
                for k in range(n):
                    h[(t + 1) * _WIDE + k] = points[t, at + k]
            for i in range(4):
                for k in range(n):
                    h[(16 + i) * _WIDE + k] = turn[4 * q + i, w + k]
            for k in range(_WIDE):
                p1, p2, p3 = h[_WIDE + k], h[2 * _WIDE + k], h[3 * _WIDE + k]
                p4, p5, p6 = h[4 * _WIDE + k], h[5 * _WIDE + k], h[6 * _WIDE + k]
                p7, p8, p9 = h[7 * _WIDE + k], h[8 * _WIDE + k], h[9 * _WIDE + k]
                p10, p11, p12 = h[10 * _WIDE + k], h[11 * _WIDE + k], h[12 * _WIDE + k]
                p13, p14, p15 = h[13 * _WIDE + k], h[14 * _WIDE + k], h[15 * _WIDE + k]
                z1, z2, z3, z4 = p2 ^ p3, p4 ^ p5, p6 ^ p7, p8 ^ p9
                z5, z6, z7 = p10 ^ p11, p12 ^ p13, p14 ^ p15
                zz1, zz3 = z2 ^ z3, z6 ^ z7
                zzzz = z4 ^ z5 ^ zz3
                z0 = start ^ z1 ^ zz1 ^ zzzz
                b = h[16 * _WIDE + k]
                x0, x1, x2, x3 = p1 ^ (b & z0), p3 ^ (b & z1), p5 ^ (b & z2), p7 ^ (b & z3)
                x4, x5, x6, x7 = p9 ^ (b & z4), p11 ^ (b & z5), p13 ^ (b & z6), p15 ^ (b & z7)
                y0, y1, y2, y3, y4, y5, y6, y7 = (
                    b & p1, b & p3, b & p5, b & p7, b & p9, b & p11, b & p13, b & p15,
                )  # fmt: skip
                b = h[17 * _WIDE + k]
                x0, x1 = x1 ^ (b & (x0 ^ x1)), x3 ^ (b & (x2 ^ x3))
                x2, x3 = x5 ^ (b & (x4 ^ x5)), x7 ^ (b & (x6 ^ x7))
                y0, y1 = y1 ^ (b & (y0 ^ y1 ^ z1)), y3 ^ (b & (y2 ^ y3 ^ z3))
                y2, y3 = y5 ^ (b & (y4 ^ y5 ^ z5)), y7 ^ (b & (y6 ^ y7 ^ z7))
                b = h[18 * _WIDE + k]
                x0, x1 = x1 ^ (b & (x0 ^ x1)), x3 ^ (b & (x2 ^ x3))
                y0, y1 = y1 ^ (b & (y0 ^ y1 ^ zz1)), y3 ^ (b & (y2 ^ y3 ^ zz3))
                b = h[19 * _WIDE + k]
                h[20 * _WIDE + k] = x1 ^ (b & (x0 ^ x1))
                h[21 * _WIDE + k] = y1 ^ (b & (y0 ^ y1 ^ zzzz))
            for k in range(n):
                makes[at + k] ^= h[21 * _WIDE + k]
            if passes.size > 0:
                for k in range(n):
                    passes[at + k] ^= h[20 * _WIDE + k]


def add_sums(
    shares: Words, turn: Words, size: int, one: bool, asks: tuple[int, ...], rows: list[Words]
) -> None:
    """Add (xor) the answers of `sums` to these rows, each flat and contiguous."""
    to = dict(zip(asks, rows, strict=True))
    if size == 4 and MAKES in to and to.keys() <= {MAKES, PASSES}:
        h = np.empty(22 * _WIDE, np.uint64)
        _ends(shares, turn, int(one), to[MAKES], to.get(PASSES, _NOTHING), h)
        return
    for row, answer in zip(rows, digits.sums(shares, turn, size, one, asks), strict=True):
        np.bitwise_xor(row, answer, out=row)


# One level of a tree of carries


def _halve_definition(
    p_i: Words, p_j: Words, g_i: Words, g_j: Words, a: Words, b: Words, out: Words
) -> None:
    n = len(g_i)
    x_i, x_j = (np.concatenate((p[2 : n - 1 : 2], p[0 : n - 1 : 2])) for p in (p_i, p_j))
    y_i, y_j = (
        np.concatenate((p[1 : n - 2 : 2], g[0 : n - 1 : 2])) for p, g in ((p_i, g_i), (p_j, g_j))
    )
    out[:] = (x_i & (y_i ^ y_j)) ^ (x_j & y_i) ^ a ^ b


@compiled("in2 in2 in2 in2 in2 in2 out2", _halve_definition)
def _halve(p_i: Words, p_j: Words, g_i: Words, g_j: Words, a: Words, b: Words, out: Words) -> None:
    pairs = g_i.shape[0] // 2
    for t in range(pairs):
        u, o = 2 * t, pairs - 1 + t
        for k in range(out.shape[1]):
            y = g_i[u, k]
            out[o, k] = (p_i[u, k] & (y ^ g_j[u, k])) ^ (p_j[u, k] & y) ^ a[o, k] ^ b[o, k]
        if t > 0:
            o = t - 1
            for k in range(out.shape[1]):
                y = p_i[u - 1, k]
                z = (p_i[u, k] & (y ^ p_j[u - 1, k])) ^ (p_j[u, k] & y)
                out[o, k] = z ^ a[o, k] ^ b[o, k]


def halve_and(p_i: Words, p_j: Words, g_i: Words, g_j: Words, a: Words, b: Words) -> Words:
    """The gates of one level, masked: p_u p_l for each pair but the lowest, then p_u g_l for each.

    Rows of p belong to the carries 1, 2, ..., rows of g to 0, 1, 2, ...
    """
    out = np.empty_like(a)
    _halve(p_i, p_j, g_i, g_j, a, b, out)
    return out
