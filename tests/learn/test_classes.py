"""Labels that are not the classes a model or a metric is of: the cell ends, and says what it asked
for; nobody gets a number. Booleans, and labels that are as they should be, go through."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mpckernel import learn
from mpckernel.array import recorded, reveal, share
from mpckernel.errors import RangeLeft, UsageError
from mpckernel.learn.selection import order_of
from mpckernel.runtime.cell import current
from tests.learn.pooled import ALICE, one, price, three

X = np.stack([order_of(20, 3), order_of(20, 4)], axis=1) / 10 - 0.95
Y = (X[:, 0] > 0).astype(int)
MODELS: dict[str, Callable[[], Any]] = {
    "LogisticRegression": lambda: learn.LogisticRegression(max_iter=2),
    "GradientBoostingClassifier": lambda: learn.GradientBoostingClassifier(
        n_estimators=1, max_depth=1, bins=4
    ),
    "GaussianNB": learn.GaussianNB,
    "DecisionTreeClassifier": lambda: learn.DecisionTreeClassifier(max_depth=1, bins=4),
    "RandomForestClassifier": lambda: learn.RandomForestClassifier(
        n_estimators=1, max_depth=1, bins=4
    ),
}
METRICS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "accuracy_score": lambda y, found, p: learn.accuracy_score(y, found),
    "confusion_matrix": lambda y, found, p: learn.confusion_matrix(y, found),
    "f1_score": lambda y, found, p: learn.f1_score(y, found),
    "log_loss": lambda y, found, p: learn.log_loss(y, p),
    "precision_score": lambda y, found, p: learn.precision_score(y, found),
    "recall_score": lambda y, found, p: learn.recall_score(y, found),
    "roc_auc_score": lambda y, found, p: learn.roc_auc_score(y, p),
    "roc_curve": lambda y, found, p: learn.roc_curve(y, p, thresholds=[0.5])[:2],
}
WRONG = {"-1/1": 2 * Y - 1, "0/3": 3 * Y, "many": np.arange(20) % 10, "0/2.0": 2.0 * Y}


def fitted(name: str, y: Any) -> Any:
    model = MODELS[name]().fit(ALICE.x, y)
    return reveal(model.coef_ if name == "LogisticRegression" else model.predict(ALICE.x))


def measured(name: str, y: Any) -> Any:
    found = share(ALICE.x)[:, 1] > 0
    return reveal(METRICS[name](y, found, np.full(20, 0.25)))


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("name", [*MODELS, *METRICS])
def test_other_labels_end_the_cell(name: str, kind: str) -> None:
    does = fitted if name in MODELS else measured
    if WRONG[kind].dtype.kind == "f" and name in MODELS and name != "LogisticRegression":
        with pytest.raises(UsageError, match="whole numbers"):
            one(lambda _: does(name, ALICE.y), x=X, y=WRONG[kind])
        return
    with pytest.raises(RangeLeft, match=rf"labels of {name}.* (are 0 or 1 \(y > 0 makes|0 \.\. 1)"):
        one(lambda _: does(name, ALICE.y), x=X, y=WRONG[kind])
    if kind != "0/2.0":
        with pytest.raises(UsageError, match=f"labels of {name}.* are 0 or 1"):
            one(lambda _: does(name, WRONG[kind]), x=X)


@pytest.mark.parametrize("name", [*MODELS, *METRICS])
def test_zeros_and_ones_are_booleans(name: str) -> None:
    does = fitted if name in MODELS else measured
    want = one(lambda _: (does(name, ALICE.y),), x=X, y=Y == 1)
    assert np.array_equal(one(lambda _: (does(name, ALICE.y),), x=X, y=Y), want)
    assert np.array_equal(one(lambda _: (does(name, Y),), x=X), want)


@pytest.mark.parametrize("name", [*MODELS, *METRICS])
def test_what_is_known_to_be_a_class_is_not_asked(name: str) -> None:
    does = fitted if name in MODELS else measured

    def program(_: Any) -> int:
        y = share(ALICE.y)
        does(name, y > 0)
        does(name, np.concatenate([(y > 0).astype(int), (y > 1).astype(int)])[:20])
        return len(current().checks)

    assert one(program, x=X, y=Y) == 0


def test_a_bit_is_asked_once_and_costs_little() -> None:
    def checks(_: Any) -> int:
        for metric in ("f1_score", "precision_score", "recall_score"):
            measured(metric, ALICE.y)
        return len(current().checks)

    assert one(checks, x=X, y=Y) == 1
    costs = [
        price(lambda _: MODELS["LogisticRegression"]().fit(ALICE.x, ALICE.y).coef_, x=X, y=y)
        for y in (Y == 1, Y)
    ]
    assert costs[1][0] <= costs[0][0]
    assert costs[1][1] < costs[0][1] + 16_000


@pytest.mark.parametrize("model", [learn.GaussianNB, learn.DecisionTreeClassifier])
def test_labels_beyond_the_classes(model: Any) -> None:
    def program(y: Any) -> Any:
        return lambda _: reveal(model(3).fit(ALICE.x, y).predict(ALICE.x))

    for wrong in (Y + 2, -Y):
        with pytest.raises(RangeLeft, match=f"{model.__name__}.fit with n_classes=3 are 0 .. 2"):
            one(program(ALICE.y), x=X, y=wrong)
        with pytest.raises(UsageError, match=f"{model.__name__}.fit with n_classes=3 are 0 .. 2"):
            one(program(wrong), x=X)
    found = one(program(ALICE.y), x=X, y=Y + 1)
    assert np.array_equal(one(program(Y + 1), x=X), found)


def test_a_matrix_of_ten_classes_drops_no_row() -> None:
    digits = np.arange(20) % 10

    def program(y: Any, k: int) -> Any:
        return lambda _: (reveal(learn.confusion_matrix(ALICE.y, y, n_classes=k)),)

    assert (one(program(ALICE.y, 10), y=digits)[0] == 2 * np.eye(10)).all()
    for k, found in ((2, ALICE.y), (9, ALICE.y), (9, np.zeros(20, int))):
        with pytest.raises(RangeLeft, match=f"confusion_matrix.*n_classes={k}"):
            one(program(found, k), y=digits)


def test_integers_whose_squares_do_not_fit_and_reals() -> None:
    def program(_: Any) -> Any:
        y = share(ALICE.y, bound=2.0**40)
        return reveal(learn.f1_score(y, y), learn.roc_auc_score(y, ALICE.x[:, 0]))

    for y in (Y, 1.0 * Y):
        assert np.abs(np.array(one(program, x=X, y=y)) - 1).max() < 2**-18
        with pytest.raises(RangeLeft, match="labels of f1_score"):
            one(program, x=X, y=2 * y - 1)


def test_probabilities_are_no_predictions() -> None:
    def program(p: Any) -> Any:
        return lambda _: (reveal(learn.accuracy_score(ALICE.y, p)),)

    for y in (Y, Y == 1):
        with pytest.raises(RangeLeft, match=r"predictions of accuracy_score are .*p > 0.5"):
            one(program(ALICE.p), y=y, p=0.25 + Y / 2)
        with pytest.raises(UsageError, match=r"predictions of accuracy_score are .*p > 0.5"):
            one(program(0.25 + Y / 2), y=y)
        assert one(program(ALICE.p), y=y, p=1.0 * Y)[0] == 1
    assert one(program(ALICE.p), y=3 * Y, p=3.0 * Y)[0] == 1


def test_scores_are_no_probabilities() -> None:
    def program(p: Any) -> Any:
        return lambda _: (reveal(learn.log_loss(ALICE.y, p)),)

    p = 0.25 + Y / 2
    assert one(program(ALICE.p), y=Y, p=p)[0] == one(program(p), y=Y)[0]
    for wrong in (p + 0.5, p - 0.5):
        with pytest.raises(RangeLeft, match="probabilities of log_loss are from 0 to 1"):
            one(program(ALICE.p), y=Y, p=wrong)
        with pytest.raises(UsageError, match="probabilities of log_loss are from 0 to 1"):
            one(program(wrong), y=Y)


def test_three_parties_and_the_score() -> None:
    def program(_: Any) -> Any:
        model = learn.LogisticRegression(max_iter=2).fit(ALICE.x, share(ALICE.x)[:, 0] > 0)
        return reveal(model.score(ALICE.x, ALICE.y), model.coef_)

    assert three(program, x=X, y=Y)[0] > 0.9
    with pytest.raises(RangeLeft, match="labels of LogisticRegression"):
        three(program, x=X, y=2 * Y - 1)


def test_a_recorded_function_takes_booleans() -> None:
    @recorded
    def step(y: Any, found: Any) -> Any:
        return learn.recall_score(y, found)

    def program(made: Callable[[Any], Any]) -> Any:
        return lambda _: (reveal(step(made(share(ALICE.y)), share(ALICE.y) > 0)),)

    assert abs(one(program(lambda y: y == 1), y=Y)[0] - 1) < 2**-18
    with pytest.raises(UsageError, match="recorded function does not see"):
        one(program(lambda y: y), y=Y)
