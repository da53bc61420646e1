"""Running sums, products and extremes against NumPy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import Unsupported, UsageError
from tests.array.clear import bools, few, ints, near, reals, same

STEP = 2.0**-20


@few
@given(data=st.data())
def test_running_sums(clear: Any, data: Any) -> None:
    x = data.draw(ints(dtype=np.int16))
    axis = data.draw(st.sampled_from([None, *range(x.ndim)]))
    same(clear(lambda x: np.cumsum(x, axis), x=x), np.cumsum(x.astype(np.int64), axis))
    got = clear(lambda x: x.cumsum(axis, dtype=float), x=x)
    near(got, np.cumsum(x, axis, dtype=float), 0)


@few
@given(data=st.data())
def test_running_products(clear: Any, data: Any) -> None:
    x = data.draw(ints(data.draw(st.sampled_from([(0,), (1,), (7,), (2, 5)])), np.int8)) % np.int8(
        5
    )
    axis = data.draw(st.sampled_from([None, *range(x.ndim)]))
    got = clear(lambda x: np.cumprod(x, axis), bound=5, x=x)
    same(got, np.cumprod(x.astype(np.int64), axis))
    r = data.draw(reals((9,), most=1))
    near(clear(np.cumprod, bound=1, r=r), np.cumprod(r), 9 * STEP)


@pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="NumPy 2.1 names")
@few
@given(x=ints((2, 3), np.int8), first=st.booleans())
def test_new_names(clear: Any, x: np.ndarray, first: bool) -> None:
    n = x.astype(np.int64)
    for f in (np.cumulative_sum, np.cumulative_prod):
        got = clear(lambda x, f=f: f(x, axis=1, include_initial=first), x=x)
        same(got, f(n, axis=1, include_initial=first))
        with pytest.raises(UsageError, match="axis="):
            clear(lambda x, f=f: f(x), x=x)


@few
@given(x=ints((2, 6), np.int8), b=bools((5,)))
def test_accumulate(clear: Any, x: np.ndarray, b: np.ndarray) -> None:
    n = x.astype(np.int64)
    for f in (np.add, np.maximum, np.minimum):
        same(clear(lambda x, f=f: f.accumulate(x, axis=1), x=x), f.accumulate(n, axis=1))
    for f in (np.logical_or, np.logical_and, np.logical_xor):
        same(clear(lambda b, f=f: f.accumulate(b), b=b), f.accumulate(b))
    with pytest.raises(Unsupported, match=r"np\.maximum\.accumulate"):
        clear(np.subtract.accumulate, b=b)
