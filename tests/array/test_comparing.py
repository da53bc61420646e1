"""Comparisons and logic: exact, also next to public floats that no scale holds."""

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.array import sfix, sfix16, share
from mpckernel.array.functions.comparing import width
from mpckernel.array.prepare import INTEGERS
from mpckernel.errors import OutOfRange, Unsupported
from tests.array.clear import WIDE, alice, bools, few, ints, pairs_of_shapes, reals, same

COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
LOGIC = [np.logical_and, np.logical_or, np.logical_xor]


@pytest.mark.parametrize("op", COMPARISONS)
@few
@given(data=st.data())
def test_integers(clear: Any, op: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    dtype = data.draw(st.sampled_from([np.int8, np.int16, np.int32]))
    bound = data.draw(st.sampled_from([None, WIDE])) if dtype == np.int32 else None
    x, y = (data.draw(ints(s, dtype, bound or INTEGERS)) for s in (a, b))
    same(clear(op, bound, x=x, y=y), op(x, y))
    same(clear(lambda x: op(x, y), bound, x=x), op(x, y))
    same(clear(lambda x: op(y, x), bound, x=x), op(y, x))


@pytest.mark.parametrize("op", COMPARISONS)
@few
@given(data=st.data())
def test_reals(clear: Any, op: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x, y = data.draw(reals(a, most=3, f=2)), data.draw(reals(b, most=3, f=2))
    same(clear(op, x=x, y=y), op(x, y))


@pytest.mark.parametrize("op", COMPARISONS)
@few
@given(data=st.data())
def test_public_floats_are_not_rounded(clear: Any, op: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x = data.draw(reals(a, most=1, f=20))
    tiny = data.draw(st.sampled_from([0.0, 2.0**-21, -(2.0**-21), 2.0**-40, 1e9, -1e300, np.inf]))
    y = data.draw(reals(b, most=1, f=20)) + tiny
    same(clear(lambda x: op(x, y), x=x), op(x, y))
    same(clear(lambda x: op(y, x), x=x), op(y, x))
    n = data.draw(ints(a, np.int8))
    same(clear(lambda n: op(n, y), n=n), op(n, y))
    same(clear(lambda n: op(n, 2**61), n=n), op(n, 2**61))


@pytest.mark.parametrize("op", COMPARISONS)
@few
@given(data=st.data())
def test_mixed_types(clear: Any, op: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x, y, z = data.draw(reals(a, most=3, f=2)), data.draw(ints(b, np.int8)), data.draw(bools(b))
    same(clear(op, x=x, y=y), op(x, y))
    same(clear(op, x=x, z=z), op(x, z))
    same(clear(op, y=y, z=z), op(y, z))
    same(clear(op, y=z, z=z), op(z.astype(int), z.astype(int)))
    same(clear(lambda z: op(z, True), z=z), op(z.astype(int), 1))

    def scales() -> Any:
        return op(share(alice.x, dtype=sfix16, bound=4), share(alice.x, dtype=sfix(10), bound=4))

    same(clear.cell(scales, {"x": x}), op(x, x))


@pytest.mark.parametrize("f", LOGIC)
@few
@given(data=st.data())
def test_logic(clear: Any, f: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x, y, n = data.draw(bools(a)), data.draw(bools(b)), data.draw(ints(b, np.int8))
    want = f(x, y)
    same(clear(f, x=x, y=y), want)
    same(clear(lambda x: f(x, y), x=x), want)
    same(clear(lambda y: f(x, y), y=y), want)
    same(clear(f, x=x, n=n), f(x, n))


@few
@given(data=st.data())
def test_bitwise(clear: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x, y = data.draw(bools(a)), data.draw(bools(b))
    got = clear(lambda x, y: (x & y, x | y, x ^ y, ~x, x | True, False | y), x=x, y=y)
    for one, want in zip(got, (x & y, x | y, x ^ y, ~x, x | True, False | y), strict=True):
        same(one, want)


@few
@given(x=ints(dtype=np.int8))
def test_truth_of_numbers(clear: Any, x: np.ndarray) -> None:
    got = clear(lambda x: (np.logical_not(x), np.signbit(x), x.astype(bool)), x=x)
    for one, want in zip(got, (np.logical_not(x), x < 0, x != 0), strict=True):
        same(one, want)


@few
@given(x=reals(most=5))
def test_close(clear: Any, x: np.ndarray) -> None:
    same(clear(lambda x: np.isclose(x, x + 0.01, rtol=0, atol=0.02), x=x), np.ones(x.shape, bool))
    same(clear(lambda x: np.isclose(x, x + 0.03, rtol=0, atol=0.02), x=x), np.zeros(x.shape, bool))
    same(clear(lambda x: np.isclose(x, 100.0), x=x), np.zeros(x.shape, bool))


def test_width_is_proven_by_the_bounds(clear: Any) -> None:
    widths = []

    def program() -> Any:
        for bound in (100, 2**14 - 1, 2**14, 2**30 - 1, 2**30):
            x = share(alice.x, bound=bound)
            widths.append(dict((x < x[::-1]).call.params)["width"])
        return ()

    clear.cell(program, {"x": np.arange(4)})
    assert widths == [16, 16, 32, 32, 64]
    assert [width(b) for b in (2**15 - 1, 2**15, 2**31 - 1, 2**31)] == [16, 32, 32, 64]


@few
@given(data=st.data())
def test_bits_of_integers(clear: Any, data: Any) -> None:
    a, b = data.draw(pairs_of_shapes())
    x, y = data.draw(ints(a, np.int16)), data.draw(ints(b, np.int8))
    k, c = data.draw(st.integers(-9, 300)), data.draw(bools(b))
    for f in (np.bitwise_and, np.bitwise_or, np.bitwise_xor):
        same(clear(f, x=x, y=y), f(x, y))
        same(clear(lambda x, f=f: f(x, k), x=x), f(x.astype(np.int64), k))
        same(clear(f, x=x, c=c), f(x, c))


def test_refusals(clear: Any) -> None:
    for f in (lambda x: x & x, lambda x: x | 1, lambda x: x > 0 & x):
        with pytest.raises(Unsupported, match=r"\(x > 0\) & \(y > 0\)"):
            clear(f, x=np.ones(3))
    nan = float("nan")
    with pytest.raises(OutOfRange, match="NaN"):
        clear(lambda x: x < nan, x=np.arange(3))
    with pytest.raises(OutOfRange):
        clear.cell(lambda: share(alice.x, bound=2**61) < share(alice.x, bound=2**61 + 1), {"x": 3})
