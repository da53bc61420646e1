"""Statistics of all columns of a table, by the names of columns.

Source: pandas' DataFrame, by names; a deviation is over n - 1 there.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sbool
from mpckernel.array.frames.base import Frame
from mpckernel.array.frames.figures import Figures
from mpckernel.array.functions.division import real
from mpckernel.array.operators import here
from mpckernel.array.publics import as_number, secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError


def each(table: Frame, name: str, **more: Any) -> Figures:
    """np.<name> of each column of numbers, as a series by the names of columns."""
    columns = table._numeric()
    found = [getattr(np, name)(as_number(x), **more) for x in columns.values()]
    return Figures(list(columns), {name: _joined(found, columns)}, series=True)


def quantiles(table: Frame, q: float | Sequence[float]) -> Figures:
    """np.quantile of each column; a series for one q, or a row for each."""
    columns = table._numeric()
    if np.ndim(q) == 0:
        found = [np.quantile(as_number(x), q) for x in columns.values()]
        return Figures(list(columns), {str(q): _joined(found, columns)}, series=True)
    rows = {name: np.quantile(as_number(x), q) for name, x in columns.items()}
    return Figures([float(v) for v in q], rows)  # type: ignore[union-attr, arg-type]


def described(table: Frame, percentiles: Sequence[float]) -> Figures:
    """Of the columns of numbers, or if there are none of the booleans: eight figures each."""
    columns = table._numeric()
    numbers = {k: x for k, x in columns.items() if x.dtype != sbool} or columns
    at = sorted({float(q) for q in percentiles})
    if not all(0 <= q <= 1 for q in at):
        raise UsageError(f"{here()}describe: percentiles lie between 0 and 1, as 0.25")
    if len(table) < 2:
        raise UsageError(f"{here()}describe: one row has no deviation")
    index = ["count", "mean", "std", "min", *(f"{100 * q:g}%" for q in at), "max"]
    return Figures(index, {name: _described(as_number(x), at) for name, x in numbers.items()})


def _described(x: SecretArray, at: list[float]) -> SecretArray:
    ordered = np.quantile(x, [0.0, *at, 1.0])
    parts = [secret(np.array([len(x)])), np.mean(x)[None], np.std(x, ddof=1)[None], ordered]
    found: Any = np.concatenate([part.astype(real(x.dtype)) for part in parts])
    found.owners = x.owners
    return found  # type: ignore[no-any-return]


def between(table: Frame, name: str) -> Figures:
    """Correlations or covariances of the columns, a row and a column for each."""
    columns = table._numeric()
    x = np.stack([as_number(v) for v in columns.values()], axis=1)
    square = np.corrcoef(x, rowvar=False) if name == "corr" else np.cov(x, rowvar=False)
    matrix: Any = np.reshape(square, (len(columns), len(columns)))
    return Figures(list(columns), {k: matrix[:, i] for i, k in enumerate(columns)})


def _joined(found: list[Any], columns: dict[str, SecretArray]) -> SecretArray:
    every: Any = np.stack(found)
    every.owners = frozenset().union(*(x.owners for x in columns.values()))
    return every  # type: ignore[no-any-return]
