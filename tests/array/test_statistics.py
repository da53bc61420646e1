"""Statistics against NumPy, on data of three owners' rows and on adversarial columns."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from mpckernel.array import OwnerName, concat, reveal, settle, share
from mpckernel.errors import OutOfRange, Unsupported, UsageError
from tests.array.clear import WIDE, alice, near, same
from tests.rooms import Rooms, three_rooms

STEP = 2.0**-20
DATA = np.rint(load_breast_cancer().data / STEP) * STEP


def _std_error(want: Any, n: int) -> Any:
    return np.asarray(want) * (2**-20.7 + n**0.5 * 2**-28) + 1.2 * STEP


def _var_error(std: Any, n: int) -> Any:
    return 2 * std**2 * (2**-20.6 + n**0.5 * 2**-28) + (2.5 * std + 1.1) * STEP


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1), -1])
@pytest.mark.parametrize("keepdims", [False, True])
def test_over_axes(clear: Any, axis: Any, keepdims: bool) -> None:
    x = DATA[:12, :5].reshape(3, 4, 5)
    n = x.size // np.mean(x, axis=axis).size

    def program(x: Any) -> Any:
        return tuple(f(x, axis=axis, keepdims=keepdims) for f in (np.mean, np.std, np.var))

    mean, std, var = clear(program, x=x)
    want = np.std(x, axis=axis, keepdims=keepdims)
    near(mean, np.mean(x, axis=axis, keepdims=keepdims), 1.2 * STEP)
    near(std, want, _std_error(want, n))
    near(var, want**2, _var_error(want, n))


def test_all_columns_at_once(clear: Any) -> None:
    def program(x: Any) -> Any:
        return x.mean(axis=0), x.std(axis=0, ddof=1), x.var(axis=0), np.corrcoef(x.T), np.cov(x.T)

    mean, std, var, rho, cov = clear(program, x=DATA)
    n, s1, s0 = len(DATA), DATA.std(axis=0, ddof=1), DATA.std(axis=0)
    near(mean, DATA.mean(axis=0), 1.2 * STEP)
    near(std, s1, _std_error(s1, n))
    near(var, s0**2, _var_error(s0, n))
    near(rho, np.corrcoef(DATA.T), 2**-19.7 + n**0.5 * 2**-26.5 + STEP)
    slack = (2**-18.5 + n**0.5 * 2**-25.5) * np.outer(s1, s1)
    near(cov, np.cov(DATA.T), slack + (1.3 * np.add.outer(s1, s1) + 2) * STEP)


def test_forms_of_cov_and_corrcoef(clear: Any) -> None:
    x, y = DATA[:50, 0], DATA[:50, 4]

    def program(x: Any, y: Any) -> Any:
        both = np.stack([x, y], axis=1)
        return (
            np.corrcoef(x, y),
            np.corrcoef(both, rowvar=False),
            np.cov(x, bias=True),
            np.cov(both, rowvar=False, ddof=0),
            np.corrcoef(x),
            np.corrcoef(x, np.arange(50)),
        )

    a, b, c, d, e, g = clear(program, x=x, y=y)
    near(a, np.corrcoef(x, y), 2**-18)
    near(b, np.corrcoef(x, y), 2**-18)
    near(c, np.cov(x, bias=True), 1e-4)
    near(d, np.cov(x, y, ddof=0), 1e-4)
    assert e == 1
    near(g, np.corrcoef(x, np.arange(50)), 2**-18)


def test_integers_and_booleans(clear: Any) -> None:
    n, b = np.array([3, 8, -5, 100], np.int16), np.array([True, False, True, True])
    mean, std, var, share_of = clear(
        lambda n, b: (np.mean(n), np.std(n), np.var(n), b.mean()), n=n, b=b
    )
    near(mean, n.mean(), 1.2 * STEP)
    near(std, n.std(), _std_error(n.std(), 4))
    near(var, n.var(), _var_error(n.std(), 4))
    near(share_of, 0.75, 0)


def test_without_variance(clear: Any) -> None:
    x = np.array([[7.5] * 5, [0.0, 1, 2, 3, 5], [-1e6] * 5])
    std, var, rho, cov = clear(
        lambda x: (np.std(x, axis=1), np.var(x, axis=1), np.corrcoef(x), np.cov(x)),
        bound=2**20,
        x=x,
    )
    assert std[[0, 2]].tolist() == var[[0, 2]].tolist() == [0, 0]
    same(rho, np.diag([0.0, 1.0, 0.0]))
    assert cov[0].tolist() == cov[2].tolist() == [0, 0, 0]
    same(clear(np.std, x=np.array([3.0])), 0.0)


def test_two_values_at_the_ends_of_the_range(clear: Any) -> None:
    x = np.array([[-(2.0**20), 2.0**20], [0.0, STEP]])
    std, var, cov = clear(
        lambda x: (np.std(x, axis=1, ddof=1), np.var(x, axis=1, ddof=1), np.cov(x)),
        bound=2**20,
        x=x,
    )
    want = np.std(x, axis=1, ddof=1)
    near(std, want, _std_error(want, 2))
    near(var, want**2, _var_error(want, 2))
    slack = 2**-18.4 * np.outer(want, want) + (1.3 * np.add.outer(want, want) + 2) * STEP
    near(cov, np.cov(x), slack)


def test_too_few_values(clear: Any) -> None:
    with pytest.raises(UsageError, match="degree of freedom"):
        clear(lambda x: np.std(x, ddof=1), x=np.array([3.0]))
    with pytest.raises(OutOfRange, match=r"use np\.std, declare a smaller bound"):
        clear(np.var, bound=WIDE, x=np.array([3, 4], np.int32))
    with pytest.raises(UsageError, match="no values"):
        clear(np.mean, x=np.zeros(0))


def test_average(clear: Any) -> None:
    x, w = DATA[:40, :3], np.linspace(0.1, 5, 40)

    def program() -> Any:
        x, secret = share(alice.x, bound=4096), share(alice.w, bound=8)
        public = np.linspace(0.1, 5, 40)
        return (
            np.average(x, axis=0, weights=public),
            np.average(x, weights=np.outer(public, [1, 2, 3])),
            np.average(x, axis=0, weights=secret),
            np.average(x),
        )

    a, b, c, d = clear.cell(program, {"x": x, "w": w})
    near(a, np.average(x, axis=0, weights=w), 2 * STEP)
    near(b, np.average(x, weights=np.outer(w, [1, 2, 3])), 2 * STEP)
    near(c, np.average(x, axis=0, weights=w), 40 * STEP * 40)
    near(d, np.average(x), 2 * STEP)
    with pytest.raises(UsageError, match="sum to zero"):
        clear(lambda x: np.average(x, weights=[1, -1]), x=np.ones(2))


def test_histogram(clear: Any) -> None:
    x = DATA[:60, 0]
    edges = [5.0, 10.0, x[3], 15.3, x.max()]
    counts = clear(lambda x: np.histogram(x, bins=edges)[0], x=x)
    same(counts, np.histogram(x, bins=edges)[0])
    counts = clear(lambda x: np.histogram(x, bins=4, range=(10, 20))[0], x=x)
    same(counts, np.histogram(x, bins=4, range=(10, 20))[0])
    with pytest.raises(Unsupported, match="public range"):
        clear(lambda x: np.histogram(x)[0], x=x)


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    with three_rooms() as three:
        yield three


def test_three_parties_with_a_third_of_the_rows_each(rooms: Rooms) -> None:
    parts = [DATA[k:60:3] for k in range(3)]
    names = [OwnerName(n, k) for k, n in enumerate(("alice", "bob", "carol"))]

    def program(_: Any) -> Any:
        x = concat([share(name.x) for name in names])
        return reveal(
            x.mean(axis=0), x.std(axis=0), np.corrcoef(x.T), x[:, 0] / x[:, 5], np.sqrt(x[:, 3])
        )

    pooled = np.concatenate(parts)
    for mean, std, rho, ratio, root in map(settle, rooms.run(program, [{"x": p} for p in parts])):
        near(mean, pooled.mean(axis=0), 1.2 * STEP)
        near(std, pooled.std(axis=0), _std_error(pooled.std(axis=0), 60))
        near(rho, np.corrcoef(pooled.T), 2**-19)
        want = pooled[:, 0] / pooled[:, 5]
        near(ratio, want, np.abs(want) * 2**-18.5 + 3 * STEP)
        near(root, np.sqrt(pooled[:, 3]), np.sqrt(pooled[:, 3]) * 2**-18.3 + 1.2 * STEP)


def test_three_parties_on_edges(rooms: Rooms) -> None:
    y = np.array([0.0, STEP, -STEP, 2.0**20, -(2.0**20), 1.0, -1.0, 0.75])

    def program(_: Any) -> Any:
        y = share(alice.y, bound=2**20)
        return reveal(1 / y, np.reciprocal(y), y / y, np.sqrt(y), np.std(np.stack([y, y * 0]), 1))

    safe = np.where(y == 0, np.inf, y)
    for inverse, other, one, root, std in map(settle, rooms.run(program, [{"y": y}, {}, {}])):
        near(inverse, 1 / safe, np.abs(1 / safe) * 2**-18.5 + 3 * STEP)
        near(other, 1 / safe, np.abs(1 / safe) * 2**-17.3 + 3 * STEP)
        near(one, (y != 0).astype(float), 4 * STEP)
        near(root, np.sqrt(np.maximum(y, 0)), 1024 * 2**-18.3 + 1.2 * STEP)
        assert inverse[0] == other[0] == one[0] == root[0] == std[1] == 0
        near(std[0], y.std(), _std_error(y.std(), 8))


def test_observations_that_count_more_than_once(clear: Any) -> None:
    x = np.array([[1.5, 2.0, -3.0, 0.25], [0.5, 4.0, 1.0, -2.0]])
    counts = [1, 3, 0, 2]
    got = clear(lambda x: np.cov(x, fweights=counts), x=x)
    np.testing.assert_allclose(got, np.cov(x, fweights=counts), atol=1e-4)
    with pytest.raises(UsageError, match="whole numbers"):
        clear(lambda x: np.cov(x, fweights=[0.5, 1, 1, 1]), x=x)
