"""Tables of coefficients: standard errors, z or t, p values and intervals, as in statsmodels.

The coefficients and their standard errors are computed in secret and opened together; everything
else in the table follows from them, in the clear.
Source: the inverse of the information matrix at the fitted coefficients.
"""

from collections.abc import Sequence
from html import escape
from math import inf, sqrt
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from mpckernel.array.dtypes import sfix, sfix20, sfix24
from mpckernel.array.functions.fused import matmul_to
from mpckernel.array.functions.standardising import Standard
from mpckernel.array.opened import Opened, Withheld
from mpckernel.array.operators import here
from mpckernel.array.owners import OwnerPath
from mpckernel.array.publics import secret
from mpckernel.array.reveal import reveal
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn import moments
from mpckernel.learn.significance import quantile, two_sided

INTERCEPT = "intercept"


class Summary:
    """What `summary()` gives: secret coefficients and standard errors, the intercept first.

    coefficients, errors: (p + 1,), or (p,) of a model without intercept. converged: a bit. names:
    as many words. freedom: degrees of freedom of the statistic; inf for z.
    """

    def __init__(
        self,
        names: Sequence[str],
        secrets: tuple[SecretArray, SecretArray, SecretArray],
        freedom: float,
        rows: int,
    ) -> None:
        self.names, self.freedom, self.rows = tuple(names), freedom, rows
        self.coefficients, self.errors, self.converged = secrets

    def reveal(self, to: Any = None) -> "Table":
        """Open coefficients, standard errors and whether the fit converged, 2 (p + 1) numbers and
        a bit, to all or to one party."""
        opened = reveal((self.coefficients, self.errors, self.converged), to=to)
        return Table(self, opened)

    def _revealed(self, to: Any) -> "Table":
        """What reveal(summary) gives."""
        return self.reveal(to)

    def __repr__(self) -> str:
        return (
            f"<summary of {len(self.names)} coefficients from {self.rows} rows, secret; "
            "summary.reveal() opens it>"
        )


class Table:
    """An opened summary. Arrays (p + 1,), the intercept first if there is one, by name."""

    def __init__(self, of: Summary, opened: tuple[Opened, Opened, Opened]) -> None:
        self.names, self.freedom, self.rows = of.names, of.freedom, of.rows
        self._opened = opened

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """Estimates."""
        return np.asarray(self._opened[0])

    @property
    def errors(self) -> NDArray[np.float64]:
        """Standard errors."""
        return np.asarray(self._opened[1])

    @property
    def converged(self) -> bool:
        """Whether these numbers are the answer: the last step was small, and the matrix of second
        derivatives could be inverted."""
        return bool(self._opened[2])

    @property
    def statistics(self) -> NDArray[np.float64]:
        """z or t: coefficients over standard errors, nan where the error is 0."""
        errors = self.errors
        return np.where(errors > 0, self.coefficients / np.where(errors > 0, errors, 1), np.nan)

    @property
    def p_values(self) -> NDArray[np.float64]:
        """Two-sided."""
        return np.array([two_sided(float(v), self.freedom) for v in self.statistics])

    @property
    def pvalues(self) -> NDArray[np.float64]:
        """p_values, by statsmodels' name."""
        return self.p_values

    def intervals(self, level: float = 0.95) -> NDArray[np.float64]:
        """Confidence intervals (p + 1, 2)."""
        if not 0 < level < 1:
            raise UsageError("a confidence level lies between 0 and 1")
        half = quantile(level, self.freedom) * self.errors
        return np.stack([self.coefficients - half, self.coefficients + half], axis=1)

    def as_dict(self) -> dict[str, NDArray[np.float64]]:
        """Columns by name: pd.DataFrame(t.as_dict(), index=t.names)."""
        letter = "z" if self.freedom == inf else "t"
        ends = self.intervals()
        return {
            "coefficient": self.coefficients,
            "std err": self.errors,
            letter: self.statistics,
            "p": self.p_values,
            "2.5 %": ends[:, 0],
            "97.5 %": ends[:, 1],
        }

    def __getitem__(self, column: str) -> NDArray[np.float64]:
        """A column by the name that the table shows: t["p"]."""
        columns = self.as_dict()
        if column not in columns:
            raise KeyError(f"{column!r}; there are {', '.join(columns)}")
        return columns[column]

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(
            f"a table of coefficients has no {name}; pd.DataFrame(t.as_dict(), index=t.names) "
            "has pandas' methods"
        )

    def _rows(self) -> list[tuple[str, ...]]:
        columns = self.as_dict()
        rows = [("", *columns)]
        for k, name in enumerate(self.names):
            numbers = [f"{v[k]:.4g}" for v in columns.values()]
            rows.append((name, *numbers))
        return rows

    def _note(self) -> str:
        if self.converged:
            return f"{self.rows} rows"
        return (
            f"{self.rows} rows; this fit did NOT converge: classes may be separable, or columns "
            "nearly multiples of each other; a penalty, fewer columns or a larger max_iter help"
        )

    def _closed(self) -> str:
        """Why there is nothing to show, or an empty text."""
        if not self._opened[0].ready():
            return "<summary, to be revealed when the cell runs>"
        value = self._opened[0].value()
        return repr(value) if isinstance(value, Withheld) else ""

    def __str__(self) -> str:
        """The table; printed in its cell it runs the plan so far, as a revealed array does."""
        str(self._opened[0])
        return repr(self)

    def __repr__(self) -> str:
        if closed := self._closed():
            return closed
        rows = self._rows()
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        lines = [
            first.ljust(widths[0])
            + "".join(f"  {word.rjust(w)}" for word, w in zip(rest, widths[1:], strict=True))
            for first, *rest in rows
        ]
        return "\n".join([*lines, self._note()])

    def _repr_html_(self) -> str:
        if closed := self._closed():
            return f"<code>{escape(closed)}</code>"
        head, *body = self._rows()
        top = "".join(f"<th>{escape(word)}</th>" for word in head)
        lines = "".join(
            f"<tr><th>{escape(first)}</th>" + "".join(f"<td>{v}</td>" for v in rest) + "</tr>"
            for first, *rest in body
        )
        return (
            f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
            f"<p>{escape(self._note())}</p>"
        )


def named(names: Sequence[str] | None, p: int, known: Sequence[str] | None = None) -> list[str]:
    """Words for the intercept and p columns; `known` if there are no others."""
    if isinstance(names, SecretArray | OwnerPath | str):
        raise UsageError(
            f"{here()}summary: names are public text, a word for each column; write them in the "
            'cell: model.summary(["age", "dose"])'
        )
    names = known if names is None else names
    given = [f"x{k}" for k in range(p)] if names is None else [str(name) for name in names]
    if len(given) != p:
        raise UsageError(f"summary: {p} columns have {p} names, not {len(given)}")
    return [INTERCEPT, *given]


def standard_errors(
    v: SecretArray, by: Standard, rows: int, noise: SecretArray | None = None
) -> SecretArray:
    """(p + 1,) in units of the columns as given, the intercept first, times `noise` if given.

    v: the inverse of H over scale, of standardised columns. Within 2^-9 of themselves; that of
    the intercept is right up to sqrt(2^39 / rows).
    """
    over = 1 / sqrt(moments.scale(rows))
    roots = np.sqrt(np.diagonal(v)[1:].astype(sfix24)) * over
    tilt = np.concatenate([secret(np.ones(1), sfix(12)), -moments.shifts(by).astype(sfix(12))])
    half = matmul_to(v, tilt[:, None], sfix(10), most=2.0**29)
    square = np.ravel(matmul_to(tilt[None], half, sfix(14), most=2.0**39))
    root = np.sqrt(square.astype(sfix20)).astype(sfix24) * over
    if noise is not None:
        roots, root = roots * noise, root * noise
    return beside(root, moments.unscaled(roots, by))


def beside(first: SecretArray, others: SecretArray) -> SecretArray:
    """(1 + p,) in one array, in the finest steps, up to those of either, that have room for both
    ranges."""
    parts = [np.ravel(first), others]
    room = min(v.dtype.f + 61 - v.bound.bit_length() for v in parts)
    t = sfix(min(max(v.dtype.f for v in parts), room))
    return np.concatenate([v.astype(t) for v in parts])  # type: ignore[no-any-return]
