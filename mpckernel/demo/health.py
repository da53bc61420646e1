"""Demo 01 in the clear: what the pooled tables give, and how far the joint result may be from it.

Bounds: a float is shared as the nearest multiple of u = 2^-20, so it is off by u/2 at most; what
each function adds is documented with it (mpckernel/array). They are worst cases, added up.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Reals: TypeAlias = NDArray[np.float64]

COLUMNS = ("radius", "texture", "area", "smoothness", "concavity")
LIMITS = (15, 20, 700, 0.11, 0.15)
EDGES = np.arange(6, 26, 2)
U = 2.0**-20


@dataclass(frozen=True, slots=True)
class Expected:
    """One result: its name in the notebook, what it is, its value on pooled data, its bound."""

    name: str
    what: str
    value: Reals
    bound: Reals
    labels: tuple[str, ...] = ()


def pooled(folder: Path) -> pd.DataFrame:
    """All rows in one table: what nobody has in the demo."""
    parts = [pd.read_csv(folder / f"{name}.csv") for name in ("alice", "bob", "carol")]
    return pd.concat(parts, ignore_index=True)


def expected(folder: Path) -> list[Expected]:
    """Every revealed result, in the order of the notebook."""
    return of_table(pooled(folder))


def of_table(table: pd.DataFrame) -> list[Expected]:
    """The same for all rows in one table."""
    x = table[list(COLUMNS)].to_numpy(float)
    sick = table["malignant"].to_numpy(bool)
    n = len(x)
    mean, std = x.mean(axis=0), x.std(axis=0, ddof=1)
    return [
        exact("n", "patients", n),
        exact("cases", "malignant samples", sick.sum()),
        Expected("means", "mean", mean, np.full(5, 1.7 * U), COLUMNS),
        Expected("spreads", "standard deviation", std, spread_bound(std, n), COLUMNS),
        Expected(
            "correlation", "correlation", np.corrcoef(x, rowvar=False), correlation_bound(std, n)
        ),
        exact("above", "patients above thresholds", counts(x > LIMITS, sick), near(x, LIMITS)),
        Expected("t", "t statistic", welch(x, sick), t_bound(x, sick), COLUMNS),
        exact("histogram", "histogram", bars(x[:, 0], sick), 2 * near(x[:, :1], EDGES).max()),
    ]


def exact(name: str, what: str, value: Any, bound: Any = 0) -> Expected:
    """Something counted."""
    made = np.asarray(value, float)
    return Expected(name, what, made, np.broadcast_to(np.asarray(bound, float), made.shape))


def counts(large: NDArray[np.bool_], sick: NDArray[np.bool_]) -> Reals:
    """Row 0 malignant, row 1 benign."""
    return np.stack([large[sick].sum(axis=0), large[~sick].sum(axis=0)]).astype(float)


def bars(x: Reals, sick: NDArray[np.bool_]) -> Reals:
    """The histogram of each group; the last bar has no upper end."""
    ends = [*EDGES, np.inf]
    return np.stack([np.histogram(x[g], ends)[0] for g in (sick, ~sick)]).astype(float)


def near(x: Reals, limits: Any) -> Reals:
    """How many values lie so near to a limit that rounding could carry them over it."""
    gap = np.abs(x - np.asarray(limits, float))
    return ((gap > 0) & (gap <= U / 2)).sum(axis=0).astype(float)


def welch(x: Reals, sick: NDArray[np.bool_]) -> Reals:
    """Welch's t of each column, malignant against benign."""
    a, b = x[sick], x[~sick]
    error = np.sqrt(a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b))
    return (a.mean(axis=0) - b.mean(axis=0)) / error


def spread_bound(std: Reals, n: int) -> Reals:
    """np.std's error, and half a step: rounded inputs move a deviation by no more."""
    return (2**-20.7 + n**0.5 * 2.0**-28) * std + 1.7 * U


def correlation_bound(std: Reals, n: int) -> Reals:
    """np.corrcoef's error, and the turn that rounded inputs give to each standardised column."""
    turn = 0.51 * U / std
    return 2**-19.7 + n**0.5 * 2.0**-26.5 + U + turn[:, None] + turn


def t_bound(x: Reals, sick: NDArray[np.bool_]) -> Reals:
    """The error of t, followed through the steps of its cell with the documented error of each.

    A shift or a scale that all values have in common (rounded means and spreads) leaves t alone.
    """
    std = x.std(axis=0, ddof=1)
    z = (x - x.mean(axis=0)) / std
    e_z = 0.51 * U / std + 1.2 * U  # inputs rounded; divided by a public number
    (m1, e1, v1, ev1), (m0, e0, v0, ev0) = (_moments(z[g], e_z) for g in (sick, ~sick))
    n1, n0 = sick.sum(), (~sick).sum()
    root = np.sqrt(v1 * n0 + v0 * n1)
    e_root = 0.51 * (ev1 * n0 + ev0 * n1) / root + 2**-18.3 * root + 1.2 * U
    scale, gap = np.sqrt(n1 * n0), np.abs(m1 - m0)
    e_gap = (e1 + e0) * scale + (gap / 2 + 2) * U  # times a public number
    t = gap * scale / root
    return 1.01 * (e_gap + t * e_root) / root + 2**-18.5 * t + 3 * U


def _moments(z: Reals, e_z: Reals) -> tuple[Reals, Reals, Reals, Reals]:
    """Mean and variance of a group's columns, each with its error."""
    n, mean = len(z), z.mean(axis=0)
    e_mean = e_z + 1.2 * U
    off, e_off = np.abs(z - mean), e_z + e_mean
    e_squares = (2 * off * e_off + e_off**2 + U).sum(axis=0)  # a product: one step
    return mean, e_mean, (off**2).sum(axis=0) / (n - 1), e_squares / (n - 1) + 1.2 * U
