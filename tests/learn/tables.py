"""Real tables for the estimators: features, target, names of the features."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets

CREDIT = Path(__file__).parents[2] / "demo_notebooks" / "04_credit_vertical" / "credit.csv"
Table = tuple[NDArray[np.float64], NDArray[Any], list[str]]
FOUR = [1, 3, 4, 6]  # texture, area, smoothness, concavity


def standard(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return (x - x.mean(axis=0)) / x.std(axis=0)


@cache
def credit() -> Table:
    with CREDIT.open() as f:
        rows = list(csv.DictReader(f))
    names = [name for name in rows[0] if name not in ("id", "bad")]
    x = np.array([[float(row[name]) for name in names] for row in rows])
    return x, np.array([row["bad"] == "1" for row in rows]), names


def breast_cancer(columns: Any = slice(None)) -> Table:
    data = datasets.load_breast_cancer()
    names = [str(name) for name in data.feature_names[columns]]
    return data.data[:, columns], data.target == 0, names


def of_statsmodels(name: str, target: str, rows: int, drop: tuple[str, ...] = ()) -> Table:
    import statsmodels.api as sm

    table = getattr(sm.datasets, name).load_pandas().data[:rows].dropna()
    y = table[target].to_numpy(float)
    kept = table.drop(columns=[target, *drop])
    return kept.to_numpy(float), y, list(kept.columns)


def fair() -> Table:
    x, y, names = of_statsmodels("fair", "affairs", 6366)
    return x, y > 0, names


def spector() -> Table:
    x, y, names = of_statsmodels("spector", "GRADE", 32)
    return x, y > 0, names
