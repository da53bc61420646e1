"""What the functions cost with rep3, from the plan: more rounds or bits is a change to notice."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mpckernel.protocols.composed.divide import divide, divide_public, reciprocal
from mpckernel.protocols.composed.roots import rsqrt, sqrt
from mpckernel.protocols.composed.wide import mul_trunc
from tests.protocols.composed.loose import Bench

N = 64 * 100
Y = 2**40  # the default bound of reals at 20 bits
COSTS: dict[str, tuple[Callable[..., Any], int, int]] = {  # rounds, bits per element
    "reciprocal": (lambda do, y: reciprocal(do, y, 40), 36, 5519),
    "divide": (lambda do, y: divide(do, y, y, 20), 43, 7048),
    "sqrt": (lambda do, y: sqrt(do, y, 20), 39, 5551),
    "rsqrt": (lambda do, y: rsqrt(do, y, 60), 39, 5299),
    "by a public number": (lambda do, y: divide_public(do, y, np.array(3.0), 0), 6, 390),
    "by a public power of two": (lambda do, y: divide_public(do, y, np.array(4.0), 0), 2, 70),
    "wide product": (lambda do, y: mul_trunc(do, y, y, 20), 5, 568),
}


@pytest.mark.parametrize("name", COSTS)
def test_price(name: str) -> None:
    function, rounds, bits = COSTS[name]
    bench = Bench("rep3")
    function(bench.do, bench.secret(np.ones(N, np.int64), Y))
    assert bench.plan.cost.rounds <= rounds
    assert bench.plan.cost.bits <= bits * N
