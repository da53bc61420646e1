"""Rows of a table in another order, or some of them by public places.

Source: pandas' DataFrame.sort_values and head, by names; sorting is stable.
"""

from collections.abc import Sequence
from operator import index
from typing import Any

from mpckernel.array.frames.base import Frame
from mpckernel.array.frames.blocks import apart, blocks
from mpckernel.array.frames.columns import Columns
from mpckernel.array.functions.counting import compress
from mpckernel.array.functions.order import placed, places_of
from mpckernel.array.operators import here
from mpckernel.array.publics import as_number
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError


def in_order(table: Frame, by: str | Sequence[str], ascending: bool) -> Columns:
    """The columns, with rows sorted by one column or by several, the first of them first."""
    names = [by] if isinstance(by, str) else list(by)
    if not names or not isinstance(ascending, bool):
        raise UsageError(f"{here()}sort_values takes columns, and ascending= for all of them")
    for name in names:
        table[name]  # or there is none
        if name in table._words:
            raise UsageError(f"{here()}sort_values: {name!r} is text, of which hashes are shared")
    columns = table._columns
    if len(table) < 2:
        return columns
    places = places_of(*(as_number(columns[n]) for n in reversed(names)), down=not ascending)
    decided = frozenset[str]().union(*(columns[n].owners for n in names))
    return apart(columns, [placed(places, block) for block in blocks(columns)], decided)


def kept(table: Frame, mask: Any, reveal_count: bool | None) -> tuple[Columns, Any]:
    """The columns of the rows for which the mask holds, as compress gives them; and the mask."""
    columns = table._columns
    *rows, mask = compress(mask, *blocks(columns), reveal_count=reveal_count)
    decided = mask.owners if isinstance(mask, SecretArray) else frozenset[str]()
    return apart(columns, rows, decided), mask


def at(table: Frame, places: slice) -> Columns:
    """The rows at public places. UsageError if there would be none."""
    columns = {name: x[places] for name, x in table._columns.items()}
    if not len(next(iter(columns.values()))):
        raise UsageError(f"{here()}a table has at least one row")
    for name, x in columns.items():
        x.owners = table._columns[name].owners
    return columns


def count(n: int) -> int:
    """A public number of rows, as head and tail take it."""
    try:
        k = index(n)
    except TypeError:
        k = 0
    if k < 1:
        raise UsageError(f"{here()}head and tail take a public number of rows, from 1 on")
    return k
