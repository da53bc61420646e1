"""The composed functions by three parties in lockstep: the values, and the declared cost sent."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mpckernel.protocols.composed import divide, integers, logs, roots
from tests.protocols.composed.points import Exact, paired, positive
from tests.runtime.test_lanes import run

BOUND = 2**36
ONE = Exact(2) ** 20
NEAR: dict[str, tuple[Callable[..., Any], Callable[..., Any], float]] = {  # relative error allowed
    "reciprocal": (lambda do, x: divide.reciprocal(do, x, 40), lambda x: ONE**2 / x, 2**-17.3),
    "divide": (lambda do, x: divide.divide(do, x, x, 20), lambda x: ONE + 0 * x, 2**-18.5),
    "divide precisely": (
        lambda do, x: divide.divide(do, x, x, 20, precise=True),
        lambda x: ONE + 0 * x,
        2**-25,
    ),
    "sqrt": (lambda do, x: roots.sqrt(do, x, 20), lambda x: np.sqrt(x * ONE), 2**-18.3),
    "rsqrt": (lambda do, x: roots.rsqrt(do, x, 60), lambda x: ONE**1.5 / np.sqrt(x), 2**-17.9),
    "cbrt": (lambda do, x: roots.cbrt(do, x, 40), lambda x: np.cbrt(x * ONE**2), 2**-18.3),
    "hypot": (lambda do, x: roots.hypot(do, x, x), lambda x: x * np.sqrt(Exact(2)), 2**-18.2),
}


@pytest.mark.parametrize("name", NEAR)
def test_values_and_cost(name: str) -> None:
    program, true, relative = NEAR[name]
    x = positive(BOUND, 900, 1)
    got, cost = run(program, (x, BOUND))
    assert cost.bits > 0
    exact = true(x.astype(Exact))
    excess = np.abs(got.view(np.int64) - exact) - np.abs(exact) * relative
    assert excess.max() <= 3


@pytest.mark.parametrize("kind", logs.KINDS)
def test_logarithms(kind: str) -> None:
    x = positive(BOUND, 900, 2)
    got, _ = run(lambda do, x: logs.logarithm(do, x, 20, 20, kind), (x, BOUND))
    exact = {"ln": np.log, "log2": np.log2, "log10": np.log10}[kind](x / ONE)
    assert np.abs(got.view(np.int64) / ONE - exact).max() <= logs.error(kind) + 2.5 / 2**20


@pytest.mark.parametrize("bound", [2**20, 2**36])
def test_whole_quotients(bound: int) -> None:
    x, y = paired(bound, 2**20, 900, 3)
    got, _ = run(integers.floor_divide, (x, bound), (y, 2**20))
    np.testing.assert_array_equal(got.view(np.int64), x // y)
    got, _ = run(lambda do, x: integers.floor_divide_public(do, x, np.array(7)), (x, bound))
    np.testing.assert_array_equal(got.view(np.int64), x // 7)


def test_nothing_to_divide_by() -> None:
    zero = np.zeros(300, np.int64)
    for program in (
        lambda do, x: divide.reciprocal(do, x, 40),
        lambda do, x: divide.divide(do, x, x, 20),
        lambda do, x: integers.floor_divide(do, x, x),
        lambda do, x: roots.cbrt(do, x, 40),
    ):
        got, _ = run(program, (zero, BOUND))
        assert not got.any()
