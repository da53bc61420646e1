"""Metrics beside scikit-learn's, on the clear scores of a model."""

from typing import Any

import numpy as np
import pytest
from sklearn import datasets, linear_model
from sklearn import metrics as clear

from mpckernel.array import reveal, sfix24, share
from mpckernel.errors import OutOfRange, UsageError
from mpckernel.learn import metrics
from tests.learn.pooled import ALICE, one, three
from tests.learn.tables import FOUR, breast_cancer, credit, spector, standard

SETS: dict[str, Any] = {
    "credit": credit,
    "breast cancer": lambda: breast_cancer(FOUR),
    "spector": spector,
}
EDGES = np.linspace(0, 1, 21)


def scored(name: str) -> tuple[Any, Any]:
    """Classes, and probabilities of a clear model; some of them equal, none at an edge."""
    x, y, _ = SETS[name]()
    model = linear_model.LogisticRegression(max_iter=1000).fit(standard(x), y)
    p = model.predict_proba(standard(x))[:, 1]
    return y, (np.round(p * 64) + 0.125) / 65


def program(_: Any) -> Any:
    y, p = share(ALICE.y), share(ALICE.p, dtype=sfix24, bound=1)
    found = p > 0.5
    ratios = [f(y, found) for f in (metrics.accuracy_score, metrics.precision_score)]
    ratios += [f(y, found) for f in (metrics.recall_score, metrics.f1_score)]
    rates = metrics.roc_curve(y, p, thresholds=EDGES)[:2]
    more = metrics.roc_auc_score(y, p), metrics.log_loss(y, p)
    return reveal(metrics.confusion_matrix(y, found), *ratios, *more, *rates)


def wanted(y: Any, p: Any) -> tuple[Any, ...]:
    found = p > 0.5
    ratios = [f(y, found) for f in (clear.accuracy_score, clear.precision_score)]
    ratios += [f(y, found) for f in (clear.recall_score, clear.f1_score)]
    rates = [[(p[y == c] >= e).mean() for e in EDGES] for c in (False, True)]
    more = clear.roc_auc_score(y, p), clear.log_loss(y, p)
    return clear.confusion_matrix(y, found), *ratios, *more, *rates


@pytest.mark.parametrize("name", SETS)
def test_of_two_classes(name: str) -> None:
    y, p = scored(name)
    counts, *numbers = one(program, y=y, p=p)
    exact, *want = wanted(y, p)
    assert (counts == exact).all()
    for got, is_so in zip(numbers, want, strict=True):
        assert np.abs(got - np.asarray(is_so)).max() < 2**-15


def test_three_parties() -> None:
    y, p = scored("spector")
    counts, *numbers = three(program, y=y, p=p)
    exact, *want = wanted(y, p)
    assert (counts == exact).all()
    for got, is_so in zip(numbers, want, strict=True):
        assert np.abs(got - np.asarray(is_so)).max() < 2**-15


def test_scores_that_are_all_equal_say_nothing() -> None:
    y = np.arange(7) % 2
    area = one(lambda _: (reveal(metrics.roc_auc_score(ALICE.y, ALICE.p)),), y=y, p=0.5 + 0 * y)
    assert abs(area[0] - 0.5) < 2**-15


def test_many_classes() -> None:
    truth, found = np.arange(30) % 5, np.arange(30) ** 2 % 5
    (counts,) = one(
        lambda _: (reveal(metrics.confusion_matrix(ALICE.y, ALICE.p, n_classes=5)),),
        y=truth,
        p=found,
    )
    assert (counts == clear.confusion_matrix(truth, found, labels=range(5))).all()


@pytest.mark.parametrize("load", [datasets.load_diabetes, datasets.load_iris, datasets.load_wine])
def test_of_numbers(load: Any) -> None:
    x, y = load(return_X_y=True)
    found = linear_model.LinearRegression().fit(x[:, 1:], y).predict(x[:, 1:])

    def program(_):
        r2, square = (f(ALICE.y, ALICE.p) for f in (metrics.r2_score, metrics.mean_squared_error))
        return reveal(r2, square)

    r2, square = one(program, y=y, p=found)
    assert abs(r2 - clear.r2_score(y, found)) < 2**-13
    assert abs(square - clear.mean_squared_error(y, found)) < 1e-4 * (1 + y.var())


def test_what_does_not_fit_is_refused() -> None:
    y, p = np.arange(4) % 2, np.ones(4)
    with pytest.raises(UsageError):
        one(lambda _: metrics.accuracy_score(ALICE.y, ALICE.p[:3]), y=y, p=p)
    with pytest.raises(UsageError):
        one(lambda _: metrics.roc_auc_score(ALICE.y, ALICE.p[:, None]), y=y, p=p)
    with pytest.raises(OutOfRange, match="bound"):
        one(lambda _: metrics.mean_squared_error(share(ALICE.p, bound=2**38), ALICE.p), y=y, p=p)


def test_r2_of_a_constant_as_scikit_learn_has_it() -> None:
    y = np.array([2.5, 2.5, 2.5])
    for found in (y, y + np.eye(3)[1] / 8, y + 1):
        r2 = one(lambda _: reveal(metrics.r2_score(ALICE.y, ALICE.p)), y=y, p=found)
        assert r2 == clear.r2_score(y, found)


def test_log_loss_of_three_classes_is_refused() -> None:
    with pytest.raises(UsageError, match="log_loss takes a class, 0 or 1"):
        one(
            lambda _: metrics.log_loss(ALICE.y, ALICE.p), y=np.arange(4) % 2, p=np.full((4, 3), 0.3)
        )
