"""StandardScaler beside scikit-learn's."""

from typing import Any

import numpy as np
import pytest
from sklearn import datasets, preprocessing

from mpckernel.array import reveal, sfix24, share
from mpckernel.errors import UsageError
from mpckernel.learn.scaling import StandardScaler
from tests.learn.pooled import ALICE, one, three


@pytest.mark.parametrize(
    "load",
    [
        datasets.load_breast_cancer,
        datasets.load_wine,
        lambda **_: datasets.load_diabetes(return_X_y=True, scaled=False),
    ],
)
def test_as_scikit_learn(load: Any) -> None:
    x, _ = load(return_X_y=True)
    want = preprocessing.StandardScaler().fit(x)

    def program(_):
        values, scaler = share(ALICE.x, dtype=sfix24), StandardScaler()
        z = scaler.fit_transform(values)
        back = scaler.inverse_transform(z)
        return reveal(z, scaler.transform(values), back, scaler.mean_, scaler.scale_)

    z, again, back, mean, scale = one(program, x=x)
    inputs = 2.0**-24 / want.scale_
    for got in (z, again):
        most = 2**-18 * np.abs(want.transform(x)) + 2**-20 + 4 * inputs * (1 + np.abs(got))
        assert (np.abs(got - want.transform(x)) < most).all()
    assert (np.abs(back - x) < 2**-17 * (want.scale_ + np.abs(x)) + 2**-20).all()
    assert np.abs(mean - want.mean_).max() < 2**-22
    assert (np.abs(scale / want.scale_ - 1) < 2**-20 + 2 * inputs).all()


def test_other_rows_are_clipped_and_constant_columns_are_0() -> None:
    x = np.column_stack([np.arange(8.0), np.full(8, 5.0)])
    far = np.array([[3.5, 9.0], [1e4, 5.0], [-1e4, 5.0]])

    def program(_):
        scaler = StandardScaler(clip=100).fit(ALICE.x)
        return reveal(scaler.transform(ALICE.far), scaler.scale_)

    z, scale = three(program, x=x, far=far)
    assert np.abs(z - [[0, 0], [100, 0], [-100, 0]]).max() < 2**-18
    assert scale[1] == 1


def test_columns_must_be_those_that_were_fitted() -> None:
    with pytest.raises(UsageError, match="2 columns"):
        one(
            lambda _: StandardScaler().fit(ALICE.x).transform(ALICE.x[:, :1]),
            x=np.eye(4)[:, :2],
        )
