"""Cholesky factors and norms through NumPy: shapes, contract, refusals, and among three."""

from typing import Any

import numpy as np
import pytest

from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.array.dtypes import sfix
from mpckernel.errors import Unsupported, UsageError
from tests.array.clear import near, same
from tests.rooms import three_rooms

STEP = 2.0**-20
alice = OwnerName("alice", 0)
R = np.random.default_rng(12)  # noqa: TID251
X = R.normal(size=(12, 4))
A = np.rint((X.T @ X) * 2**20) / 2**20
V = np.rint(R.normal(size=(3, 5, 4)) * [1e-3, 1, 50, 4000] * 2**20) / 2**20


def test_factors(clear: Any) -> None:
    both = np.stack([A, 2 * A])
    near(clear(np.linalg.cholesky, a=A), np.linalg.cholesky(A), 8 * STEP)
    near(clear(np.linalg.cholesky, a=both), np.linalg.cholesky(both), 8 * STEP)
    upper = clear(lambda a: np.linalg.cholesky(a, upper=True), a=A)
    near(upper, np.linalg.cholesky(A, upper=True), 8 * STEP)


def test_integers_and_odd_fraction_bits(clear: Any) -> None:
    whole = np.array([[4, 2], [2, 10]])
    near(clear(np.linalg.cholesky, a=whole), np.linalg.cholesky(whole), 4 * STEP)
    near(
        clear.cell(lambda: np.linalg.cholesky(share(alice.a, dtype=sfix(21))), {"a": A}),
        np.linalg.cholesky(A),
        8 * STEP,
    )


def test_not_definite_is_zero(clear: Any) -> None:
    assert not clear(np.linalg.cholesky, a=A - 20 * np.eye(4)).any()


@pytest.mark.parametrize("axis", [None, 0, 2, -1, (0, 1), (2, 0)])
@pytest.mark.parametrize("keep", [False, True])
def test_euclidean_norms(clear: Any, axis: Any, keep: bool) -> None:
    want = np.linalg.norm(V, axis=axis, keepdims=keep)
    near(
        clear(lambda v: np.linalg.norm(v, axis=axis, keepdims=keep), v=V),
        want,
        (2.0**-18 + 60 * 2.0**-29) * want + 2 * STEP,
    )


@pytest.mark.parametrize("order", [1, np.inf, -np.inf, 0])
def test_other_norms_of_vectors(clear: Any, order: Any) -> None:
    for axis in (0, -1):
        got = clear(lambda v, axis=axis: np.linalg.norm(v, order, axis), v=V)
        want = np.linalg.norm(V, order, axis)
        if order == 0:
            same(got, want.astype(np.int64))
        else:
            near(got, want, 1e-9)
    near(clear(lambda v: np.linalg.vector_norm(v, axis=0, ord=1), v=V), np.abs(V).sum(0), 1e-9)


@pytest.mark.parametrize("order", [1, -1, np.inf, -np.inf])
def test_norms_of_matrices(clear: Any, order: Any) -> None:
    near(clear(lambda v: np.linalg.norm(v, order), v=V[0]), np.linalg.norm(V[0], order), 1e-9)
    want = np.linalg.norm(V, order, (1, 2), keepdims=True)
    near(clear(lambda v: np.linalg.norm(v, order, (1, 2), keepdims=True), v=V), want, 1e-9)
    near(clear(lambda v: np.linalg.matrix_norm(v, ord=order), v=V), want[:, 0, 0], 1e-9)


def test_refusals(clear: Any) -> None:
    with pytest.raises(Unsupported, match="fro, 1"):
        clear(lambda v: np.linalg.norm(v, 2), v=A)
    with pytest.raises(Unsupported, match="0, 1, 2"):
        clear(lambda v: np.linalg.norm(v, 3), v=A[0])
    with pytest.raises(UsageError, match="one axis or two"):
        clear(lambda v: np.linalg.norm(v, 1), v=V)
    with pytest.raises(UsageError, match="no elements"):
        clear(np.linalg.norm, v=np.zeros((0, 2)))
    with pytest.raises(UsageError, match="square"):
        clear(np.linalg.cholesky, v=V[0])


def test_among_three() -> None:
    with three_rooms() as rooms:

        def program(cell: Any) -> Any:
            a = share(alice.a)
            return reveal((np.linalg.cholesky(a), np.linalg.norm(a)))

        for got in rooms.run(program, [{"a": A}, {}, {}]):
            factor, size = settle(got)
            near(factor, np.linalg.cholesky(A), 8 * STEP)
            near(size, np.linalg.norm(A), 2.0**-17 * np.linalg.norm(A))
