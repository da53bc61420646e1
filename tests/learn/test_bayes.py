"""GaussianNB beside scikit-learn's on the pooled rows."""

from typing import Any

import numpy as np
import pytest
from sklearn import datasets, naive_bayes

from mpckernel.array import reveal, share
from mpckernel.errors import UsageError
from mpckernel.learn.bayes import GaussianNB
from tests.learn.pooled import ALICE, one, price, three

SETS: dict[str, tuple[Any, float]] = {
    "iris": (datasets.load_iris, 1e-9),
    "wine": (datasets.load_wine, 1e-9),
    "breast_cancer": (datasets.load_breast_cancer, 1e-9),
    "digits": (datasets.load_digits, 1e-2),
}


@pytest.mark.parametrize("name", SETS)
def test_the_same_classes_and_probabilities(name: str) -> None:
    load, smoothing = SETS[name]
    x, y = load(return_X_y=True)
    reference = naive_bayes.GaussianNB(var_smoothing=smoothing).fit(x, y)

    def program(_):
        labels = share(ALICE.y)
        model = GaussianNB(int(y.max()) + 1, var_smoothing=smoothing).fit(ALICE.x, labels)
        found = model.predict(ALICE.x), model.predict_log_proba(ALICE.x)
        more = model.predict_proba(ALICE.x), model.score(ALICE.x, labels)
        return reveal(*found, *more, model.theta_, model.var_, model.class_prior_)

    labels, logs, parts, score, means, variances, priors = one(program, x=x, y=y)
    exact = reference.predict_log_proba(x)
    assert (labels == reference.predict(x)).all()
    assert (np.abs(logs - exact) <= 2**-8 + 2**-10 * np.abs(exact)).all()
    assert np.abs(parts - reference.predict_proba(x)).max() < 2**-10
    assert abs(score - reference.score(x, y)) < 2**-18
    spread = x.std(0)
    assert (np.abs(means - reference.theta_) <= 2**-11 * spread + 2**-18).all()
    varied = spread > 0
    apart = np.abs(variances - reference.var_)[:, varied]
    assert (apart <= 2**-7 * spread[varied] ** 2 + 2**-18).all()
    assert np.abs(priors - reference.class_prior_).max() < 2**-18


def test_two_classes_priors_and_other_rows() -> None:
    x, y = datasets.load_breast_cancer(return_X_y=True)
    x, other, y = x[::2, :8], x[1::2, :8], y[::2]
    reference = naive_bayes.GaussianNB(priors=[0.9, 0.1]).fit(x, y)

    def program(_):
        model = GaussianNB(priors=[0.9, 0.1]).fit(ALICE.x, ALICE.y)
        return reveal(model.predict(ALICE.other), model.predict_proba(ALICE.other))

    labels, parts = one(program, x=x, y=y.astype(bool), other=other)
    assert (labels == reference.predict(other)).mean() >= 0.995
    assert np.abs(parts - reference.predict_proba(other)).max() < 2**-9


def test_columns_and_classes_that_say_nothing() -> None:
    """A constant column changes nothing; a class without rows is never predicted."""
    x, y = datasets.load_iris(return_X_y=True)
    wide = np.concatenate([x, np.full((150, 1), 5.0)], axis=1)

    def program(_):
        labels = share(ALICE.y)
        few = GaussianNB(3).fit(ALICE.x, labels).predict_proba(ALICE.x)
        more = GaussianNB(5).fit(ALICE.wide, labels).predict_proba(ALICE.wide)
        return reveal(few, more)

    few, more = one(program, x=x, y=y, wide=wide)
    assert np.abs(few - more[:, :3]).max() < 2**-10
    assert (more[:, 3:] == 0).all()


def test_whole_numbers_of_any_bound() -> None:
    x, y = datasets.load_digits(return_X_y=True)
    x, y = x[:200, 18:30].astype(int), y[:200]
    reference = naive_bayes.GaussianNB(var_smoothing=0.1).fit(x, y)

    def program(_):
        model = GaussianNB(10, var_smoothing=0.1).fit(ALICE.x, ALICE.y)
        return reveal(model.predict(ALICE.x))

    assert (one(program, x=x, y=y) == reference.predict(x)).all()


def test_three_parties() -> None:
    x, y = (v[::3] for v in datasets.load_iris(return_X_y=True))
    reference = naive_bayes.GaussianNB().fit(x, y)

    def program(_):
        rows = share(ALICE.x, bound=8)
        model = GaussianNB(3).fit(rows, ALICE.y)
        return reveal(model.predict(rows), model.predict_log_proba(rows), model.theta_)

    labels, logs, means = three(program, x=x, y=y)
    exact = reference.predict_log_proba(x)
    assert (labels == reference.predict(x)).all()
    assert (np.abs(logs - exact) <= 2**-8 + 2**-10 * np.abs(exact)).all()
    assert np.abs(means - reference.theta_).max() < 2**-14


def test_rounds() -> None:
    x, y = datasets.load_iris(return_X_y=True)
    fit = price(lambda _: GaussianNB(3).fit(ALICE.x, ALICE.y), x=x, y=y)[0]
    both = price(lambda _: GaussianNB(3).fit(ALICE.x, ALICE.y).predict(ALICE.x), x=x, y=y)[0]
    assert fit <= 150
    assert both - fit <= 12


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"n_classes": 1}, "n_classes"),
        ({"priors": [0.5, 0.6]}, "priors"),
        ({"var_smoothing": -1.0}, "var_smoothing"),
    ],
)
def test_what_cannot_be(wrong: dict[str, Any], says: str) -> None:
    x, y = np.eye(4), np.arange(4) % 2
    with pytest.raises(UsageError, match=says):
        one(lambda _: GaussianNB(**wrong).fit(ALICE.x, ALICE.y), x=x, y=y)


def test_labels_are_whole_and_one_a_row() -> None:
    x = np.eye(4)
    for y, says in ((np.ones(4), "whole numbers"), (np.arange(3), "4 rows")):
        with pytest.raises(UsageError, match=says):
            one(lambda _: GaussianNB().fit(ALICE.x, ALICE.y), x=x, y=y)
