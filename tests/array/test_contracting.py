"""np.einsum against NumPy: letters, ellipses, diagonals, lists of axes, many operands."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import UsageError
from tests.array.clear import few, ints, near, same

TWO = [
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
    ("...ij,...jk->...ik", (2, 3, 4), (5, 1, 4, 2)),
    ("...,...", (2, 3), (3,)),
    ("i...,i...->...", (3, 2), (3, 1)),
    ("ij,ij->ij", (2, 3), (2, 1)),
    (",ij->ji", (), (2, 3)),
    ("bhqd,bhkd->bhqk", (2, 3, 4, 5), (2, 3, 6, 5)),
    ("i , j -> ", (2,), (0,)),
]


@pytest.mark.parametrize(("text", "a", "b"), TWO)
@few
@given(data=st.data())
def test_two_operands(clear: Any, text: str, a: Any, b: Any, data: Any) -> None:
    x, y = (data.draw(ints(s, np.int8)).astype(np.int64) for s in (a, b))
    want = np.einsum(text, x, y)
    same(clear(lambda x, y: np.einsum(text, x, y), x=x, y=y, bound=128), want)
    same(clear(lambda x: np.einsum(text, x, y), x=x, bound=128), want)


ONE = ["ij->ji", "ij->", "ij->j", "ii->i", "ii", "ij", "...->...", "...j", "i...->..."]


@pytest.mark.parametrize("text", ONE)
def test_one_operand(clear: Any, text: str) -> None:
    x = np.arange(9).reshape(3, 3)
    same(clear(lambda x: np.einsum(text, x), x=x), np.einsum(text, x))


MANY = [
    ("ij,jk,k->i", (2, 3), (3, 4), (4,)),
    ("ij,jk,kl", (2, 3), (3, 4), (4, 2)),
    ("i,ij,j", (2,), (2, 3), (3,)),
    ("i,j,k->kji", (2,), (3,), (4,)),
    ("ab,...b,c,b->...a", (2, 3), (4, 3), (2,), (3,)),
]


@pytest.mark.parametrize("case", MANY, ids=str)
def test_many_operands(clear: Any, case: Any) -> None:
    text, *shapes = case
    xs = [np.arange(1, 1 + int(np.prod(s))).reshape(s) for s in shapes]
    want = np.einsum(text, *xs)
    secrets = {f"x{k}": x for k, x in enumerate(xs)}
    same(clear(lambda *given: np.einsum(text, *given), bound=20, **secrets), want)
    public = {"x0": xs[0]}  # the others are public
    same(clear(lambda x: np.einsum(text, x, *xs[1:], optimize=True), bound=20, **public), want)


def test_lists_of_axes(clear: Any) -> None:
    x, y = np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4)
    want = x @ y
    same(clear(lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [0, 2]), x=x, y=y), want)
    same(clear(lambda x, y: np.einsum(x, [0, 1], y, [1, 2]), x=x, y=y), want)
    same(clear(lambda x: np.einsum(x, [..., 0], [0, ...]), x=x), x.T)
    want = np.einsum(x, [26, 0], y, [0, 1])  # axes 26 and on come last in NumPy
    same(clear(lambda x, y: np.einsum(x, [26, 0], y, [0, 1]), x=x, y=y), want)
    same(clear(lambda x: np.einsum("bA", x), x=x), np.einsum("bA", x))


def test_one_cut_for_each_result(clear: Any) -> None:
    r = np.random.default_rng(3)  # noqa: TID251
    x, y = (np.rint(r.normal(size=s) * 2**20) / 2**20 for s in ((5, 40), (40, 3)))
    near(clear(lambda x, y: np.einsum("ij,jk->ik", x, y), x=x, y=y), x @ y, 2.0**-20)


@pytest.mark.parametrize(
    "text",
    ["ijk->i", "ij->ik", "ij->ii", "ij,jk->i", "i->i", "ij->$", "...i->i$", "...i->i", "iij->j"],
)
def test_refusals(clear: Any, text: str) -> None:
    with pytest.raises(UsageError, match="einsum"):
        clear(lambda x: np.einsum(text, x), x=np.ones((2, 3)))


def test_axes_have_numbers(clear: Any) -> None:
    for axes in ([0, 99], [0, -1], [0, 1.0]):
        with pytest.raises(UsageError, match="einsum"):
            clear(lambda x, axes=axes: np.einsum(x, axes), x=np.ones((2, 3)))


def test_lengths_must_agree(clear: Any) -> None:
    with pytest.raises(UsageError, match="different lengths"):
        clear(lambda x: np.einsum("ij,jk", x, x), x=np.ones((2, 3)))
