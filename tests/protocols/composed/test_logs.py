"""Logarithms against long doubles: never beyond the documented bound, anywhere in the domain."""

import numpy as np
import pytest

from mpckernel.protocols.composed.logs import error, logarithm
from tests.protocols.composed.loose import Bench
from tests.protocols.composed.points import Exact, positive

MANY = 1_000_000
TRUE = {"ln": np.log, "log2": np.log2, "log10": np.log10}
UNITS = {"ln": 2.5, "log2": 1, "log10": 2.5}


@pytest.mark.parametrize("kind", TRUE)
@pytest.mark.parametrize(
    ("bound", "g", "f"),
    [
        (2**40, 20, 20),
        (2**36, 16, 16),
        (2**40, 24, 24),
        (2**62 - 1, 0, 20),
        (1, 0, 20),
        (5, 20, 20),
    ],
)
def test_logarithms(kind: str, bound: int, g: int, f: int) -> None:
    x = positive(bound, MANY if (bound, f) == (2**40, 20) else 20_000, f)
    bench = Bench()
    (got,) = bench.run(logarithm(bench.do, bench.secret(x, bound), g, f, kind))
    exact = TRUE[kind](x.astype(Exact) / Exact(2) ** g)
    off = np.abs(got / Exact(2) ** f - exact)
    assert off.max() <= error(kind) + UNITS[kind] / 2**f, (x[off.argmax()], float(off.max()))


@pytest.mark.parametrize("kind", TRUE)
def test_nothing_and_less_than_nothing_count_as_one_unit(kind: str) -> None:
    bench = Bench()
    x = bench.secret(np.repeat([0, -1, -(2**39), -5], 500), 2**39)
    (got,) = bench.run(logarithm(bench.do, x, 20, 20, kind))
    assert np.abs(got / 2**20 - TRUE[kind](2.0**-20)).max() <= error(kind) + 2.5 / 2**20


def test_documented_errors() -> None:
    assert error("ln") < 2**-18.4
    assert error("log2") < 2**-18
    assert error("log10") < 2**-19
