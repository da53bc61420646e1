"""Products that add up, against NumPy, in all its shapes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.array import share
from mpckernel.errors import OutOfRange, Unsupported, UsageError
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


EINSUM = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ij,ij->i", (2, 3), (2, 3)),
    ("i,j->ij", (2,), (3,)),
    ("bij,bjk->bik", (4, 2, 3), (4, 3, 2)),
    ("ij,k->", (2, 3), (4,)),
    ("ii,i->i", (3, 3), (3,)),
    ("iij,j->i", (3, 3, 2), (2,)),
    ("iji,k->jk", (3, 2, 3), (2,)),
    ("ijk,kj->ki", (2, 3, 4), (4, 3)),
]


@pytest.mark.parametrize(("text", "a", "b"), EINSUM)
@few
@given(data=st.data())
def test_einsum_of_two(clear: Any, text: str, a: Any, b: Any, data: Any) -> None:
    x, y = data.draw(ints(a, np.int8)), data.draw(ints(b, np.int8))
    want = np.einsum(text, whole(x), whole(y))
    same(clear(lambda x, y: np.einsum(text, x, y), x=x, y=y), want)
    same(clear(lambda x: np.einsum(text, x, y), x=x), want)


@pytest.mark.parametrize("text", ["ij->ji", "ij->", "ij->j", "ii->i", "ii", "ij"])
def test_einsum_of_one(clear: Any, text: str) -> None:
    x = np.arange(9).reshape(3, 3)
    same(clear(lambda x: np.einsum(text, x), x=x), np.einsum(text, x))


def test_einsum_of_three(clear: Any) -> None:
    x, y, z = np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4), np.arange(4)
    want = np.einsum("ij,jk,k->i", x, y, z)
    x, z = x.astype(np.int16), z.astype(np.int16)
    same(clear(lambda x, z: np.einsum("ij,jk,k->i", x, y, z), x=x, z=z), want)


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
    with pytest.raises(Unsupported, match="ellipsis"):
        clear(lambda x: np.einsum("...i->...", x), x=x)
    with pytest.raises(UsageError, match="letters"):
        clear(lambda x: np.einsum("ijk->i", x), x=x)
    with pytest.raises(OutOfRange):
        clear(lambda x: x.T @ x @ x.T, x=x)  # the default bound leaves no room for cubes
