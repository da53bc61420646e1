"""Tables read at a place that is the exclusive or of two: what two parties compute each alone.

A table has 2^n columns, its points 2^n - 1 (the first follows from the others); of places only the
low n bits count.
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
    last = np.uint64(out.shape[1])
    for i in range(c.size):
        place = c[i] & last
        for k in range(out.shape[1]):
            out[i, k] = _ZERO - mask[i, k]
        if place != _ZERO:
            out[i, place - _ONE] += _ONE


def point(c: Words, mask: Words) -> Words:
    """Row i: 1 in column c_i - 1 and 0 elsewhere (everywhere for c_i = 0), minus the mask."""
    out = np.empty(mask.shape, np.uint64)
    _point(c, mask, out)
    return out


# What a table holds there


def _chosen_definition(shares: Words, r: Words, table: Words, first: int, out: Words) -> None:
    r = r & np.uint64(shares.shape[1])
    base = table[:, r]
    out[:] = base * np.uint64(first)
    for k in range(1, table.shape[1]):
        out += (table[:, r ^ np.uint64(k)] - base) * shares[:, k - 1]


@compiled("in2 in1 in2 int out2", _chosen_definition)
def _chosen(shares: Words, r: Words, table: Words, first: int, out: Words) -> None:
    """The columns of the table are read in the order k ^ r."""
    last = np.uint64(shares.shape[1])
    for i in range(r.size):
        turn = r[i] & last
        for j in range(table.shape[0]):
            base = table[j, turn]
            total = base * np.uint64(first)
            for k in range(1, table.shape[1]):
                total += (table[j, np.uint64(k) ^ turn] - base) * shares[i, k - 1]
            out[j, i] = total


def chosen(shares: Words, r: Words, table: Words, first: int) -> Words:
    """Row j, column i: the sum over k of table[j, k ^ r_i] e_k, where e_k = shares[i, k - 1] for
    k > 0 and all e add up to `first`."""
    out = np.empty((table.shape[0], r.size), np.uint64)
    _chosen(shares, r, table, first, out)
    return out
