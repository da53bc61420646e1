"""Reductions against NumPy, over every axis, also of no elements."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import OutOfRange, Unsupported, UsageError
from tests.array.clear import WIDE, bools, few, ints, near, reals, same

FREE = [np.sum, np.count_nonzero]
EXACT = [np.max, np.min, np.ptp]
LOGIC = [np.any, np.all]


def axes(ndim: int) -> st.SearchStrategy[Any]:
    single = [None, *range(-ndim, ndim)]
    return st.sampled_from([*single, (0, ndim - 1)] if ndim > 1 else single)


@pytest.mark.parametrize("f", [*FREE, *EXACT, *LOGIC])
@few
@given(data=st.data())
def test_over_axes(clear: Any, f: Any, data: Any) -> None:
    x = data.draw(ints(dtype=np.int16)).astype(np.int32)
    axis, keep = data.draw(axes(x.ndim)), data.draw(st.booleans())
    try:
        want = f(x, axis=axis, keepdims=keep)
    except ValueError:  # NumPy has no extreme of nothing
        with pytest.raises(UsageError, match="zero elements"):
            clear(lambda x: f(x, axis=axis, keepdims=keep), x=x)
        return
    same(clear(lambda x: f(x, axis=axis, keepdims=keep), x=x), want)


@pytest.mark.parametrize("f", [*FREE, *EXACT[:2], *LOGIC])
@few
@given(data=st.data())
def test_of_booleans(clear: Any, f: Any, data: Any) -> None:
    x = data.draw(bools(data.draw(st.sampled_from([(), (1,), (65,), (2, 3)]))))
    axis = data.draw(axes(x.ndim))
    same(clear(lambda x: f(x, axis=axis), x=x), f(x, axis=axis))


@pytest.mark.parametrize("f", [np.sum, *EXACT])
@few
@given(data=st.data())
def test_of_reals(clear: Any, f: Any, data: Any) -> None:
    x = data.draw(reals(data.draw(st.sampled_from([(), (1,), (9,), (2, 3)]))))
    axis = data.draw(axes(x.ndim))
    near(clear(lambda x: f(x, axis=axis), x=x), f(x, axis=axis), 1e-9)


@pytest.mark.parametrize("f", [np.sum, np.prod, np.any, np.all])
@few
@given(data=st.data())
def test_of_what_a_mask_keeps(clear: Any, f: Any, data: Any) -> None:
    x, m = data.draw(ints((2, 3), np.int8)), data.draw(bools((2, 3)))
    axis = data.draw(axes(2))
    want = f(x.astype(np.int64), axis=axis, where=m)
    same(clear(lambda x, m: f(x, axis=axis, where=m), x=x, m=m), want)
    same(clear(lambda x: f(x, axis=axis, where=m), x=x), want)
    b = data.draw(bools((3,)))
    same(clear(lambda b, m: f(b, where=m[0]), b=b, m=m), f(b, where=m[0]))


@few
@given(data=st.data())
def test_from_a_start(clear: Any, data: Any) -> None:
    x, m = data.draw(ints((2, 3), np.int8)).astype(np.int64), data.draw(bools((2, 3)))
    start = data.draw(st.integers(-200, 200))
    for f in (np.max, np.min):
        want = f(x, axis=1, initial=start, where=m)
        same(clear(lambda x, m, f=f: f(x, axis=1, initial=start, where=m), x=x, m=m), want)
        same(clear(lambda x, f=f: f(x[:0], initial=start), x=x), np.int64(start))
    same(clear(lambda x: np.sum(x, initial=start), x=x), x.sum() + start)
    same(clear(lambda x: np.prod(x[0, :2], initial=start), x=x), x[0, :2].prod() * start)
    with pytest.raises(UsageError, match="initial="):
        clear(lambda x, m: np.max(x, where=m), x=x, m=m)


@few
@given(data=st.data())
def test_positions_of_extremes(clear: Any, data: Any) -> None:
    shape = data.draw(st.sampled_from([(1,), (6,), (7,), (2, 5), (3, 1, 4)]))
    x = data.draw(ints(shape, np.int8)) % np.int8(4)  # many ties
    axis = data.draw(st.sampled_from([None, *range(-x.ndim, x.ndim)]))
    got = clear(lambda x: (np.argmax(x, axis), x.argmin(axis)), x=x)
    same(got[0], np.argmax(x, axis))
    same(got[1], np.argmin(x, axis))


@few
@given(data=st.data())
def test_products(clear: Any, data: Any) -> None:
    x = data.draw(ints(data.draw(st.sampled_from([(), (0,), (5,), (2, 4)])), np.int8))
    axis = data.draw(st.sampled_from([None, *range(x.ndim)]))
    same(clear(lambda x: np.prod(x, axis), x=x), np.prod(x.astype(np.int64), axis))
    r = data.draw(reals((3,), most=2))
    near(clear(lambda r: np.prod(np.clip(r, -2, 2)), r=r), np.prod(r), 8 * 2.0**-20)


@few
@given(x=ints((5,), np.int8))
def test_methods_of_ufuncs(clear: Any, x: np.ndarray) -> None:
    n = x.astype(np.int64)

    def program(x: Any) -> Any:
        return np.add.reduce(x), np.maximum.reduce(x), np.add.outer(x, x[:2])

    wants = (n.sum(), n.max(), np.add.outer(n, n[:2]))
    for one, want in zip(clear(program, x=x), wants, strict=True):
        same(one, want)
    with pytest.raises(Unsupported, match="reduce"):
        clear(np.subtract.reduce, x=x)


@few
@given(x=ints((3, 5), np.int8), b=bools((3, 5)))
def test_bits_of_all(clear: Any, x: np.ndarray, b: np.ndarray) -> None:
    n, nothing = x.astype(np.int64), np.zeros((2, 0), np.int64)
    for f in (np.bitwise_and.reduce, np.bitwise_or.reduce):
        same(clear(f, x=x), f(n))
        same(clear(lambda x, f=f: f(x, axis=1, where=b), x=x), f(n, axis=1, where=b))
        same(clear(f, b=b), f(b))
        same(clear(lambda x, f=f: f(x, axis=1), x=nothing), f(nothing, axis=1))
    with pytest.raises(Unsupported, match="astype"):
        clear(np.bitwise_or.reduce, x=np.ones(1))


@few
@given(x=ints((4,), np.int8))
def test_equality_of_arrays(clear: Any, x: np.ndarray) -> None:
    got = clear(
        lambda x: (np.array_equal(x, x), np.array_equal(x, x + 1), np.allclose(x, x + 0)), x=x
    )
    assert [bool(g) for g in got[:2]] == [True, False]
    assert clear(lambda x: np.array_equal(x, x[:2]), x=x) is False
    assert clear(lambda x: np.array_equiv(x, x[:2]), x=x) is False
    assert clear(lambda x: np.array_equiv(x[:1], x), x=x) == np.array_equiv(x[:1], x)


def test_sums_that_could_wrap_are_wide_or_refused(clear: Any) -> None:
    x = np.arange(4)
    assert clear(lambda x: (x * 2**30).sum(), bound=WIDE, x=x) == x.sum() * 2**30
    with pytest.raises(OutOfRange, match="sum of 4"):
        clear(lambda x: np.cumsum(x * 2**30), bound=WIDE, x=x)
