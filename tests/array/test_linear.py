"""Products that add up, against NumPy, in all its shapes."""

from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.array import share
from mpckernel.array.standard import namespace as xp
from mpckernel.errors import OutOfRange, UsageError
from tests.array.clear import alice, few, ints, near, reals, same

MATMUL = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((2, 0), (0, 3)),
    ((0, 2), (2, 3)),
    ((4, 2, 3), (3, 2)),
    ((4, 2, 3), (4, 3, 2)),
    ((2, 3), (4, 3, 2)),
    ((5, 1, 2, 3), (4, 3, 1)),
    ((0, 2, 3), (0, 3, 2)),
    ((70, 2, 2), (70, 2, 2)),
    ((3,), (70, 3, 2)),
]
STEP = 2.0**-20


def whole(x: np.ndarray) -> np.ndarray:
    return x.astype(np.int64)


@pytest.mark.parametrize(("a", "b"), MATMUL, ids=str)
@few
@given(data=st.data())
def test_matmul_shapes(clear: Any, a: Any, b: Any, data: Any) -> None:
    x, y = data.draw(ints(a, np.int8)), data.draw(ints(b, np.int8))
    want = whole(x) @ whole(y)
    same(clear(np.matmul, x=x, y=y), want)
    same(clear(lambda x: x @ y, x=x), want)
    same(clear(lambda y: x @ y, y=y), want)


@few
@given(data=st.data())
def test_matmul_of_reals(clear: Any, data: Any) -> None:
    x, y = data.draw(reals((3, 2))), data.draw(reals((2, 2)))
    error = STEP * 1.001 + 1e-9
    near(clear(np.matmul, x=x, y=y), x @ y, error)
    loose = (np.abs(x).sum(-1, keepdims=True) / 2 + 2) * STEP + 1e-9
    near(clear(lambda x: x @ y, x=x), x @ y, loose)
    w = y / 1000.3
    near(clear(lambda x: x @ w, x=x), x @ w, loose)
    near(clear(lambda x: w.T @ x.T, x=x), (x @ w).T, loose.T)


@few
@given(data=st.data())
def test_matmul_in_limbs(clear: Any, data: Any) -> None:
    """X.T @ X of columns up to 5 000 over 40 rows: 2^66 before the cut, right after it."""
    x = data.draw(reals((40, 3), most=5000, f=8))

    def program() -> Any:
        s = share(alice.x, bound=5000)
        return s.T @ s

    near(clear.cell(program, {"x": x}), x.T @ x, STEP * 1.001 + np.abs(x.T) @ np.abs(x) * 2.0**-50)


@few
@given(data=st.data())
def test_mixed_types(clear: Any, data: Any) -> None:
    x, n = data.draw(reals((2, 3), most=50)), data.draw(ints((3,), np.int8))
    near(clear(np.matmul, x=x, n=n), x @ n, 1e-9)
    same(clear(lambda n: (n > 0) @ (n > 0), n=n), np.int64((n > 0).sum()))
    half = np.array([0.5, 0.25, 3.0])
    near(clear(lambda n: n @ half, n=n), n @ half, 1e-9)


@pytest.mark.parametrize(
    ("f", "a", "b"),
    [
        (np.dot, (3,), (3,)),
        (np.dot, (2, 3), (3, 2)),
        (np.dot, (2, 3), (4, 3, 2)),
        (np.dot, (), (3,)),
        (np.inner, (3,), (3,)),
        (np.inner, (2, 3), (4, 3)),
        (np.inner, (2, 3), ()),
        (np.outer, (2, 2), (3,)),
        (np.vdot, (2, 3), (2, 3)),
        (np.vecdot, (4, 3), (3,)),
        (np.kron, (2, 3), (3, 2)),
        (np.tensordot, (2, 3, 4), (3, 4, 2)),
    ],
    ids=str,
)
@few
@given(data=st.data())
def test_other_products(clear: Any, f: Any, a: Any, b: Any, data: Any) -> None:
    x, y = data.draw(ints(a, np.int8)), data.draw(ints(b, np.int8))
    want = f(whole(x), whole(y))
    same(clear(f, x=x, y=y), want)
    same(clear(lambda x: f(x, y), x=x), want)
    same(clear(lambda y: f(x, y), y=y), want)


@pytest.mark.parametrize("f", [np.vecdot, xp.vecdot])
def test_vecdot_repeats_no_element(clear: Any, f: Any) -> None:
    """Its bound counts the terms of one operand: a wrong count made comparisons wrong."""
    for i, j in ((1, 5), (5, 1), (2, 3)):
        with pytest.raises(UsageError, match=f"vectors of {i} and {j} elements"):
            clear(lambda x, i=i, j=j: f(x[:i], x[:j]), x=np.arange(5))


@few
@given(data=st.data())
def test_tensordot_axes(clear: Any, data: Any) -> None:
    x, y = whole(data.draw(ints((2, 3, 4), np.int8))), whole(data.draw(ints((4, 5, 3), np.int8)))
    for axes in (((1, 2), (2, 0)), ((2,), (0,)), 0):
        same(
            clear.cell(
                lambda axes=axes: np.tensordot(share(alice.x, bound=128), share(alice.y), axes),
                {"x": x, "y": y},
            ),
            np.tensordot(x, y, axes),
        )


CHAINS = [((3,), (3, 2), (2, 5), (5,)), ((2, 3), (3, 4)), ((4, 1), (1, 4), (4, 2)), ((2, 2), (2,))]


@pytest.mark.parametrize("shapes", CHAINS, ids=str)
def test_chains(clear: Any, shapes: Any) -> None:
    xs = [np.arange(prod(s)).reshape(s) - 3 for s in shapes]
    secrets = {f"x{k}": x for k, x in enumerate(xs) if k != 1}

    def program(*given: Any) -> Any:
        return np.linalg.multi_dot([given[0], xs[1], *given[1:]])

    same(clear(program, bound=20, **secrets), np.linalg.multi_dot(xs))


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_powers(clear: Any, n: int) -> None:
    x = np.arange(8).reshape(2, 2, 2) - 4
    same(clear(lambda x: np.linalg.matrix_power(x, n), bound=4, x=x), np.linalg.matrix_power(x, n))


def test_cross_products(clear: Any) -> None:
    x, y = np.arange(12).reshape(4, 3) ** 2 - 20, np.arange(12).reshape(4, 3) - 5
    same(clear(np.cross, x=x, y=y, bound=200), np.cross(x, y))
    same(clear(lambda x: np.cross(x, y[0]), x=x, bound=200), np.cross(x, y[0]))
    same(clear(lambda x, y: np.cross(x, y, axis=0), x=x.T, y=y.T, bound=200), np.cross(x, y).T)
    flat = x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0]
    same(clear(lambda x, y: np.cross(x[:, :2], y[:, :2]), x=x, y=y, bound=200), flat)


def test_the_last_two_axes(clear: Any) -> None:
    x = np.arange(24).reshape(2, 3, 4)
    same(clear(np.matrix_transpose, x=x), np.matrix_transpose(x))


@few
@given(x=ints((3, 4), np.int8), k=st.integers(-3, 3))
def test_trace(clear: Any, x: np.ndarray, k: int) -> None:
    same(clear(lambda x: np.trace(x, k), x=x), np.trace(whole(x), k))


def test_refusals(clear: Any) -> None:
    x = np.ones((2, 3))
    with pytest.raises(UsageError, match="do not fit together"):
        clear(lambda x: x @ x, x=x)
    with pytest.raises(UsageError, match="do not fit together"):
        clear(lambda x: np.tensordot(x, x, 1), x=x)
    with pytest.raises(UsageError, match="two"):
        clear(lambda x: np.linalg.multi_dot([x]), x=x)
    with pytest.raises(UsageError, match="square"):
        clear(lambda x: np.linalg.matrix_power(x, 2), x=x)
    with pytest.raises(UsageError, match="three elements"):
        clear(lambda x: np.cross(x, x[:, :2]), x=x)
    with pytest.raises(OutOfRange):
        clear(lambda x: x.T @ x @ x.T, x=x)  # the default bound leaves no room for cubes
