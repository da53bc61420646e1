"""GaussianNB: each column of each class is a normal distribution of its own.

Columns are centred and scaled by one secret number each, which changes no probability; so
columns of any size stand side by side. Sums over classes are one product with the flags of
the labels, and the log-likelihoods of all classes are z^2 by -1 / 2v and z by m / v.
Source: scikit-learn's GaussianNB. Departs from it in: a variance counts as at least 2^-16 of that
of its column in all rows; rows are cut at 64 standard deviations from the mean of all rows.
"""

from math import sqrt
from typing import Any

import numpy as np

from mpckernel.array.functions.distributions import logsumexp, softmax
from mpckernel.array.functions.fused import declared
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.base import Estimator, check_is_fitted, features
from mpckernel.learn.classes import class_flags, labels_of, right
from mpckernel.learn.extremes import chosen, first_largest, positions
from mpckernel.learn.labels import reals, roomy, scaled

_FAR = 64.0  # standard deviations
_LEAST = 2.0**-16  # a variance of a class, of that of all rows
_NEVER = -4096.0  # the log prior of a class without rows
_FAINT = -64.0  # a difference of log-likelihoods below which probabilities are 0


class GaussianNB(Estimator):
    """Naive Bayes with normal distributions, as sklearn.naive_bayes.GaussianNB.

    x: (n, p) secret numbers, y: (n,) booleans, or whole numbers 0 .. n_classes - 1. n_classes is
    public, since y is not. priors: public probabilities of the classes; by default their
    frequencies. var_smoothing: this part of the largest variance of a column is added to all.

    Attributes: class_count_ (n_classes,), class_prior_, theta_ and var_ (n_classes, p).
    Domain: x as shared, at most 2^20; a class without rows is never predicted.
    Error: differences of log probabilities to 2^-10 of themselves and 2^-8, where a class varies
    in a column by at least 1/8 of its standard deviation; theta_ 2^-17 of a standard deviation.
    Rounds for up to 16 classes: fit 150, predict 12, predict_proba 80.
    Leaks nothing, but one bit of a cell where y are numbers: that its promises hold, here that
    they are 0 .. n_classes - 1; RangeLeft if not. y > 0 makes labels of -1 and 1 booleans.
    """

    def __init__(
        self, n_classes: int = 2, *, priors: Any = None, var_smoothing: float = 1e-9
    ) -> None:
        self.n_classes = n_classes
        self.priors = priors
        self.var_smoothing = var_smoothing

    def fit(self, x: Any, y: Any) -> "GaussianNB":
        """Means and variances of the columns of each class."""
        rows = roomy(reals(x))
        flags = class_flags(y, len(rows), self.n_classes, labels_of(self, "fit"))
        z, middle, unit, spread = scaled(rows)
        counts = np.sum(flags, axis=0)
        means = _class_means(flags, z, counts)
        apart = z - flags @ means
        variances = _class_means(flags, apart * apart, counts) + self._smoothing(unit, spread)
        self.learned(
            class_count_=counts,
            class_prior_=self._priors(counts, len(rows)),
            mean_=middle,
            unit_=unit,
            means_=means,
            variances_=np.maximum(variances, _LEAST),
            n_features_in_=rows.shape[1],
        )
        self.learned(weights_=self._weights())
        return self

    @property
    def theta_(self) -> SecretArray:
        """(n_classes, p) means of the columns."""
        check_is_fitted(self)
        return self.mean_ + self.means_ / self.unit_

    @property
    def var_(self) -> SecretArray:
        """(n_classes, p) variances of the columns."""
        check_is_fitted(self)
        largest = self.mean_.bound * 2.0**-self.mean_.dtype.f  # as |x|, which are 2 |x| apart
        return np.square(declared(np.sqrt(self.variances_) / self.unit_, 3 * largest + 1))

    def predict(self, x: Any) -> SecretArray:
        """(n,) integers: the most probable class of each row."""
        return positions(first_largest(self._likelihoods(x)))

    def predict_log_proba(self, x: Any) -> SecretArray:
        """(n, n_classes) logarithms of the probabilities."""
        below = self._below(x)
        total = logsumexp(np.clip(below, _FAINT, 0.0), axis=1)
        return below - np.expand_dims(total, -1)

    def predict_proba(self, x: Any) -> SecretArray:
        """(n, n_classes) probabilities."""
        return softmax(np.clip(self._below(x), _FAINT, 0.0), axis=1)

    def score(self, x: Any, y: Any) -> SecretArray:
        """The mean accuracy of predict(x)."""
        return right(self.predict(x), y, self.n_classes, labels_of(self, "score"))

    def _below(self, x: Any) -> SecretArray:
        """(n, n_classes) log-likelihoods, less the largest of each row."""
        scores = self._likelihoods(x)
        return scores - np.expand_dims(chosen(first_largest(scores), scores), -1)

    def _likelihoods(self, x: Any) -> SecretArray:
        """(n, n_classes) log-likelihoods up to a number for each row."""
        check_is_fitted(self)
        rows = roomy(features(reals(x), self.n_features_in_))
        z = np.clip((rows - self.mean_) * self.unit_, -_FAR, _FAR)
        square, linear, constant = self.weights_
        return (z * z) @ square + z @ linear + constant

    def _weights(self) -> tuple[SecretArray, SecretArray, SecretArray]:
        """(p, n_classes) factors of z^2 and of z, and (n_classes,) what is added."""
        w = declared(np.reciprocal(self.variances_), 1.01 / _LEAST)
        towards = self.means_ * w
        logs = np.sum(np.log(self.variances_) + self.means_ * towards, axis=1)
        if self.priors is None:
            seen = np.log(self.class_count_)
            priors = np.where(self.class_count_ > 0, seen, _NEVER)
        else:
            priors = np.log(np.maximum(np.asarray(self.priors, np.float64), 2.0**-60))
        return (w * -0.5).T, towards.T, priors - logs * 0.5

    def _priors(self, counts: SecretArray, n: int) -> Any:
        if self.priors is None:
            return np.divide(counts, n)
        given = np.asarray(self.priors, np.float64)
        if given.shape != (self.n_classes,) or (given < 0).any() or abs(given.sum() - 1) > 1e-6:
            raise UsageError("GaussianNB: priors has a probability for each class; they sum to 1")
        return given

    def _smoothing(self, unit: SecretArray, spread: SecretArray) -> Any:
        """(p,) what is added to variances, in units of the columns."""
        part = float(self.var_smoothing)
        if not 0 <= part <= 1:
            raise UsageError("GaussianNB: var_smoothing is from 0 to 1")
        if part < 2.0**-100:
            return 0
        ratio = unit * np.max(spread) / (1 / sqrt(part))
        return np.square(np.clip(ratio, 0.0, 256.0))


def _class_means(flags: SecretArray, z: SecretArray, counts: SecretArray) -> SecretArray:
    """(n_classes, p) means of rows; 0 for a class without rows."""
    most = (z.bound * (1 + 2.0**-18) + 4) * 2.0**-z.dtype.f
    return declared(np.divide(flags.T @ z, counts[:, None]), most)
