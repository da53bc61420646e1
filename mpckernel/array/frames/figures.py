"""Figures by public names of rows and columns, as describe and groupby give them; secret.

`reveal(figures)` opens all of them, as a table that shows and names them.
Source: none.
"""

from collections.abc import Sequence
from typing import Any

from mpckernel.array.frames.base import Frame
from mpckernel.array.frames.columns import Columns
from mpckernel.array.frames.revealed import Label, RevealedFigures, named
from mpckernel.array.reveal import reveal
from mpckernel.array.secret import SecretArray


class Figures(Frame):
    """Secret figures: f["age"] is a secret array with a number for each of f.index.

    reveal(f) opens them all. Where an array is expected it is (rows, columns), or (rows,) if it is
    a series: of one column by its nature, as the means of all columns are.
    """

    __slots__ = ("index", "series")
    _kind = "table of figures"

    def __init__(self, index: Sequence[Label], columns: Columns, series: bool = False) -> None:
        super().__init__(columns)
        self.index, self.series = list(index), series

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]  # a series has one axis
        return (len(self),) if self.series else (len(self), len(self._columns))

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def to_numpy(self) -> SecretArray:
        """As one secret array, (rows, columns), or (rows,) of a series."""
        table = super().to_numpy()
        return table[:, 0] if self.series else table

    def __getitem__(self, key: Any) -> Any:
        """A column by its name; a figure of a series by the name of its row."""
        if self.series and not isinstance(key, SecretArray) and key in self.index:
            return self.to_numpy()[self.index.index(key)]
        return super().__getitem__(key)

    def _made(self, columns: Columns, words: frozenset[str]) -> "Figures":  # noqa: ARG002
        return Figures(self.index, columns)

    def _revealed(self, to: Any) -> "RevealedFigures":
        """What reveal(f) gives: all figures, to all or to one party."""
        opened = {name: reveal(x, to=to) for name, x in self._columns.items()}
        return RevealedFigures(self.index, opened, self.series)

    def _caption(self) -> str:
        return f"figures for {self._names()}; values are secret, reveal(...) opens them"

    def _names(self) -> str:
        """Of the first rows."""
        return ", ".join(map(named, self.index[:8])) + (", ..." if len(self) > 8 else "")

    def __repr__(self) -> str:
        kinds = ", ".join(f"{name} {kind}" for name, kind, _ in self._rows())
        return f"<figures for {self._names()}, secret: {kinds}; reveal(...) opens them>"
