"""Splits, folds and cross-validation: public rows, secret scores."""

import numpy as np
import pytest
from sklearn import linear_model

from mpckernel.array import reveal, sfix24, share
from mpckernel.errors import UsageError
from mpckernel.learn.logistic import LogisticRegression
from mpckernel.learn.selection import KFold, cross_val_score, order_of, train_test_split
from tests.learn.pooled import ALICE, one
from tests.learn.tables import FOUR, breast_cancer


@pytest.mark.parametrize("size", [0.25, 7, 0.5])
def test_a_split_has_every_row_once_and_tables_stay_together(size: float) -> None:
    x = np.arange(30.0)

    def program(_):
        return reveal(*train_test_split(ALICE.x, ALICE.x * 2, test_size=size, random_state=3))

    train, test, twice, twice_test = one(program, x=x)
    assert sorted([*train, *test]) == list(x)
    assert len(test) == (size if size > 1 else int(np.ceil(size * 30)))
    assert (twice == 2 * train).all()
    assert (twice_test == 2 * test).all()
    assert list(train) != sorted(train)


def test_an_order_depends_on_its_seed_alone() -> None:
    assert (order_of(50, 4) == order_of(50, 4)).all()
    assert not (order_of(50, 4) == order_of(50, 5)).all()
    with pytest.raises(UsageError, match="random_state"):
        order_of(5, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("shuffle", [False, True])
def test_folds_are_a_partition(shuffle: bool) -> None:
    folds = list(KFold(4, shuffle=shuffle).split(np.zeros(11)))
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(11))
    for train, test in folds:
        assert sorted([*train, *test]) == list(range(11))
        assert len(test) in (2, 3)
    with pytest.raises(UsageError):
        list(KFold(5).split(np.zeros(3)))


def test_cross_validation_is_that_of_the_pooled_rows() -> None:
    x, y, _ = breast_cancer(FOUR)
    folds = KFold(3, shuffle=True, random_state=2)

    def program(_):
        values = share(ALICE.x, dtype=sfix24)
        return (reveal(cross_val_score(LogisticRegression(), values, ALICE.y, cv=folds)),)

    (scores,) = one(program, x=x, y=y)
    for score, (train, test) in zip(scores, folds.split(x), strict=True):
        model = linear_model.LogisticRegression(max_iter=10000, tol=1e-10).fit(x[train], y[train])
        assert abs(score - model.score(x[test], y[test])) < 2**-16
