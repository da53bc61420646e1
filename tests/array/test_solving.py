"""Equations through NumPy's functions: shapes, types, contract, refusals; and among three."""

from typing import Any

import numpy as np
import pytest

from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.array.dtypes import sfix16
from mpckernel.array.functions.solving import well_conditioned
from mpckernel.errors import Unsupported, UsageError
from tests.array.clear import near
from tests.rooms import three_rooms

STEP = 2.0**-20
alice = OwnerName("alice", 0)


def exact(*shape: int, seed: int = 1, size: float = 1) -> np.ndarray:
    """Normal values on the grid of sfix20."""
    r = np.random.default_rng(seed)  # noqa: TID251
    return np.rint(r.normal(size=shape) * size * 2**20) / 2**20


A, B = exact(4, 4), exact(4, 3, seed=2)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (A, B),
        (A, B[:, 0]),
        (np.stack([A, A.T]), B),
        (np.stack([A, A.T]), exact(2, 4, 1, seed=3)),
        (A, exact(2, 4, 2, seed=3)),
        (A[:1, :1], B[:1]),
        (np.array([[3, 1], [2, -5]]), np.array([7, 1])),
    ],
    ids=lambda x: str(x.shape),
)
def test_shapes(clear: Any, a: np.ndarray, b: np.ndarray) -> None:
    want = np.linalg.solve(a, b)
    near(clear(np.linalg.solve, a=a, b=b), want, 3 * STEP)
    near(clear(lambda a: np.linalg.solve(a, b), a=a), want, 3 * STEP)
    near(clear(lambda b: np.linalg.solve(a, b), b=b), want, 20 * STEP)


def test_inverses(clear: Any) -> None:
    near(clear(np.linalg.inv, a=A), np.linalg.inv(A), 3 * STEP)
    both = np.stack([A, A.T])
    near(clear(np.linalg.inv, a=both), np.linalg.inv(both), 3 * STEP)
    near(clear(lambda a: np.linalg.matrix_power(a, -1), a=A), np.linalg.inv(A), 3 * STEP)


def test_fraction_bits_of_the_result(clear: Any) -> None:
    def program() -> Any:
        a = share(alice.a, dtype=sfix16)
        x = np.linalg.solve(a, share(alice.b, dtype=sfix16))
        assert x.dtype == sfix16
        return x

    a, b = np.rint(A * 2**16) / 2**16, np.rint(B * 2**16) / 2**16
    near(clear.cell(program, {"a": a, "b": b}), np.linalg.solve(a, b), 3 * 2.0**-16)


def test_columns_and_rows_of_very_different_size(clear: Any) -> None:
    a = np.rint(A * [1e-3, 1, 30, 1e4] * np.array([[1], [20], [0.5], [3]]) * 2**20) / 2**20
    x = np.array([300.0, -2, 0.125, 0.01])
    b = np.rint(a @ x * 2**20) / 2**20
    near(clear(np.linalg.solve, bound=2**18, a=a, b=b), np.linalg.solve(a, b), 4 * STEP)


def test_nearly_singular_is_zero_and_told_by_consent(clear: Any) -> None:
    bad = A.copy()
    bad[3] = bad[0] + bad[1] + 2 * STEP * np.array([1, 0, 1, 0])
    ridge = bad + 0.5 * np.eye(4)

    def program() -> Any:
        a, b = share(alice.a), share(alice.b)
        again = np.linalg.solve(a + 0.5 * np.eye(4), b)
        fine = well_conditioned(np.stack([a, a + 0.5 * np.eye(4)]))
        return np.linalg.solve(a, b), np.linalg.inv(a), again, fine

    none, inverse, again, fine = clear.cell(program, {"a": bad, "b": B})
    assert not none.any()
    assert not inverse.any()
    assert fine.tolist() == [False, True]
    near(again, np.linalg.solve(ridge, B), 4 * STEP)


def test_least_squares(clear: Any) -> None:
    x = np.rint(exact(60, 4, seed=5) * [1, 2.0**-8, 128, 4] * 2**20) / 2**20
    y = exact(60, 2, seed=6)
    want = np.linalg.lstsq(x, y, rcond=None)[0]
    error = 4 * STEP + 2.0**-26 * np.abs(want).max()
    near(clear(lambda x, y: np.linalg.lstsq(x, y)[0], x=x, y=y), want, error)
    near(clear(lambda x: np.linalg.lstsq(x, y[:, 0], rcond=-1)[0], x=x), want[:, 0], error)
    near(clear(lambda y: np.linalg.lstsq(x, y)[0], y=y), want, error)
    near(clear(np.linalg.pinv, x=x[:5]), np.linalg.pinv(x[:5]), 1e-3)
    near(clear(np.linalg.pinv, x=x[:3] * [1, 0, 1, 1]), np.linalg.pinv(x[:3] * [1, 0, 1, 1]), 1e-3)


def test_refusals(clear: Any) -> None:
    def no(error: Any, match: str, program: Any, **private: Any) -> None:
        with pytest.raises(error, match=match):
            clear(program, **private)

    no(UsageError, "square", np.linalg.inv, a=A[:2])
    no(UsageError, "square", np.linalg.inv, a=A[0])
    no(UsageError, "square", np.linalg.inv, a=np.zeros((0, 0)))
    no(UsageError, "do not fit together", np.linalg.solve, a=A, b=B[:3])
    no(Unsupported, "128", np.linalg.inv, a=np.ones((129, 129)))
    no(Unsupported, "64", np.linalg.inv, a=np.ones((65, 1, 1)))
    no(UsageError, "as many rows", lambda a: np.linalg.lstsq(a, a), a=A[:2])
    no(UsageError, "do not fit", lambda a: np.linalg.lstsq(a, a[:2]), a=A)
    no(UsageError, "no matrices", np.linalg.inv, a=np.ones((0, 2, 2)))


def test_among_three() -> None:
    """The same with shares: truncations round at random, and rounds and bits are as planned."""
    with three_rooms() as rooms:

        def program(cell: Any) -> Any:
            a = share(alice.a)
            return reveal((np.linalg.solve(a, share(alice.b)), well_conditioned(a)))

        for got in rooms.run(program, [{"a": A, "b": B}, {}, {}]):
            x, good = settle(got)
            near(x, np.linalg.solve(A, B), 3 * STEP)
            assert good
