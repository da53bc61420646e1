"""What fitted functions cost with rep3, from the plan: a change is to be noticed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mpckernel.protocols.composed import tables
from mpckernel.protocols.composed.angles import arctan
from mpckernel.protocols.composed.circular import sine
from mpckernel.protocols.composed.exponential import exp
from mpckernel.protocols.composed.pieces import fitted
from tests.protocols.composed.loose import Bench

N = 64 * 100
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sigmoid": lambda do, x, f: fitted(do, x, f, tables.SIGMOID),
    "fine sigmoid": lambda do, x, f: fitted(do, x, f, tables.FINE_SIGMOID),
    "tanh": lambda do, x, f: fitted(do, x, f, tables.TANH),
    "gelu": lambda do, x, f: fitted(do, x, f, tables.GELU),
    "exp": exp,
    "exp of x <= 0": lambda do, x, f: exp(do, x, f, most=0.0),
    "sine": sine,
    "arctan": arctan,
}
COSTS = {  # function, f, bound of x: rounds, bits per element
    ("sigmoid", 16, 8): (8, 2294),
    ("sigmoid", 16, 64): (9, 2384),
    ("sigmoid", 16, 1024): (9, 2428),
    ("sigmoid", 20, 8): (8, 2482),
    ("sigmoid", 20, 2**16): (10, 2686),
    ("fine sigmoid", 24, 64): (9, 9773),
    ("tanh", 16, 1024): (9, 3481),
    ("gelu", 16, 1024): (9, 2770),
    ("exp", 16, 8): (11, 2219),
    ("exp", 16, 1024): (12, 2733),
    ("exp", 20, 8): (11, 2279),
    ("exp", 20, 2**16): (12, 2883),
    ("exp of x <= 0", 16, 1024): (12, 2290),
    ("sine", 16, 1024): (12, 2618),
    ("sine", 20, 2**16): (12, 2602),
    ("arctan", 20, 1): (8, 2482),
}


@pytest.mark.parametrize("case", COSTS, ids=str)
def test_price(case: tuple[str, int, int]) -> None:
    name, f, bound = case
    rounds, bits = COSTS[case]
    bench = Bench("rep3")
    FUNCTIONS[name](bench.do, bench.secret(np.ones(N, np.int64), bound << f), f)
    assert bench.plan.cost.rounds <= rounds, bench.plan.cost.rounds
    assert bench.plan.cost.bits <= bits * N, bench.plan.cost.bits / N
