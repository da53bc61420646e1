"""Parts of a table for fitting and for judging: splits, folds, cross-validation.

Which rows are in which part is public: a matter of row numbers, not of values. Where it would say
too much who gave which row, `mpckernel.shuffle` puts them into an order that nobody knows first.
Source: scikit-learn's model_selection; the order is drawn by the package's own generator.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.base import clone
from mpckernel.ring.prg import Prg

Rows = NDArray[np.int64]


def order_of(n: int, seed: int) -> Rows:
    """0 .. n - 1 in a public order, the same at every party for the same seed."""
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**64:
        raise UsageError("random_state is a public whole number from 0 on: parties must agree")
    drawn = Prg(int(seed).to_bytes(16, "little")).words(int(n), 0, 0)
    return np.argsort(drawn, kind="stable")


def train_test_split(
    *arrays: Any, test_size: float = 0.25, random_state: int = 0, shuffle: bool = True
) -> list[Any]:
    """For each array its training rows and its test rows, as in scikit-learn.

        x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=1)

    test_size: a share, or a number of rows. random_state: public, the same at every party.
    """
    if not arrays:
        raise UsageError("train_test_split takes arrays with the same rows")
    tables = [operand(a) for a in arrays]
    n = len(tables[0])
    if any(len(t) != n for t in tables):
        raise UsageError("train_test_split: all arrays have the same number of rows")
    tests = int(np.ceil(test_size * n)) if isinstance(test_size, float) else int(test_size)
    if not 0 < tests < n:
        raise UsageError(f"train_test_split: both parts of {n} rows need some")
    order = order_of(n, random_state) if shuffle else np.roll(np.arange(n), tests)
    parts = order[tests:], order[:tests]
    return [t[rows] for t in tables for rows in parts]


class KFold:
    """Rows in n_splits parts of nearly equal size; each of them is the test once.

    for train, test in KFold(5, shuffle=True).split(x): ...
    """

    def __init__(self, n_splits: int = 5, *, shuffle: bool = False, random_state: int = 0) -> None:
        if n_splits < 2:
            raise UsageError("KFold: at least two parts")
        self.n_splits, self.shuffle, self.random_state = n_splits, shuffle, random_state

    def split(self, x: Any, y: Any = None) -> Iterator[tuple[Rows, Rows]]:  # noqa: ARG002
        """Public row numbers of each (training part, test part)."""
        n = len(operand(x))
        if n < self.n_splits:
            raise UsageError(f"KFold: {n} rows do not make {self.n_splits} parts")
        order = order_of(n, self.random_state) if self.shuffle else np.arange(n)
        for test in np.array_split(order, self.n_splits):
            yield np.sort(np.setdiff1d(order, test)), np.sort(test)


def cross_val_score(estimator: Any, x: Any, y: Any, *, cv: Any = 5) -> SecretArray:
    """Scores (k,), secret, of clones of the estimator fitted to all parts but one each.

    cv: a number of parts in the order of rows, or a KFold. The fits do not wait for each other.
    """
    x, y = secret(operand(x)), secret(operand(y))
    folds = KFold(cv) if isinstance(cv, int) else cv
    scores = [
        clone(estimator).fit(x[train], y[train]).score(x[test], y[test])
        for train, test in folds.split(x)
    ]
    return np.stack(scores)  # type: ignore[no-any-return]
