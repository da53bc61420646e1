"""Random permutations, and the loops of a radix sort on shares. Knows nothing of shares.

Source: Fisher, Yates 1938 as in Knuth, The Art of Computer Programming 2, 3.4.2, algorithm P;
bounded integers without bias: Lemire 2019, "Fast Random Integer Generation in an Interval".
"""

import numpy as np
from numpy.typing import NDArray

from mpckernel.errors import Bug
from mpckernel.ring.compiled import compiled
from mpckernel.ring.words import Words

SPARE = 64  # draws beyond one for each element
_LOW, _HALF = np.uint64(2**32 - 1), np.uint64(32)
_ZERO, _ONE = np.uint64(0), np.uint64(1)


def draws_for(n: int) -> int:
    """How many uniform words `random_order` wants for n elements in all."""
    return n + SPARE


def _order_definition(draws: Words, n: int, out: Words) -> None:
    stream, spare = iter(draws.tolist()), SPARE
    for start in range(0, out.size, max(n, 1)):
        row = list(range(start, start + n))
        for k in range(n - 1, 0, -1):
            product = next(stream) * (k + 1)
            while product % 2**64 < 2**64 % (k + 1) and spare:
                product, spare = next(stream) * (k + 1), spare - 1
            place = product >> 64
            row[k], row[place] = row[place], row[k]
        out[start : start + n] = row


@compiled("in1 int out1", _order_definition)
def _order(draws: Words, n: int, out: Words) -> None:
    at, spare = 0, SPARE
    for start in range(0, out.size, max(n, 1)):
        for k in range(n):
            out[start + k] = start + k
        for k in range(n - 1, 0, -1):
            size = np.uint64(k + 1)
            x = draws[at]
            at += 1
            low = x * size
            if low < size:
                least = (_ZERO - size) % size  # 2^64 mod size
                while low < least and spare > 0:
                    x = draws[at]
                    at += 1
                    spare -= 1
                    low = x * size
            high = ((x >> _HALF) * size + (((x & _LOW) * size) >> _HALF)) >> _HALF
            place = start + np.int64(high)
            out[start + k], out[place] = out[place], out[start + k]


def random_order(draws: Words, rows: int, n: int) -> NDArray[np.int64]:
    """For each row of n elements a permutation of its places, all in one flat array.

    draws: draws_for(rows * n) uniform words. Every permutation is equally likely: a draw that
    would favour some place is drawn again, SPARE times in all. It takes n / 2^64 of them on
    average; the chance of running out is below (rows n^2 / 2^64)^64, and then one place is
    more likely than another by n / 2^64.
    """
    if n >= 1 << 32 or draws.size != draws_for(rows * n):
        raise Bug("a permutation of fewer than 2^32 elements, from as many draws as it takes")
    out = np.empty(rows * n, np.uint64)
    _order(draws, n, out)
    return out.view(np.int64)


# Columns exchanged among rows: row v of column k comes from row v ^ t[k]


def _turned_definition(x: Words, t: Words, out: Words) -> None:
    rows = np.arange(len(x), dtype=np.uint64)[:, None]
    out[:] = np.take_along_axis(x, (rows ^ (t & np.uint64(len(x) - 1))).astype(np.int64), 0)


@compiled("in2 in1 out2", _turned_definition)
def _turned(x: Words, t: Words, out: Words) -> None:
    last = np.uint64(x.shape[0] - 1)
    for v in range(x.shape[0]):
        for k in range(x.shape[1]):
            out[v, k] = x[np.uint64(v) ^ (t[k] & last), k]


def turned(x: Words, t: Words) -> Words:
    """out[v, k] = x[v ^ t[k], k], for as many rows as a power of two, above every t."""
    out = np.empty(x.shape, np.uint64)
    _turned(np.ascontiguousarray(x), t, out)
    return out


# Places of a counting sort, as products of shares that are yet to be masked


def _places_definition(
    f_i: Words, f_j: Words, from_i: Words, from_j: Words, n: int, out: Words
) -> None:
    sums = []
    for f, start in ((f_i, from_i), (f_j, from_j)):
        by_row = f.reshape(len(f), -1, n)
        sums.append((by_row, np.cumsum(by_row, axis=2, dtype=np.uint64) + start.T[:, :, None]))
    (one, s_one), (two, s_two) = sums
    total = (one * (s_one + s_two) + two * s_one).sum(axis=0, dtype=np.uint64)
    out[:] = total.reshape(-1)


@compiled("in2 in2 in2 in2 int out1", _places_definition)
def _places(f_i: Words, f_j: Words, from_i: Words, from_j: Words, n: int, out: Words) -> None:
    out[:] = _ZERO
    for row in range(from_i.shape[0]):
        for v in range(f_i.shape[0]):
            s_i, s_j = from_i[row, v], from_j[row, v]
            for k in range(row * n, row * n + n):
                one, two = f_i[v, k], f_j[v, k]
                s_i += one
                s_j += two
                out[k] += one * (s_i + s_j) + two * s_i


def places_cross(f_i: Words, f_j: Words, from_i: Words, from_j: Words) -> Words:
    """The sum over v of f_i[v] (s_i[v] + s_j[v]) + f_j[v] s_i[v], where s[v] runs through a row
    and begins at from[row, v]. If f[v] flags the elements with digit v, and from counts those
    before the row and with smaller digits, it is 1 + the place of each element in their order."""
    out = np.empty(f_i.shape[1], np.uint64)
    if out.size:
        flags = (np.ascontiguousarray(f) for f in (f_i, f_j))
        starts = (np.ascontiguousarray(f) for f in (from_i, from_j))
        _places(*flags, *starts, len(out) // len(from_i), out)
    return out
