"""Integer quotients are exact, for divisors of both signs and of every size."""

import numpy as np
import pytest

from mpckernel.errors import OutOfRange, UsageError
from mpckernel.protocols.composed.integers import floor_divide, floor_divide_public
from tests.protocols.composed.loose import Bench
from tests.protocols.composed.points import paired

BOUNDS = [(2**20, 2**20), (2**20, 3), (2**31, 2**10), (2**40, 2**40), (2**57, 2**60), (7, 9)]


@pytest.mark.parametrize(("bound_x", "bound_y"), BOUNDS)
def test_floor_divide(bound_x: int, bound_y: int) -> None:
    x, y = paired(bound_x, bound_y, 300_000 if bound_x == 2**20 else 50_000, 1)
    k = x // y  # and next to whole quotients
    near = np.concatenate([k * y + d for d in (-1, 0, 1)])
    inside = np.abs(near) <= bound_x
    x, y = np.concatenate([x, near[inside]]), np.concatenate([y, np.tile(y, 3)[inside]])
    bench = Bench()
    (got,) = bench.run(floor_divide(bench.do, bench.secret(x, bound_x), bench.secret(y, bound_y)))
    np.testing.assert_array_equal(got, x // y)


@pytest.mark.parametrize("bound", [5, 2**20, 2**45])
def test_by_zero_is_zero(bound: int) -> None:
    bench = Bench()
    x = bench.secret(np.linspace(-bound, bound, 999).astype(np.int64), bound)
    (got,) = bench.run(floor_divide(bench.do, x, bench.secret(np.zeros(999, np.int64), bound)))
    assert not got.any()


@pytest.mark.parametrize("d", [1, -1, 3, -7, 10, 1000, 2**20, 999_983, 2**40 + 1, [3, -5, 2**31]])
@pytest.mark.parametrize("bound", [1, 2**20, 2**46])
def test_by_public_numbers(d: int | list[int], bound: int) -> None:
    divisor = np.array(d)
    x, _ = paired(bound, 1, 20_000, 5)
    k = x // divisor.flat[0] * divisor.flat[0]
    near = np.concatenate([k - 1, k, k + 1])
    x = np.concatenate([x, near[np.abs(near) <= bound]]).reshape(-1, *[1] * divisor.ndim)
    bench = Bench()
    (got,) = bench.run(floor_divide_public(bench.do, bench.secret(x, bound), divisor))
    np.testing.assert_array_equal(got, x // divisor)


def test_refusals() -> None:
    bench = Bench()
    with pytest.raises(OutOfRange, match="2\\^58"):
        floor_divide(bench.do, bench.secret([1], 2**58), bench.secret([1], 1))
    with pytest.raises(OutOfRange, match="2\\^47"):
        floor_divide_public(bench.do, bench.secret([1], 2**50), np.array(3))
    with pytest.raises(UsageError, match="zero"):
        floor_divide_public(bench.do, bench.secret([1], 2), np.array([1, 0]))
