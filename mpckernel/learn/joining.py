"""Rows of two owners brought together by secret ids, for tables split by columns.

Source: an oblivious join by sorting, in array/functions/matching.py.
"""

from typing import Any

from mpckernel.array.dtypes import sbool
from mpckernel.array.functions.matching import rows_at
from mpckernel.array.functions.ranges import must_hold
from mpckernel.array.publics import as_number, secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.base import taken


def align(left_ids: Any, right_ids: Any, *right_tables: Any) -> tuple[SecretArray, ...]:
    """Rows of the right tables in the order of the left ids: (*tables, found).

        shopping, found = align(bank.df["id"], shop.df["id"], shop.df[columns])
        x = np.concatenate([bank.df[more], shopping], axis=1)

    left_ids (m,), right_ids (n,): whole numbers, the right ones distinct. right_tables: (n, ...).
    The results have m rows: zeros where the right side has no such id, and `found` (m,), secret
    booleans, is false there. A model would learn from these zeros; the rows that both have:

        x, y, _ = compress(found, x, y, reveal_count=True)

    That opens how many they are.
    Who has which id, how many both have, and in which order rows stand stays secret; m and n are
    public, and so is one bit of a cell, that its promises hold: here, that the right ids are
    distinct; RangeLeft if not. Two sorts of m + n ids, about 100 rounds. Exact.
    """
    left, right = (_ids(v) for v in (left_ids, right_ids))
    tables = [secret(taken(t)) for t in right_tables]
    if any(t.ndim == 0 or len(t) != len(right) for t in tables):
        raise UsageError(f"align: the right tables have a row for each of {len(right)} ids")
    rows, found, distinct = rows_at(right, tables, left)
    if len(right) > 1:
        must_hold(
            distinct,
            "the right ids of align are distinct (drop_duplicates in a private cell of their owner "
            "makes them so)",
        )
    kept = [r > 0 if t.dtype == sbool else r for r, t in zip(rows, tables, strict=True)]
    for result, of in zip((*kept, found), (*tables, right), strict=True):
        result.owners = left.owners | right.owners | of.owners
    return (*kept, found)


def _ids(x: Any) -> SecretArray:
    ids = as_number(secret(taken(x)))
    if ids.ndim != 1 or ids.dtype.kind != "i" or not ids.size:
        raise UsageError(
            "align: ids are whole numbers, one for each row; an owner can number words or hash "
            "them to numbers below 2^60, in the same way as the other owner"
        )
    return ids
