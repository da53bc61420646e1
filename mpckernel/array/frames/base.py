"""Columns of secrets by public names: choosing, adding and leaving out, and the array they are.

Source: pandas' DataFrame, by names. Departs from it in: it does not change, has no index of its
own and no missing values.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NoReturn, Self

import numpy as np

from mpckernel.array.frames.columns import Columns, is_name
from mpckernel.array.frames.text import Text
from mpckernel.array.operators import here
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray, refuse_filter
from mpckernel.array.show import CELL, framed
from mpckernel.array.show import names as listed
from mpckernel.array.standing import StandIn
from mpckernel.errors import ImplicitReveal, Unsupported, UsageError


class Frame(StandIn):
    """Secret columns by public names, all with as many rows.

    t["age"] is a secret array (or Text), t[["age", "dose"]] a smaller table. Where an array is
    expected the table is t.to_numpy(), (rows, columns): t[:, 0] and t.T are this array's.
    """

    __slots__ = ("_columns", "_words")
    _kind = "joint table"

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

    @property
    def ndim(self) -> int:
        return 2

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
        if isinstance(key, tuple | slice):
            return self.to_numpy()[key]
        raise UsageError(f"{here()}a column is t['age'], several are t[['age', 'dose']]")

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._columns:
            return self._column(name)
        if not name.startswith("_") and hasattr(SecretArray, name):
            return getattr(self.to_numpy(), name)
        way = "" if name.startswith("_") else "; as an array, t.to_numpy(), it has NumPy's"
        raise AttributeError(f"a {self._kind} has no column or method {name}{way}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *filter(str.isidentifier, self._columns)]

    def _ipython_key_completions_(self) -> list[str]:
        return self.columns

    def __setitem__(self, name: Any, value: Any) -> NoReturn:
        raise Unsupported(f"{here()}a {self._kind} does not change; t = t.assign({name}=...)")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise ImplicitReveal(
            f"{here()}the values of a {self._kind} are secret; NumPy's functions take t.to_numpy()"
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

    def drop(self, labels: Any = None, *, axis: Any = 1, columns: Any = None) -> Self:
        """Without these columns. UsageError if there is none of that name, or none is left."""
        given = labels if columns is None else columns
        gone = [given] if isinstance(given, str) else list(given or ())
        if axis not in (1, "columns"):
            raise UsageError(f"{here()}drop takes columns: t.drop(columns=[...])")
        for name in gone:
            self._column(name)
        return self._only([name for name in self._columns if name not in gone])

    def assign(self, **columns: Any) -> Self:
        """With more columns, or others in their place: arrays with a value for each row."""
        words = {name: value._numbers for name, value in columns.items() if type(value) is Text}
        made = {name: secret(operand(v)) for name, v in columns.items() if name not in words}
        for name, value in (made | words).items():
            if value.shape != (len(self),):
                raise UsageError(
                    f"{here()}{name} has a value for each of {len(self)} rows, not shape "
                    f"{value.shape}"
                )
        new = {name: (made | words)[name] for name in columns}
        return self._made(self._columns | new, (self._words - made.keys()) | words.keys())

    def _numeric(self) -> Columns:
        """Columns of numbers and booleans, by name: those that statistics are made of."""
        found = {name: x for name, x in self._columns.items() if name not in self._words}
        if not found:
            raise UsageError(f"{here()}this {self._kind} has no column of numbers")
        return found

    def _named(self, chosen: Sequence[str], names: Mapping[str, str] | None = None) -> Self:
        """These columns; some get other names. UsageError if two have one name."""
        for name in chosen:
            self._column(name)
        new = {name: (names or {}).get(name, name) for name in chosen}
        if bad := [name for name in new.values() if not is_name(name)]:
            raise UsageError(f"{here()}{bad[0]!r} is no name of a column")
        columns = {new[name]: self._columns[name] for name in chosen}
        if len(columns) < len(chosen):
            raise UsageError(f"{here()}two columns would have one name")
        return self._made(columns, frozenset(new[n] for n in chosen if n in self._words))

    def _made(self, columns: Columns, words: frozenset[str]) -> Self:
        """A table of the same rows."""
        return type(self)(columns, words)

    def _column(self, name: str) -> SecretArray | Text:
        if name not in self._columns:
            raise UsageError(f"{here()}no column {name!r}; there are {', '.join(self._columns)}")
        x = self._columns[name]
        return Text(x) if name in self._words else x

    def _only(self, names: Sequence[str]) -> Self:
        if not names:
            raise UsageError(f"{here()}a {self._kind} has at least one column")
        return self._named(names)

    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (name, "text" if name in self._words else str(x.dtype), listed(x.owners))
            for name, x in self._columns.items()
        ]

    def _caption(self) -> str:
        return f"{self._kind} of {len(self)} rows; values are secret"

    def __repr__(self) -> str:
        kinds = ", ".join(f"{name} {kind}" for name, kind, _ in self._rows())
        return f"<{self._kind} of {len(self)} rows, secret: {kinds}>"

    def _repr_html_(self) -> str:
        lines = "".join(
            "<tr>" + "".join(f'<td style="{CELL}">{escape(word)}</td>' for word in row) + "</tr>"
            for row in self._rows()
        )
        head = "".join(
            f'<th scope="col" style="{CELL}">{word}</th>'
            for word in ("column", "type", "contributed by")
        )
        return framed(
            escape(self._caption()), f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody>"
        )
