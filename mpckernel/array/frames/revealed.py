"""Figures that were opened: a table with names, on its way until its cell has run.

Source: none.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mpckernel.array.opened import Opened, Withheld
from mpckernel.array.operators import Operators, plain_parts
from mpckernel.array.show import CELL, framed

Label: TypeAlias = Any  # of a row: a public value, or a tuple of them


class RevealedFigures(Operators):
    """r["age"] is a column as an array, r.index and r.columns are names; r.to_pandas() is a data
    frame, or a series. In arithmetic it is np.asarray(r), (rows, columns), or of a series (rows,).
    """

    def __init__(self, index: Sequence[Label], opened: Mapping[str, Opened], series: bool) -> None:
        self.index, self._opened, self._series = list(index), dict(opened), series

    @property
    def columns(self) -> list[str]:
        return list(self._opened)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self),) if self._series else (len(self), len(self._opened))

    def as_dict(self) -> dict[str, NDArray[Any]]:
        """Columns by name: pd.DataFrame(r.as_dict(), index=r.index)."""
        return {name: np.asarray(x) for name, x in self._opened.items()}

    def to_pandas(self) -> Any:
        """A DataFrame, or if a series a Series, with the same names. Needs pandas."""
        import pandas as pd

        several = isinstance(self.index[0], tuple)
        labels: Any = pd.MultiIndex.from_tuples(self.index) if several else self.index
        made = pd.DataFrame(self.as_dict(), index=labels)
        return made.iloc[:, 0] if self._series else made

    def __getitem__(self, key: Any) -> Any:
        """A column by its name; a figure of a series by the name of its row."""
        if self._series and key in self.index:
            return next(iter(self.as_dict().values()))[self.index.index(key)]
        if key not in self._opened:
            there = self.index if self._series else self.columns
            raise KeyError(f"{key!r}; there are {', '.join(map(str, there))}")
        return np.asarray(self._opened[key])

    def _ipython_key_completions_(self) -> list[Any]:
        return self.index if self._series else self.columns

    def __len__(self) -> int:
        return len(self.index)

    def __iter__(self) -> Iterator[Any]:
        """The figures of a series, or the names of columns."""
        return iter(self._stands_for() if self._series else self.columns)

    def _stands_for(self) -> NDArray[Any]:
        table = np.stack(list(self.as_dict().values()), axis=1)
        return table[:, 0] if self._series else table

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        return np.asarray(self._stands_for(), dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, method)(*map(plain_parts, inputs), **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return func(*map(plain_parts, args), **{k: plain_parts(v) for k, v in kwargs.items()})

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"revealed figures have no {name}; r.to_pandas() has pandas' methods")

    def _closed(self) -> str:
        """Why there is nothing to show, or an empty text."""
        first = next(iter(self._opened.values()))
        if not first.ready():
            return f"<{len(self)} rows of figures, to be revealed when the cell runs>"
        value = first.value()
        return repr(value) if isinstance(value, Withheld) else ""

    def _rows(self) -> list[tuple[str, ...]]:
        lines = zip(*self.as_dict().values(), strict=True)
        body = zip(self.index, lines, strict=True)
        return [("", *self._opened), *((named(at), *map(_number, line)) for at, line in body)]

    def __str__(self) -> str:
        """The table; printed in its cell it runs the plan so far, as a revealed array does."""
        str(next(iter(self._opened.values())))
        return repr(self)

    def __repr__(self) -> str:
        if closed := self._closed():
            return closed
        rows = self._rows()
        wide, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
        return "\n".join(
            first.ljust(wide)
            + "".join(f"  {word.rjust(w)}" for word, w in zip(rest, widths, strict=True))
            for first, *rest in rows
        )

    def _repr_html_(self) -> str:
        if closed := self._closed():
            return f"<code>{escape(closed)}</code>"
        head, *body = self._rows()
        cell = f'<td style="{CELL};text-align:right">'
        top = "".join(f'<th scope="col" style="{CELL}">{escape(word)}</th>' for word in head)
        lines = "".join(
            f'<tr><th scope="row" style="{CELL}">{escape(first)}</th>'
            + "".join(f"{cell}{escape(word)}</td>" for word in rest)
            + "</tr>"
            for first, *rest in body
        )
        return framed("revealed", f"<thead><tr>{top}</tr></thead><tbody>{lines}</tbody>")


def named(at: Label) -> str:
    """A row's name as it is shown."""
    return ", ".join(map(str, at)) if isinstance(at, tuple) else str(at)


def _number(x: Any) -> str:
    return str(x) if isinstance(x, np.bool_ | np.integer) else f"{x:.6g}"
