"""How good predictions are: of classes, of scores, and of numbers.

Classes are 0 and 1 (or booleans), in confusion_matrix also more; secret, or public, or an owner's
variables or tensors. What a metric gives is secret; reveal it. Where nothing is predicted, or
nothing is there to be found, a ratio is 0. Where secret numbers stand for classes, the cell opens
one bit, that all its promises hold, here that they are those classes; it ends with RangeLeft if
not. Booleans spare it: y > 0 of -1 and 1, p > 0.5 of probabilities.
Source: definitions as in scikit-learn; the area under the ROC curve as Mann and Whitney count it.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import sfix, sfix24, sint
from mpckernel.array.functions.standardising import quotient
from mpckernel.array.operators import here
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import OutOfRange, UsageError
from mpckernel.learn.base import taken
from mpckernel.learn.classes import all_have_one, are_bits, flags_of, ones_of, probabilities, whole
from mpckernel.learn.keywords import explained
from mpckernel.protocols.ideal import SMALLER

WORDS = ("labels", "predictions")
LEAST = 2.0**-20  # of a probability, in its logarithm


@explained
def accuracy_score(y_true: Any, y_pred: Any) -> SecretArray:
    """The share of right classes, whole numbers; beside booleans they are 0 and 1. Error: a step of
    2^-24."""
    both = taken(y_true), taken(y_pred)
    check = ones_of if any(map(are_bits, both)) else whole
    pair = [check(v, f"{w} of accuracy_score") for v, w in zip(both, WORDS, strict=True)]
    truth, found = _pair(*pair)
    return np.mean((truth == found).astype(sfix24))  # type: ignore[no-any-return]


@explained
def confusion_matrix(y_true: Any, y_pred: Any, *, n_classes: int = 2) -> SecretArray:
    """Counts (n_classes, n_classes): row true class, column predicted one. Exact.

    Classes are 0 .. n_classes - 1; the cell ends with RangeLeft if there are others.
    """
    both = taken(y_true), taken(y_pred)
    truth, found = _pair(*both)
    if n_classes == 2:
        kinds = (f"{word} of confusion_matrix with n_classes=2" for word in WORDS)
        ones = [ones_of(v, kind) for v, kind in zip(both, kinds, strict=True)]
        rows, columns = (np.stack([1 - v, v], axis=1) for v in ones)
        return rows.T @ columns  # type: ignore[no-any-return]
    rows, columns = (_members(v, n_classes) for v in (truth, found))
    counts = rows.T @ columns
    of = f"labels and predictions of confusion_matrix with n_classes={n_classes}"
    all_have_one(counts, len(truth), n_classes, of)
    return counts  # type: ignore[no-any-return]


@explained
def precision_score(y_true: Any, y_pred: Any) -> SecretArray:
    """How many of those predicted as 1 are 1. Error: 2^-18."""
    truth, found = _bits(y_true, y_pred, "precision_score")
    return _ratio((truth & found).sum(), found.sum())


@explained
def recall_score(y_true: Any, y_pred: Any) -> SecretArray:
    """How many of those that are 1 are predicted as 1. Error: 2^-18."""
    truth, found = _bits(y_true, y_pred, "recall_score")
    return _ratio((truth & found).sum(), truth.sum())


@explained
def f1_score(y_true: Any, y_pred: Any) -> SecretArray:
    """The harmonic mean of precision and recall. Error: 2^-18."""
    truth, found = _bits(y_true, y_pred, "f1_score")
    return _ratio(2 * (truth & found).sum(), truth.sum() + found.sum())


@explained
def roc_auc_score(y_true: Any, y_score: Any) -> SecretArray:
    """The area under the ROC curve; ties count half. Two sorts of n numbers. Error: 2^-18.

    It is the share of pairs of a 1 and a 0 in which the 1 has the higher score. Scores that a
    model computes for equal rows may differ by a few steps: np.round(score, 4) makes them tie.
    """
    y, s = ones_of(y_true, "labels of roc_auc_score"), as_number(secret(taken(y_score)))
    if y.shape != s.shape or y.ndim != 1:
        raise UsageError(f"there are {y.shape} classes and {s.shape} scores")
    ones, n = y.sum(), len(y)
    steps = SecretArray(s.word, sint)  # scores counted in their steps, so that keys are whole
    wins = sum(_ahead(y, 2 * steps + last) for last in (y, 1 - y))
    return _ratio(wins, 2 * (ones * (n - ones)))


def _ahead(y: SecretArray, keys: SecretArray) -> SecretArray:
    """How many pairs of a 1 and a 0 have the 0 first, in the order of distinct keys."""
    ordered = y[np.argsort(keys)]
    return (ordered * np.cumsum(1 - ordered)).sum()  # type: ignore[no-any-return]


@explained
def roc_curve(
    y_true: Any, y_score: Any, *, thresholds: Any = None
) -> tuple[SecretArray, SecretArray, np.ndarray]:
    """(false positive rates, true positive rates, thresholds): a score from a threshold on counts
    as 1. Thresholds are public, since those that the scores ask for would tell them; of
    probabilities np.linspace(0, 1, 21). Error: 2^-18. Raises UsageError without thresholds.
    """
    if thresholds is None:
        raise UsageError(
            f"{here()}roc_curve takes public thresholds (those of the scores would tell them): "
            "roc_curve(y, p, thresholds=np.linspace(0, 1, 21))"
        )
    y, s = flags_of(y_true, "labels of roc_curve"), as_number(secret(taken(y_score)))
    public = np.asarray(operand(thresholds), np.float64)
    if public.ndim != 1 or y.shape != s.shape or s.ndim != 1:
        raise UsageError("roc_curve takes a class and a score for each row, and thresholds")
    above = s[:, None] >= public
    right = (above & y[:, None]).sum(axis=0)
    ones = y.sum()
    wrong = above.sum(axis=0) - right
    return _ratio(wrong, len(y) - ones), _ratio(right, ones), public


@explained
def log_loss(y_true: Any, y_prob: Any) -> SecretArray:
    """The mean of -log of the probability given to the true class. y_prob: (n,) of class 1, or
    (n, 2); below 2^-20 it counts as 2^-20. Error: 2^-17. RangeLeft for what are no probabilities,
    such as decision_function(x)."""
    y, p = flags_of(y_true, "labels of log_loss"), taken(y_prob)
    p = p[:, 1] if p.ndim == 2 and p.shape[1] == 2 else p
    if p.shape != y.shape:
        raise UsageError("log_loss takes a class, 0 or 1, and its probability for each row")
    p = probabilities(p, "probabilities of log_loss")
    return -np.mean(np.log(np.clip(np.where(y, p, 1 - p), LEAST, 1)))  # type: ignore[no-any-return]


@explained
def mean_squared_error(y_true: Any, y_pred: Any) -> SecretArray:
    """The mean of squared differences, at the finest scale whose squares fit. Error: 2 steps, and
    a step for each unit of difference."""
    truth, found = _pair(y_true, y_pred)
    apart = truth - found
    whole = (apart.bound >> apart.dtype.f) + 1
    f = min(24, 60 - 2 * whole.bit_length())
    if f < 1:
        raise OutOfRange(
            "mean_squared_error: squares of values as large as these are allowed to be do not fit; "
            + SMALLER
        )
    apart = apart.astype(sfix(f))
    return np.mean(apart * apart)  # type: ignore[no-any-return]


@explained
def r2_score(y_true: Any, y_pred: Any) -> SecretArray:
    """The share of the variance of y that is predicted; at least -2^20. Error: 2^-14 (2 - R^2).
    Of a constant y, 1 if every prediction is exact, else 0.

    The mean square of differences is their variance and their mean squared, each over that of y.
    """
    truth, found = (v.astype(sfix24) for v in _pair(y_true, y_pred))
    apart = truth - found
    size = np.std(truth)
    parts = [_over(v, size) for v in (np.std(apart), np.mean(apart))]
    share = 1 - sum(np.square(v) for v in parts)
    constant, exact = np.all(truth == truth[0]), np.all(apart == 0)
    return np.where(constant, exact, share)  # type: ignore[no-any-return]


def _over(x: SecretArray, size: SecretArray) -> SecretArray:
    """x / size, at most 2^10, at a scale that has room for any quotient."""
    most = float(x.bound + 1)
    t = sfix(max(1, min(24, 60 - int(most).bit_length())))
    return np.clip(quotient(x, size, t, most), -(2**10), 2**10).astype(sfix24)  # type: ignore


def _pair(y_true: Any, y_pred: Any) -> tuple[SecretArray, SecretArray]:
    """Both as secret numbers of one shape (n,)."""
    pair = [_number(v) for v in (y_true, y_pred)]
    if pair[0].shape != pair[1].shape or pair[0].ndim != 1:
        raise UsageError(f"shapes {pair[0].shape} and {pair[1].shape} do not fit together")
    return pair[0], pair[1]


def _number(y: Any) -> SecretArray:
    found = as_number(secret(taken(y)))
    if found.ndim != 1 or not found.size:
        raise UsageError(f"a metric takes a value for each row, not shape {found.shape}")
    return found


def _bits(y_true: Any, y_pred: Any, of: str) -> tuple[SecretArray, SecretArray]:
    truth, found = flags_of(y_true, f"labels of {of}"), flags_of(y_pred, f"predictions of {of}")
    if truth.shape != found.shape:
        raise UsageError(f"shapes {truth.shape} and {found.shape} do not fit together")
    return truth, found


def _members(y: SecretArray, n_classes: int) -> SecretArray:
    """1 where row k is of class j, else 0: (n, n_classes)."""
    return (y[:, None] == np.arange(n_classes)).astype(sint)  # type: ignore[no-any-return]


def _ratio(part: Any, whole: Any) -> SecretArray:
    """part / whole of counts."""
    return np.divide(part.astype(sfix24), whole)  # type: ignore[no-any-return]
