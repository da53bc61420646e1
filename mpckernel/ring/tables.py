"""Tables read at a place that is the exclusive or of two: what two parties compute each alone.

A table has 2^n columns, its points 2^n - 1 (the first follows from the others); of places only the
low n bits count. Memory is read and written in an order that does not depend on places.
"""

import numpy as np

from mpckernel.ring.compiled import compiled
from mpckernel.ring.words import Words

_ZERO, _ONE = np.uint64(0), np.uint64(1)

# A point of a table, masked


def _point_definition(c: Words, mask: Words, out: Words) -> None:
    places = np.arange(1, out.shape[1] + 1, dtype=np.uint64)
    out[:] = ((c & places[-1])[:, None] == places) - mask


@compiled("in1 in2 out2", _point_definition)
def _point(c: Words, mask: Words, out: Words) -> None:
    """Every place is written alike, whatever c is."""
    last = np.uint64(out.shape[1])
    for i in range(c.size):
        place = c[i] & last
        for k in range(out.shape[1]):
            out[i, k] = np.uint64(place == np.uint64(k + 1)) - mask[i, k]


def point(c: Words, mask: Words) -> Words:
    """Row i: 1 in column c_i - 1 and 0 elsewhere (everywhere for c_i = 0), minus the mask."""
    out = np.empty(mask.shape, np.uint64)
    _point(c, mask, out)
    return out


# What a table holds there


def _chosen_definition(
    shares: Words, r: Words, table: Words, first: int, out: Words, _: Words
) -> None:
    r = r & np.uint64(shares.shape[1])
    base = table[:, r]
    out[:] = base * np.uint64(first)
    for k in range(1, table.shape[1]):
        out += (table[:, r ^ np.uint64(k)] - base) * shares[:, k - 1]


@compiled("in2 in1 in2 int out2 out1", _chosen_definition)
def _chosen(shares: Words, r: Words, table: Words, first: int, out: Words, e: Words) -> None:
    """Shares are swapped into the order k ^ r bit by bit, in places that do not depend on r."""
    n = table.shape[1]
    for i in range(r.size):
        rest = np.uint64(first)
        for k in range(1, n):
            e[k] = shares[i, k - 1]
            rest -= shares[i, k - 1]
        e[0] = rest
        step = 1
        while step < n:
            swap = _ZERO - (r[i] // np.uint64(step) & _ONE)
            for k in range(n):
                if k & step == 0:
                    change = (e[k] ^ e[k + step]) & swap
                    e[k] ^= change
                    e[k + step] ^= change
            step *= 2
        for j in range(table.shape[0]):
            total = _ZERO
            for k in range(n):
                total += table[j, k] * e[k]
            out[j, i] = total


def chosen(shares: Words, r: Words, table: Words, first: int) -> Words:
    """Row j, column i: the sum over k of table[j, k ^ r_i] e_k, where e_k = shares[i, k - 1] for
    k > 0 and all e add up to `first`."""
    out = np.empty((table.shape[0], r.size), np.uint64)
    _chosen(shares, r, table, first, out, np.empty(table.shape[1], np.uint64))
    return out
