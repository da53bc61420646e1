"""Joint tables: rows of several owners under each other, or side by side, as one table.

Source: pandas' DataFrame, by names and defaults.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from mpckernel.array.dtypes import sbool
from mpckernel.array.frames import rows, summaries
from mpckernel.array.frames.base import Frame
from mpckernel.array.frames.figures import Figures
from mpckernel.array.frames.grouping import Groups, grouped
from mpckernel.array.operators import here
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError

_CHOSEN = (
    "a secret cannot choose rows of a table: their number would tell it; t.compress(mask, "
    "reveal_count=True) opens that number, np.mean(t['age'], where=mask) and t.groupby open nothing"
)


class JointFrame(Frame):
    """Columns of secrets by public names, all with as many rows. It does not change.

    t["age"] is a secret array, t[["age", "dose"]] a smaller table, t.age, t.drop(columns=),
    t.assign(dose=...), t.merge(carol.df, ...), t.groupby("ward", groups=...), t.describe(),
    t.mean() and the other statistics, t.sort_values("age").head(5), t.columns, t.shape and len(t)
    are as in pandas.
    t.to_numpy() is one secret array (rows, columns); where an array is expected (NumPy's
    functions, learn, nn), the table stands for it.
    """

    __slots__ = ()

    def merge(self, right: Any, how: str = "inner", on: Any = None, **more: Any) -> "JointFrame":
        """Columns of another owner, or of another joint table, beside these; see merge."""
        from mpckernel.array.frames.merging import merge

        return merge(self, right, how, on, **more)

    def sort_values(self, by: str | Sequence[str], *, ascending: bool = True) -> "JointFrame":
        """Rows in the order of a column, or of several; stable. Leaks nothing. One sort."""
        return JointFrame(rows.in_order(self, by, ascending), self._words)

    def compress(self, mask: Any, *, reveal_count: bool | None = None) -> "JointFrame":
        """The rows for which a secret mask holds, in order; mpckernel.compress says what
        reveal_count opens. With False zeros stand at the end, and a column `kept` is false there.
        """
        columns, flags = rows.kept(self, mask, reveal_count)
        if not reveal_count:
            if "kept" in columns:
                raise UsageError(f"{here()}compress: none of the columns is called 'kept'")
            columns["kept"] = flags
        return JointFrame(columns, self._words)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, SecretArray) and key.dtype == sbool:
            raise Unsupported(here() + _CHOSEN)
        return super().__getitem__(key)

    def head(self, n: int = 5) -> "JointFrame":
        """The first n rows."""
        return JointFrame(rows.at(self, slice(rows.count(n))), self._words)

    def tail(self, n: int = 5) -> "JointFrame":
        """The last n rows."""
        return JointFrame(rows.at(self, slice(-rows.count(n), None)), self._words)

    def rename(self, *, columns: Mapping[str, str]) -> "JointFrame":
        """With other names for some columns, {old: new}. UsageError if two have one name."""
        for name in columns:
            self._column(name)
        return self._named(list(self), names=columns)

    def value_counts(self, column: str, groups: Sequence[Any] | int | None = None) -> Figures:
        """How often public values occur, in their order: groupby(column, groups).size()."""
        return self.groupby(column, groups).size()

    def groupby(
        self,
        by: str | Sequence[str],
        groups: Sequence[Any] | int | Mapping[str, Any] | None = None,
        *,
        at_least: int = 1,
    ) -> Groups:
        """Figures of groups of rows, whose sizes stay secret: t.groupby("ward", groups=4).mean().

        by: a column of booleans, whole numbers or text, or several. groups: the public values that
        it is grouped by, in order, a list or for 0 to k - 1 the number k; of several columns, by
        name; booleans have both. Rows with other values are in no group. at_least: groups of
        fewer rows count as empty, and every figure of an empty group is 0.
        """
        return grouped(self, by, groups, at_least)

    def describe(self, percentiles: Sequence[float] = (0.25, 0.5, 0.75)) -> Figures:
        """count, mean, std, min, quantiles and max of each column of numbers; one sort each.

        Leaks nothing. Errors: those of np.mean, np.std and np.quantile.
        """
        return summaries.described(self, percentiles)

    def mean(self, axis: Any = 0) -> Any:
        """Of each column, as np.mean; along another axis of the array, as np.mean."""
        return self._each("mean", axis)

    def sum(self, axis: Any = 0) -> Any:
        """Of each column, as np.sum."""
        return self._each("sum", axis)

    def std(self, axis: Any = 0, ddof: int = 1) -> Any:
        """Of each column, as np.std; over n - 1, as in pandas."""
        return self._each("std", axis, ddof=ddof)

    def var(self, axis: Any = 0, ddof: int = 1) -> Any:
        """Of each column, as np.var; over n - 1, as in pandas."""
        return self._each("var", axis, ddof=ddof)

    def min(self, axis: Any = 0) -> Any:
        """Of each column, as np.min."""
        return self._each("min", axis)

    def max(self, axis: Any = 0) -> Any:
        """Of each column, as np.max."""
        return self._each("max", axis)

    def median(self, axis: Any = 0) -> Any:
        """Of each column, as np.median."""
        return self._each("median", axis)

    def _each(self, name: str, axis: Any, **more: Any) -> Any:
        if axis in (0, "index", "rows"):
            return summaries.each(self, name, **more)
        along = 1 if axis == "columns" else axis
        return getattr(np, name)(self.to_numpy(), axis=along, **more)

    def quantile(self, q: float | Sequence[float] = 0.5) -> Figures:
        """Of each column, as np.quantile; with several q, a row for each."""
        return summaries.quantiles(self, q)

    def corr(self) -> Figures:
        """Correlations of the columns, as np.corrcoef: 0 next to a constant one."""
        return summaries.between(self, "corr")

    def cov(self) -> Figures:
        """Covariances of the columns over n - 1, as np.cov."""
        return summaries.between(self, "cov")

    def _revealed(self, to: Any) -> NoReturn:  # noqa: ARG002  (whoever would see it)
        raise UsageError(
            f"{here()}a joint table is opened by what is named: reveal(t['age'].mean()), "
            "reveal(t.describe()); every row of it by reveal(t.to_numpy())"
        )
