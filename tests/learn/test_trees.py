"""Trees and forests: every split is the best one there is, and accuracy is scikit-learn's."""

from typing import Any

import numpy as np
import pytest
from sklearn import datasets, ensemble, tree

from mpckernel.array import reveal, share
from mpckernel.errors import UsageError
from mpckernel.learn.draws import Draws
from mpckernel.learn.trees import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from tests.learn.pooled import ALICE, one, price, three

SETS: dict[str, Any] = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
}


def on_steps(x: np.ndarray) -> np.ndarray:
    """As shared, so that x is not above a threshold that was opened just where the secret is."""
    return np.rint(x * 2.0**20) * 2.0**-20


def worth(targets: np.ndarray, left: np.ndarray) -> float:
    """Of splitting rows with these targets; 0 if a side is empty."""
    if left.all() or not left.any():
        return 0.0
    return sum((targets[s].sum(0) ** 2).sum() / s.sum() for s in (left, ~left))


def follow(x: np.ndarray, targets: np.ndarray, found: Any, error: float) -> np.ndarray:
    """Go down a tree that was found; no split may be worse than the best by `error` of the rows.
    The leaf of each row, and what it should say, are checked on the way."""
    columns, thresholds, values = found
    edges = np.quantile(x, np.arange(1, 16) / 16, axis=0, method="lower")
    depth = (len(thresholds) + 1).bit_length() - 1
    at = np.zeros(len(x), int)
    for level in range(depth):
        before = at.copy()
        for node in range(2**level):
            here, k = before == node, 2**level - 1 + node
            mine = x[here]
            best = max(
                (
                    worth(targets[here], mine[:, j] <= e)
                    for j in range(x.shape[1])
                    for e in edges[:, j]
                ),
                default=0.0,
            )
            left = mine[:, columns[k].argmax()] <= thresholds[k]
            assert worth(targets[here], left) >= best - error * max(here.sum(), 1)
            at[here] = 2 * node + ~left
    for leaf in np.unique(at):
        assert np.abs(values[leaf] - targets[at == leaf].mean(0)).max() < 2**-10
    return at


@pytest.mark.parametrize("name", SETS)
def test_every_split_is_the_best(name: str) -> None:
    x, y = SETS[name](return_X_y=True)
    x, k = on_steps(x), int(y.max()) + 1

    def program(_):
        model = DecisionTreeClassifier(k).fit(ALICE.x, ALICE.y)
        found = model.feature_, model.threshold_, model.value_
        return reveal(*found, model.predict_proba(ALICE.x), model.predict(ALICE.x))

    *found, parts, labels = one(program, x=x, y=y)
    assert (found[0].sum(1) == 1).all()
    assert ((found[0] == 0) | (found[0] == 1)).all()
    leaf = follow(x, np.eye(k)[y], found, 2**-14)
    assert (parts == found[2][leaf]).all()
    reference = tree.DecisionTreeClassifier(max_depth=3, random_state=0)
    binned = (x[:, :, None] > np.quantile(x, np.arange(1, 16) / 16, axis=0, method="lower").T).sum(
        -1
    )
    assert abs((labels == y).mean() - reference.fit(binned, y).score(binned, y)) <= 0.01


def test_the_same_tree_where_there_are_no_ties() -> None:
    x, y = datasets.load_wine(return_X_y=True)
    edges = np.quantile(x, np.arange(1, 16) / 16, axis=0, method="lower").T
    binned = (x[:, :, None] > edges).sum(-1)
    reference = tree.DecisionTreeClassifier(max_depth=3, random_state=0).fit(binned, y)

    def program(_):
        secret = DecisionTreeClassifier(3).fit(ALICE.x, ALICE.y)
        public = DecisionTreeClassifier(3, bins=edges).fit(ALICE.x, ALICE.y)
        return reveal(secret.predict_proba(ALICE.x), public.predict_proba(ALICE.x))

    for parts in one(program, x=x, y=y):
        assert np.abs(parts - reference.predict_proba(binned)).max() < 2**-16


@pytest.mark.parametrize("name", ["diabetes", "wine", "iris"])
def test_regression(name: str) -> None:
    """diabetes as it is; the last column of wine and iris from the others."""
    load = getattr(datasets, f"load_{name}")
    x, y = load(return_X_y=True)
    if name != "diabetes":
        x, y = x[:, :-1], x[:, -1]
    x = on_steps(x)
    edges = np.quantile(x, np.arange(1, 16) / 16, axis=0, method="lower").T
    binned = (x[:, :, None] > edges).sum(-1)
    reference = tree.DecisionTreeRegressor(max_depth=3, random_state=0).fit(binned, y)

    def program(_):
        model = DecisionTreeRegressor().fit(ALICE.x, ALICE.y)
        found = model.feature_, model.threshold_, model.value_
        return reveal(*found, model.predict(ALICE.x), model.score(ALICE.x, ALICE.y))

    columns, thresholds, values, predicted, score = one(program, x=x, y=y)
    unit = np.array([y.mean(), y.std()])
    scaled = (y - unit[0]) / unit[1]
    follow(x, scaled[:, None], (columns, thresholds, (values - unit[0]) / unit[1]), 2**-12)
    assert abs(score - reference.score(binned, y)) < 2**-10
    assert abs(1 - np.square(y - predicted).mean() / y.var() - score) < 2**-12


def test_what_is_pure_or_empty_says_what_is_above_it() -> None:
    """Deeper than there is something to split, and rows that no training row went with."""
    x, y = np.array([[0.0, 5.0], [1.0, 5.0], [1.0, 5.0]]), np.array([0, 1, 2])
    other = np.array([[-3.0, 9.0], [0.0, -9.0], [0.5, 0.0], [7.0, 5.0]])

    def program(_):
        model = DecisionTreeClassifier(3, max_depth=3, bins=2).fit(ALICE.x, ALICE.y)
        public = DecisionTreeClassifier(3, bins=np.array([[0.25], [4.0]])).fit(ALICE.x, ALICE.y)
        return reveal(model.predict_proba(ALICE.x), public.predict_proba(ALICE.other))

    parts, others = one(program, x=x, y=y, other=other)
    assert np.abs(parts.sum(1) - 1).max() < 2**-16
    assert np.abs(others - [[1, 0, 0], [1, 0, 0], [0, 0.5, 0.5], [0, 0.5, 0.5]]).max() < 2**-16


@pytest.mark.parametrize("name", SETS)
def test_forests_predict_rows_they_have_not_seen(name: str) -> None:
    x, y = SETS[name](return_X_y=True)
    train = np.arange(len(x)) % 2 == 0
    k = int(y.max()) + 1
    reference = ensemble.RandomForestClassifier(20, max_depth=4, random_state=0)
    reference.fit(x[train], y[train])

    def program(_):
        model = RandomForestClassifier(n_classes=k).fit(ALICE.x, ALICE.y)
        return reveal(model.predict(ALICE.other), model.predict_proba(ALICE.other))

    labels, parts = one(program, x=x[train], y=y[train], other=x[~train])
    exact = reference.score(x[~train], y[~train])
    assert (labels == y[~train]).mean() >= exact - 0.03
    assert np.abs(parts.sum(1) - 1).max() < 2**-14
    assert np.abs(parts - reference.predict_proba(x[~train])).mean() < 0.1


def test_a_forest_of_one_tree_is_that_tree_and_columns_are_drawn() -> None:
    x, y = datasets.load_wine(return_X_y=True)

    def program(_):
        alone = DecisionTreeClassifier(3, max_depth=2).fit(ALICE.x, ALICE.y)
        forest = RandomForestClassifier(
            n_classes=3, n_estimators=1, max_depth=2, max_features=None, bootstrap=False
        ).fit(ALICE.x, ALICE.y)
        drawn = RandomForestClassifier(n_classes=3, n_estimators=6, max_depth=2, max_features=1)
        other = RandomForestClassifier(
            n_classes=3, n_estimators=6, max_depth=2, max_features=1, random_state=1
        )
        columns = [m.fit(ALICE.x, ALICE.y).feature_ for m in (drawn, other)]
        return reveal(alone.value_, forest.value_, *columns)

    alone, forest, first, second = one(program, x=x, y=y)
    assert (alone == forest).all()
    assert (first != second).any()
    draws = Draws(0, "forest")
    draws.below(178, 6, 178)  # rows first
    drawn = [draws.order(13, 6 * 2**level)[:, 0] for level in range(2)]
    assert (first.argmax(1) == np.concatenate(drawn)).all()
    assert (first.sum(1) == 1).all()


def test_forests_of_numbers() -> None:
    x, y = datasets.load_diabetes(return_X_y=True)
    train = np.arange(len(x)) % 2 == 0
    reference = ensemble.RandomForestRegressor(20, max_depth=4, random_state=0)
    reference.fit(x[train], y[train])

    def program(_):
        model = RandomForestRegressor().fit(ALICE.x, ALICE.y)
        return reveal(model.score(ALICE.other, ALICE.numbers))

    score = one(program, x=x[train], y=y[train], other=x[~train], numbers=y[~train])
    assert abs(score - reference.score(x[~train], y[~train])) < 0.05


def test_three_parties() -> None:
    x, y = (v[::3] for v in datasets.load_iris(return_X_y=True))

    def program(_):
        rows = share(ALICE.x, bound=8)
        model = DecisionTreeClassifier(3, max_depth=2, bins=8).fit(rows, ALICE.y)
        numbers = DecisionTreeRegressor(max_depth=1, bins=9).fit(rows[:, :3], rows[:, 3])
        return reveal(model.predict(rows), model.predict_proba(rows), numbers.predict(rows[:, :3]))

    labels, parts, numbers = three(program, x=x, y=y)
    assert (labels == y).mean() >= 0.92
    assert np.abs(parts.sum(1) - 1).max() < 2**-14
    edges = np.quantile(x[:, :3], np.arange(1, 9) / 9, axis=0, method="lower").T
    binned = (x[:, :3, None] > edges).sum(-1)
    reference = tree.DecisionTreeRegressor(max_depth=1).fit(binned, x[:, 3])
    assert np.abs(numbers - reference.predict(binned)).max() < 2**-10


def test_rounds() -> None:
    x, y = datasets.load_iris(return_X_y=True)

    def fit(depth: int) -> int:
        model = DecisionTreeClassifier(3, max_depth=depth)
        return price(lambda _: model.fit(ALICE.x, ALICE.y), x=x, y=y)[0]

    assert fit(1) <= 130
    assert fit(2) - fit(1) <= 50
    forest = RandomForestClassifier(n_classes=3, max_depth=1, n_estimators=10)
    assert price(lambda _: forest.fit(ALICE.x, ALICE.y), x=x, y=y)[0] <= fit(1) + 3


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (DecisionTreeClassifier(max_depth=0), "max_depth"),
        (DecisionTreeClassifier(bins=1), "bins"),
        (DecisionTreeClassifier(bins=np.zeros((3, 2))), "4 columns"),
        (RandomForestClassifier(n_estimators=0), "n_estimators"),
        (RandomForestClassifier(max_features=5), "max_features"),
        (RandomForestClassifier(random_state=None), "random_state"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be(model: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        one(lambda _: model.fit(ALICE.x, ALICE.y), x=np.eye(4), y=np.arange(4) % 2)
