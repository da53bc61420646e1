"""Deviations and correlations against NumPy: rows of very different size side by side."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from mpckernel.protocols.composed.moments import spread
from tests.protocols.composed.loose import Bench

F = 20


def _run(x: np.ndarray, bound: int, f: int = F, ddof: int = 0) -> tuple[np.ndarray, np.ndarray]:
    bench = Bench()
    words = np.rint(x * 2.0**f).astype(np.int64)
    apart = spread(bench.do, bench.secret(words, bound))
    std, rho = bench.run(apart.deviations(ddof, 0), apart.correlations(F))
    return std / 2.0**f, rho / 2.0**F


def _rounded(x: np.ndarray) -> np.ndarray:
    return np.rint(x * 2.0**F) / 2.0**F


def _check(x: np.ndarray, bound: int, ddof: int = 0) -> None:
    std, rho = _run(x, bound, ddof=ddof)
    x = _rounded(x)
    n = x.shape[1]
    want = np.std(x, axis=1, ddof=ddof)
    allowed = want * (2**-20.7 + np.sqrt(n) * 2**-28) + 1.2 * 2**-F
    assert (np.abs(std - want) <= allowed).all()
    assert np.abs(rho - np.corrcoef(x)).max() <= 2**-19.7 + np.sqrt(n) * 2**-26.5 + 2**-F
    assert (np.diag(rho) == 1).all()


@pytest.mark.parametrize("bound", [2**33, 2**40])
@pytest.mark.parametrize("ddof", [0, 1])
def test_thirty_columns_at_once(bound: int, ddof: int) -> None:
    _check(load_breast_cancer().data.T, bound, ddof)


def test_rows_from_the_smallest_to_the_largest() -> None:
    rng = np.random.default_rng(3)  # noqa: TID251
    base = rng.normal(size=(30, 300))
    base[1::2] += base[::2]
    scale = np.exp2(np.linspace(-13, 16, 30))[:, None]
    mean = np.resize([0.0, 1e5, -7e5, 3.0], 30)[:, None]
    _check(base * scale + mean, 2**40)


@pytest.mark.parametrize("n", [2, 3, 1000, 20_000])
def test_any_number_of_values(n: int) -> None:
    rng = np.random.default_rng(n)  # noqa: TID251
    x = rng.normal(size=(3, n)) * np.array([[1e-3], [1.0], [1e4]])
    _check(x, 2**40)


def test_one_outlier_in_a_tiny_row() -> None:
    x = np.zeros((3, 400))
    x[0, 7], x[1, 7], x[2] = 2.0**-20, 2.0**19, np.arange(400) % 7
    _check(x, 2**40)


def test_constant_rows_have_no_spread_and_no_correlation() -> None:
    x = np.array([[5e5] * 6, [0.0] * 6, [1.0, 2, 3, 4, 5, 7]])
    std, rho = _run(x, 2**40)
    assert std[:2].tolist() == [0, 0]
    assert rho[:2].tolist() == [[0, 0, 0], [0, 0, 0]]
    assert rho[2].tolist() == [0, 0, 1]


@pytest.mark.parametrize("bound", [1, 3, 2**10, 2**25, 2**30])
def test_small_bounds_need_one_level(bound: int) -> None:
    rng = np.random.default_rng(bound)  # noqa: TID251
    x = rng.integers(-bound, bound, (2, 50), endpoint=True) / 2.0**F
    _check(x, bound)
