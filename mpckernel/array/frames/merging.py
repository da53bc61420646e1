"""Tables of two owners side by side, as `alice.df.merge(bob.df, on="id")` makes them.

Each owner's columns are shared, and rows that belong together are found by secret ids.
Source: pandas' DataFrame.merge, by names, defaults and order of rows; the join is that of
functions/matching.py.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import sbool
from mpckernel.array.frames.blocks import apart, blocks
from mpckernel.array.frames.columns import Columns, merged_columns
from mpckernel.array.frames.joint import JointFrame
from mpckernel.array.functions.counting import compress
from mpckernel.array.functions.matching import rows_at
from mpckernel.array.functions.ranges import must_hold
from mpckernel.array.operators import here
from mpckernel.array.owners import OwnerPath
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError

FOUND = "found"  # the column that how="left" adds
_HOW = (
    'merge: how="inner" keeps the rows that both have, how="left" every row of the left table; '
    "for the others let the owners change places"
)
_ALIKE = (
    f"merge: two columns would have one name; choose other suffixes, and none is called {FOUND!r} "
    'in how="left"'
)
_COUNT = (
    "merge: how many rows both have is a secret; reveal_count=True opens that number to all and "
    f'keeps these rows, how="left" keeps every row of the left table, with a column {FOUND!r}'
)
_SEVERAL = (
    "merge: one column of ids; each owner makes one of several in a private cell, "
    "df['key'] = df['name'] + '/' + df['born'].astype(str), and on='key' merges by it"
)
_FILL = (
    'merge: with how="left" rows without a partner have no values in the columns of the right '
    "table: fill=0 writes zeros there, and np.mean(t['dose'], where=t.found) leaves them out; "
    'how="inner" keeps the rows that both have, and takes no fill='
)


def merge(
    left: Any,
    right: Any,
    how: str = "inner",
    on: Any = None,
    *,
    left_on: Any = None,
    right_on: Any = None,
    suffixes: tuple[str, str] = ("_x", "_y"),
    reveal_count: bool = False,
    bounds: dict[str, float] | None = None,
    fill: float | None = None,
) -> JointFrame:
    """Rows of two tables that have the same id, side by side, in the order of the left table.

        t = alice.df.merge(bob.df, on="id", reveal_count=True)
        model = learn.LogisticRegression().fit(t.drop(columns=["id", "bad"]), t["bad"])

    left, right: owners' data frames (with named columns of numbers or booleans; dicts of arrays
    will do) or joint tables, m and n rows. on: the column of ids in both, or left_on and right_on:
    whole numbers below 2^60, or text, in both tables; distinct in the right one. bounds: public
    bounds of columns by name, as for share. suffixes: for names that both tables have.
    how="inner": rows that both have; reveal_count=True consents to opening, to all, how many.
    how="left": m rows, `fill` where the right table has no such row (text and booleans: no word,
    false), and a column `found`; np.mean(t["dose"], where=t.found) leaves them out.
    Leaks names, types and bounds of the columns, m and n, whether ids stay below 2^20, 2^31 or
    2^60, one bit of a cell, that its promises hold: here, that the right ids are distinct
    (RangeLeft if not), and what reveal_count opens. Rows stand in the order of the left table: who
    is later told something of single rows of an inner merge learns of whom, if it knows that order
    and enough of them; mpckernel.shuffle hides it. Text counts as equal if 60 bits of its
    BLAKE2b are. Two sorts of m + n ids, about 100 rounds, and a third by one bit to keep rows.
    Errors: floats are rounded as by share; the join is exact. Raises UsageError before anything
    is sent if a column or id is missing, not numbers or out of bounds.
    """
    if how not in ("inner", "left"):
        raise Unsupported(here() + _HOW)
    keys = _keys(on, left_on, right_on)
    if how == "inner" and reveal_count is not True:
        raise UsageError(here() + _COUNT)
    if (how == "left") != (fill is not None) or isinstance(fill, SecretArray):
        raise UsageError(here() + _FILL)
    one, other = (_frame(t, k, bounds or {}) for t, k in zip((left, right), keys, strict=True))
    _all_known(bounds, one, other)
    if (keys[0] in one._words) != (keys[1] in other._words):
        raise UsageError(f"{here()}merge: ids are text in one table and numbers in the other")
    asked, known = one._columns[keys[0]], other._columns[keys[1]]
    lefts, rights = _renamed(one, other, keys, suffixes)
    more = [FOUND] if how == "left" else []
    if len({*lefts, *rights, *more}) < len(lefts.columns) + len(rights.columns) + len(more):
        raise UsageError(f"{here()}{_ALIKE}")
    found, columns = _joined(known, asked, rights._columns, _distinct(right, keys[1]))
    words = lefts._words | rights._words
    if fill is not None:
        filled = _filled(columns, found, fill, rights._words)
        return JointFrame({**lefts._columns, **filled, FOUND: found}, words)
    every = lefts._columns | columns
    kept = compress(found, *blocks(every), reveal_count=True)[:-1]
    return JointFrame(apart(every, kept, found.owners), words)


def _keys(on: Any, left_on: Any, right_on: Any) -> tuple[str, str]:
    """The columns of ids of both tables."""
    if on is not None and (left_on is not None or right_on is not None):
        raise UsageError(f"{here()}merge: either on=, or left_on= and right_on=")
    keys = on if left_on is None else left_on, on if right_on is None else right_on
    if any(isinstance(key, list | tuple) for key in keys):
        raise UsageError(here() + _SEVERAL)
    if not all(isinstance(key, str) for key in keys):
        raise UsageError(f'{here()}merge: name the column of ids that both have, on="id"')
    return keys


def _renamed(
    one: JointFrame, other: JointFrame, keys: tuple[str, str], suffixes: tuple[str, str]
) -> tuple[JointFrame, JointFrame]:
    """Both tables with the names that their columns will have, the right one without its ids."""
    rest = [name for name in other if keys[0] != keys[1] or name != keys[1]]
    both = {name for name in rest if name in one}
    new = [{name: name + suffix for name in both} for suffix in suffixes]
    return one._named(list(one), new[0]), other._named(rest, new[1])


def _frame(t: Any, key: str, bounds: dict[str, float]) -> JointFrame:
    if isinstance(t, JointFrame):
        if key not in t or t._columns[key].dtype.kind != "i":
            raise UsageError(f"{here()}merge: {key!r} holds whole numbers or text, in some rows")
        return t
    if not isinstance(t, OwnerPath):
        raise UsageError(f"{here()}merge takes data frames of owners: alice.df.merge(bob.df, ...)")
    return JointFrame(*merged_columns(t, key, bounds))


def _all_known(bounds: dict[str, float] | None, *tables: JointFrame) -> None:
    for name in bounds or ():
        if not any(name in table for table in tables):
            raise UsageError(f"{here()}merge: bounds are for columns, and {name!r} is none")


def _distinct(right: Any, key: str) -> str:
    known = isinstance(right, OwnerPath)
    table, owner = (repr(right), repr(right._owner)) if known else ("a joint one", "its owner")
    return (
        f"ids {key!r} of the right table, {table}, are distinct (drop_duplicates({key!r}) in a "
        f"private cell of {owner} makes them so)"
    )


def _filled(columns: Columns, found: SecretArray, fill: float, words: frozenset[str]) -> Columns:
    """The public number in the place of zeros where there is no partner, in columns of numbers."""
    if not fill:
        return columns
    filled = {
        name: x if name in words or x.dtype == sbool else np.where(found, x, fill)
        for name, x in columns.items()
    }
    for name, x in filled.items():
        x.owners = columns[name].owners
    return filled


def _joined(
    known: SecretArray, asked: SecretArray, rights: Columns, says: str
) -> tuple[SecretArray, Columns]:
    """(which of those asked for are known, their rows of the right columns)."""
    rows, found, distinct = rows_at(known, blocks(rights), asked)
    if len(known) > 1:
        must_hold(distinct, says)
    found.owners = known.owners | asked.owners
    return found, apart(rights, rows, found.owners)
