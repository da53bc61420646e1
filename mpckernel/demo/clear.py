"""Logistic regression and its metrics in the clear: what joint results of the demos are held to.

Source: Newton's method to the last digit; the area under the ROC curve by all pairs.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mpckernel.demo.health import Expected, exact
from mpckernel.learn.selection import KFold

Reals: TypeAlias = NDArray[np.float64]

CLOSE = 2.0**-12  # of a probability: joint ones are nearer than this to the exact ones
CLOSER = 2.0**-17  # but for fits with standard errors above one
RATE = 2.0**-15  # of a ratio of counts
THRESHOLDS = np.linspace(0.05, 0.95, 19)


def standard(x: Reals) -> Reals:
    """Columns on one scale."""
    made: Reals = (x - x.mean(axis=0)) / x.std(axis=0)
    return made


def fit(z: Reals, y: NDArray[np.bool_], alpha: float = 0.0) -> tuple[Reals, Reals]:
    """(coefficients, standard errors), the intercept first; alpha: ridge penalty on the others."""
    a = np.column_stack([np.ones(len(z)), z])
    penalty = alpha * np.eye(a.shape[1])
    penalty[0, 0] = 0
    b = np.zeros(a.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-a @ b))
        second = (a.T * (p * (1 - p))) @ a + penalty
        b = b + np.linalg.solve(second, a.T @ (y - p) - penalty @ b)
    return b, np.sqrt(np.diag(np.linalg.inv(second)))


def risk(z: Reals, b: Reals) -> Reals:
    """The probability of each row."""
    made: Reals = 1 / (1 + np.exp(-(b[0] + z @ b[1:])))
    return made


def area(y: NDArray[np.bool_], p: Reals) -> float:
    """Under the ROC curve."""
    apart = p[y][:, None] - p[~y]
    return float((apart > 0).mean() + (apart == 0).mean() / 2)


def area_of(name: str, what: str, y: NDArray[np.bool_], p: Reals, digits: int = 9) -> Expected:
    """The area of probabilities that are rounded, and how far the small errors of joint ones may
    move it: at most as if they all helped one class."""
    off = np.where(y, CLOSER, -CLOSER)
    value, *ends = [area(y, np.asarray(np.round(v, digits), float)) for v in (p, p + off, p - off)]
    return Expected(name, what, np.array(value), np.array(np.ptp([value, *ends]) + RATE))


def rates(y: NDArray[np.bool_], p: Reals) -> tuple[Reals, Reals]:
    """Shares above each threshold, of class 0 and of class 1, in one array; and bounds."""
    of = [p[~y][:, None], p[y][:, None]]
    values = np.stack([(v >= THRESHOLDS).mean(axis=0) for v in of])
    bounds = np.stack([(np.abs(v - THRESHOLDS) < CLOSE).mean(axis=0) for v in of]) + RATE
    return values, bounds


def coefficients(names: tuple[str, ...], b: Reals, errors: Reals) -> list[Expected]:
    """A summary: coefficients within 2e-3 of their standard error, errors within 1e-3 of theirs."""
    labels = ("intercept", *names)
    return [
        Expected("coefficients", "coefficient", b, 2e-3 * errors, labels),
        Expected("errors", "standard error", errors, 1e-3 * errors, labels),
    ]


def judged(y: NDArray[np.bool_], p: Reals) -> Expected:
    """The table of classes and predictions."""
    counts = [[((p > 0.5) == k)[y == c].sum() for k in (False, True)] for c in (False, True)]
    return exact("confusion", "classes and predictions", counts, (np.abs(p - 0.5) < CLOSE).sum())


def validated(z: Reals, y: NDArray[np.bool_]) -> Expected:
    """Accuracies in five folds, of models with a penalty of 1."""
    values, bounds = [], []
    for train, test in KFold(5, shuffle=True, random_state=1).split(z):
        p = risk(z[test], fit(z[train], y[train], 1.0)[0])
        values.append(((p > 0.5) == y[test]).mean())
        bounds.append((np.abs(p - 0.5) < CLOSE).mean() + RATE)
    labels = tuple(f"part {k + 1}" for k in range(5))
    return Expected("scores", "accuracy", np.array(values), np.array(bounds), labels)
