"""Gradient boosting beside scikit-learn's on the same bins."""

from typing import Any

import numpy as np
import pytest
from sklearn import datasets, ensemble, metrics

from mpckernel.array import reveal, share
from mpckernel.errors import UsageError
from mpckernel.learn.boosting import GradientBoostingClassifier, GradientBoostingRegressor
from tests.learn.pooled import ALICE, one, price, three


def binned(x: np.ndarray, bins: int = 16) -> np.ndarray:
    edges = np.quantile(x, np.arange(1, bins) / bins, axis=0, method="lower").T
    return (x[:, :, None] > edges).sum(-1)


def two_classes(name: str) -> tuple[np.ndarray, np.ndarray]:
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return x, y == 1


@pytest.mark.parametrize("name", ["breast_cancer", "wine", "iris"])
def test_two_classes(name: str) -> None:
    x, y = two_classes(name)
    codes = binned(x)
    reference = ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0).fit(codes, y)

    def program(_):
        model = GradientBoostingClassifier().fit(ALICE.x, ALICE.y)
        found = model.decision_function(ALICE.x), model.predict_proba(ALICE.x)
        return reveal(*found, model.predict(ALICE.x), model.score(ALICE.x, ALICE.y), model.init_)

    scores, parts, labels, right, start = one(program, x=x, y=y)
    exact = reference.decision_function(codes)
    assert abs(metrics.roc_auc_score(y, scores) - metrics.roc_auc_score(y, exact)) < 0.002
    assert np.abs(parts - reference.predict_proba(codes)).mean() < 0.005
    assert np.abs(parts.sum(1) - 1).max() < 2**-16
    assert abs(right - reference.score(codes, y)) < 0.005
    assert abs(right - (labels == y).mean()) < 2**-16
    assert abs(start - np.log(y.mean() / (1 - y.mean()))) < 2**-16


def test_the_same_scores_where_there_are_no_ties() -> None:
    x, y = two_classes("wine")
    codes = binned(x)
    reference = ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0).fit(codes, y)
    program = lambda _: reveal(  # noqa: E731
        GradientBoostingClassifier().fit(ALICE.x, ALICE.y).decision_function(ALICE.x)
    )
    assert np.abs(one(program, x=x, y=y) - reference.decision_function(codes)).max() < 2**-13


def test_rows_that_were_not_seen() -> None:
    x, y = two_classes("breast_cancer")
    train = np.arange(len(x)) % 2 == 0
    reference = ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0)
    exact = reference.fit(x[train], y[train]).decision_function(x[~train])

    def program(_):
        model = GradientBoostingClassifier().fit(ALICE.x, ALICE.y)
        return reveal(model.decision_function(ALICE.other))

    scores = one(program, x=x[train], y=y[train], other=x[~train])
    there = [metrics.roc_auc_score(y[~train], v) for v in (scores, exact)]
    assert abs(there[0] - there[1]) < 0.01


@pytest.mark.parametrize("name", ["diabetes", "wine", "iris"])
def test_numbers(name: str) -> None:
    """diabetes as it is; the last column of wine and iris from the others."""
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    if name != "diabetes":
        x, y = x[:, :-1], x[:, -1]
    codes = binned(x)
    reference = ensemble.GradientBoostingRegressor(n_estimators=20, random_state=0).fit(codes, y)

    def program(_):
        model = GradientBoostingRegressor().fit(ALICE.x, ALICE.y)
        predicted = model.predict(ALICE.x)
        return reveal(predicted, model.score(ALICE.x, ALICE.y), model.init_)

    predicted, score, start = one(program, x=x, y=y)
    assert abs(score - reference.score(codes, y)) < 0.005
    assert abs(score - metrics.r2_score(y, predicted)) < 2**-11
    assert abs(start - y.mean()) < 2**-17 * max(1, np.abs(y).max())


def test_the_largest_step_keeps_within_its_bound() -> None:
    """With rate 1 and one row far from the others, what is missed is known to be in range."""
    x, y = np.arange(32.0)[:, None], np.zeros(32)
    y[7] = 1000.0

    def program(_):
        model = GradientBoostingRegressor(n_estimators=8, learning_rate=1.0, max_depth=3, bins=32)
        return reveal(model.fit(ALICE.x, ALICE.y).predict(ALICE.x))

    assert np.abs(one(program, x=x, y=y) - y).max() < 0.05


def test_rows_that_are_all_but_sure() -> None:
    """Long after everything is told apart, scores neither turn nor leave their range."""
    x, y = np.arange(16.0)[:, None], np.arange(16) >= 8

    def program(_):
        few = {"learning_rate": 1.0, "max_depth": 1, "bins": 2}
        model = GradientBoostingClassifier(n_estimators=30, **few).fit(ALICE.x, ALICE.y)
        return reveal(model.decision_function(ALICE.x), model.predict_proba(ALICE.x))

    scores, parts = one(program, x=x, y=y)
    assert ((scores > 8) == y).all()
    assert ((scores < -8) == ~y).all()
    assert np.abs(parts[:, 1] - y).max() < 2**-10


def test_three_parties() -> None:
    x, y = two_classes("iris")
    x, y = x[::3], y[::3]
    codes = binned(x, 8)
    few = {"n_estimators": 3, "max_depth": 1}
    first = ensemble.GradientBoostingClassifier(**few, random_state=0).fit(codes, y)
    other = ensemble.GradientBoostingRegressor(**few, random_state=0).fit(codes[:, 1:], x[:, 0])

    def program(_):
        rows = share(ALICE.x, bound=8)
        model = GradientBoostingClassifier(**few, bins=8).fit(rows, ALICE.y)
        numbers = GradientBoostingRegressor(**few, bins=8).fit(rows[:, 1:], rows[:, 0])
        return reveal(model.decision_function(rows), numbers.predict(rows[:, 1:]))

    scores, numbers = three(program, x=x, y=y)
    assert metrics.roc_auc_score(y, scores) >= metrics.roc_auc_score(y, first.predict(codes)) - 0.01
    assert np.abs(numbers - other.predict(codes[:, 1:])).max() < 2**-10


def test_rounds_of_a_tree() -> None:
    x, y = two_classes("iris")

    def rounds(kind: Any, trees: int) -> int:
        model = kind(n_estimators=trees, max_depth=1)
        return price(lambda _: model.fit(ALICE.x, ALICE.y), x=x, y=y)[0]

    for kind, most in ((GradientBoostingClassifier, 132), (GradientBoostingRegressor, 82)):
        assert rounds(kind, 3) - rounds(kind, 2) <= most


@pytest.mark.parametrize("kind", [GradientBoostingClassifier, GradientBoostingRegressor])
@pytest.mark.parametrize(
    "wrong", [{"n_estimators": 0}, {"learning_rate": 1.5}, {"max_depth": 9}, {"bins": 1}]
)
def test_what_cannot_be(kind: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        one(lambda _: kind(**wrong).fit(ALICE.x, ALICE.y), x=np.eye(4), y=np.arange(4) % 2)
