"""// and % as NumPy functions, on integers and on fixed point."""

from typing import Any

import numpy as np
import pytest

from mpckernel.errors import UsageError
from tests.array.clear import same

STEP = 2.0**-20


def _pairs(n: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)  # noqa: TID251
    x, y = rng.integers(-most, most, n), rng.integers(1, 50, n) * rng.choice([-1, 1], n)
    return x, y


def test_integers_by_secrets(clear: Any) -> None:
    x, y = _pairs(300, 1000)
    same(clear(lambda x, y: x // y, x=x, y=y), x // y)
    same(clear(lambda x, y: x % y, x=x, y=y), x % y)
    q, r = clear(np.divmod, x=x, y=y)
    same(q, x // y)
    same(r, x % y)
    same(clear(np.fmod, x=x, y=y), np.fmod(x, y))
    same(clear(lambda y: 1000 // y, y=y), 1000 // y)


@pytest.mark.parametrize("d", [7, -3, 1, 8, 10**9])
def test_integers_by_public_numbers(clear: Any, d: int) -> None:
    x = _pairs(300, 10**5)[0]
    same(clear(lambda x: x // d, x=x), x // d)
    same(clear(lambda x: x % d, x=x), x % d)
    same(clear(lambda x: np.fmod(x, d), x=x), np.fmod(x, d))


def test_by_a_public_row(clear: Any) -> None:
    x, d = np.arange(-10, 10).reshape(5, 4), np.array([1, -2, 3, 100])
    same(clear(lambda x: x % d, x=x), x % d)
    same(clear(lambda x: x // d[:1], x=x), x // d[:1])


def test_fixed_point_is_exact_in_steps(clear: Any) -> None:
    rng = np.random.default_rng(5)  # noqa: TID251
    x = np.rint(rng.normal(size=200) * 50 / STEP) * STEP
    y = np.rint(rng.normal(size=200) / STEP) * STEP
    y[y == 0] = STEP
    a, b = (np.rint(v / STEP).astype(np.int64) for v in (x, y))
    same(clear(lambda x, y: x // y, bound=256, x=x, y=y), (a // b).astype(float))
    same(clear(lambda x, y: x % y, bound=256, x=x, y=y), (a % b) * STEP)
    same(clear(lambda x: x // 0.75, x=x), x // 0.75)
    same(clear(lambda x: x % 0.75, x=x), x % 0.75)
    same(clear(lambda x: x % 2, x=x), x % 2)


def test_zero(clear: Any) -> None:
    x, zero = np.array([5, -7, 0]), np.zeros(3, np.int64)
    same(clear(lambda x, y: x // y, x=x, y=zero), zero)
    same(clear(lambda x, y: x % y, x=x, y=zero), x)
    with pytest.raises(UsageError, match="zero"):
        clear(lambda x: x // 0, x=x)
