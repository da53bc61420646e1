"""KMeans beside scikit-learn's on the pooled rows, from the same first centres."""

from typing import Any

import numpy as np
import pytest
from sklearn import cluster, datasets

from mpckernel.array import reveal, share
from mpckernel.errors import UsageError
from mpckernel.learn.clusters import KMeans
from tests.learn.pooled import ALICE, one, price, three

SETS: dict[str, tuple[Any, int, float]] = {
    "iris": (datasets.load_iris, 3, 8.0),
    "wine": (datasets.load_wine, 3, 2048.0),
    "digits": (datasets.load_digits, 10, 16.0),
}


def first(x: np.ndarray, k: int) -> np.ndarray:
    return x[np.random.default_rng(0).permutation(len(x))[:k]]  # noqa: TID251  (test data)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("declared", [True, False])
def test_the_same_clusters(name: str, declared: bool) -> None:
    load, k, bound = SETS[name]
    x = load().data
    reference = cluster.KMeans(k, init=first(x, k), n_init=1, max_iter=20, tol=0).fit(x)

    def program(_):
        rows = share(ALICE.x, bound=bound if declared else None)
        model = KMeans(k, init=first(x, k)).fit(rows)
        found = model.cluster_centers_, model.labels_, model.inertia_, model.score(rows)
        return reveal(*found, model.predict(rows[:9]), model.transform(rows[:9]))

    centres, labels, inertia, score, again, apart = one(program, x=x)
    size = np.abs(reference.cluster_centers_).max()
    assert np.abs(centres - reference.cluster_centers_).max() <= 2**-18 * size + 2**-18
    assert (labels == reference.labels_).all()
    assert (again == labels[:9]).all()
    assert np.abs(apart - reference.transform(x[:9])).max() < 2**-8
    assert abs(inertia / reference.inertia_ - 1) < (2**-15 if declared else 2**-10)
    assert score == -inertia


def test_first_centres_far_from_each_other() -> None:
    """k-means++ finds what is plainly there; the better of several starts is kept."""
    rng = np.random.default_rng(1)  # noqa: TID251  (test data)
    middles = np.array([[0.0, 0], [40, 0], [0, 40], [40, 40], [20, 80]])
    x = np.concatenate([m + rng.normal(size=(20, 2)) for m in middles])

    def program(_):
        rows = share(ALICE.x, bound=128)
        starts = [KMeans(5, random_state=s).fit(rows) for s in range(3)]
        kept = KMeans(5, init="random", n_init=4, random_state=1).fit(rows)
        alone = [KMeans(5, init="random", random_state=s).fit(rows).inertia_ for s in (1, 2)]
        return [reveal(m.cluster_centers_) for m in starts], reveal(kept.inertia_, *alone)

    centres, (kept, alone, _) = one(program, x=x)
    for found in centres:
        apart = np.linalg.norm(found[:, None] - middles, axis=-1)
        assert apart.min(axis=0).max() < 1
    assert kept <= alone


def test_an_empty_cluster_keeps_its_centre() -> None:
    x = np.array([[0.0], [1.0], [2.0]])
    init = np.array([[1.0], [50.0]])
    program = lambda _: reveal(KMeans(2, init=init).fit(ALICE.x).cluster_centers_)  # noqa: E731
    assert np.abs(one(program, x=x) - [[1], [50]]).max() < 2**-16


def test_equal_rows() -> None:
    program = lambda _: reveal(KMeans(3).fit(ALICE.x).cluster_centers_)  # noqa: E731
    assert np.abs(one(program, x=np.full((5, 2), 3.0)) - 3).max() < 2**-16


def test_three_parties() -> None:
    x = datasets.load_iris().data[::3]
    init = first(x, 3)
    reference = cluster.KMeans(3, init=init, n_init=1, max_iter=5, tol=0).fit(x)

    def program(_):
        rows = share(ALICE.x, bound=8)
        model = KMeans(3, init=share(ALICE.init, bound=8), max_iter=5).fit(rows)
        return reveal(model.cluster_centers_, model.labels_, KMeans(2).fit(rows).labels_)

    centres, labels, two = three(program, x=x, init=init)
    assert np.abs(centres - reference.cluster_centers_).max() < 2**-14
    assert (labels == reference.labels_).all()
    setosa = np.arange(50) < 17
    assert ((two == two[0]) == setosa).mean() >= 0.9


def test_rounds_of_one_iteration() -> None:
    x = datasets.load_iris().data

    def rounds(n: int, k: int) -> int:
        program = lambda _: KMeans(k, init="random", max_iter=n).fit(share(ALICE.x, bound=8))  # noqa: E731
        return price(program, x=x)[0]

    assert rounds(3, 3) - rounds(2, 3) <= 40
    assert rounds(3, 16) - rounds(2, 16) <= 42


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_clusters": 0},
        {"n_clusters": 6},
        {"max_iter": 0},
        {"init": "far"},
        {"n_clusters": 2, "init": np.zeros((3, 2))},
    ],
)
def test_what_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="KMeans"):
        one(lambda _: KMeans(**wrong).fit(ALICE.x), x=np.zeros((5, 2)))


def test_before_and_after_fit() -> None:
    x = np.eye(4)

    def program(_):
        model = KMeans(2)
        with pytest.raises(UsageError, match="not fitted"):
            model.predict(ALICE.x)
        model.fit(ALICE.x)
        with pytest.raises(UsageError, match="4 columns"):
            model.predict(share(ALICE.x)[:, :2])

    one(program, x=x)
