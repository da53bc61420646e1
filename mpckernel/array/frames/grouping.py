"""Figures of groups of rows, by secret membership and public group values.

A row's membership is a secret 0 or 1 for each group; sums are products with it.
Source: pandas' GroupBy, by names; an empty group's figures are 0.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sbool, sint
from mpckernel.array.frames.base import Frame
from mpckernel.array.frames.columns import Columns
from mpckernel.array.frames.figures import Figures
from mpckernel.array.frames.text import numbered
from mpckernel.array.functions import masked
from mpckernel.array.functions.indexing import one_hot
from mpckernel.array.operators import here
from mpckernel.array.publics import as_number
from mpckernel.array.secret import SecretArray, narrowed
from mpckernel.errors import Unsupported, UsageError

MOST = 4096  # groups
_GROUPS = (
    "groupby: which groups there are is public and not read from the data; groups=[...] lists the "
    "values of {!r}, groups=4 are 0, 1, 2 and 3"
)


class Groups:
    """Groups of the rows of a table. g["bp"] has one column, g[["bp", "age"]] some of them.

    size() counts rows; mean, sum, std, var, min, max are figures of the columns of numbers, a row
    for each group. Leaks nothing until reveal; the work is rows times groups.
    """

    def __init__(self, table: Frame, index: list[Any], members: SecretArray, one: bool) -> None:
        self._table, self._index, self._one = table, index, one
        self._members = members  # (n, groups) booleans
        self._counted: Any = None

    def __getitem__(self, key: str | Sequence[str]) -> "Groups":
        one = isinstance(key, str)
        chosen = self._table._named([key] if isinstance(key, str) else list(key))
        groups = Groups(chosen, self._index, self._members, one)
        groups._counted = self._counted
        return groups

    def size(self) -> Figures:
        """How many rows each group has."""
        return Figures(self._index, {"size": self._sizes()}, series=True)

    def count(self) -> Figures:
        """As size(), for each column: there are no missing values."""
        return self._figures({name: self._sizes() for name in self._table._numeric()})

    def sum(self) -> Figures:
        """Sums; exact."""
        return self._figures({k: self._total(x) for k, x in self._table._numeric().items()})

    def mean(self) -> Figures:
        """Means. Error: 2^-25 |mean| + 3 steps."""
        return self._figures({k: self._mean(x) for k, x in self._table._numeric().items()})

    def var(self, ddof: int = 1) -> Figures:
        """Variances over count - ddof; 0 where that is not positive. Error: np.var with where=."""
        return self._each(np.var, ddof=ddof)

    def std(self, ddof: int = 1) -> Figures:
        """Roots of var(). Error: np.std with where=."""
        return self._each(np.std, ddof=ddof)

    def min(self) -> Figures:
        """Smallest values; exact."""
        return self._extreme(np.min, 1)

    def max(self) -> Figures:
        """Largest values; exact."""
        return self._extreme(np.max, -1)

    def _sizes(self) -> SecretArray:
        if self._counted is None:
            self._counted = np.sum(self._members, axis=0)
        return self._counted  # type: ignore[no-any-return]

    def _total(self, x: SecretArray) -> SecretArray:
        return np.matmul(self._members.astype(sint).T, as_number(x))  # type: ignore[no-any-return]

    def _mean(self, x: SecretArray) -> SecretArray:
        return masked.over(self._total(x), self._sizes(), as_number(x).bound)

    def _each(self, function: Any, **more: Any) -> Figures:
        columns = {
            name: function(self._wide(x), axis=0, where=self._members, **more)
            for name, x in self._table._numeric().items()
        }
        return self._figures(columns)

    def _extreme(self, function: Any, sign: int) -> Figures:
        """Where nobody is, the start is found, which is then replaced by 0."""
        there = self._sizes() > 0
        columns = {}
        for name, x in self._table._numeric().items():
            v = as_number(x)
            start = sign * v.bound / 2**v.dtype.f
            start = int(start) if v.dtype.f == 0 else start
            least = function(self._wide(v), axis=0, where=self._members, initial=start)
            columns[name] = narrowed(np.where(there, least, 0), v.bound)
        return self._figures(columns)

    def _wide(self, x: SecretArray) -> Any:
        return np.broadcast_to(as_number(x)[:, None], self._members.shape)

    def _figures(self, columns: Columns) -> Figures:
        for name, x in columns.items():
            x.owners = self._table._columns[name].owners | self._members.owners
        return Figures(self._index, columns, series=self._one)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._table:
            return self[name]
        raise AttributeError(
            f"groups have no {name}; they have size, count, sum, mean, var, std, min and max"
        )

    def __repr__(self) -> str:
        return f"<{len(self._index)} groups of {len(self._table)} rows, of secret sizes>"


def grouped(
    table: Frame,
    by: str | Sequence[str],
    groups: Sequence[Any] | int | Mapping[str, Any] | None,
    at_least: int,
) -> Groups:
    """What t.groupby(...) gives; see there."""
    keys = [by] if isinstance(by, str) else list(by)
    if not keys or len({*keys}) < len(keys) or not isinstance(at_least, int) or at_least < 1:
        raise UsageError(f"{here()}groupby takes different columns, and at_least= from 1 on")
    values = [_values(table, key, groups if len(keys) == 1 else _of(groups, key)) for key in keys]
    count = int(np.prod([len(v) for v in values], dtype=object))
    if count > MOST:
        raise Unsupported(f"{here()}groupby: {count} groups are more than {MOST}")
    members: Any = np.ones((len(table), 1), np.bool_)
    index: list[Any] = [()]
    for key, names in zip(keys, values, strict=True):
        flags = _flags(table, key, names)
        both = members[:, :, None] & flags[:, None, :]
        members = flags if members.shape[1] == 1 and not index[0] else both
        members = np.reshape(members, (len(table), -1))
        index = [(*at, name) for at in index for name in names]
    if len(keys) == 1:
        index = [at[0] for at in index]
    if at_least > 1:
        members = members & (np.sum(members, axis=0) >= at_least)
    others = [name for name in table if name not in keys]
    rest = table._named(others) if others else table
    return Groups(rest, index, members, one=False)


def _of(groups: Any, key: str) -> Any:
    """Those of one column of several."""
    if groups is None or (isinstance(groups, Mapping) and key not in groups):
        return None
    if not isinstance(groups, Mapping):
        raise UsageError(f"{here()}groupby: of several columns, groups= is by name: {{{key!r}: 4}}")
    return groups[key]


def _values(table: Frame, key: str, groups: Any) -> list[Any]:
    """The public group values of a column, checked."""
    table[key]  # or there is none
    text, kind = key in table._words, table._columns[key].dtype
    if isinstance(groups, Mapping):
        groups = _of(groups, key)
    if groups is None and kind == sbool:
        return [False, True]
    if groups is None:
        raise UsageError(here() + _GROUPS.format(key))
    if isinstance(groups, int | np.integer) and not isinstance(groups, bool):
        groups = range(int(groups))
    values = [v.item() if isinstance(v, np.generic) else v for v in list(groups)]
    allowed = str if text else bool if kind == sbool else int
    if kind.kind not in "bi":
        raise UsageError(
            f"{here()}groupby: {key!r} holds neither whole numbers, booleans nor text; "
            f"t.assign({key}=np.digitize(t[{key!r}], edges)) has numbers of bins"
        )
    if not values or not all(type(v) is allowed for v in values) or len({*values}) < len(values):
        raise UsageError(
            f"{here()}groupby: groups= of {key!r} are different values, each {allowed.__name__}"
        )
    return values


def _flags(table: Frame, key: str, values: list[Any]) -> Any:
    """(n, groups): whether a row has this value."""
    x = table._columns[key]
    if x.dtype == sbool:
        return np.stack([x if v else ~x for v in values], axis=1)
    if key in table._words:
        return x[:, None] == numbered(values)
    if values == list(range(len(values))):
        return one_hot(x, len(values))
    return x[:, None] == np.array(values, np.int64)
