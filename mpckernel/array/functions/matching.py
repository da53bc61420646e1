"""Rows found by secret keys: what `learn.align` is made of. Not offered to users by itself.

Keys of the table and keys asked for are sorted together, rows before those who ask for them; in
this order a row adds what differs from the row before it, so that the running sum at one who asks
is the last row whose key is not above the one asked for.
Source: the sort and merge join of oblivious databases, with running sums for the copying.
"""

import numpy as np

from mpckernel.array.dtypes import sint
from mpckernel.array.functions.order import placed, places_of
from mpckernel.array.publics import as_number
from mpckernel.array.secret import SecretArray, ask, narrowed
from mpckernel.protocols import ideal, ordering
from mpckernel.protocols.composed.claims import proven


def rows_at(
    keys: SecretArray, tables: list[SecretArray], asked: SecretArray
) -> tuple[list[SecretArray], SecretArray, SecretArray]:
    """(for each table (n, ...) its rows (m, ...) whose key is the one asked for, zeros where there
    is none; which were found (m,); whether keys are distinct, or rows mean nothing). keys (n,):
    whole numbers; asked: (m,)."""
    order = np.argsort(keys)
    ordered = keys[order]
    places = places_of(np.concatenate([ordered, asked]))
    found = _latest(places, ordered, len(asked)) == asked
    # no key is so small that a row before the first one would count
    found = found & (_latest(places, np.ones(len(keys), np.int64) + 0 * ordered, len(asked)) > 0)
    rows = [_kept(_latest(places, as_number(t)[order], len(asked)), found) for t in tables]
    return rows, found, np.all(ordered[1:] != ordered[:-1])  # type: ignore[return-value]


def _latest(places: SecretArray, rows: SecretArray, m: int) -> SecretArray:
    """For each of m who ask, the last row before them; zeros if there is none. Rows stand in the
    order of their places, so that each running sum of their steps is one of them, or zero."""
    n, more = len(rows), rows.shape[1:]
    none = np.zeros((1, *more), np.int64)
    steps = np.diff(np.concatenate([none, rows]), axis=0)
    moved = placed(places, np.concatenate([steps, np.zeros((m, *more), np.int64)]))
    sums = ask(proven(ideal.running, rows.bound), moved, dtype=rows.dtype, axis=0, n=n)
    return ask(ordering.unpermute, places, sums, dtype=rows.dtype)[n:]  # type: ignore[return-value]


def _kept(rows: SecretArray, found: SecretArray) -> SecretArray:
    wide = np.reshape(found, (len(rows), *[1] * (rows.ndim - 1)))
    both = ask(ideal.mul, SecretArray(wide.word, sint), rows, dtype=rows.dtype)
    return narrowed(both, rows.bound)
