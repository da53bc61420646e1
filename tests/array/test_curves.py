"""Differences, gradients, areas, interpolation and polynomials against NumPy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import Unsupported, UsageError
from tests.array.clear import few, ints, near, reals, same

STEP = 2.0**-20
TIMES = [0.0, 0.5, 1.0, 3.0]


def test_differences(clear: Any) -> None:
    x = np.arange(12).reshape(3, 4) ** 2
    same(clear(np.diff, x=x), np.diff(x))
    same(clear(lambda x: np.diff(x, 2, axis=0), x=x), np.diff(x, 2, axis=0))
    same(clear(lambda x: np.diff(x > 9, axis=0), x=x), np.diff(x > 9, axis=0))
    want = np.diff(x, axis=0, prepend=3, append=x[:1])
    same(clear(lambda x: np.diff(x, axis=0, prepend=3, append=x[:1]), x=x), want)
    want = np.ediff1d(x, to_begin=7, to_end=[8, 9])
    same(clear(lambda x: np.ediff1d(x, to_begin=7, to_end=[8, 9]), x=x), want)
    with pytest.raises(UsageError, match="n is 0 or more"):
        clear(lambda x: np.diff(x, -1), x=x)


@few
@given(x=reals((5, 4)), order=st.sampled_from([1, 2]))
def test_gradients(clear: Any, x: np.ndarray, order: int) -> None:
    uneven = [1.0, 2.0, 4.0, 5.0, 7.5]
    for program in (
        lambda x: np.gradient(x, 0.3, edge_order=order),
        lambda x: np.gradient(x, TIMES, uneven, axis=(1, 0), edge_order=order),
    ):
        for one, want in zip(clear(program, x=x), program(x), strict=True):
            near(one, want, (np.abs(x).max() * 4 + 4) * STEP)
    near(
        clear(lambda x: np.gradient(x[0], edge_order=order), x=x),
        np.gradient(x[0], edge_order=order),
        2 * STEP,
    )
    near(
        clear(lambda x: np.gradient(x[0, :2], [1, 3]), x=x),
        np.gradient(x[0, :2], [1, 3]),
        2000 * STEP,
    )


@few
@given(x=reals((3, 4)))
def test_areas(clear: Any, x: np.ndarray) -> None:
    near(
        clear(lambda x: np.trapezoid(x, dx=0.1, axis=0), x=x),
        np.trapezoid(x, dx=0.1, axis=0),
        2000 * STEP,
    )
    near(clear(lambda x: np.trapezoid(x, TIMES), x=x), np.trapezoid(x, TIMES), 2 * STEP)
    at = np.cumsum(np.abs(x), axis=1)
    got = clear(np.trapezoid, bound=5000, x=x, at=at)
    near(got, np.trapezoid(x, at), 2 * STEP)


def test_areas_of_two_values(clear: Any) -> None:
    """Two values stand for any number of places, and two places for any number of values."""
    n = np.array([3, 1, 4, 1, 5])
    got = clear(lambda n: np.trapezoid(n[:2], n), bound=9, n=n)
    near(got, np.trapezoid(n[:2], n), 2 * STEP)
    got = clear(lambda n: np.trapezoid(n, n[:2]), bound=9, n=n)
    near(got, np.trapezoid(n, n[:2]), 2 * STEP)
    with pytest.raises(UsageError, match="one number"):
        clear(lambda n: np.trapezoid(n, dx=np.ones(4)), n=n)


@few
@given(n=ints((3,), np.int8), x=reals((4,), most=2))
def test_polynomials(clear: Any, n: np.ndarray, x: np.ndarray) -> None:
    same(clear(lambda n: np.polyval([3, 0, -1], n), n=n), np.polyval([3, 0, -1], n.astype(int)))
    got = clear(lambda x: np.polyval([0.5, -1.25, 3.0], x), bound=2, x=x)
    near(got, np.polyval([0.5, -1.25, 3.0], x), 12 * STEP)
    near(clear(lambda x: np.polyval(x, 0.5), bound=2, x=x), np.polyval(x, 0.5), 6 * STEP)
    same(clear(np.vander, n=n), np.vander(n.astype(int)))
    got = clear(lambda x: np.vander(x, 3, increasing=True), bound=2, x=x)
    near(got, np.vander(x, 3, increasing=True), 4 * STEP)


@few
@given(data=st.data())
def test_interpolation(clear: Any, data: Any) -> None:
    x, h = data.draw(reals((2, 5), most=5)), data.draw(reals((4,), most=300))
    slope = np.abs(np.diff(h) / np.diff(TIMES)).max()
    near(clear(lambda x: np.interp(x, TIMES, h), x=x), np.interp(x, TIMES, h), (slope + 3) * STEP)
    want = np.interp(x, TIMES, h, left=-9, right=9.5)
    got = clear(lambda x: np.interp(x, TIMES, h, left=-9, right=9.5), x=x)
    near(got, want, (slope + 3) * STEP)
    near(clear(lambda h: np.interp(x, TIMES, h), h=h), np.interp(x, TIMES, h), 700 * STEP)
    n = np.array([-1, 30_000, 70_000])
    one, two = clear(lambda n: (np.interp(n, [0], [0.5]), np.interp(n, [0, 6e4], [0.5, 1.25])), n=n)
    near(one, np.full(3, 0.5), 0)
    near(two, np.interp(n, [0, 6e4], [0.5, 1.25]), 3 * STEP)


def test_interpolation_refuses(clear: Any) -> None:
    x = np.ones(3)
    with pytest.raises(Unsupported, match="xp is public"):
        clear(lambda x: np.interp(x, x, x), x=x)
    with pytest.raises(UsageError, match="rises"):
        clear(lambda x: np.interp(x, [1, 1], [2, 3]), x=x)
    with pytest.raises(Unsupported, match="spacings"):
        clear(lambda x: np.gradient(x, x), x=x)
