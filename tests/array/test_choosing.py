"""where, minimum, maximum, clip against NumPy: exact."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import OutOfRange, Unsupported, UsageError
from tests.array.clear import WIDE, bools, few, ints, near, pairs_of_shapes, reals, same


def where_holds(clear: Any, c: Any, x: Any, y: Any, want: np.ndarray) -> None:
    """np.where with each choice of secret operands, the others public."""
    same(clear(np.where, c=c, x=x, y=y), want)
    same(clear(lambda c, x: np.where(c, x, y), c=c, x=x), want)
    same(clear(lambda c, y: np.where(c, x, y), c=c, y=y), want)
    same(clear(lambda c: np.where(c, x, y), c=c), want)
    same(clear(lambda x, y: np.where(c, x, y), x=x, y=y), want)
    same(clear(lambda x: np.where(c, x, y), x=x), want)
    same(clear(lambda y: np.where(c, x, y), y=y), want)


@few
@given(data=st.data())
def test_where(clear: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    c, x, y = data.draw(bools(a)), data.draw(ints(b, np.int16)), data.draw(ints(a, np.int8))
    want = np.where(c, x.astype(np.int64), y)
    where_holds(clear, c, x, y, want)


@few
@given(data=st.data())
def test_where_of_booleans(clear: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    c, x, y = data.draw(bools(a)), data.draw(bools(b)), data.draw(bools(a))
    want = np.where(c, x, y)
    where_holds(clear, c, x, y, want)


@few
@given(data=st.data())
def test_where_of_mixed_types(clear: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    n, x, y = data.draw(ints(a, np.int8)), data.draw(reals(b)), data.draw(bools(a))
    near(clear(np.where, c=n, x=x, y=y), np.where(n, x, y.astype(float)), 0)
    near(clear(lambda n: np.where(n > 0, 0.5, n), n=n), np.where(n > 0, 0.5, n), 0)


@few
@given(data=st.data())
def test_minimum_and_maximum(clear: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x, y = data.draw(ints(a, np.int32, WIDE)), data.draw(ints(b, np.int32, WIDE))
    both = clear(
        lambda x, y: (np.minimum(x, y), np.maximum(x, y), np.maximum(x, 3)), WIDE, x=x, y=y
    )
    for one, want in zip(both, (np.minimum(x, y), np.maximum(x, y), np.maximum(x, 3)), strict=True):
        same(one, want)
    r, s = data.draw(reals(a)), data.draw(bools(b))
    near(clear(np.minimum, {"x": WIDE}, r=r, x=y), np.minimum(r, y), 0)
    same(clear(np.maximum, s=s, t=s), s)


@few
@given(data=st.data())
def test_clip(clear: Any, data: Any) -> None:
    x = data.draw(ints(dtype=np.int32, bound=WIDE))
    low, high = sorted([data.draw(st.integers(-99, 99)), data.draw(st.integers(-99, 99))])

    def program(x: Any) -> Any:
        clipped = np.clip(x, low, high)
        assert clipped.bound <= 99
        return clipped, x.clip(low), x.clip(None, high), x.clip(min=low, max=high)

    got = clear(program, WIDE, x=x)
    for one, want in zip(
        got,
        (np.clip(x, low, high), x.clip(low), x.clip(None, high), np.clip(x, low, high)),
        strict=True,
    ):
        same(one, want)


@few
@given(x=reals(most=4, f=1), h=st.sampled_from([0.0, 0.5, 1.0]))
def test_heaviside(clear: Any, x: np.ndarray, h: float) -> None:
    near(clear(lambda x: np.heaviside(x, h), x=x), np.heaviside(x, h), 0)


@few
@given(data=st.data())
def test_first_condition_that_holds(clear: Any, data: Any) -> None:
    x, n = data.draw(reals((5,), most=4, f=2)), data.draw(ints((5,), np.int8))

    def chosen(x: Any, n: Any) -> Any:
        public = np.array([True, False, True, False, False])
        return (
            np.select([x > 2, n > x, public], [x, n, 7.5], -1),
            np.select([x > 2], [n]),
            np.piecewise(x, [x < 0, x >= 1], [lambda v: -v, lambda v: v * 2, 0.25]),
            np.piecewise(x, x < 0, [lambda v: -v]),
        )

    for one, want in zip(clear(chosen, x=x, n=n), chosen(x, n), strict=True):
        near(np.asarray(one, float), want, 0)
    k = np.array([0, 1, 2, 1, 0])
    near(clear(lambda k, x: np.choose(k, [x, n, 0.5]), k=k, x=x), np.choose(k, [x, n, 0.5]), 0)


def test_choices_that_do_not_match(clear: Any) -> None:
    with pytest.raises(UsageError, match="as many"):
        clear(lambda x: np.select([x > 0], [x, x]), x=np.ones(2))
    with pytest.raises(UsageError, match="a function for each"):
        clear(lambda x: np.piecewise(x, [x > 0], [1, 2, 3]), x=np.ones(2))


def test_clipping_makes_room_for_products(clear: Any) -> None:
    x = np.array([1.0, -2.0])

    def program(x: Any) -> Any:
        small = np.clip(x, -3, 3)
        return small**5

    near(clear(program, x=x), x**5, 1e-3)


def test_there_is_no_not_a_number(clear: Any) -> None:
    x = np.ones(2)
    for one, want in zip(
        clear(lambda x: (np.isnan(x), np.isinf(x), np.isfinite(x), np.nan_to_num(x)), x=x),
        (np.isnan(x), np.isinf(x), np.isfinite(x), x),
        strict=True,
    ):
        same(one, want)


def test_positions_of_a_mask_stay_secret(clear: Any) -> None:
    with pytest.raises(Unsupported, match="both choices"):
        clear(lambda x: np.where(x > 1), x=np.arange(3))


def test_secrets_hold_no_nan(clear: Any) -> None:
    for odd in (np.nan, np.inf):
        with pytest.raises(OutOfRange, match=r"no NaN .* np\.mean\(x, where=mask\), .*compress\("):
            clear(lambda x, odd=odd: np.where(x > 1, x, odd), x=np.arange(3.0))
    with pytest.raises(OutOfRange, match="scale the data"):
        clear(lambda x: np.where(x > 1, x, 2.0**60), x=np.arange(3.0))
