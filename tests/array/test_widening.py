"""Sums that one word cannot hold: exact, ordinary again, or refused; and among three."""

from typing import Any

import numpy as np
import pytest

from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.array.dtypes import sfix, sfix20, sint, swide
from mpckernel.errors import ImplicitReveal, OutOfRange, Unsupported
from tests.array.clear import near, same
from tests.rooms import three_rooms

STEP = 2.0**-20
N = 3000
alice = OwnerName("alice", 0)
R = np.random.default_rng(4)  # noqa: TID251
X, Y = (np.rint(R.uniform(-6e4, 6e4, s) * 2**20) / 2**20 for s in (N, (N, 2)))
K = R.integers(-(2**50), 2**50, N)
ROUNDED = 2.0**-52  # of a float


def shared() -> Any:
    return share(alice.x), share(alice.y), share(alice.k, bound=2**51)


def run(clear: Any, program: Any) -> Any:
    return clear.cell(lambda: program(*shared()), {"x": X, "y": Y, "k": K})


def test_a_sum_that_might_not_fit_is_wide(clear: Any) -> None:
    """Squares are cut one by one: each within a step."""

    def program(x: Any, y: Any, k: Any) -> Any:
        s, whole = np.sum(x * x), np.sum(k)
        assert s.dtype.kind == whole.dtype.kind == "w"
        assert s.shape == ()
        assert np.sum(x).dtype == sfix20
        return s, whole, np.sum(x, dtype=swide), np.sum(y * y, axis=0), np.sum(k > 0, dtype="swide")

    squares, whole, narrow, columns, count = run(clear, program)
    exact = (X.astype(np.longdouble) ** 2).sum()
    near(squares, exact, N * STEP + exact * ROUNDED)
    assert whole == K.sum()
    assert type(whole) is int
    near(narrow, X.sum(), 1e-9)
    exact = (Y.astype(np.longdouble) ** 2).sum(0)
    near(columns, exact, N * STEP + exact * ROUNDED)
    assert count == (K > 0).sum()


def test_products_that_add_up(clear: Any) -> None:
    def program(x: Any, y: Any, _: Any) -> Any:
        assert (x @ y).dtype.kind == "w"
        return x @ y, y.T @ y, np.dot(x, x), np.vecdot(y.T, x), np.einsum("ij,ij->j", y, y)

    for got, want in zip(
        run(clear, program), (X @ Y, Y.T @ Y, X @ X, Y.T @ X, (Y * Y).sum(0)), strict=True
    ):
        near(got, want, 8 * STEP + (np.abs(X).max() ** 2 * N) * 2.0**-50)


def test_means_are_ordinary(clear: Any) -> None:
    def program(x: Any, y: Any, k: Any) -> Any:
        mean = np.mean(x * x)
        assert mean.dtype == sfix20
        assert (np.sum(k) / 2**40).dtype == sfix20
        return mean, np.mean(y * y, axis=0), np.sum(k) / 2**40, np.sum(x, dtype=swide).mean()

    one, two, scaled, alone = run(clear, program)
    error = 3.4 * STEP + 6e4**2 * ROUNDED
    near(one, (X * X).mean(), error)
    near(two, (Y * Y).mean(0), error)
    near(scaled, K.sum() / 2**40, 2.4 * STEP)
    near(alone, X.sum(), 2.4 * STEP)


def test_arithmetic(clear: Any) -> None:
    def program(x: Any, y: Any, k: Any) -> Any:
        s, c = np.sum(x, dtype=swide), np.sum(y, axis=0, dtype=swide)
        grid = np.reshape(np.sum(k.reshape(30, 100), axis=1, dtype=swide), (5, 6))
        return (
            s + s - 3 * x[0] + 2.5,
            5 - s,
            -(x[1] - s) * 4,
            c[1:] - c[0],
            grid.sum(axis=0),
            np.sum(grid, axis=1, keepdims=True) * np.array([1, -2]),
            grid[2, ::2],
            grid.ravel() + k[:30],
            np.stack([grid[0], grid[1]], axis=1),
            np.concatenate([grid, k[:6].reshape(1, 6)]),
        )

    s, c, grid = X.sum(), Y.sum(0), K.reshape(30, 100).sum(1).reshape(5, 6)
    got = run(clear, program)
    for value, want in zip(
        got[:4], (2 * s - 3 * X[0] + 2.5, 5 - s, -(X[1] - s) * 4, c[1:] - c[0]), strict=True
    ):
        near(value, want, 1e-7)
    wholes = (
        grid.sum(0),
        grid.sum(1, keepdims=True) * np.array([1, -2]),
        grid[2, ::2],
        grid.ravel() + K[:30],
        np.stack([grid[0], grid[1]], axis=1),
        np.concatenate([grid, K[:6].reshape(1, 6)]),
    )
    for value, want in zip(got[4:], wholes, strict=True):
        assert np.asarray(value).dtype == object
        assert np.array_equal(value, want)


def test_ordinary_again(clear: Any) -> None:
    def program(x: Any, y: Any, k: Any) -> Any:
        s = np.sum(x, dtype=swide)
        wide = np.sum(x * x)
        return (
            s.astype(sfix20),
            s.astype(sfix(4)),
            s.astype(sint),
            wide.astype(sfix(4)),
            s.astype(float),
        )

    narrow, coarse, whole, square, same_f = run(clear, program)
    near(narrow, X.sum(), 1e-9)
    near(coarse, X.sum(), 2.0**-4)
    same(whole, np.int64(np.trunc(X.sum())))
    near(square, (X * X).sum(), 2.0**-3)
    near(same_f, X.sum(), 1e-9)


NO = {
    "a product": lambda s, x: s * x[0],
    "a real factor": lambda s, x: s * 1.5,
    "a comparison": lambda s, x: s > 0,
    "a root": lambda s, x: np.sqrt(s),
    "another function": lambda s, x: np.max(s),
    "a secret divisor": lambda s, x: s / x[0],
    "a quotient of it": lambda s, x: 1 / s,
    "a difference": lambda s, x: np.diff(np.stack([s, s])),
    "a truth value": lambda s, x: s.astype(bool),
    "a keyword": lambda s, x: np.sum(s, where=True),
    "a rule of its own": lambda s, x: share(s).word,
}


@pytest.mark.parametrize("name", NO)
def test_everything_else_is_refused(clear: Any, name: str) -> None:
    with pytest.raises(Unsupported, match="wide sum"):
        run(clear, lambda x, y, k: NO[name](np.sum(x * x), x))


def test_refusals(clear: Any) -> None:
    with pytest.raises(OutOfRange, match="wide sum could reach"):
        run(clear, lambda x, y, k: np.sum(x * x).astype(sfix20))
    with pytest.raises(OutOfRange):
        run(clear, lambda x, y, k: np.sum(k) / 3)
    with pytest.raises(ImplicitReveal):
        run(clear, lambda x, y, k: float(np.sum(x * x)))
    with pytest.raises(AttributeError, match="wide"):
        run(clear, lambda x, y, k: np.sum(x * x).std())


def test_among_three_and_in_a_later_cell() -> None:
    kept: list[Any] = []
    with three_rooms() as rooms:

        def first(cell: Any) -> None:
            kept.append(np.sum(share(alice.x) ** 2))

        def second(cell: Any) -> Any:
            s = next(s for s in kept if s.call in cells[cell.me])
            assert s.owners == {"alice"}
            return reveal((s, s / N))

        cells: list[list[Any]] = [[], [], []]

        def both(cell: Any) -> Any:
            s = np.sum(share(alice.x) ** 2)
            cells[cell.me].append(s)
            return None

        rooms.run(both, [{"x": X}, {}, {}])
        got = rooms.run(lambda cell: reveal((cells[cell.me][0], cells[cell.me][0] / N)))
        for total, mean in map(settle, got):
            near(total, (X * X).sum(), N * STEP + (X * X).sum() * ROUNDED)
            near(mean, (X * X).mean(), 4 * STEP + 6e4**2 * ROUNDED)
