"""Tables with named columns of several owners, as `alice.df.merge(bob.df, on="id")` makes them.

Each owner's columns are shared, rows that belong together are found by secret ids, and the result
is a JointFrame: names in public, a secret array for each.
Source: pandas' DataFrame.merge, by names, defaults and order of rows; the join is that of
functions/matching.py.
"""

from collections.abc import Container, Iterator, Sequence
from html import escape
from typing import Any, NoReturn

import numpy as np

from mpckernel.array.dtypes import sbool
from mpckernel.array.functions.counting import compress
from mpckernel.array.functions.matching import rows_at
from mpckernel.array.functions.ranges import must_hold
from mpckernel.array.operators import here
from mpckernel.array.own_columns import Columns, shared_columns
from mpckernel.array.owners import OwnerPath
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray, narrowed, refuse_filter
from mpckernel.array.show import CELL, framed
from mpckernel.array.show import names as listed
from mpckernel.array.standing import StandIn
from mpckernel.errors import ImplicitReveal, Unsupported, UsageError

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


class JointFrame(StandIn):
    """Columns of secrets by public names, all with as many rows. It does not change.

    t["age"] is a secret array, t[["age", "dose"]] a smaller table, t.age, t.drop(columns=),
    t.assign(dose=...), t.merge(carol.df, ...), t.columns, t.shape and len(t) are as in pandas.
    t.to_numpy() is one secret array (rows, columns); where an array is expected (NumPy's
    functions, learn, nn), the table stands for it.
    """

    __slots__ = ("_columns", "_words")

    def __init__(self, columns: Columns, words: frozenset[str] = frozenset()) -> None:
        self._columns = columns  # of one or more rows, each (n,)
        self._words = words  # columns that hold text in the place of which a number stands

    @property
    def columns(self) -> list[str]:
        """Names, in order; public."""
        return list(self._columns)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self), len(self._columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._column(key)
        if isinstance(key, list | tuple) and key and all(isinstance(k, str) for k in key):
            return self._only(key)
        refuse_filter(key)
        raise UsageError(f"{here()}a column is t['age'], several are t[['age', 'dose']]")

    def __getattr__(self, name: str) -> SecretArray:
        if not name.startswith("_") and name in self._columns:
            return self._columns[name]
        way = "" if name.startswith("_") else "; as an array, t.to_numpy(), it has NumPy's"
        raise AttributeError(f"a joint table has no column or method {name}{way}")

    def __setitem__(self, name: Any, value: Any) -> NoReturn:
        raise Unsupported(f"{here()}a joint table does not change; t = t.assign({name}=...)")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise ImplicitReveal(
            f"{here()}the values of a joint table are secret; NumPy's functions take t.to_numpy()"
        )

    def _revealed(self, to: Any) -> NoReturn:  # noqa: ARG002  (whoever would see it)
        raise UsageError(
            f"{here()}a joint table is opened by what is named: reveal(t['age'].mean()); every row "
            "of it by reveal(t.to_numpy())"
        )

    def _stands_for(self) -> SecretArray:
        return self.to_numpy()

    def to_numpy(self) -> SecretArray:
        """All columns as one secret array (rows, columns), of the widest of their types."""
        if hidden := [name for name in self._columns if name in self._words]:
            raise UsageError(f"{here()}{hidden[0]} is text; leave it out, t.drop(columns=...)")
        return np.stack(list(self._columns.values()), axis=1)  # type: ignore[return-value]

    @property
    def values(self) -> SecretArray:
        """to_numpy(), by pandas' other name."""
        return self.to_numpy()

    def drop(self, labels: Any = None, *, axis: Any = 1, columns: Any = None) -> "JointFrame":
        """Without these columns. UsageError if there is none of that name, or none is left."""
        given = labels if columns is None else columns
        gone = [given] if isinstance(given, str) else list(given or ())
        if axis not in (1, "columns"):
            raise UsageError(f"{here()}drop takes columns: t.drop(columns=[...])")
        for name in gone:
            self._column(name)
        return self._only([name for name in self._columns if name not in gone])

    def assign(self, **columns: Any) -> "JointFrame":
        """With more columns, or others in their place: arrays with a value for each row."""
        made = {name: secret(operand(value)) for name, value in columns.items()}
        for name, value in made.items():
            if value.shape != (len(self),):
                raise UsageError(
                    f"{here()}{name} has a value for each of {len(self)} rows, not shape "
                    f"{value.shape}"
                )
        return JointFrame(self._columns | made, self._words - made.keys())

    def merge(self, right: Any, how: str = "inner", on: Any = None, **more: Any) -> "JointFrame":
        """Columns of another owner, or of another joint table, beside these; see merge."""
        return merge(self, right, how, on, **more)

    def _column(self, name: str) -> SecretArray:
        if name not in self._columns:
            raise UsageError(f"{here()}no column {name!r}; there are {', '.join(self._columns)}")
        return self._columns[name]

    def _only(self, names: Sequence[str]) -> "JointFrame":
        if not names:
            raise UsageError(f"{here()}a joint table has at least one column")
        return self._named(names, (), "")

    def _named(self, names: Sequence[str], some: Container[str], suffix: str) -> "JointFrame":
        """These columns; the names of some get a suffix."""
        new = {name: name + suffix if name in some else name for name in names}
        columns = {new[name]: self._column(name) for name in names}
        if len(columns) < len(names):
            raise UsageError(f"{here()}{_ALIKE}")
        return JointFrame(columns, frozenset(new[n] for n in names if n in self._words))

    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (name, "text" if name in self._words else str(x.dtype), listed(x.owners))
            for name, x in self._columns.items()
        ]

    def __repr__(self) -> str:
        kinds = ", ".join(f"{name} {kind}" for name, kind, _ in self._rows())
        return f"<joint table of {len(self)} rows, secret: {kinds}>"

    def _repr_html_(self) -> str:
        lines = "".join(
            "<tr>" + "".join(f'<td style="{CELL}">{escape(word)}</td>' for word in row) + "</tr>"
            for row in self._rows()
        )
        head = "".join(
            f'<th scope="col" style="{CELL}">{word}</th>'
            for word in ("column", "type", "contributed by")
        )
        caption = f"joint table of {len(self)} rows; values are secret"
        return framed(caption, f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody>")


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
) -> JointFrame:
    """Rows of two tables that have the same id, side by side, in the order of the left table.

        t = alice.df.merge(bob.df, on="id", reveal_count=True)
        model = learn.LogisticRegression().fit(t.drop(columns=["id", "bad"]), t["bad"])

    left, right: owners' data frames (with named columns of numbers or booleans; dicts of arrays
    will do) or joint tables, m and n rows. on: the column of ids in both, or left_on and right_on:
    whole numbers below 2^60, or text, in both tables; distinct in the right one. bounds: public
    bounds of columns by name, as for share. suffixes: for names that both tables have.
    how="inner": rows that both have; reveal_count=True consents to opening, to all, how many.
    how="left": m rows, zeros for rows that the right table does not have, and a column `found`.
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
    if on is not None and (left_on is not None or right_on is not None):
        raise UsageError(f"{here()}merge: either on=, or left_on= and right_on=")
    keys = on if left_on is None else left_on, on if right_on is None else right_on
    if not all(isinstance(key, str) for key in keys):
        raise UsageError(f'{here()}merge: name the column of ids that both have, on="id"')
    if how == "inner" and reveal_count is not True:
        raise UsageError(here() + _COUNT)
    one, other = (_frame(t, k, bounds or {}) for t, k in zip((left, right), keys, strict=True))
    _all_known(bounds, one, other)
    if (keys[0] in one._words) != (keys[1] in other._words):
        raise UsageError(f"{here()}merge: ids are text in one table and numbers in the other")
    asked, known = one[keys[0]], other[keys[1]]
    rest = [name for name in other if keys[0] != keys[1] or name != keys[1]]
    both = {name for name in rest if name in one}
    lefts, rights = one._named(list(one), both, suffixes[0]), other._named(rest, both, suffixes[1])
    more = [FOUND] if how == "left" else []
    if len({*lefts, *rights, *more}) < len(lefts.columns) + len(rights.columns) + len(more):
        raise UsageError(f"{here()}{_ALIKE}")
    found, columns = _joined(known, asked, rights._columns, _distinct(right, keys[1]))
    every, words = lefts._columns | columns, lefts._words | rights._words
    if how == "left":
        return JointFrame(every | {FOUND: found}, words)
    kept = compress(found, *_blocks(every), reveal_count=True)[:-1]
    return JointFrame(_apart(every, kept, found.owners), words)


def _frame(t: Any, key: str, bounds: dict[str, float]) -> JointFrame:
    if isinstance(t, JointFrame):
        if t[key].dtype.kind != "i" or not len(t):
            raise UsageError(f"{here()}merge: {key!r} holds whole numbers or text, in some rows")
        return t
    if not isinstance(t, OwnerPath):
        raise UsageError(f"{here()}merge takes data frames of owners: alice.df.merge(bob.df, ...)")
    return JointFrame(*shared_columns(t, key, bounds))


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


def _joined(
    known: SecretArray, asked: SecretArray, rights: Columns, says: str
) -> tuple[SecretArray, Columns]:
    """(which of those asked for are known, their rows of the right columns)."""
    rows, found, distinct = rows_at(known, _blocks(rights), asked)
    if len(known) > 1:
        must_hold(distinct, says)
    found.owners = known.owners | asked.owners
    return found, _apart(rights, rows, found.owners)


def _blocks(columns: Columns) -> list[SecretArray]:
    """Columns of one type together, as (rows, columns), in the order of first occurrence."""
    kinds = dict.fromkeys(x.dtype for x in columns.values())
    return [np.stack([x for x in columns.values() if x.dtype == k], axis=1) for k in kinds]


def _apart(columns: Columns, blocks: Sequence[SecretArray], owners: frozenset[str]) -> Columns:
    """The columns again, from what became of their blocks."""
    kinds = list(dict.fromkeys(x.dtype for x in columns.values()))
    next_of = dict.fromkeys(kinds, 0)
    out = {}
    for name, x in columns.items():
        block = blocks[kinds.index(x.dtype)][:, next_of[x.dtype]]
        next_of[x.dtype] += 1
        if x.dtype == sbool:
            out[name] = block if block.dtype == sbool else block > 0
        else:  # the rows of x, or zeros
            out[name] = narrowed(block, x.bound)
        out[name].owners = x.owners | owners
    return out
