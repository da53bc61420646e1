"""What an owner's value becomes, and every reason to refuse it, without telling a value."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mpckernel.array import sbool, sfix, sfix16, sfix20, sfix24, sint
from mpckernel.array.prepare import prepare
from mpckernel.errors import ImplicitReveal, MpcError, OutOfRange, Unsupported
from mpckernel.ring import fixed
from mpckernel.ring.words import signed


def ready(value: Any, wanted: Any = None, bound: Any = None) -> Any:
    return prepare(value, wanted, bound, "alice.x")


@pytest.mark.parametrize(
    ("dtype", "bound"),
    [
        (np.int8, 128),
        (np.uint8, 255),
        (np.int16, 2**15),
        (np.uint16, 2**16 - 1),
        (np.int32, 2**20),
        (np.uint32, 2**20),
        (np.int64, 2**20),
        (np.uint64, 2**20),
    ],
)
def test_integers_have_the_bound_of_their_type(dtype: Any, bound: int) -> None:
    info = np.iinfo(dtype)
    x = np.array([max(info.min, -bound), min(info.max, bound), 0], dtype)
    got = ready(x)
    assert (got.dtype, got.bound) == (sint, bound)
    np.testing.assert_array_equal(signed(got.data), x.astype(np.int64))


def test_reals_and_booleans() -> None:
    for value in (np.float64([1.5, -2]), np.float32([1.5, -2]), np.float16([1.5, -2]), [1.5, -2]):
        got = ready(value)
        assert (got.dtype, got.bound) == (sfix20, 2**36)
        np.testing.assert_array_equal(fixed.decode(got.data, 20), [1.5, -2])
    got = ready(np.array([[True, False]]).T)
    assert (got.dtype, got.bound, got.data.shape, got.data.dtype) == (sbool, 1, (2, 1), np.bool_)


@pytest.mark.parametrize("value", [3, 3.0, True, np.int16(3), np.float32(3), np.array(3)])
def test_single_values(value: Any) -> None:
    assert ready(value).data.shape == ()
    assert isinstance(ready(value).data, np.ndarray)


def test_declared_types_and_bounds() -> None:
    got = ready([1.25, 100.0], sfix16, 128)
    assert (got.dtype, got.bound) == (sfix16, 128 * 2**16)
    assert ready([1, 2], sfix16, 128).data.tolist() == [2**16, 2 * 2**16]
    assert ready(np.int8([1]), sfix20).bound == 128 * 2**20
    assert ready([0.5], sfix24).bound == 2**40
    assert ready([0.5], sfix(10)).bound == 2**26
    assert ready([1.0, 2.0], sint).data.tolist() == [1, 2]
    assert ready([0, 1], sbool).data.tolist() == [False, True]
    assert ready(np.int64([2**40]), None, 2**41).bound == 2**41
    assert ready([0.1], sfix20, 0.3).bound == 314573  # ceil(0.3 * 2^20)
    assert ready([True], sfix16).data.tolist() == [2**16]


def test_tables_and_columns_of_pandas() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.5, 4.5]})
    assert ready(frame).data.shape == (2, 2)
    assert ready(frame["a"]).data.shape == (2,)
    assert ready(frame.index).dtype == sint
    assert ready(frame["a"] > 1).dtype == sbool
    assert ready(pd.Series([1, 2], dtype="Int64")).dtype == sint
    assert ready(pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})).dtype == sfix20


@given(
    x=hnp.arrays(np.float64, hnp.array_shapes(min_side=0), elements=st.floats(-(2.0**20), 2.0**20))
)
def test_encoding_error_is_half_a_step(x: np.ndarray) -> None:
    got = ready(x.T[::-1], None, 2**20)
    assert got.bound == 2**40
    assert np.all(np.abs(fixed.decode(got.data, 20) - x.T[::-1]) <= 2.0**-21)
    assert np.all(np.abs(signed(got.data)) <= got.bound)


class Secret:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise ImplicitReveal("these values are secret")


BAD: list[tuple[Any, Any, Any, str]] = [
    ([1.0, np.nan, np.nan], None, None, "2 values are not finite, the first in row 1"),
    ([[1.0, 2.0], [np.inf, 1.0]], None, None, "1 value is not finite, the first in row 1"),
    ([0.0, 1e7], None, None, r"beyond 2\^16, the default bound, the first in row 1; declare one"),
    ([0.0, 1e7], None, None, r"; declare one: share\(alice\.x, bound=\.\.\.\)$"),
    ([7, 987654321987], None, None, r"beyond 2\^20, the default bound, the first in row 1"),
    (np.int32([-(2**31)]), None, None, "beyond"),
    (np.uint64([2**63]), None, None, "beyond"),
    (np.int64([-(2**63)]), None, 2**40, "beyond the declared bound"),
    ([129], sfix16, 128, "1 value is beyond the declared bound, the first in row 0"),
    (np.int8([-128]), None, 127, "beyond the declared bound"),
    ([True], sint, 0, "beyond the declared bound"),
    ([0.5], sint, None, "not whole"),
    ([0, 2], sbool, None, "neither 0 nor 1"),
    ([1.0], None, 2**42, "does not fit the ring"),
    ([1], None, 2**62, "does not fit the ring"),
    ([1], None, -1, "finite number"),
    ([1], None, float("nan"), "finite number"),
    ([1], None, "7", "one public number"),
    (Secret(), None, None, "a secret by now, since .* in the place of .*; give .* xs = share"),
    (["a", "b"], None, None, "not numbers"),
    ([1, "a"], None, None, "not numbers"),
    ([[1, 2], [3]], None, None, "not numbers"),
    (None, None, None, "not finite"),
    ({"a": 1}, None, None, "not numbers"),
    (object(), None, None, "not numbers"),
    ([2**70], None, None, "not numbers|beyond"),
    ([1, None], None, None, "1 value is not finite, the first in row 1"),
    (np.array([1 + 2j]), None, None, "complex"),
    (np.array(["2020-01-01"], "M8[D]"), None, None, "dates"),
    (np.ma.masked_array([1, 2], [0, 1]), None, None, "masked"),
    (pd.DataFrame({"a": [1], "b": ["x"]}), None, None, "not numbers"),
    (pd.Series([1, None], dtype="Int64"), None, None, "not finite"),
    (pd.Series(["a", "b"], dtype="category"), None, None, "not numbers"),
]


@pytest.mark.parametrize(("value", "wanted", "bound", "message"), BAD)
def test_refusals_say_where_and_what_to_do(
    value: Any, wanted: Any, bound: Any, message: str
) -> None:
    with pytest.raises((OutOfRange, Unsupported), match=message) as caught:
        ready(value, wanted, bound)
    assert isinstance(caught.value, MpcError)
    assert "987654321987" not in str(caught.value)


def test_a_private_exception_stays_private() -> None:
    class Odd:
        def __array__(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("salary 4711")

    with pytest.raises(Unsupported) as caught:
        ready(Odd())
    assert "4711" not in str(caught.value)


def test_values_that_are_small_beside_their_steps() -> None:
    small = np.array([0, 3e-6, -4e-7, 0.25, 0])
    assert ready(small).coarse
    assert not ready(small, sfix(30), 1).coarse
    assert not ready(np.array([0, 3e-6, 0.5, -0.25, 0.125])).coarse
    assert not ready(np.zeros(4)).coarse
    assert not ready(np.array([1, 2])).coarse
    assert ready(np.full(10**6, 2.0**-15)).coarse
