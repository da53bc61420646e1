"""Powers as NumPy functions: whole, halves, negative, real, secret."""

from typing import Any

import numpy as np
import pytest

from mpckernel.errors import OutOfRange, UsageError
from tests.array.clear import near, same

STEP = 2.0**-20


def _positive(n: int, least: float = 0.01, most: float = 60.0) -> np.ndarray:
    x = np.exp(np.linspace(np.log(least), np.log(most), n))
    return np.rint(x / STEP) * STEP


def _allowed(want: np.ndarray, y: Any) -> np.ndarray:
    return want * (2**-12.1 + np.abs(y) * 2**-18 + (np.abs(y) + 12) * STEP) + 1.1 * STEP


def test_whole_exponents_of_integers_are_exact(clear: Any) -> None:
    n = np.arange(-7, 8).astype(np.int8)
    for k in (0, 1, 2, 3, 5):
        same(clear(lambda n, k=k: n**k, n=n), n.astype(np.int64) ** k)
    assert clear(lambda n: n ** np.array([[2]]), n=n).shape == (1, 15)


def test_arrays_of_whole_exponents_take_bases_of_either_sign(clear: Any) -> None:
    n, x, k = np.arange(-7, 8), np.linspace(-2, 2, 17), np.array([3, 0, 1, 2, 3])
    same(clear(lambda n: n[:, None] ** k, bound=7, n=n), n[:, None] ** k)
    want = x[:, None] ** k
    near(clear(lambda x: x[:, None] ** k, bound=2, x=x), want, 3 * 2 * STEP)
    want = np.abs(x[:, None] + 4) ** np.array([0.5, 2])
    near(clear(lambda x: (x + 4)[:, None] ** np.array([0.5, 2]), bound=8, x=x), want, 2**-16)


def test_halves_and_negative_exponents(clear: Any) -> None:
    x = _positive(200)
    near(clear(lambda x: x**0.5, x=x), np.sqrt(x), np.sqrt(x) * 2**-18.3 + STEP)
    near(clear(lambda x: x**-0.5, x=x), x**-0.5, x**-0.5 * 2**-17.9 + STEP)
    near(clear(lambda x: x**1.5, bound=64, x=x), x**1.5, x**1.5 * 2**-18 + 2 * x * STEP + STEP)
    near(clear(lambda x: x**-1, x=-x), -1 / x, 2**-17.3 / x + 3 * STEP)
    x = x[x > 0.5]
    near(clear(lambda x: x**-2, bound=64, x=x), x**-2.0, x**-2.0 * 2**-17.3 + (3 + 8) * STEP)
    n = np.array([1, 2, 4, 5])
    near(clear(lambda n: n**-1, n=n), 1 / n, 2**-17 + 3 * STEP)


@pytest.mark.parametrize("y", [0.3, -1.7, 3.14, np.array([0.1, 2.2, -0.4])])
def test_real_exponents(clear: Any, y: Any) -> None:
    x = _positive(99)[:, None]
    near(clear(lambda x: x**y, bound=64, x=x), x**y, _allowed(x**y, y))


def test_secret_exponents(clear: Any) -> None:
    x, y = _positive(100, 0.1, 30), np.rint(np.linspace(-3, 3, 100) / STEP) * STEP
    near(clear(lambda x, y: x**y, bound=32, x=x, y=y), x**y, _allowed(x**y, y))
    near(clear(lambda y: 2.5**y, bound=4, y=y), 2.5**y, _allowed(2.5**y, y))
    n = np.arange(8)
    near(clear(lambda n: 2.0**n, bound=8, n=n), 2.0**n, _allowed(2.0**n, n))
    near(clear(np.float_power, bound=8, a=n[1:] % 3 + 1, b=n[1:]),
         (n[1:] % 3 + 1.0) ** n[1:], _allowed((n[1:] % 3 + 1.0) ** n[1:], n[1:]))  # fmt: skip


def test_nothing_to_a_positive_power(clear: Any) -> None:
    got = clear(lambda x: x**1.3, bound=64, x=np.array([0.0, -3.0]))
    near(got, np.zeros(2), 3 * STEP)


def test_a_base_of_nothing_or_less(clear: Any) -> None:
    """0 but to the power 0: integers too, small powers, and powers that nobody knows."""
    for x in (np.array([0, -3]), np.array([0.0, -3.0])):
        same(clear(lambda x: x**0.125, bound=64, x=x), np.zeros(2))
        y = np.array([0.25, 1, -1, 0])
        want = np.tile([0.0, 0, 0, 1], (2, 1))
        near(clear(lambda x, y: x[:, None] ** y, bound=64, x=x, y=y), want, 2.0**-12)


def test_many_whole_exponents_take_bases_of_either_sign(clear: Any) -> None:
    n, x, k = np.arange(-2, 3), np.array([-1.25, -0.5, 0.0, 0.5]), np.arange(20)
    for base in (n, x):
        want = base[:, None].astype(float) ** k
        got = clear(lambda b: b[:, None] ** k, bound=2, b=base)
        near(got, want, _allowed(np.abs(want), k))
        got = clear(lambda b: b[:, None] ** np.r_[k, 0.3], bound=2, b=base)
        near(got[:, :-1], want, _allowed(np.abs(want), k))
        near(got[:, -1], np.maximum(base, 0) ** 0.3, 2.0**-10)
    near(clear(lambda x: x**65, bound=2, x=x), x**65, _allowed(np.abs(x**65), 65))


def test_refusals(clear: Any) -> None:
    with pytest.raises(UsageError, match="positive"):
        clear(lambda n: (-2.0) ** n, n=np.arange(3))
    with pytest.raises(OutOfRange, match="finite"):
        clear(lambda x: x**np.inf, x=np.ones(3))
