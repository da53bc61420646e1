"""PCA beside scikit-learn's on the pooled rows."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn import datasets, decomposition

from mpckernel.array import reveal, share
from mpckernel.errors import UsageError
from mpckernel.learn.components import PCA
from tests.learn.pooled import ALICE, one, price, three


def standard(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(0)) / x.std(0)


SETS: dict[str, tuple[Callable[[], np.ndarray], int]] = {
    "iris": (lambda: datasets.load_iris().data, 4),
    "wine": (lambda: datasets.load_wine().data, 2),
    "wine, standardised": (lambda: standard(datasets.load_wine().data), 5),
    "breast cancer": (lambda: datasets.load_breast_cancer().data, 3),
    "breast cancer, standardised": (lambda: standard(datasets.load_breast_cancer().data), 6),
    "digits": (lambda: datasets.load_digits().data, 6),
}


@pytest.mark.parametrize("name", SETS)
def test_the_same_components(name: str) -> None:
    make, k = SETS[name]
    x = make()
    reference = decomposition.PCA(k).fit(x)

    def program(_):
        model = PCA(k).fit(ALICE.x)
        z = model.transform(ALICE.x)
        found = model.components_, model.explained_variance_, model.explained_variance_ratio_
        return reveal(*found, model.singular_values_, z, model.inverse_transform(z))

    components, variances, ratios, singular, z, back = one(program, x=x)
    parts = reference.explained_variance_ratio_
    cosines = (components * reference.components_).sum(1) / np.linalg.norm(components, axis=1)
    assert (1 - cosines <= 2**-24 / parts).all()  # the signs, too
    assert np.abs(np.linalg.norm(components, axis=1) - 1).max() < 2**-16
    error = 2**-16 / np.sqrt(parts)
    assert (np.abs(variances / reference.explained_variance_ - 1) <= error).all()
    assert (np.abs(ratios / parts - 1) <= error).all()
    assert (np.abs(singular / reference.singular_values_ - 1) <= error).all()
    exact = reference.transform(x)
    assert (np.abs(z - exact) <= 2**-11 * np.abs(x).max()).all()
    assert np.abs(back - reference.inverse_transform(exact)).max() <= 2**-13 * np.abs(x).max()


def test_more_components_than_directions() -> None:
    """Those that are left are 0, not noise."""
    line = np.outer(np.arange(20.0), [3, -4, 0])

    def program(_):
        model = PCA(3).fit(ALICE.x)
        return reveal(model.components_, model.explained_variance_ratio_)

    components, ratios = one(program, x=line)
    assert np.abs(components[0] - [-0.6, 0.8, 0]).max() < 2**-16
    assert abs(ratios[0] - 1) < 2**-16
    assert np.abs(ratios[1:]).max() < 2**-14


@pytest.mark.parametrize("x", [np.full((4, 2), 7.0), np.arange(5.0)[:, None]])
def test_constant_rows_and_one_column(x: np.ndarray) -> None:
    def program(_):
        model = PCA(1).fit(ALICE.x)
        return reveal(model.components_, model.explained_variance_)

    component, variance = one(program, x=x)
    varies = x.var() > 0
    assert np.abs(component - np.eye(1, x.shape[1]) * varies).max() < 2**-16
    assert np.abs(variance - x.var(0, ddof=1)[:1]).max() < 2**-14


@pytest.mark.parametrize("steps", [1, 2, 3, 8, 40])
def test_rows_that_hardly_differ(steps: int) -> None:
    """Deviations of a few steps: the component, or 0."""
    rng = np.random.default_rng(steps)  # noqa: TID251  (test data)
    x = np.rint(np.outer(rng.normal(size=40), [1, -2, 0.5]) * steps) * 2.0**-20

    def program(_):
        model = PCA(2).fit(share(ALICE.x, bound=1))
        return reveal(model.components_, model.explained_variance_ratio_)

    components, ratios = one(program, x=x)
    assert np.abs(components).max() <= 1.01
    assert (np.abs(ratios) <= 1.25).all()
    if steps == 40:
        assert abs(components[0] @ decomposition.PCA(1).fit(x * 2**20).components_[0]) > 0.99


def test_three_parties() -> None:
    x = datasets.load_iris().data[::3]
    reference = decomposition.PCA(2).fit(x)

    def program(_):
        model = PCA(2).fit(share(ALICE.x, bound=8))
        return reveal(model.components_, model.explained_variance_, model.transform(ALICE.x))

    components, variances, z = three(program, x=x)
    assert np.abs(components - reference.components_).max() < 2**-13
    assert np.abs(variances / reference.explained_variance_ - 1).max() < 2**-12
    assert np.abs(z - reference.transform(x)).max() < 2**-11


def test_rounds() -> None:
    x = datasets.load_iris().data
    rounds = [price(lambda _, k=k: PCA(k).fit(ALICE.x), x=x)[0] for k in (1, 2)]
    assert rounds[0] <= 395
    assert rounds[1] - rounds[0] <= 200


@pytest.mark.parametrize(("rows", "k"), [(5, 0), (5, 4), (2, 3), (1, 1)])
def test_what_cannot_be(rows: int, k: int) -> None:
    with pytest.raises(UsageError, match="PCA"):
        one(lambda _: PCA(k).fit(ALICE.x), x=np.eye(5, 3)[:rows])
