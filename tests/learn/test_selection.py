"""Splits, folds and cross-validation: public rows, secret scores."""

import numpy as np
import pytest
from sklearn import linear_model, model_selection

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


SIZES = [
    {},
    {"test_size": 0.3},
    {"train_size": 0.3},
    {"test_size": 7},
    {"train_size": 7},
    {"test_size": 0.2, "train_size": 0.5},
    {"test_size": 3, "train_size": 0.5},
    {"test_size": np.int64(4), "train_size": 11},
]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("shuffle", [False, True])
def test_parts_are_as_large_as_scikit_learns(sizes: dict[str, float], shuffle: bool) -> None:
    x = np.arange(31.0)
    want = model_selection.train_test_split(x, shuffle=shuffle, random_state=0, **sizes)
    found = train_test_split(x, shuffle=shuffle, **sizes)
    assert [len(part) for part in found] == [len(part) for part in want]
    assert len({*found[0], *found[1]}) == len(found[0]) + len(found[1])
    if not shuffle:
        assert all(map(np.array_equal, found, want))


@pytest.mark.parametrize(
    "sizes",
    [
        {"test_size": 0},
        {"test_size": 1.0},
        {"train_size": 31},
        {"train_size": -1},
        {"test_size": 20, "train_size": 20},
        {"test_size": 0.8, "train_size": 0.3},
        {"train_size": 0.01},
    ],
    ids=str,
)
def test_sizes_that_scikit_learn_refuses(sizes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"size|train set"):
        model_selection.train_test_split(np.arange(31), **sizes)
    with pytest.raises(UsageError, match="train_test_split"):
        train_test_split(np.arange(31), **sizes)


@pytest.mark.parametrize("sizes", SIZES[:5], ids=str)
@pytest.mark.parametrize("labels", [["a"] * 21 + ["b"] * 9, [0] * 13 + [1] * 11 + [2] * 7], ids=len)
def test_public_labels_have_the_shares_that_scikit_learn_gives_them(labels, sizes) -> None:
    y = np.array(labels)[order_of(len(labels), 9)]
    want = model_selection.train_test_split(y, stratify=y, random_state=0, **sizes)
    rows = train_test_split(np.arange(len(y)), stratify=y, random_state=4, **sizes)
    for part, reference in zip(rows, want, strict=True):
        assert np.array_equal(
            np.unique(y[part], return_counts=True)[1], np.unique(reference, return_counts=True)[1]
        )
    assert not set(rows[0]) & set(rows[1])
    assert list(rows[1]) != sorted(rows[1])
    again = train_test_split(np.arange(len(y)), stratify=y, random_state=5, **sizes)
    assert not np.array_equal(rows[1], again[1])


def test_secret_rows_split_by_public_labels() -> None:
    x, y = np.arange(20.0), np.repeat([0, 1], [15, 5])

    def program(_):
        opened = reveal(share(ALICE.y))
        return reveal(*train_test_split(ALICE.x, test_size=8, stratify=opened))

    train, test = one(program, x=x, y=y)
    assert sorted([*train, *test]) == list(x)
    assert sum(test >= 15) == 2


def test_secret_labels_are_not_shown_by_a_split() -> None:
    for labels in (lambda: ALICE.y, lambda: share(ALICE.y)):
        with pytest.raises(UsageError, match=r"leave stratify out .*stratify=reveal\(y\)"):
            one(lambda _, y=labels: train_test_split(ALICE.x, stratify=y()), x=[1, 2], y=[0, 1])


def test_labels_that_cannot_be_shared_out() -> None:
    x = np.arange(6)
    for labels, sentence in (
        ([0, 1, 1], "each of the 6 rows"),
        ([0, 1, 1, 1, 1, 1], "two rows or more"),
        ([0, 0, 1, 1, 2, 2], "as there are classes, 3"),
    ):
        with pytest.raises(UsageError, match=sentence):
            train_test_split(x, test_size=2, stratify=labels)
    with pytest.raises(UsageError, match="shuffle=False"):
        train_test_split(x, stratify=[0, 0, 0, 1, 1, 1], shuffle=False)
    with pytest.raises(UsageError, match="random_state"):
        train_test_split(x, random_state=None)  # type: ignore[arg-type]
