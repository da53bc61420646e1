"""Determinants through NumPy: shapes, types, contract, refusals; and among three."""

from typing import Any

import numpy as np
import pytest

from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.array.dtypes import sfix16, sint
from mpckernel.errors import OutOfRange, Unsupported, UsageError
from tests.array.clear import near, same
from tests.array.test_solving import exact
from tests.protocols.composed.test_determinant import exact as whole
from tests.rooms import three_rooms

STEP = 2.0**-20
LOG = 2.0**-17 + 4 * STEP
alice = OwnerName("alice", 0)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (5, 3, 3), (2, 2, 4, 4), (5, 5), (2, 6, 6)])
def test_determinants(clear: Any, shape: tuple[int, ...]) -> None:
    a = exact(*shape, seed=3)
    want = np.linalg.det(a)
    near(clear(np.linalg.det, bound=8, a=a), want, 14 * STEP + 2.0**-20 * np.abs(want))


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (2, 5, 5), (2, 1, 3, 3)])
def test_logarithms(clear: Any, shape: tuple[int, ...]) -> None:
    a = exact(*shape, seed=4)
    sign, size = clear(np.linalg.slogdet, a=a)
    want = np.linalg.slogdet(a)
    near(sign, want.sign, 0)
    near(size, want.logabsdet, LOG)


def test_integers_stay_integers(clear: Any) -> None:
    r = np.random.default_rng(5)  # noqa: TID251
    for p, bound in ((1, 2**31), (2, 2**30), (3, 2**19), (4, 2**14)):
        a = r.integers(-bound, bound, (3, p, p))
        same(clear(np.linalg.det, bound=bound, a=a), np.array([whole(m) for m in a.tolist()]))
    a = r.integers(-9, 10, (6, 6))
    want = np.linalg.det(a)
    near(clear(np.linalg.det, bound=9, a=a), want, 2.0**-20 * abs(want) + 2 * STEP)
    sign, size = clear(np.linalg.slogdet, a=a)
    assert sign == np.sign(want)
    near(size, np.log(abs(want)), LOG)
    same(clear(np.linalg.det, a=np.array([[True, False], [True, True]])), np.array(1))


def test_fraction_bits_of_the_result(clear: Any) -> None:
    def program() -> Any:
        a = share(alice.a, dtype=sfix16, bound=4)
        results = (np.linalg.det(a), np.linalg.det(a[:3, :3]), *np.linalg.slogdet(a))
        assert [x.dtype for x in results] == [sfix16] * 4
        assert np.linalg.det(share(alice.k)).dtype == sint
        return results

    a = np.rint(exact(5, 5, seed=6) * 2**16) / 2**16
    det, minor, sign, size = clear.cell(program, {"a": a, "k": np.eye(2, dtype=np.int32)})
    want = np.linalg.slogdet(a)
    near(det, np.linalg.det(a), 3 * 2.0**-16)
    near(minor, np.linalg.det(a[:3, :3]), 2 * 2.0**-16)
    assert sign == want.sign
    near(size, want.logabsdet, 2.0**-17 + 3 * 2.0**-16)


def test_columns_and_rows_of_very_different_size(clear: Any) -> None:
    a = exact(4, 4) * [1e-3, 1, 30, 1e4] * np.array([[1], [20], [0.5], [3]])
    a = np.rint(a * 2**20) / 2**20
    sign, size = clear(np.linalg.slogdet, bound=2**18, a=a)
    want = np.linalg.slogdet(a)
    assert sign == want.sign
    near(size, want.logabsdet, LOG)


def test_nearly_singular(clear: Any) -> None:
    """None where it needs divisions, right where it needs none; a ridge is the way out."""
    bad = exact(5, 5)
    bad[4] = bad[0] + bad[1] + STEP * np.array([1, 0, 1, 0, 0])
    ridge = bad + 0.5 * np.eye(5)

    def program() -> Any:
        a = share(alice.a, bound=16)
        again = np.linalg.slogdet(a + 0.5 * np.eye(5))[1]
        return np.linalg.det(a), np.linalg.slogdet(a), again, np.linalg.det(share(alice.b))

    small = np.array([[1.0, 2.0], [0.5, 1 + STEP]])
    det, (sign, size), again, exactly = clear.cell(program, {"a": bad, "b": small})
    assert (det, sign, size) == (0, 0, -8192)
    near(again, np.linalg.slogdet(ridge)[1], LOG)
    near(exactly, STEP, STEP)


def test_refusals(clear: Any) -> None:
    def no(error: Any, match: str, program: Any, **private: Any) -> None:
        with pytest.raises(error, match=match):
            clear(program, **private)

    no(UsageError, "square", np.linalg.det, a=np.ones((2, 3)))
    no(UsageError, "square", np.linalg.slogdet, a=np.ones(4))
    no(Unsupported, "128", np.linalg.slogdet, a=np.ones((129, 129)))
    no(OutOfRange, "slogdet", np.linalg.det, a=np.ones((3, 3)))
    no(OutOfRange, "slogdet", np.linalg.det, a=np.ones((6, 6)))


def test_among_three() -> None:
    a, k = exact(5, 5, seed=7), np.array([[3, 1, 4], [1, 5, 9], [2, 6, 5]])
    with three_rooms() as rooms:

        def program(cell: Any) -> Any:
            x = share(alice.a, bound=8)
            return reveal((np.linalg.slogdet(x), np.linalg.det(x), np.linalg.det(share(alice.k))))

        want = np.linalg.slogdet(a)
        for got in rooms.run(program, [{"a": a, "k": k.astype(np.int8)}, {}, {}]):
            (sign, size), det, small = settle(got)
            assert sign == want.sign
            near(size, want.logabsdet, LOG)
            near(det, np.linalg.det(a), 2 * STEP + 2.0**-20 * np.exp(want.logabsdet))
            assert small == -90
