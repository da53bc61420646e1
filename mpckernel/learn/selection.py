"""Parts of a table for fitting and for judging: splits, folds, cross-validation.

Which rows are in which part is public: a matter of row numbers, not of values. Where it would say
too much who gave which row, `mpckernel.shuffle` puts them into an order that nobody knows first.
Source: scikit-learn's model_selection; the order is drawn by the package's own generator.
"""

from collections.abc import Iterator
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpckernel.array.owners import OwnerPath
from mpckernel.array.publics import secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError
from mpckernel.learn.base import clone, taken
from mpckernel.learn.keywords import explained
from mpckernel.ring.prg import Prg

Rows = NDArray[np.int64]


def order_of(n: int, seed: int) -> Rows:
    """0 .. n - 1 in a public order, the same at every party for the same seed."""
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**64:
        raise UsageError("random_state is a public whole number from 0 on: parties must agree")
    drawn = Prg(int(seed).to_bytes(16, "little")).words(int(n), 0, 0)
    return np.argsort(drawn, kind="stable")


def train_test_split(
    *arrays: Any,
    test_size: float | None = None,
    train_size: float | None = None,
    random_state: int = 0,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """For each array its training rows and its test rows, as in scikit-learn.

        x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=1)

    test_size, train_size: a share, or a number of rows; a quarter is for testing if neither is
    given. random_state: public, the same at every party. shuffle: if not, the first rows are for
    training. stratify: public labels (n,), of which both parts have equal shares.
    """
    if not arrays:
        raise UsageError("train_test_split takes arrays with the same rows")
    tables = [taken(a) for a in arrays]
    n = len(tables[0])
    if any(len(t) != n for t in tables):
        raise UsageError("train_test_split: all arrays have the same number of rows")
    trains, tests = _sizes(n, train_size, test_size)
    if stratify is not None:
        order = _in_strata(_labels(stratify, n, shuffle), trains, tests, random_state)
    elif shuffle:
        order = order_of(n, random_state)
    else:
        order = np.roll(np.arange(trains + tests), tests)
    parts = order[tests : tests + trains], order[:tests]
    return [t[rows] for t in tables for rows in parts]


def _sizes(n: int, train: float | None, test: float | None) -> tuple[int, int]:
    """Rows for training and for testing."""
    for name, size in (("train_size", train), ("test_size", test)):
        most = 1 if isinstance(size, float) else n
        if size is not None and not 0 < size < most:
            raise UsageError(
                f"train_test_split: {name} is a share below 1.0, or a number of rows below {n}"
            )
    if train is None and test is None:
        test = 0.25
    tests = ceil(test * n) if isinstance(test, float) else test
    trains = floor(train * n) if isinstance(train, float) else train
    trains = n - int(tests or 0) if trains is None else int(trains)
    tests = n - trains if tests is None else int(tests)
    if min(trains, tests) < 1 or trains + tests > n:
        raise UsageError(
            f"train_test_split: {n} rows do not make {trains} for training and {tests} for testing"
        )
    return trains, tests


def _labels(stratify: Any, n: int, shuffle: bool) -> Rows:
    """The number of the class of each row, of public labels."""
    if isinstance(stratify, SecretArray | OwnerPath):
        raise Unsupported(
            "train_test_split: equal shares of secret labels in both parts would show them; leave "
            "stratify out (shares are nearly equal where there are many rows), or, if all may know "
            "the labels, stratify=reveal(y)"
        )
    if not shuffle:
        raise UsageError("train_test_split: stratify draws rows; leave shuffle=False out")
    labels = np.asarray(stratify)
    if labels.shape != (n,):
        raise UsageError(
            f"train_test_split: stratify has a public label for each of the {n} rows, not shape "
            f"{labels.shape}"
        )
    return np.unique(labels, return_inverse=True)[1]


def _in_strata(labels: Rows, trains: int, tests: int, seed: int) -> Rows:
    """An order whose first rows, for testing, and those after them, for training, have the classes
    in equal shares. Labels 0 .. k - 1 (n,)."""
    counts = np.bincount(labels)
    if counts.min() < 2 or min(trains, tests) < len(counts):
        raise UsageError(
            "train_test_split: to stratify, every class has two rows or more, and both parts have "
            f"as many rows as there are classes, {len(counts)}"
        )
    order = order_of(len(labels), seed)
    for_training = _shares(counts, trains)
    for_tests = _shares(counts - for_training, tests)
    place = np.zeros(len(labels), np.int64)
    for k, (most, after) in enumerate(zip(for_tests, for_training, strict=True)):
        rank = np.arange(counts[k])
        place[labels[order] == k] = (rank >= most).astype(np.int64) + (rank >= most + after)
    return order[np.argsort(place, kind="stable")]


def _shares(counts: Rows, n: int) -> Rows:
    """n rows in shares as near to those of `counts` as whole numbers are, none above its count."""
    exact = counts * n / counts.sum()
    shares = np.floor(exact).astype(np.int64)
    rest = np.argsort(shares - exact, kind="stable")[: n - int(shares.sum())]
    shares[rest] += 1
    return shares


class KFold:
    """Rows in n_splits parts of nearly equal size; each of them is the test once.

    for train, test in KFold(5, shuffle=True).split(x): ...
    """

    def __init__(self, n_splits: int = 5, *, shuffle: bool = False, random_state: int = 0) -> None:
        if not isinstance(n_splits, int | np.integer) or n_splits < 2:
            raise UsageError("KFold: at least two parts, a whole number")
        self.n_splits, self.shuffle, self.random_state = n_splits, shuffle, random_state

    def split(self, x: Any, y: Any = None) -> Iterator[tuple[Rows, Rows]]:  # noqa: ARG002
        """Public row numbers of each (training part, test part)."""
        n = len(taken(x))
        if n < self.n_splits:
            raise UsageError(f"KFold: {n} rows do not make {self.n_splits} parts")
        order = order_of(n, self.random_state) if self.shuffle else np.arange(n)
        for test in np.array_split(order, self.n_splits):
            yield np.sort(np.setdiff1d(order, test)), np.sort(test)


@explained
def cross_val_score(estimator: Any, x: Any, y: Any, *, cv: Any = 5) -> SecretArray:
    """Scores (k,), secret, of clones of the estimator fitted to all parts but one each.

    cv: a number of parts in the order of rows, or a KFold. Of classifiers, too: scikit-learn takes
    equal shares of the classes into each part, but here nobody sees the labels of rows. Where rows
    are ordered by class, KFold(5, shuffle=True). The fits do not wait for each other.
    """
    x, y = secret(taken(x)), secret(taken(y))
    folds = KFold(cv) if isinstance(cv, int | float | np.number) else cv
    scores = [
        clone(estimator).fit(x[train], y[train]).score(x[test], y[test])
        for train, test in folds.split(x)
    ]
    return np.stack(scores)  # type: ignore[no-any-return]
