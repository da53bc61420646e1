"""Sorting and quantiles against NumPy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.array import OwnerName, reveal, settle, share, shuffle, topk
from mpckernel.array.functions import quantiles
from mpckernel.errors import Unsupported, UsageError
from tests.array.clear import WIDE, bools, few, ints, near, reals, same
from tests.rooms import three_rooms

STEP = 2.0**-20


@pytest.mark.parametrize("n", [*range(18), 31, 32, 33, 63, 64, 65, 100])
def test_every_length(clear: Any, n: int) -> None:
    rng = np.random.default_rng(n)  # noqa: TID251  (test data)
    x = rng.integers(-50, 50, n).astype(np.int16)
    same(clear(np.sort, x=x), np.sort(x))


@pytest.mark.parametrize("n", [*range(6), 16, 17, 70, 333])
def test_equal_elements_keep_their_order(clear: Any, n: int) -> None:
    rng = np.random.default_rng(n)  # noqa: TID251  (test data)
    some, wide = rng.integers(-2, 3, n), rng.integers(-(2**30), 2**30, n)
    for x in (some, wide, np.full(n, -7)):
        want = np.argsort(x, kind="stable")
        same(clear(np.argsort, 2**30, x=x), want)
        same(clear(lambda x: np.argsort(x, kind="stable"), 2**30, x=x), want)
        same(clear(lambda x: x[np.argsort(x)], 2**30, x=x), np.sort(x))
        same(clear(lambda x: np.sort(x)[::-1], 2**30, x=x), np.sort(x)[::-1])


@few
@given(data=st.data())
def test_any_shape_any_axis(clear: Any, data: Any) -> None:
    shape = data.draw(st.sampled_from([(1,), (7,), (3, 4), (2, 5, 3), (2, 3, 70), (0, 3), (3, 0)]))
    x = data.draw(ints(shape, np.int32, 9))
    axis = data.draw(st.sampled_from([None, *range(-x.ndim, x.ndim)]))
    same(clear(lambda x: np.argsort(x, axis), 9, x=x), np.argsort(x, axis, kind="stable"))
    along = shape[axis] if axis is not None else x.size
    if along:
        kth = data.draw(st.integers(-along, along - 1))
        same(clear(lambda x: np.partition(x, kth, axis), 9, x=x), np.sort(x, axis))
        same(
            clear(lambda x: np.argpartition(x, kth, axis), 9, x=x),
            np.argsort(x, axis, kind="stable"),
        )


@few
@given(data=st.data())
def test_several_keys(clear: Any, data: Any) -> None:
    shape = data.draw(st.sampled_from([(0,), (1,), (9,), (80,), (3, 5)]))
    x, b = data.draw(ints(shape, np.int32, 6)), data.draw(bools(shape))
    r = data.draw(reals(shape, most=2))
    want = np.lexsort((r, x, b))
    got = clear(lambda r, x, b: np.lexsort((r, x, b)), {"r": 2, "x": 6}, r=r, x=x, b=b)
    same(got, want)
    if len(shape) == 1:
        same(clear(lambda x, b: x[np.lexsort((x, b))], 6, x=x, b=b), x[np.lexsort((x, b))])


@pytest.mark.parametrize("bound", [1, 2**15 - 1, 2**31 - 1, 2**45, 2**61])
def test_keys_of_any_width(clear: Any, bound: int) -> None:
    rng = np.random.default_rng(bound % 97)  # noqa: TID251  (test data)
    x = rng.integers(-bound, bound, 150, endpoint=True)
    x[:4] = bound, -bound, 0, -1
    same(clear(np.sort, bound, x=x), np.sort(x))
    same(clear(np.argsort, bound, x=x[:9]), np.argsort(x[:9], kind="stable"))


@few
@given(data=st.data())
def test_the_largest_few(clear: Any, data: Any) -> None:
    shape = data.draw(st.sampled_from([(1,), (8,), (90,), (3, 5), (0,)]))
    x = data.draw(ints(shape, np.int32, 6))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    k = data.draw(st.integers(0, shape[axis]))
    values, at = clear(lambda x: topk(x, np.int64(k), axis), 6, x=x)
    want = np.argsort(-x, axis, kind="stable")
    want = np.take(want, np.arange(k), axis)
    same(at, want)
    same(values, np.take_along_axis(x, want, axis))


@pytest.mark.parametrize("n", [0, 1, 2, 40])
def test_shuffled_rows_stay_together(clear: Any, n: int) -> None:
    def program(x: Any, y: Any, b: Any) -> Any:
        return [shuffle(x), *shuffle(x, y, b)]

    x, y = np.arange(n), np.stack([np.arange(n) / 2, np.arange(n) * 2.0], 1)
    b = np.arange(n) % 3 == 0
    alone, one, two, three = clear(program, x=x, y=y, b=b)
    assert sorted(alone.tolist()) == x.tolist()
    np.testing.assert_array_equal(two, y[one])
    same(three, b[one])


@few
@given(data=st.data())
def test_axes(clear: Any, data: Any) -> None:
    x = data.draw(
        ints(data.draw(st.sampled_from([(7,), (3, 4), (2, 5, 3), (0, 3)])), np.int32, WIDE)
    )
    axis = data.draw(st.sampled_from([None, *range(-x.ndim, x.ndim)]))
    same(clear(lambda x: np.sort(x, axis), WIDE, x=x), np.sort(x, axis))
    b = data.draw(bools((5,)))
    same(clear(np.sort, b=b), np.sort(b))


@few
@given(data=st.data())
def test_quantiles(clear: Any, data: Any) -> None:
    x = data.draw(reals(data.draw(st.sampled_from([(1,), (2,), (9,), (4, 5)])), most=100))
    q = data.draw(st.sampled_from([0.0, 1.0, 0.5, 0.3, [0.25, 0.5, 0.75], [1.0], np.array([])]))
    axis = data.draw(st.sampled_from([None, 0, -1]))
    keep = data.draw(st.booleans())
    got = clear(lambda x: np.quantile(x, q, axis, keepdims=keep), x=x)
    near(got, np.quantile(x, q, axis, keepdims=keep), 110 * STEP)
    near(clear(lambda x: np.percentile(x, 40, axis), x=x), np.percentile(x, 40, axis), 110 * STEP)
    near(clear(lambda x: np.median(x, axis), x=x), np.median(x, axis), 110 * STEP)


@pytest.mark.parametrize("method", sorted(quantiles.METHODS | quantiles.PICKED))
@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_methods(clear: Any, method: Any, n: int) -> None:
    x = np.linspace(-3, 5, n)[np.argsort(np.sin(np.arange(n)))]
    x = np.round(x * 64) / 64
    q = [0.0, 0.1, 0.25, 0.5, 0.77, 1.0]
    want = np.quantile(x, q, method=method)
    near(clear(lambda x: np.quantile(x, q, method=method), x=x), want, 12 * STEP)
    if method in quantiles.PICKED:
        whole = (x * 64).astype(np.int64)
        got = clear(lambda w: np.percentile(w, 40, method=method), 400, w=whole)
        same(got, np.percentile(whole, 40, method=method))


@few
@given(data=st.data())
def test_several_axes(clear: Any, data: Any) -> None:
    x = data.draw(reals((2, 3, 4), most=9))
    axis = data.draw(st.sampled_from([(0, 1), (2, 0), (0, 1, 2), 1]))
    keep = data.draw(st.booleans())
    want = np.nanmedian(x, axis, keepdims=keep)
    near(clear(lambda x: np.nanmedian(x, axis, keepdims=keep), x=x), want, 12 * STEP)


@few
@given(data=st.data())
def test_first_extremes(clear: Any, data: Any) -> None:
    shape = data.draw(st.sampled_from([(1,), (2,), (7,), (33,), (3, 4), (2, 1, 5)]))
    x = data.draw(ints(shape, np.int32, 6))
    axis = data.draw(st.sampled_from([None, *range(-x.ndim, x.ndim)]))
    keep = data.draw(st.booleans())
    for f in (np.argmax, np.argmin):
        got = clear(lambda x, f=f: f(x, axis, keepdims=keep), 6, x=x)
        same(got, f(x, axis, keepdims=keep))
    b = data.draw(bools(shape))
    same(clear(lambda b: np.argmax(b, axis), b=b), np.argmax(b, axis))


def test_quantiles_of_integers_are_reals(clear: Any) -> None:
    near(clear(np.median, x=np.array([4, 1, 2, 3])), 2.5, 4 * STEP)


def test_three_parties(clear: Any) -> None:
    alice, bob = OwnerName("alice", 0), OwnerName("bob", 1)

    def program(cell: Any) -> Any:
        both = np.concatenate([share(alice.x, bound=99), share(bob.x, bound=99)])
        long = np.tile(both, 12)
        return reveal(
            np.sort(both), np.quantile(both, [0.25, 0.5]), np.sort(long), np.argsort(long),
            topk(long, 3)[1], np.argmax(both), np.sort(both > 0), shuffle(long),
        )  # fmt: skip

    x = np.array([5.5, -3, 9, 0, 2]), np.array([1.25, 1.25, -7])
    both = np.concatenate(x)
    long = np.tile(both, 12)
    with three_rooms() as rooms:
        for result in rooms.run(program, [{"x": x[0]}, {"x": x[1]}, {}]):
            ordered, middle, all_of_it, order, top, first, signs, mixed = settle(result)
            near(ordered, np.sort(both), 0)
            near(middle, np.quantile(both, [0.25, 0.5]), 12 * STEP)
            near(all_of_it, np.sort(long), 0)
            same(order, np.argsort(long, kind="stable"))
            same(top, [2, 10, 18])
            assert first == 2
            same(signs, np.sort(both > 0))
            assert (mixed != long).any()
            near(np.sort(mixed), np.sort(long), 0)
        cells = [room.ledger.last_cell for room in rooms.rooms]
        assert sum(cell.sent_bits for cell in cells) == cells[0].planned.bits
        assert {cell.rounds for cell in cells} == {cells[0].planned.rounds}


def test_refusals(clear: Any) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        clear(lambda x: np.quantile(x, 2), x=np.arange(3))
    with pytest.raises(UsageError, match="zero elements"):
        clear(np.median, x=np.zeros(0))
    with pytest.raises(Unsupported, match="public"):
        clear(lambda x: np.quantile(x, x), x=np.arange(3))
    with pytest.raises(UsageError, match="a public number from 0 to 3"):
        clear(lambda x: topk(x, 4), x=np.arange(3))
    with pytest.raises(UsageError, match="same number of rows"):
        clear(lambda x: shuffle(x, x[:2]), x=np.arange(3))
    with pytest.raises(UsageError, match="one shape"):
        clear(lambda x: np.lexsort((x, x[:2])), x=np.arange(3))
    with pytest.raises(UsageError, match="public position"):
        clear(lambda x: np.partition(x, 3), x=np.arange(3))
    with pytest.raises(UsageError, match="method="):
        clear(lambda x: np.quantile(x, 0.5, method="best"), x=np.arange(3))
    with pytest.raises(UsageError, match="no order="):
        clear(lambda x: np.sort(x, order="a"), x=np.arange(3))
    with pytest.raises(Unsupported, match=r"x\.sort has no secret version; nearest: np\.sort"):
        clear(lambda x: x.sort(), x=np.arange(3))
