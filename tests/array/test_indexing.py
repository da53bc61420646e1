"""Reading at secret positions, against NumPy at the same positions in the clear."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.array import OwnerName, lookup, one_hot, reveal, settle, share
from mpckernel.array.functions import indexing
from mpckernel.errors import Unsupported, UsageError
from mpckernel.runtime.cell import current
from tests.array.clear import bools, few, ints, near, reals, same
from tests.rooms import three_rooms


def read(table: np.ndarray, at: np.ndarray, axis: int = 0) -> np.ndarray:
    """np.take, and 0 at positions outside."""
    n = table.shape[axis]
    rows = np.concatenate([table, np.zeros_like(table).take([0], axis)], axis)
    return np.take(rows, np.where((at >= 0) & (at < n), at, n), axis)


positions = st.sampled_from([(), (1,), (5,), (2, 3)]).flatmap(lambda s: ints(s, np.int16, 9))


@few
@given(data=st.data())
def test_tables_of_all_kinds(clear: Any, data: Any) -> None:
    shape = data.draw(st.sampled_from([(1,), (2,), (7,), (8,), (3, 2), (4, 2, 3)]))
    at = data.draw(positions)
    whole, mask, real = (data.draw(f(shape)) for f in (ints, bools, reals))
    for table in (whole, mask):
        same(clear(lambda i, t=table: lookup(t, i), 9, i=at), read(table, at))
        got = clear(
            lambda t, i: t[i], {"t": None if table is mask else 2**31, "i": 9}, t=table, i=at
        )
        same(got, read(table, at))
    near(clear(lambda i: lookup(real, i), 9, i=at), read(real, at), 0)
    near(clear(lookup, {"t": 1000, "i": 9}, t=real, i=at), read(real, at), 0)


@few
@given(data=st.data())
def test_axes(clear: Any, data: Any) -> None:
    x, at = data.draw(ints((3, 4, 2), np.int16, 99)), data.draw(positions)
    axis = data.draw(st.integers(-3, 2))
    got = clear(lambda x, i: np.take(x, i, axis), {"x": 99, "i": 9}, x=x, i=at)
    same(got, read(x, at, axis))
    got = clear(np.take, {"x": 99, "i": 9}, x=x, i=at)
    same(got, read(x.ravel(), at))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 7, 8, 33])
def test_flags(clear: Any, n: int) -> None:
    at = np.array([0, 1, n - 1, n, n + 1, -1, -n, 2 * n, 400, -400])
    want = (at[:, None] == np.arange(n)).astype(np.int64)
    same(clear(lambda i: one_hot(i, n), 400, i=at), want)
    same(clear(lambda i: one_hot(i, np.int64(n)), 400, i=at), want)
    same(clear(lambda i: one_hot(i, n), i=at.reshape(2, 5)), want.reshape(2, 5, n))
    b = np.array([True, False])
    same(clear(lambda b: one_hot(b, n), b=b), (b[:, None] == np.arange(n)).astype(np.int64))


@pytest.mark.parametrize("columns", [(), (2,)])
def test_tables_too_large_for_flags(clear: Any, monkeypatch: Any, columns: Any) -> None:
    monkeypatch.setattr(indexing, "MOST_FLAGS", 10)
    rng = np.random.default_rng(5)  # noqa: TID251  (test data)
    at = np.array([0, 29, 30, -1, 7, 7, 100, -30, 28])
    for n in (11, 30):
        table = rng.integers(-(2**40), 2**40, (n, *columns))
        same(clear(lambda i, t=table: lookup(t, i), 100, i=at), read(table, at))
        same(clear(lambda t, i: t[i], {"t": 2**40, "i": 100}, t=table, i=at), read(table, at))
        mask = table > 0
        same(clear(lambda t, i: np.take(t, i, 0), t=mask, i=at), read(mask, at))


@few
@given(data=st.data())
def test_each_row_its_own(clear: Any, data: Any) -> None:
    shape = data.draw(st.sampled_from([(5,), (3, 4), (2, 3, 2)]))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    some = list(shape)
    some[axis] = data.draw(st.integers(1, 3))
    x, b = data.draw(ints(shape, np.int16, 99)), data.draw(bools(shape))
    at = data.draw(ints(tuple(some), np.int16, 40))
    at = at % shape[axis]
    want = np.take_along_axis(x, at, axis)
    bound = {"x": 99, "i": 40}
    same(clear(lambda x, i: np.take_along_axis(x, i, axis), bound, x=x, i=at), want)
    same(clear(lambda x: np.take_along_axis(x, at, axis), bound, x=x), want)
    got = clear(lambda x, i: np.take_along_axis(x, i, axis), x=b, i=at)
    same(got, np.take_along_axis(b, at, axis))
    first = at[tuple(slice(None if k == axis % len(shape) else 1) for k in range(len(shape)))]
    want = np.take_along_axis(x, first, axis)
    same(clear(lambda x, i: np.take_along_axis(x, i, axis), bound, x=x, i=first), want)
    same(clear(lambda x: np.take_along_axis(x, first, axis), bound, x=x), want)


def test_positions_of_rows_that_are_not_there(clear: Any) -> None:
    for at in ([[0], [1]], [[0.0]] * 3, [[True]] * 3):
        with pytest.raises(UsageError):
            clear(lambda x, at=at: np.take_along_axis(x, np.array(at), 1), x=np.ones((3, 2)))


def test_what_argsort_gave_moves_rows(clear: Any) -> None:
    rng = np.random.default_rng(9)  # noqa: TID251  (test data)
    key, table = rng.integers(0, 5, 90), rng.integers(-9, 9, (90, 3))
    order = np.argsort(key, kind="stable")
    same(clear(lambda k, t: t[np.argsort(k)], k=key, t=table), table[order])
    same(clear(lambda k, t: np.take(t.T, np.argsort(k), axis=1), k=key, t=table), table[order].T)
    grid = key.reshape(9, 10)
    got = clear(lambda k: np.take_along_axis(k, np.argsort(k, axis=1), 1), k=grid)
    same(got, np.sort(grid, axis=1))
    got = clear(lambda k: np.take_along_axis(k, np.argsort(k, axis=0), 0), k=grid)
    same(got, np.sort(grid, axis=0))
    want = np.take_along_axis(grid, np.argsort(grid, axis=0, kind="stable"), 0)
    same(clear(lambda k: np.take_along_axis(k, np.argsort(k, axis=-2), -2), k=grid), want)
    crossed = np.argsort(grid[:, :9], axis=0, kind="stable")  # of another axis: read by flags
    got = clear(lambda k: np.take_along_axis(k[:, :9], np.argsort(k[:, :9], axis=0), 1), k=grid)
    same(got, np.take_along_axis(grid[:, :9], crossed, 1))


def test_moving_rows_costs_a_shuffle(clear: Any) -> None:
    def program() -> Any:
        x = share(np.arange(40).reshape(4, 10))
        plan = current().plan
        order = np.argsort(x, axis=0)
        before = len(plan.calls)
        np.take_along_axis(x, order, 0)
        names = {c.op.ideal.name for c in plan.calls[before:] if c.op}
        assert "permute" in names
        assert "one_hot" not in names
        return x

    clear.cell(program)


def test_three_parties() -> None:
    alice, bob = OwnerName("alice", 0), OwnerName("bob", 1)
    table, at = np.array([2.5, -1, 7, 0.25]), np.array([3, 0, 4, -1, 2])

    def program(cell: Any) -> Any:
        t, i = share(alice.t), share(bob.i, bound=9)
        return reveal(t[i], lookup(table, i), one_hot(i, 4), t[np.argsort(t)])

    with three_rooms() as rooms:
        for result in rooms.run(program, [{"t": table}, {"i": at}, {}]):
            secretly, openly, hot, ordered = settle(result)
            near(secretly, read(table, at), 0)
            near(openly, read(table, at), 0)
            same(hot, (at[:, None] == np.arange(4)).astype(np.int64))
            near(ordered, np.sort(table), 0)


def test_refusals(clear: Any) -> None:
    with pytest.raises(Unsupported, match="whole numbers"):
        clear(lambda x: x[:3].take(x), x=np.ones(3))
    with pytest.raises(UsageError, match="public whole number"):
        clear(lambda x: one_hot(x, -1), x=np.arange(3))
    with pytest.raises(UsageError, match="as many axes"):
        clear(lambda x: np.take_along_axis(x, x[0], 0), x=np.ones((3, 3), int))
    with pytest.raises(Unsupported, match=r"np\.take sorts"):
        clear(lambda x: one_hot(x, 2**13), x=np.arange(3))
