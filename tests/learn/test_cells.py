"""Estimators across cells: what one cell learned the next one uses, and a cell that fails
leaves what was there before."""

from typing import Any

import numpy as np
import pytest
from sklearn import datasets

from mpckernel.array import SecretArray, reveal, settle, share
from mpckernel.errors import UsageError
from mpckernel.learn import (
    PCA,
    DecisionTreeClassifier,
    GaussianNB,
    GradientBoostingClassifier,
    KMeans,
    RandomForestClassifier,
    clone,
    cross_val_score,
)
from tests.learn.pooled import ALICE, LIMITS, one
from tests.rooms import plain_room, three_rooms

MODELS = [
    KMeans(2, max_iter=3),
    PCA(1),
    GaussianNB(),
    DecisionTreeClassifier(max_depth=2, bins=4),
    RandomForestClassifier(n_estimators=2, max_depth=1, bins=4),
    GradientBoostingClassifier(n_estimators=2, max_depth=1, bins=4),
]


def data() -> dict[str, np.ndarray]:
    x, y = (v[50:150:3] for v in datasets.load_iris(return_X_y=True))
    return {"x": x, "y": y == 1}


def says(model: Any, x: Any) -> Any:
    return model.transform(x) if isinstance(model, PCA) else model.predict(x)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("rooms", [plain_room, three_rooms])
def test_the_next_cell_and_a_cell_that_fails(model: Any, rooms: Any) -> None:
    def fit(_: Any) -> Any:
        x = share(ALICE.x, bound=8)
        mine = clone(model).fit(x, share(ALICE.y))
        return mine, reveal(says(mine, x))

    with rooms() as room:
        spaces = [data(), *({} for _ in room.rooms[1:])]
        first = [(m, settle(v)) for m, v in room.run(fit, spaces, limits=LIMITS)]
        seats = range(len(room.rooms))

        def spoil(k: int) -> Any:
            def program(_: Any) -> None:
                first[k][0].fit(share(ALICE.x)[:, :3], ALICE.y)
                raise UsageError("no")

            return program

        for future in room.start([spoil(k) for k in seats], spaces):
            with pytest.raises(UsageError, match="no"):
                future.result(30)

        def use(k: int) -> Any:
            return lambda _: reveal(says(first[k][0], share(ALICE.x, bound=8)))

        again = [settle(v) for v in room.run([use(k) for k in seats], spaces, limits=LIMITS)]
    for (_, before), after in zip(first, again, strict=True):
        assert np.abs(before - after).max() < 2**-16


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_parameters_by_name(model: Any) -> None:
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert repr(copy) == repr(model)
    with pytest.raises(UsageError, match="no parameter"):
        copy.set_params(depth=3)


def test_what_is_learned_is_secret() -> None:
    def program(_: Any) -> Any:
        x = share(ALICE.x, bound=8)
        for model in MODELS:
            mine = clone(model).fit(x, share(ALICE.y))
            learned = [v for k, v in vars(mine).items() if k.endswith("_") and k[0] != "n"]
            assert learned
            for v in learned:
                assert all(isinstance(w, SecretArray) for w in (v if type(v) is tuple else [v]))
        return True

    assert one(program, **data())


def test_cross_validation() -> None:
    order = np.arange(150).reshape(3, 50).T.ravel()  # folds are not shuffled
    x, y = (v[order] for v in datasets.load_iris(return_X_y=True))

    def program(_: Any) -> Any:
        rows, labels = share(ALICE.x, bound=8), share(ALICE.y)
        return [
            reveal(cross_val_score(model, rows, labels, cv=3))
            for model in (GaussianNB(3), DecisionTreeClassifier(3))
        ]

    for scores in one(program, x=x, y=y):
        assert scores.shape == (3,)
        assert scores.mean() > 0.9
