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
    "reciprocal": (lambda do, y: reciprocal(do, y, 40), Y, 28, 3617),
    "reciprocal below 128": (lambda do, y: reciprocal(do, y, 40), SMALL, 24, 3178),
    "divide": (lambda do, y: divide(do, y, y, 20), Y, 31, 4605),
    "divide below 128": (lambda do, y: divide(do, y, y, 20), SMALL, 27, 3834),
    "sqrt": (lambda do, y: sqrt(do, y, 20), Y, 31, 3831),
    "sqrt below 128": (lambda do, y: sqrt(do, y, 20), SMALL, 29, 3293),
    "rsqrt": (lambda do, y: rsqrt(do, y, 60), Y, 31, 3784),
    "divide precisely": (lambda do, y: divide(do, y, y, 20, precise=True), Y, 34, 5600),
    "cbrt": (lambda do, y: cbrt(do, y, 40), Y, 32, 4600),
    "by a public number": (lambda do, y: divide_public(do, y, np.array(3.0), 0), Y, 6, 390),
    "by a public power of two": (lambda do, y: divide_public(do, y, np.array(4.0), 0), Y, 2, 70),
    "wide product": (lambda do, y: mul_trunc(do, y, y, 20), Y, 5, 568),
}


@pytest.mark.parametrize("name", COSTS)
def test_price(name: str) -> None:
    function, bound, rounds, bits = COSTS[name]
    bench = Bench("rep3")
    function(bench.do, bench.secret(np.ones(N, np.int64), bound))
    assert bench.plan.cost.rounds <= rounds, bench.plan.cost.rounds
    assert bench.plan.cost.bits <= bits * N, bench.plan.cost.bits / N
