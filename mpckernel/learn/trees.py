"""Decision trees and random forests. How they are grown in secret: growing.py.

A forest is grown side by side: all trees of a level in the rounds of one tree.
Source: scikit-learn's DecisionTree and RandomForest; Breiman, Random forests, 2001. Departs from
them in: columns are split at edges of histograms, as in HistGradientBoosting.
"""

from math import ceil, isqrt
from typing import Any

import numpy as np

from mpckernel.array.functions.fused import declared
from mpckernel.array.inputs import share
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.base import Estimator, check_is_fitted, features
from mpckernel.learn.classes import class_flags, labels_of, right
from mpckernel.learn.draws import Draws
from mpckernel.learn.extremes import first_largest, positions
from mpckernel.learn.growing import grown, known_depth, leaves, means, paths
from mpckernel.learn.histograms import below_edges, edges_of
from mpckernel.learn.labels import real_column, reals, roomy, scaled
from mpckernel.learn.metrics import r2_score


class _Trees(Estimator):
    """Trees of one depth side by side; what their leaves say is averaged."""

    max_depth: int
    bins: Any

    def _draw(
        self,
        n: int,
        p: int,  # noqa: ARG002  (forests use it)
        m: int,  # noqa: ARG002
    ) -> tuple[np.ndarray, list[np.ndarray] | None]:
        """Public (n, trees), how often a row counts; for each level (nodes, e) numbers of the edges
        that a node may be split at, or None for all p m."""
        return np.ones((n, 1), np.int64), None

    def _learn(self, rows: SecretArray, targets: SecretArray) -> SecretArray:
        """Grow; gives the values of the leaves."""
        known_depth(self.max_depth)
        n, p = rows.shape
        edges = edges_of(rows, self.bins)
        counts, allowed = self._draw(n, p, edges.shape[1])
        below = below_edges(rows, edges)
        splits, said, _ = grown(below, targets, share(counts), self.max_depth, allowed=allowed)
        columns, thresholds = paths(splits, edges, rows)
        self.learned(feature_=columns, threshold_=thresholds, n_features_in_=p)
        return means(said, targets.bound * 2.0**-targets.dtype.f)

    def _said(self, x: Any) -> SecretArray:
        """(n, k) means over the trees of what the leaf of a row says."""
        check_is_fitted(self)
        rows = features(reals(x), self.n_features_in_)
        leaf = leaves(rows, self.feature_, self.threshold_, self.max_depth)
        trees = leaf.shape[1] >> self.max_depth
        largest = self.value_.bound * 2.0**-self.value_.dtype.f
        total = declared(leaf @ self.value_, trees * largest)
        return total if trees == 1 else np.divide(total, trees)


class _Classifier(_Trees):
    n_classes: int

    def fit(self, x: Any, y: Any) -> Any:
        """Grow from rows and their classes."""
        rows = reals(x)
        flags = class_flags(y, len(rows), self.n_classes, labels_of(self, "fit"))
        values = self._learn(rows, flags)
        self.learned(value_=declared(values, 1 + 2.0**-10))
        return self

    def predict_proba(self, x: Any) -> SecretArray:
        """(n, n_classes) parts of the classes in the leaf of a row."""
        return self._said(x)

    def predict(self, x: Any) -> SecretArray:
        """(n,) integers: the most frequent class there."""
        return positions(first_largest(self._said(x)))

    def score(self, x: Any, y: Any) -> SecretArray:
        """The mean accuracy of predict(x)."""
        return right(self.predict(x), y, self.n_classes, labels_of(self, "score"))


class _Regressor(_Trees):
    def fit(self, x: Any, y: Any) -> Any:
        """Grow from rows and their numbers."""
        rows = reals(x)
        numbers = roomy(real_column(y, len(rows))[:, None])
        t = scaled(numbers)
        apart = 2 * numbers.bound * 2.0**-numbers.dtype.f + 1
        values = declared(self._learn(rows, t.z) / t.unit, apart) + t.middle
        self.learned(value_=values)
        return self

    def predict(self, x: Any) -> SecretArray:
        """(n,) means of the leaf of a row."""
        return self._said(x)[:, 0]

    def score(self, x: Any, y: Any) -> SecretArray:
        """R^2 of predict(x)."""
        return r2_score(y, self.predict(x))


class DecisionTreeClassifier(_Classifier):
    """A tree of classes, as sklearn.tree.DecisionTreeClassifier with the Gini impurity.

    x: (n, p) secret numbers, y: (n,) booleans, or whole numbers 0 .. n_classes - 1. max_depth:
    public, 1 to 8; the tree is full. bins: edges a column may be split at: a number, for secret
    quantiles, or public edges (p, m), which spare the sort. A part of less than 1 / bins of
    the rows may not be told apart.

    Attributes: feature_ (nodes, p) flags of columns, threshold_ (nodes,) x goes left if it is
    not above, value_ (leaves, n_classes); nodes level by level from the root.
    Error: a split is the best one, or its impurity is within 2^-16 of the best.
    Rounds: fit 80 and 50 a level; without the sort 15 and 50; predict 30.
    Leaks nothing, but one bit of a cell where y are numbers: that its promises hold, here that
    they are 0 .. n_classes - 1; RangeLeft if not. y > 0 makes labels of -1 and 1 booleans.
    """

    def __init__(self, n_classes: int = 2, *, max_depth: int = 3, bins: Any = 16) -> None:
        self.n_classes = n_classes
        self.max_depth = max_depth
        self.bins = bins


class DecisionTreeRegressor(_Regressor):
    """A tree of means, as sklearn.tree.DecisionTreeRegressor with the squared error.

    See DecisionTreeClassifier. y: (n,) numbers. value_: (leaves, 1).
    Error: a split is the best one, or its squared error is within 2^-14 of the variance of y of
    the best; a value 2^-16 of the range of y.
    """

    def __init__(self, *, max_depth: int = 3, bins: Any = 16) -> None:
        self.max_depth = max_depth
        self.bins = bins


class _Forest(_Trees):
    n_estimators: int
    max_features: Any
    bootstrap: bool
    random_state: int

    def _draw(self, n: int, p: int, m: int) -> tuple[np.ndarray, list[np.ndarray] | None]:
        if not isinstance(self.n_estimators, int) or self.n_estimators < 1:
            raise UsageError("n_estimators is a public number, at least 1")
        draws, trees = Draws(self.random_state, "forest"), self.n_estimators
        counts = np.ones((n, trees), np.int64)
        if self.bootstrap:
            drawn = draws.below(n, trees, n)
            counts = np.stack([np.bincount(row, minlength=n) for row in drawn], axis=1)
        few = self._few(p)
        if few == p:
            return counts, None
        allowed = []
        for level in range(self.max_depth):
            columns = np.sort(draws.order(p, trees * 2**level)[:, :few], axis=-1)
            edges = np.expand_dims(columns, -1) * m + np.arange(m)
            allowed.append(np.reshape(edges, (len(columns), few * m)))
        return counts, allowed

    def _few(self, p: int) -> int:
        """How many columns a node may choose from."""
        asked = self.max_features
        if asked == "sqrt":
            return max(1, isqrt(p))
        if asked is None:
            return p
        few = asked if isinstance(asked, int) else ceil(float(asked) * p)
        if not 1 <= few <= p:
            raise UsageError('max_features is "sqrt", None, a number or a part of the columns')
        return few


class RandomForestClassifier(_Forest, _Classifier):
    """Trees of drawn rows and columns, as sklearn.ensemble.RandomForestClassifier.

    See DecisionTreeClassifier. n_estimators trees; with bootstrap, each of n rows drawn with
    replacement; every node chooses from max_features columns ("sqrt", None for all, a number or
    a part), drawn for it. The draws are public and a function of random_state.

    Attributes: feature_ and threshold_ of all nodes, level by level, in a level tree by tree;
    value_ (n_estimators 2^max_depth, n_classes).
    Rounds: as for one tree. Bits: those of a tree of max_features columns for each, and once the
    comparisons with edges.
    Leaks what a DecisionTreeClassifier does; which rows and columns a tree looks at is public.
    """

    def __init__(
        self,
        *,
        n_classes: int = 2,
        n_estimators: int = 20,
        max_depth: int = 4,
        max_features: Any = "sqrt",
        bootstrap: bool = True,
        bins: Any = 16,
        random_state: int = 0,
    ) -> None:
        self.n_classes = n_classes
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.bins = bins
        self.random_state = random_state


class RandomForestRegressor(_Forest, _Regressor):
    """Trees of drawn rows, as sklearn.ensemble.RandomForestRegressor.

    See RandomForestClassifier and DecisionTreeRegressor.
    """

    def __init__(
        self,
        *,
        n_estimators: int = 20,
        max_depth: int = 4,
        max_features: Any = None,
        bootstrap: bool = True,
        bins: Any = 16,
        random_state: int = 0,
    ) -> None:
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.bins = bins
        self.random_state = random_state
