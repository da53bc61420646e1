"""Mean and spread of what a secret mask keeps."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import Unsupported, UsageError
from tests.array.clear import bools, few, ints, near, reals

STEP = 2.0**-20


@few
@given(data=st.data())
def test_means_of_groups(clear: Any, data: Any) -> None:
    x, m = data.draw(reals((4, 3))), data.draw(bools((4, 3)))
    axis, keep = data.draw(st.sampled_from([None, 0, -1, (0, 1)])), data.draw(st.booleans())
    count = m.sum(axis=axis, keepdims=keep)
    want = np.where(m, x, 0).sum(axis=axis, keepdims=keep) / np.maximum(count, 1)
    got = clear(lambda x, m: np.mean(x, axis=axis, where=m, keepdims=keep), x=x, m=m)
    near(got, want, np.abs(want) * 2.0**-25 + 3 * STEP)
    if np.all(count):
        got = clear(lambda x: x.mean(axis=axis, where=m, keepdims=keep), x=x)
        near(got, want, 1.2 * STEP)


@few
@given(data=st.data(), ddof=st.sampled_from([0, 1]))
def test_spread_of_groups(clear: Any, data: Any, ddof: int) -> None:
    x, m = data.draw(reals((6, 2), most=100)), data.draw(bools((6, 2)))
    count = m.sum(axis=0)
    mean = np.where(m, x, 0).sum(axis=0) / np.maximum(count, 1)
    squares = np.where(m, (x - mean) ** 2, 0).sum(axis=0)
    want = np.where(count > ddof, squares / np.maximum(count - ddof, 1), 0)

    def program(x: Any, m: Any) -> Any:
        return np.var(x, axis=0, where=m, ddof=ddof), np.std(x, axis=0, where=m, ddof=ddof)

    g = clear(program, bound={"x": 100}, x=x, m=m)
    off = 2.0**-25 * np.abs(mean) / STEP + 3
    step = 4 * STEP * (np.sqrt(want) + 1) * off
    near(g[0], want, want * 2.0**-20 + 2 * step)
    root = np.sqrt(want)
    allowed = np.minimum(2 * step / np.maximum(root, 1e-9), 2 * np.sqrt(2 * step))
    near(g[1], root, root * 2.0**-18.2 + allowed + 2 * STEP)


def test_wide_values_keep_their_deviation(clear: Any) -> None:
    """Squares that would not fit are taken of fewer fraction bits."""
    n = np.arange(-10, 10) * 50_000
    m = n % 3 == 0
    got = clear(lambda n, m: np.std(n, where=m), n=n, m=m)
    assert got == pytest.approx(np.std(n[m]), rel=1e-5)


@few
@given(n=ints((5,), np.int8), m=bools((5,)))
def test_integers_and_one_group_by_another(clear: Any, n: np.ndarray, m: np.ndarray) -> None:
    got = clear(lambda n: np.mean(n, where=n > 3), n=n)
    near(got, n[n > 3].mean() if (n > 3).any() else 0.0, 4 * STEP)
    got = clear(lambda m, n: np.mean(m, where=n > 3), m=m, n=n)
    near(got, m[n > 3].mean() if (n > 3).any() else 0.0, 4 * STEP)


def test_degrees_of_freedom(clear: Any) -> None:
    x, m = np.array([1.0, 2.5, 4.0, 7.0]), np.array([True, True, False, True])
    for ddof in (-1, 1, 1.0, np.int64(1)):
        want = np.var(x, where=m, ddof=ddof)
        for f in (np.var, lambda *a, **k: np.std(*a, **k) ** 2):
            near(clear(lambda x, f=f, d=ddof: f(x, where=m, ddof=d), bound=8, x=x), want, 2**-14)
            got = clear(lambda x, m, f=f, d=ddof: f(x, where=m, ddof=d), bound={"x": 8}, x=x, m=m)
            near(got, want, 2**-14)
    every = np.ones(4, bool)  # count - ddof is more than there are elements
    got = clear(lambda x, m: np.var(x, where=m, ddof=-1), bound={"x": 8}, x=x, m=every)
    near(got, np.var(x, ddof=-1), 2**-14)


def test_too_few_values_for_the_degrees_of_freedom(clear: Any) -> None:
    x, m = np.array([[1.0, 2.5], [4.0, 7.0]]), np.array([[True, True], [False, True]])
    for ddof in (1, 2, 3):
        with pytest.raises(UsageError, match=f"keeps 1 values.*ddof={ddof}"):
            clear(lambda x, d=ddof: np.var(x, axis=1, where=m, ddof=d), x=x)
    with pytest.raises(UsageError, match="keeps 0 values"):
        clear(lambda x: np.mean(x, axis=1, where=np.array([[True], [False]])), x=x)
    with pytest.raises(Unsupported, match="whole number"):
        clear(lambda x: np.std(x, where=m, ddof=0.5), x=x)
