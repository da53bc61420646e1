"""Exponentials, steps, waves and angles as NumPy functions: types, shapes, ends of the range."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mpckernel
from mpckernel.array import OwnerName, SecretArray, reveal, settle, sfix16, share
from mpckernel.errors import OutOfRange, Unsupported
from mpckernel.protocols.composed import fit
from tests.array.clear import alice, few, near, reals
from tests.rooms import plain_room

STEP = 2.0**-20
FUNCTIONS: dict[str, tuple[Any, Any, float]] = {
    "exp": (np.exp, np.exp, 2**-12.2 * np.e**2),
    "exp2": (np.exp2, np.exp2, 2**-12.2 * 4),
    "expm1": (np.expm1, np.expm1, 2**-12.2 * np.e**2),
    "sinh": (np.sinh, np.sinh, 2**-12.2 * np.e**2),
    "cosh": (np.cosh, np.cosh, 2**-12.2 * np.e**2),
    "sigmoid": (mpckernel.sigmoid, fit.sigmoid, 2**-13.3),
    "fine sigmoid": (lambda x: mpckernel.sigmoid(x, fine=True), fit.sigmoid, 2**-20.4),
    "tanh": (np.tanh, np.tanh, 2**-15.1),
    "softplus": (mpckernel.softplus, fit.softplus, 2**-13.5),
    "gelu": (mpckernel.gelu, fit.gelu, 2**-13.9),
    "erf": (mpckernel.erf, fit.erf_of, 2**-14.4),
    "relu": (mpckernel.relu, lambda x: np.maximum(x, 0), 0),
    "sin": (np.sin, np.sin, 2**-16.1),
    "cos": (np.cos, np.cos, 2**-16.1),
    "arctan": (np.arctan, np.arctan, 2**-18),
}


@few
@given(x=reals(most=2.0))
def test_every_shape_and_layout(clear: Any, x: np.ndarray) -> None:
    got = clear(lambda v: [f(v) for f, _, _ in FUNCTIONS.values()], x=x)
    for (_, true, error), y in zip(FUNCTIONS.values(), got, strict=True):
        near(y, true(np.asarray(x, float)), error + 4 * STEP)


@few
@given(n=st.lists(st.integers(-2, 2), max_size=5), b=st.lists(st.booleans(), max_size=5))
def test_integers_and_booleans_become_reals(clear: Any, n: list[int], b: list[bool]) -> None:
    for values in (np.array(n, np.int64), np.array(b, bool)):
        for name, (function, true, error) in FUNCTIONS.items():
            if name != "relu":
                got = clear(lambda v, function=function: function(v), v=values)
                near(got, true(values.astype(float)), error + 4 * STEP)


def test_a_coarser_type_stays(clear: Any) -> None:
    def program() -> Any:
        y = [f(share(alice.x, dtype=sfix16)) for f, _, _ in FUNCTIONS.values()]
        assert {v.dtype for v in y} == {sfix16}
        return y

    x = np.array([-2.0, -0.5, 0, 1, 2])
    for y, (_, true, error) in zip(clear.cell(program, {"x": x}), FUNCTIONS.values(), strict=True):
        near(y, true(x), error + 4 * 2.0**-16)


def test_the_ends_of_the_exponential(clear: Any) -> None:
    x = np.array([-5e4, -300.0, -16.0, 18.0, 19.0, 25.0, 6e4])
    got = clear(np.exp, x=x)
    assert not got[:3].any()
    near(got[3], np.exp(18), 2**-12 * np.exp(18))
    np.testing.assert_allclose(got[4:], 2**26.5, rtol=2**-12)


def test_a_declared_bound_leaves_room_and_costs_less(clear: Any) -> None:
    """Nothing larger than e^bound can come out, so sums and products of it fit."""

    def program() -> Any:
        y = np.exp(share(alice.x, bound=4.0))
        assert y.bound < 2**20 * np.exp(4) * 2.3
        return (y * y).sum()

    near(clear.cell(program, {"x": np.full(4, 4.0)}), 4 * np.exp(8), 2**-10 * np.exp(8))
    with pytest.raises(OutOfRange, match=r"np\.clip"):
        clear(lambda x: np.exp(x) * np.exp(x) * np.exp(x), x=np.zeros(3))
    near(clear(lambda x: np.exp(np.clip(x, -5, 5)) ** 2, x=np.zeros(3)), np.ones(3), 2**-11)


def test_far_from_zero(clear: Any) -> None:
    x = np.array([-6e4, -20.0, 20.0, 6e4])
    near(clear(mpckernel.sigmoid, x=x), np.array([0.0, 0, 1, 1]), 2**-13.3 + STEP)
    fine = clear(lambda x: mpckernel.sigmoid(x, fine=True), x=x)
    near(fine, np.array([0.0, 0, 1, 1]), 2**-20.4 + STEP)
    near(clear(np.tanh, x=x), np.array([-1.0, -1, 1, 1]), 2**-15.1 + STEP)
    near(clear(mpckernel.gelu, x=x), np.array([0.0, 0, 20, 6e4]), 2**-13.9 + STEP)
    near(clear(mpckernel.softplus, x=x), np.array([0.0, 0, 20, 6e4]), 2**-13.5 + STEP)
    near(clear(np.arctan, x=x), np.arctan(x), 2**-18 + 3 * STEP)
    near(clear(np.sin, x=x), np.sin(x), 2**-16.1 + STEP)


def test_two_operands(clear: Any) -> None:
    x, y = np.array([1.0, -30.0, 2.5, 0.0]), np.array([2.0, 30.0, -2.5, 0.0])
    got = clear(np.logaddexp, x=x, y=y)
    near(got, np.logaddexp(x, y), 2**-13.5 + STEP)
    near(clear(lambda x: np.logaddexp(x, 0.0), x=x), np.logaddexp(x, 0), 2**-13.5 + STEP)
    near(clear(lambda x: np.logaddexp([1, 2, 3, 4], x), x=x), np.logaddexp([1, 2, 3, 4], x), 2**-13)
    near(clear(np.arctan2, x=x, y=y), np.arctan2(x, y), 2**-18 + 3 * STEP)
    near(clear(lambda x: np.arctan2(x, -1), x=x), np.arctan2(x, -1), 2**-18 + 3 * STEP)
    rows = clear(lambda x, y: np.arctan2(np.reshape(x, (4, 1)), y), x=x, y=y)
    near(rows, np.arctan2(x[:, None], y), 2**-18 + 3 * STEP)


def test_beyond_one_an_angle_is_that_of_one(clear: Any) -> None:
    x = np.array([-7.0, -1.0, 1.0, 3.5])
    near(clear(np.arcsin, 8, x=x), np.arcsin(np.clip(x, -1, 1)), 2**-18 + 4 * STEP)
    near(clear(np.arccos, 8, x=x), np.arccos(np.clip(x, -1, 1)), 2**-18 + 4 * STEP)
    with pytest.raises(OutOfRange, match=r"np\.clip"):
        clear(np.arcsin, x=x)


def test_public_arrays_are_computed_in_the_clear() -> None:
    x = np.array([-1.0, 0, 2])
    for name in ("sigmoid", "softplus", "gelu", "erf", "relu"):
        function, true, _ = FUNCTIONS[name]
        np.testing.assert_allclose(function(x), true(x))
        np.testing.assert_allclose(function([-1, 0, 2]), true(x))


def test_variables_of_owners_may_be_given() -> None:
    with plain_room() as room:

        def program(_: Any) -> Any:
            y = mpckernel.sigmoid(OwnerName("alice", 0).x)
            assert isinstance(y, SecretArray)
            assert y.owners == {"alice"}
            return reveal(y)

        (got,) = room.run(program, [{"x": np.zeros(3)}])
        near(settle(got), np.full(3, 0.5), 2**-13)


def test_scipys_functions_find_their_way(clear: Any) -> None:
    special = pytest.importorskip("scipy.special")
    x = np.array([-1.0, 0, 2])
    near(clear(special.expit, x=x), fit.sigmoid(x), 2**-13.3 + STEP)
    near(clear(special.erf, x=x), fit.erf_of(x), 2**-14.4 + STEP)
    near(clear(special.expm1, x=x), np.expm1(x), 2**-12.2 * np.e**2 + STEP)
    with pytest.raises(Unsupported, match="gamma has no secret version"):
        clear(special.gamma, x=x)


def test_where_is_no_argument_of_theirs(clear: Any) -> None:
    with pytest.raises(Unsupported, match="where="):
        clear(lambda x: np.exp(x, where=np.array([True])), x=np.zeros(1))
