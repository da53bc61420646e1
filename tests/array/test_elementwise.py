"""Arithmetic against NumPy: exact for integers, within the stated error for fixed point."""

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.array import sfix, sfix16, share, sint
from mpckernel.errors import OutOfRange
from tests.array.clear import WIDE, alice, bools, few, ints, near, pairs_of_shapes, reals, same

STEP = 2.0**-20
BINARY = [operator.add, operator.sub, operator.mul]


@pytest.mark.parametrize("op", BINARY)
@few
@given(data=st.data())
def test_integers_are_exact(clear: Any, op: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x = data.draw(ints(a, np.int32, WIDE))
    y = data.draw(ints(b, data.draw(st.sampled_from([np.int8, np.int16]))))
    want = op(x.astype(np.int64), y.astype(np.int64))
    same(clear(op, {"x": WIDE}, x=x, y=y), want)
    same(clear(lambda x: op(x, y), WIDE, x=x), want)
    same(clear(lambda y: op(x, y), y=y), want)


@pytest.mark.parametrize("op", BINARY)
@few
@given(data=st.data())
def test_fixed_point_within_a_step(clear: Any, op: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x, y = data.draw(reals(a)), data.draw(reals(b))
    near(clear(op, x=x, y=y), op(x, y), STEP)


@pytest.mark.parametrize("op", BINARY)
@few
@given(data=st.data())
def test_fixed_point_with_public_reals(clear: Any, op: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x = data.draw(reals(a))
    scale = data.draw(st.sampled_from([1e-9, 1e-3, 0.1, 1.0, 300.0, 9.9e4]))
    y = data.draw(reals(b, most=1.0, f=40)) * scale
    error = (np.abs(x) / 2 + 2) * STEP + np.abs(x * y) * 1e-15
    near(clear(lambda x: op(x, y), x=x), op(x, y), error)
    near(clear(lambda x: op(y, x), x=x), op(y, x), error)


@few
@given(data=st.data())
def test_integers_with_public_reals(clear: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x, y = data.draw(ints(a, np.int16)), data.draw(reals(b, most=100, f=40))
    got = clear(lambda x: (x * y, x + y), x=x)
    near(got[0], x * y, (np.abs(x.astype(float)) / 2 + 2) * STEP)
    near(got[1], x + y, STEP / 2)


@pytest.mark.parametrize("op", BINARY)
@few
@given(data=st.data())
def test_mixed_types_meet(clear: Any, op: Any, data: Any) -> None:
    """An integer by fixed point is exact; two scales meet at the finer one."""
    a, b = data.draw(pairs_of_shapes())
    x, y, b01 = data.draw(reals(a)), data.draw(ints(b, np.int8)), data.draw(bools(b))
    near(clear(op, x=x, y=y), op(x, y), 0)
    near(clear(op, x=x, y=b01), op(x, b01.astype(int)), 0)
    z = data.draw(reals(b, most=50, f=10))

    def program() -> Any:
        return op(share(alice.x), share(alice.z, dtype=sfix(10), bound=50))

    near(clear.cell(program, {"x": x, "z": z}), op(x, z), 2.0**-20)


@few
@given(x=bools())
def test_booleans_count_as_integers(clear: Any, x: np.ndarray) -> None:
    got = clear(lambda x: (x + x, x - 1, x * 3, -x, abs(x), x * x), x=x)
    n = x.astype(np.int64)
    for one, want in zip(got, (n + n, n - 1, n * 3, -n, n, n), strict=True):
        same(one, want)


@few
@given(x=ints(dtype=np.int16))
def test_one_integer_operand(clear: Any, x: np.ndarray) -> None:
    n = x.astype(np.int64)
    functions = [np.negative, np.absolute, np.sign, np.square, np.positive, np.floor, np.rint]
    got = clear(lambda x: [f(x) for f in functions], x=x)
    for f, one in zip(functions, got, strict=True):
        same(one, f(n).astype(np.int64))
    same(clear(lambda x: ~x, x=x), ~n)


@few
@given(x=reals(most=40, f=3) | reals(most=40))
def test_one_real_operand(clear: Any, x: np.ndarray) -> None:
    functions = [np.negative, np.absolute, np.sign, np.floor, np.ceil, np.trunc]
    got = clear(lambda x: [f(x) for f in functions], x=x)
    for f, one in zip(functions, got, strict=True):
        near(one, f(x), 0)
    near(clear(np.square, x=x), x * x, STEP)


@few
@given(data=st.data())
def test_signs_of_others(clear: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x, y, n = data.draw(reals(a)), data.draw(reals(b)) + 0.0, data.draw(ints(a, np.int8))
    near(clear(np.copysign, x=x, y=y), np.copysign(x, y) + 0.0, 0)
    near(clear(lambda x: np.copysign(x, y), x=x), np.copysign(x, y) + 0.0, 0)
    same(clear(np.copysign, n=n, y=y), np.copysign(n, y).astype(int))


@few
@given(x=reals(), n=ints(dtype=np.int16), k=st.integers(0, 20))
def test_angles_and_shifts(clear: Any, x: np.ndarray, n: np.ndarray, k: int) -> None:
    error = (np.abs(x) / 2 + 2) * STEP
    near(clear(np.deg2rad, x=x), np.deg2rad(x), error)
    near(clear(np.degrees, x=x), np.degrees(x), error)
    near(clear(lambda x: np.ldexp(x, k), x=x), np.ldexp(x, k), 0)
    same(clear(lambda n: n << k, n=n), n.astype(np.int64) << k)
    same(clear(lambda n: n >> k, n=n), n.astype(np.int64) >> k)


@pytest.mark.parametrize("k", [0, 1, 2, 3, 5, 8])
@few
@given(data=st.data())
def test_powers(clear: Any, k: int, data: Any) -> None:
    x, y = data.draw(ints(dtype=np.int8)), data.draw(reals(most=2))

    def program() -> Any:
        return share(alice.x, bound=128) ** k, share(alice.y, bound=2) ** k

    if k == 8:
        x = (x % 16).astype(np.int8)
        got = clear.cell(lambda: share(alice.x, bound=16) ** k, {"x": x})
        same(got, x.astype(np.int64) ** k)
        return
    whole, real = clear.cell(program, {"x": x, "y": y})
    same(whole, x.astype(np.int64) ** k)
    near(real, y**k, max(1, k) * 2.0 ** max(k, 1) * STEP)


@few
@given(x=ints(dtype=np.int32, bound=WIDE), k=st.integers(0, 12))
def test_powers_of_two_divide_whole_numbers(clear: Any, x: np.ndarray, k: int) -> None:
    n = x.astype(np.int64)
    got = clear(lambda x: (x // 2**k, x % 2**k), WIDE, x=x)
    same(got[0], n // 2**k)
    same(got[1], n % 2**k)


@few
@given(x=reals(most=300, f=6))
def test_powers_of_two_divide_reals(clear: Any, x: np.ndarray) -> None:
    got = clear(lambda x: (x // 4, x % 4), x=x)
    near(got[0], x // 4, 0)
    near(got[1], x % 4, 0)


@few
@given(x=reals(most=500))
def test_types_convert(clear: Any, x: np.ndarray) -> None:
    got = clear(
        lambda x: (x.astype(int), x.astype(sfix16), x.astype(sfix(24)), x.astype(bool)), x=x
    )
    same(got[0], np.trunc(x).astype(np.int64))
    near(got[1], x, 2.0**-16)
    near(got[2], x, 0)
    same(got[3], x != 0)


@few
@given(x=reals(most=2.0**16), y=reals(most=2.0**20))
def test_products_in_limbs(clear: Any, x: np.ndarray, y: np.ndarray) -> None:
    """The product of two columns without declared bounds does not fit uncut, but is right."""
    near(clear(lambda x: x * x, x=x), x * x, STEP * 1.001 + x * x * 2.0**-52)
    near(clear(lambda y: y * y, 2**20, y=y), y * y, STEP * 1.001 + y * y * 2.0**-52)


def test_in_place_operators_give_a_new_value(clear: Any) -> None:
    def program(x: Any) -> Any:
        y = x
        y += 1
        return x, y

    x, y = clear(program, x=np.arange(3))
    same(x, np.arange(3))
    same(y, np.arange(3) + 1)


def test_what_could_wrap_is_refused(clear: Any) -> None:
    x = np.ones(3)

    def program(x: Any) -> Any:
        y = x * x
        return y * y

    with pytest.raises(OutOfRange, match=r"this product could reach .* np\.clip, or use fewer"):
        clear(program, x=x)
    with pytest.raises(
        OutOfRange, match=r"this product .* share\(alice\.x, bound=\.\.\.\) or merge"
    ):
        clear(lambda x: x * x, 2**31, x=np.arange(3))
    with pytest.raises(OutOfRange):
        clear(lambda x: x * 2**50, x=np.arange(3))
    with pytest.raises(OutOfRange):
        clear(lambda x: x + 1e15, x=x)
    with pytest.raises(OutOfRange):
        clear(lambda x: x * np.nan, x=x)


def test_types_are_as_documented(clear: Any) -> None:
    def program(i: Any, r: Any, b: Any) -> Any:
        kinds = [(i + i).dtype, (i + r).dtype, (b + b).dtype, (i * 0.5).dtype, (r * 2).dtype]
        assert [str(k) for k in kinds] == ["sint", "sfix20", "sint", "sfix20", "sfix20"]
        assert (r.astype(sfix16) + r).dtype.f == 20
        assert (r > 0).dtype.kind == "b"
        assert i.astype("sfix16").dtype == sfix16
        assert r.astype(np.int64).dtype == sint
        return ()

    clear(program, i=np.arange(2), r=np.ones(2), b=np.ones(2, bool))
