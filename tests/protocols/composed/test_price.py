"""What the functions cost with rep3, from the plan: more rounds or bits is a change to notice."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mpckernel.protocols.composed.divide import divide, divide_public, reciprocal
from mpckernel.protocols.composed.roots import cbrt, rsqrt, sqrt
from mpckernel.protocols.composed.wide import mul_trunc
from tests.protocols.composed.loose import Bench

N = 64 * 100
Y = 2**40  # reals below 2^20 at 20 bits
SMALL = 2**27 - 1  # below 128
COSTS: dict[str, tuple[Callable[..., Any], int, int, int]] = {  # bound, rounds, bits per element
    "reciprocal": (lambda do, y: reciprocal(do, y, 40), Y, 24, 3760),
    "reciprocal below 128": (lambda do, y: reciprocal(do, y, 40), SMALL, 21, 3312),
    "divide": (lambda do, y: divide(do, y, y, 20), Y, 26, 4770),
    "divide below 128": (lambda do, y: divide(do, y, y, 20), SMALL, 23, 3975),
    "sqrt": (lambda do, y: sqrt(do, y, 20), Y, 26, 3968),
    "sqrt below 128": (lambda do, y: sqrt(do, y, 20), SMALL, 24, 3417),
    "rsqrt": (lambda do, y: rsqrt(do, y, 60), Y, 26, 3920),
    "divide precisely": (lambda do, y: divide(do, y, y, 20, precise=True), Y, 28, 5812),
    "cbrt": (lambda do, y: cbrt(do, y, 40), Y, 27, 4731),
    "by a public number": (lambda do, y: divide_public(do, y, np.array(3.0), 0), Y, 6, 390),
    "by a public power of two": (lambda do, y: divide_public(do, y, np.array(4.0), 0), Y, 2, 70),
    "wide product": (lambda do, y: mul_trunc(do, y, y, 20), Y, 4, 589),
}


@pytest.mark.parametrize("name", COSTS)
def test_price(name: str) -> None:
    function, bound, rounds, bits = COSTS[name]
    bench = Bench("rep3")
    function(bench.do, bench.secret(np.ones(N, np.int64), bound))
    assert bench.plan.cost.rounds <= rounds, bench.plan.cost.rounds
    assert bench.plan.cost.bits <= bits * N, bench.plan.cost.bits / N
