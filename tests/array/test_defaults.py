"""Columns without declared bounds: what people do first fits, up to the ends of the range."""

from typing import Any

import numpy as np
import pytest

from mpckernel.errors import OutOfRange
from tests.array.clear import near, same

STEP = 2.0**-20
ROWS, MANY = 1000, 10**5


def _reals(seed: int, least: float = 0.0) -> np.ndarray:
    """Multiples of a step, half of them at the ends of the default range."""
    rng = np.random.default_rng(seed)  # noqa: TID251
    size = np.rint(rng.uniform(least, 2.0**16, ROWS) / STEP) * STEP
    size[::2] = 2.0**16
    return size * rng.choice([-1, 1], ROWS)


def _whole(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)  # noqa: TID251
    x = rng.integers(-(2**20), 2**20, MANY, endpoint=True)
    x[::2] = 2**20 * rng.choice([-1, 1], MANY // 2)
    return x


def _var_error(var: float, n: int) -> float:
    return 2 * var * (2**-20.6 + n**0.5 * 2**-28) + (2.5 * var**0.5 + 1.1) * STEP


def test_reals(clear: Any) -> None:
    a, b = _reals(1), _reals(2, least=1.0)
    b[:4] = [1, -1, STEP, -STEP]  # the largest quotients

    def program(a: Any, b: Any) -> Any:
        return a * a, (a * a).sum(), a / b, a @ b, a.var()

    square, squares, ratio, dot, var = clear(program, a=a, b=b)
    near(square, a * a, STEP * 1.001 + a * a * 2.0**-52)
    near(squares, (a * a).sum(), ROWS * STEP * 1.001 + (a * a).sum() * 2.0**-42)
    near(ratio, a / b, np.abs(a / b) * 2**-18.5 + 3 * STEP)
    near(dot, a @ b, STEP * 1.001 + np.abs(a) @ np.abs(b) * 2.0**-42)
    near(var, a.var(), _var_error(a.var(), ROWS))


def test_the_largest_sum_of_squares(clear: Any) -> None:
    a = np.full(ROWS, -(2.0**16))
    squares, dot, var = clear(lambda a: ((a * a).sum(), a @ a, a.var()), a=a)
    near(squares, ROWS * 2.0**32, ROWS * STEP)
    near(dot, ROWS * 2.0**32, STEP)
    same(var, 0.0)


def test_integers(clear: Any) -> None:
    a, b = _whole(3), _whole(4)
    b[:4] = [1, -1, 2, -2]
    b[b == 0] = 1

    def program(a: Any, b: Any) -> Any:
        return a * a, (a * a).sum(), a.var(), a.mean(), a / b

    square, squares, var, mean, ratio = clear(program, a=a, b=b)
    same(square, a * a)
    same(squares, (a * a).sum())
    near(var, a.var(), _var_error(a.var(), MANY))
    near(mean, a.mean(), 1.2 * STEP)
    near(ratio, a / b, np.abs(a / b) * 2**-18.5 + 3 * STEP)


def test_the_largest_variance(clear: Any) -> None:
    """Half of the values at either end: the variance is the square of the default bound."""
    n = np.resize([2**20, -(2**20)], MANY)
    near(clear(np.var, n=n), 2.0**40, _var_error(2.0**40, MANY))
    r = np.resize([2.0**16, -(2.0**16)], ROWS)
    near(clear(np.var, r=r), 2.0**32, _var_error(2.0**32, ROWS))


def test_what_is_beyond_the_default_names_the_way_out(clear: Any) -> None:
    with pytest.raises(OutOfRange, match=r"declare one: share\(alice\.a, bound=\.\.\.\)"):
        clear(np.sum, a=np.array([65536.5]))
    with pytest.raises(OutOfRange, match=r"this product .* share\(alice\.x, bound=\.\.\.\)"):
        clear(lambda a: a * a * a, a=np.ones(3))
