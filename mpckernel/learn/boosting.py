"""Gradient boosting: trees one after the other, each on what those before it have missed.

One tree, with the step along what it says, is recorded once and repeated.
Source: Friedman, Greedy function approximation, 2001; scikit-learn's GradientBoosting. Departs
from it in: edges are those of histograms.py; scores are kept within 16, steps of leaves within
64, and where its rows are all but sure, curved by 2^-10, a leaf says less.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mpckernel.array.functions.activations import sigmoid
from mpckernel.array.functions.fused import declared
from mpckernel.array.inputs import share
from mpckernel.array.publics import as_number
from mpckernel.array.recorded import recorded
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.base import Estimator, check_is_fitted, features
from mpckernel.learn.classes import class_flags, labels_of, right
from mpckernel.learn.growing import grown, known_depth, leaves, means, paths
from mpckernel.learn.histograms import below_edges, edges_of
from mpckernel.learn.labels import length, real_column, reals, roomy, scaled
from mpckernel.learn.metrics import r2_score

_SURE = 16.0  # a score; the sigmoid of it is 1 to 2^-23
_STEP = 64.0  # what a leaf says at most
_CURVED = 2.0**-10  # the least curvature of a leaf, the sum of p (1 - p)


class _Boosting(Estimator):
    def __init__(
        self,
        *,
        n_estimators: int = 20,
        learning_rate: float = 0.1,
        max_depth: int = 3,
        bins: Any = 16,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.bins = bins

    def _sensible(self) -> None:
        known_depth(self.max_depth)
        if not isinstance(self.n_estimators, int) or self.n_estimators < 1:
            raise UsageError("n_estimators is a public number, at least 1")
        if not 0 < self.learning_rate <= 1:
            raise UsageError("learning_rate is a public number above 0, at most 1")

    def _keep(
        self, rows: SecretArray, edges: Any, splits: Sequence[Any], values: Sequence[Any]
    ) -> None:
        """Trees side by side, level by level."""
        levels = [np.concatenate(level) for level in zip(*splits, strict=True)]
        columns, thresholds = paths(levels, edges, rows)
        self.learned(
            feature_=columns,
            threshold_=thresholds,
            value_=np.concatenate(values),
            n_features_in_=rows.shape[1],
        )

    def _sum(self, x: Any) -> SecretArray:
        """(n,) the sum of what all trees say, by the learning rate."""
        check_is_fitted(self)
        rows = features(reals(x), self.n_features_in_)
        leaf = leaves(rows, self.feature_, self.threshold_, self.max_depth)
        largest = self.n_estimators * self.value_.bound * 2.0**-self.value_.dtype.f
        return declared(leaf @ self.value_, largest)[:, 0] * float(self.learning_rate)


class GradientBoostingRegressor(_Boosting):
    """Trees on residuals, as sklearn.ensemble.GradientBoostingRegressor with the squared error.

    x: (n, p) secret numbers, y: (n,) numbers. learning_rate: public, in (0, 1]. max_depth and
    bins: see DecisionTreeClassifier.

    Attributes: init_, the mean of y; feature_ and threshold_ of all nodes, level by level, in a
    level tree by tree; value_ (n_estimators 2^max_depth, 1).
    Error: every split is the best for the residuals, or its squared error within 2^-14 of the
    variance of y of the best.
    Rounds of a tree: 32 and 50 a level. Leaks nothing.
    """

    def fit(self, x: Any, y: Any) -> "GradientBoostingRegressor":
        """Grow tree after tree."""
        self._sensible()
        rows = reals(x)
        numbers = roomy(real_column(y, len(rows))[:, None])
        t = scaled(numbers)
        edges = edges_of(rows, self.bins)
        below, most = below_edges(rows, edges), 1.25 * length(numbers)
        missed, splits, values = declared(t.z[:, 0], most), list[Any](), list[Any]()
        for _ in range(self.n_estimators):
            missed, split, value = _regressed(
                below, missed, self.max_depth, float(self.learning_rate), most
            )
            splits.append(split)
            values.append(value)
        apart = 4 * numbers.bound * 2.0**-numbers.dtype.f * len(rows) ** 0.5 + 1
        values = [declared(v / t.unit, apart) for v in values]
        self._keep(rows, edges, splits, values)
        self.learned(init_=t.middle[0])
        return self

    def predict(self, x: Any) -> SecretArray:
        """(n,) numbers."""
        return self._sum(x) + self.init_

    def score(self, x: Any, y: Any) -> SecretArray:
        """R^2 of predict(x)."""
        return r2_score(y, self.predict(x))


class GradientBoostingClassifier(_Boosting):
    """Trees on residuals, as sklearn.ensemble.GradientBoostingClassifier for two classes.

    x: (n, p) secret numbers, y: (n,) booleans, or 0 and 1. The score of a row is the logarithm of
    the odds of 1; a leaf says the Newton step of the log loss.

    Attributes: init_, the logarithm of the odds of 1 in y; feature_, threshold_ and value_ as for
    GradientBoostingRegressor.
    Error: every split is the best for the residuals, or its squared error within 2^-14 n of the
    best; steps of leaves 2^-10 where their rows are not sure to 2^-8.
    Rounds of a tree: 82 and 50 a level. Leaks and refuses as DecisionTreeClassifier does.
    """

    def fit(self, x: Any, y: Any) -> "GradientBoostingClassifier":
        """Grow tree after tree."""
        self._sensible()
        rows = reals(x)
        flags = class_flags(y, len(rows), 2, labels_of(self, "fit"))
        logs = np.log(np.sum(flags, axis=0))
        odds = np.clip(logs[1] - logs[0], -_SURE, _SURE)
        edges = edges_of(rows, self.bins)
        below, truth = below_edges(rows, edges), flags[:, 1]
        scores, splits, values = odds + np.zeros(len(rows)), list[Any](), list[Any]()
        for _ in range(self.n_estimators):
            scores, split, value = _classified(
                below, truth, declared(scores, _SURE), self.max_depth, float(self.learning_rate)
            )
            splits.append(split)
            values.append(value)
        self._keep(rows, edges, splits, values)
        self.learned(init_=odds)
        return self

    def decision_function(self, x: Any) -> SecretArray:
        """(n,) logarithms of the odds of 1."""
        return self._sum(x) + self.init_

    def predict_proba(self, x: Any) -> SecretArray:
        """(n, 2) probabilities of 0 and 1."""
        one = sigmoid(np.clip(self.decision_function(x), -_SURE, _SURE), fine=True)
        return np.stack([1 - one, one], axis=-1)

    def predict(self, x: Any) -> SecretArray:
        """(n,) integers: 1 where it is the more probable one."""
        return as_number(self.decision_function(x) > 0)

    def score(self, x: Any, y: Any) -> SecretArray:
        """The mean accuracy of predict(x)."""
        return right(self.predict(x), y, 2, labels_of(self, "score"))


@recorded
def _regressed(below: Any, missed: Any, depth: int, rate: float, most: float) -> Any:
    """A tree on what is missed, and what is missed after it. Its length, the root of the sum
    of squares, does not grow when part of the means of groups of rows is taken away, so no
    element ever exceeds what the length is at first."""
    ones = share(np.ones((len(below), 1), np.int64))
    splits, said, leaf = grown(below, missed[:, None], ones, depth)
    values = means(said, most)
    step = declared(leaf @ values, most + 1)[:, 0] * rate
    return declared(missed - step, most), splits, values


@recorded
def _classified(below: Any, truth: Any, scores: Any, depth: int, rate: float) -> Any:
    """A tree on the residuals of the log loss, with Newton's steps, and the scores after it."""
    sure = declared(sigmoid(scores, fine=True), 1 + 2.0**-10)
    missed, curved = declared(truth - sure, 1 + 2.0**-10), declared(sure * (1 - sure), 0.26)
    ones = share(np.ones((len(below), 1), np.int64))
    splits, said, leaf = grown(below, missed[:, None], ones, depth, beside=curved[:, None])
    steps = np.divide(said.targets[:, :1], np.maximum(said.targets[:, 1:], _CURVED))
    values = np.clip(steps, -_STEP, _STEP)
    step = declared(leaf @ values, _STEP)[:, 0] * rate
    return np.clip(scores + step, -_SURE, _SURE), splits, values
