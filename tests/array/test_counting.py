"""bincount, unique and compress against NumPy; what is opened is the count and nothing else."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.array import OwnerName, compress, reveal, settle, sfix, share, unique
from mpckernel.errors import Unsupported, UsageError
from tests.array.clear import bools, few, ints, near, reals, same
from tests.rooms import three_rooms


@few
@given(data=st.data())
def test_bins(clear: Any, data: Any) -> None:
    n = data.draw(st.sampled_from([0, 1, 2, 9]))
    x = data.draw(ints((n,), np.int16, 70))
    bins = data.draw(st.sampled_from([1, 2, 3, 4, 8, 65, 70]))
    kept = x[(x >= 0) & (x < bins)]
    same(
        clear(lambda x: np.bincount(x, minlength=bins), 70, x=x), np.bincount(kept, minlength=bins)
    )
    w = data.draw(reals((n,), most=9))
    want = np.bincount(kept, w[(x >= 0) & (x < bins)], minlength=bins)
    got = clear(lambda x, w: np.bincount(x, w, minlength=bins), {"x": 70, "w": 9}, x=x, w=w)
    near(got, want, 0)
    same(clear(lambda b: np.bincount(b, minlength=2), b=x > 0), np.bincount(x > 0, minlength=2))


def padded(x: Any, n: int) -> np.ndarray:
    return np.concatenate([x, np.zeros(n - len(x), x.dtype)])


@few
@given(data=st.data())
def test_distinct_values(clear: Any, data: Any) -> None:
    shape = data.draw(st.sampled_from([(0,), (1,), (2,), (9,), (2, 3), (80,)]))
    x, n = data.draw(ints(shape, np.int16, 6)), int(np.prod(shape))
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    got = clear(lambda x: unique(x, True, True), 6, x=x)
    same(got[0], padded(values, n))
    same(got[1], np.arange(n) < len(values))
    same(got[2], inverse)
    same(got[3], padded(counts, n))
    got = clear(lambda x: unique(x, True, True, reveal_count=True), 6, x=x)
    for one, want in zip(got, (values, np.ones(len(values), bool), inverse, counts), strict=True):
        same(one, want)
    same(clear(lambda x: unique(x, return_counts=True)[2], 6, x=x), padded(counts, n))


@few
@given(data=st.data())
def test_rows_kept_by_a_mask(clear: Any, data: Any) -> None:
    n = data.draw(st.sampled_from([0, 1, 2, 9, 70]))
    m, b = data.draw(bools((n,))), data.draw(bools((n,)))
    x, y = data.draw(ints((n,), np.int16, 9)), data.draw(reals((n, 2), most=9))
    bound = {"x": 9, "y": 9}
    got = clear(lambda m, *x: compress(m, *x, reveal_count=False), bound, m=m, x=x, y=y, b=b)
    same(got[0], padded(x[m], n))
    near(got[1], np.concatenate([y[m], np.zeros((n - m.sum(), 2))]), 0)
    same(got[2], padded(b[m], n))
    same(got[3], np.arange(n) < m.sum())
    got = clear(lambda m, x: compress(m, x, reveal_count=True), bound, m=m, x=x)
    same(got[0], x[m])
    assert got[1].all()
    assert len(got[1]) == m.sum()


def test_three_parties_open_the_count_alone() -> None:
    alice = OwnerName("alice", 0)
    x = np.array([3, 1, 3, -2, 1, 3, 0])

    def program(cell: Any) -> Any:
        s = share(alice.x, bound=9)
        values, _, counts = unique(s, return_counts=True, reveal_count=True)
        (kept, _), padded_values = compress(s > 0, s, reveal_count=True), unique(s)[0]
        shapes = values.shape, kept.shape
        return shapes, reveal(values, counts, kept, padded_values)

    with three_rooms() as rooms:
        for shapes, result in rooms.run(program, [{"x": x}, {}, {}]):
            values, counts, kept, padded_values = settle(result)
            assert shapes == ((4,), (5,))
            same(values, [-2, 0, 1, 3])
            same(counts, [1, 1, 2, 3])
            same(kept, x[x > 0])
            same(padded_values, [-2, 0, 1, 3, 0, 0, 0])
        cells = [room.ledger.last_cell for room in rooms.rooms]
        assert sum(cell.sent_bits for cell in cells) == cells[0].planned.bits
        opened = [e.shape for e in rooms.rooms[0].ledger.opened]
        assert sorted(opened) == sorted([(), (), (4,), (4,), (5,), (7,)])


def test_numbers_of_numpy_are_public_numbers(clear: Any) -> None:
    x = np.array([2, 1, 0, 2])
    want = np.bincount(x, minlength=4)
    same(clear(lambda x: np.bincount(x, minlength=np.int64(4)), x=x), want)
    (kept, _) = clear(lambda x: compress(x > 1, x, reveal_count=np.bool_(True)), x=x)
    same(kept, x[x > 1])
    assert sfix(np.int64(20)) == sfix(20)


def test_refusals(clear: Any) -> None:
    with pytest.raises(Unsupported, match="minlength="):
        clear(np.bincount, x=np.arange(3))
    with pytest.raises(UsageError, match="whole numbers"):
        clear(lambda x: np.bincount(x, minlength=3), x=np.ones(3))
    with pytest.raises(UsageError, match="as many rows"):
        clear(lambda x: compress(x[:2] > 0, x, reveal_count=False), x=np.arange(3))
    with pytest.raises(Unsupported, match=r"compress\(mask, x, reveal_count=True\)"):
        clear(lambda x: x[x > 0], x=np.arange(3))
    for count in ({}, {"reveal_count": None}):
        with pytest.raises(UsageError, match="True opens how many rows"):
            clear(lambda x, count=count: compress(x > 0, x, **count), x=np.arange(3))
    with pytest.raises(UsageError, match="one weight"):
        clear(lambda x: np.bincount(x, np.ones((3, 2)), minlength=2), x=np.arange(3))
    with pytest.raises(Unsupported, match="parts"):
        clear(lambda x: np.bincount(x, np.ones(3), minlength=2**22), x=np.arange(3))
