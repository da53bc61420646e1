"""Inverse hyperbolic functions against NumPy, on their whole domains."""

from typing import Any

import numpy as np
import pytest

from tests.array.clear import near

STEP = 2.0**-20
RANDOM = np.random.default_rng(7)  # noqa: TID251  (test data)


def steps(x: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(x / STEP) * STEP, -65_000, 65_000)


@pytest.mark.parametrize("size", [1e-5, 1e-2, 1.0, 30.0, 6e4])
def test_inverse_sine_and_cosine(clear: Any, size: float) -> None:
    x = steps(RANDOM.normal(size=2000) * size)
    near(clear(np.arcsinh, x=x), np.arcsinh(x), 2.0**-17 + 8 * STEP)
    y = 1 + np.abs(x)
    near(clear(np.arccosh, y=y), np.arccosh(y), 2.0**-17 + 8 * STEP)


def test_inverse_tangent(clear: Any) -> None:
    x = steps(np.concatenate([RANDOM.uniform(-1, 1, 2000), 1 - 2.0 ** -np.arange(1, 20), [0]]))
    near(clear(np.arctanh, x=x), np.arctanh(x), 2.0**-17.4 + 5 * STEP)


def test_beyond_the_domain(clear: Any) -> None:
    x = np.array([1.0, -1.0, 0.5, -2.0])
    near(clear(np.arccosh, x=x), np.zeros(4), 2 * STEP)
    assert np.all(np.abs(clear(np.arctanh, x=x[[0, 1, 3]])) < 8)
    n = np.array([0, 5, -7])
    near(clear(np.arcsinh, n=n), np.arcsinh(n), 2.0**-17 + 8 * STEP)
