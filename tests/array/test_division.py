"""Division and roots as NumPy functions: types, public operands, zeros."""

from typing import Any

import numpy as np
import pytest

from mpckernel.array import rsqrt, sfix16, share
from mpckernel.errors import OutOfRange, UsageError
from tests.array.clear import alice, near, same

STEP = 2.0**-20
MOST = 2**20  # bound of what _reals makes


def _reals(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)  # noqa: TID251
    x = np.exp2(rng.uniform(-20, 20, n)) * rng.choice([-1, 1], n)
    return np.where(x == 0, 1, np.rint(x / STEP) * STEP)


def test_quotients_of_reals(clear: Any) -> None:
    x, y = _reals(500, 1), _reals(500, 2)
    y[y == 0] = STEP
    want = x / y
    near(clear(lambda x, y: x / y, MOST, x=x, y=y), want, np.abs(want) * 2**-18.5 + 3 * STEP)
    near(clear(np.reciprocal, MOST, y=y), 1 / y, np.abs(1 / y) * 2**-17.3 + 3 * STEP)


def test_quotients_of_integers_are_fixed_point(clear: Any) -> None:
    x, y = np.arange(-5, 6), np.arange(7, 18).astype(np.int32)
    near(clear(lambda x, y: x / y, x=x, y=y), x / y, 4 * STEP)
    near(clear(lambda x: x / 3, x=x), x / 3, 1.2 * STEP)
    near(clear(lambda y: 1 / y, y=y), 1 / y, 4 * STEP)
    near(clear(lambda y: 0.5 / y, y=y), 0.5 / y, 4 * STEP)
    near(clear(lambda x, y: (x > 0) / y, x=x, y=y), (x > 0) / y, 4 * STEP)


def test_public_divisors(clear: Any) -> None:
    x = _reals(200, 3)
    near(clear(lambda x: x / 7, MOST, x=x), x / 7, 1.2 * STEP + np.abs(x) * 2**-52)
    near(clear(lambda x: x / -0.37, MOST, x=x), x / -0.37, 1.2 * STEP + np.abs(x) * 2**-50)
    same(clear(lambda x: x / 0.25, MOST, x=x), x / 0.25)
    rows = clear(lambda x: np.reshape(x, (-1, 2)) / np.array([4.0, 1e6]), MOST, x=x)
    near(rows, x.reshape(-1, 2) / np.array([4.0, 1e6]), 1.2 * STEP)


def test_roots(clear: Any) -> None:
    x = np.abs(_reals(500, 4))
    near(clear(np.sqrt, MOST, x=x), np.sqrt(x), np.sqrt(x) * 2**-18.3 + 1 * STEP)
    n = np.arange(0, 1000, 7)
    near(clear(np.sqrt, n=n), np.sqrt(n), np.sqrt(n) * 2**-18.3 + 1 * STEP)


def test_zeros_and_negatives(clear: Any) -> None:
    x, zero = np.array([1.5, -2.0, 0.0]), np.zeros(3)
    same(clear(lambda x, y: x / y, x=x, y=zero), np.zeros(3))
    same(clear(np.reciprocal, y=zero), np.zeros(3))
    same(clear(np.sqrt, MOST, x=np.array([0.0, -1.0, -1e5])), np.zeros(3))
    with pytest.raises(UsageError, match="zero"):
        clear(lambda x: x / 0, x=x)


def test_scales_meet(clear: Any) -> None:
    def program() -> Any:
        coarse = share(alice.x, dtype=sfix16)
        return coarse / share(alice.y), share(alice.y) / coarse, np.sqrt(coarse)

    x, y = np.array([1.5, 300.0, 2.25]), np.array([-7.0, 0.125, 9.0])
    a, b, c = clear.cell(program, {"x": x, "y": y})
    near(a, x / y, np.abs(x / y) * 2**-18.5 + 3 * STEP)
    near(b, y / x, np.abs(y / x) * 2**-18.5 + 3 * STEP)
    near(c, np.sqrt(x), np.sqrt(x) * 2**-18.3 + 1 * 2**-16)


def test_a_quotient_that_might_not_fit(clear: Any) -> None:
    with pytest.raises(OutOfRange, match="for the numerator, declare a smaller bound"):
        clear(lambda x: (x * 16) / x, MOST, x=np.array([1.0]))


def test_cube_roots_inverse_roots_and_lengths(clear: Any) -> None:
    x, y = _reals(300, 5), _reals(300, 6)
    near(clear(np.cbrt, MOST, x=x), np.cbrt(x), np.abs(np.cbrt(x)) * 2**-18.3 + STEP)
    inverse = 1 / np.sqrt(np.abs(x))
    near(clear(rsqrt, MOST, x=np.abs(x)), inverse, inverse * 2**-17.9 + STEP)
    near(clear(np.hypot, MOST, x=x, y=y), np.hypot(x, y), np.hypot(x, y) * 2**-18.2 + STEP)
    n = np.arange(-20, 20)
    near(clear(np.cbrt, n=n), np.cbrt(n), 2**-18.3 * 3 + STEP)
    near(clear(lambda n: np.hypot(n, 3), n=n), np.hypot(n, 3), 2**-18.2 * 21 + STEP)
    near(clear(rsqrt, n=np.array([0, -3, 4])), np.array([0, 0, 0.5]), 2**-17 + STEP)
