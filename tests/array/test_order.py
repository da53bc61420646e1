"""Sorting and quantiles against NumPy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.errors import Unsupported, UsageError
from tests.array.clear import WIDE, bools, few, ints, near, reals, same
from tests.rooms import three_rooms

STEP = 2.0**-20


@pytest.mark.parametrize("n", [*range(18), 31, 32, 33, 63, 64, 65, 100])
def test_every_length(clear: Any, n: int) -> None:
    rng = np.random.default_rng(n)  # noqa: TID251  (test data)
    x = rng.integers(-50, 50, n).astype(np.int16)
    same(clear(np.sort, x=x), np.sort(x))


@pytest.mark.parametrize("n", [5, 8, 11])
@settings(max_examples=40)
@given(data=st.data())
def test_zeros_and_ones(clear: Any, n: int, data: Any) -> None:
    """A network that sorts all rows of zeros and ones sorts everything."""
    x = (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(np.int8)
    rows = data.draw(st.lists(st.integers(0, 2**n - 1), min_size=40, max_size=40))
    same(clear(np.sort, x=x[rows]), np.sort(x[rows]))


@few
@given(data=st.data())
def test_axes(clear: Any, data: Any) -> None:
    x = data.draw(
        ints(data.draw(st.sampled_from([(7,), (3, 4), (2, 5, 3), (0, 3)])), np.int32, WIDE)
    )
    axis = data.draw(st.sampled_from([None, *range(-x.ndim, x.ndim)]))
    same(clear(lambda x: np.sort(x, axis), WIDE, x=x), np.sort(x, axis))
    b = data.draw(bools((5,)))
    same(clear(np.sort, b=b), np.sort(b).astype(int))


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


def test_quantiles_of_integers_are_reals(clear: Any) -> None:
    near(clear(np.median, x=np.array([4, 1, 2, 3])), 2.5, 4 * STEP)


def test_three_parties(clear: Any) -> None:
    alice, bob = OwnerName("alice", 0), OwnerName("bob", 1)

    def program(cell: Any) -> Any:
        both = np.concatenate([share(alice.x, bound=99), share(bob.x, bound=99)])
        return reveal(np.sort(both), np.quantile(both, [0.25, 0.5]))

    x = np.array([5.5, -3, 9, 0, 2]), np.array([1.25, 1.25, -7])
    with three_rooms() as rooms:
        for result in rooms.run(program, [{"x": x[0]}, {"x": x[1]}, {}]):
            ordered, quantiles = settle(result)
            near(ordered, np.sort(np.concatenate(x)), 0)
            near(quantiles, np.quantile(np.concatenate(x), [0.25, 0.5]), 12 * STEP)


def test_refusals(clear: Any) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        clear(lambda x: np.quantile(x, 2), x=np.arange(3))
    with pytest.raises(UsageError, match="zero elements"):
        clear(np.median, x=np.zeros(0))
    with pytest.raises(Unsupported, match="public"):
        clear(lambda x: np.quantile(x, x), x=np.arange(3))
    with pytest.raises(Unsupported, match=r"x\.sort has no secret version; nearest: np\.sort"):
        clear(lambda x: x.sort(), x=np.arange(3))
