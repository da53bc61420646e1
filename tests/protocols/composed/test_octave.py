"""Functions of a mantissa: the tables are what is fitted, and no value is beyond its bound."""

import numpy as np
import pytest

from mpckernel.protocols.composed import octave_fit, octave_tables
from mpckernel.protocols.composed.octave import G, of_mantissa
from tests.protocols.composed.loose import Bench

NAMES = tuple(octave_fit.TARGETS)


@pytest.mark.parametrize("name", NAMES)
def test_the_table_is_what_is_fitted(name: str) -> None:
    f, table = octave_fit.TARGETS[name], getattr(octave_tables, name)
    again = octave_fit.fit(f)
    t = np.linspace(-0.25, 0.25, 1001)
    assert np.abs(octave_fit.value(again, t) - octave_fit.value(table.coefficients, t)).max() < 1e-8
    assert 0.99 * table.error < octave_fit.error_of(f, table.coefficients) <= table.error


@pytest.mark.parametrize("name", NAMES)
def test_on_all_of_the_octave(name: str) -> None:
    f, table = octave_fit.TARGETS[name], getattr(octave_tables, name)
    u = np.linspace(0.5, 1, 300_001)
    t = np.rint((u - 0.75) * 2**G).astype(np.int64)
    bench = Bench()
    (got,) = bench.run(of_mantissa(bench.do, bench.secret(t, 3 << G - 2), table, 24))
    error = np.abs(got / 2**24 - f(t / 2**G + 0.75))
    assert error.max() <= table.error + 2**-20.6 + 2**-24


@pytest.mark.parametrize("name", NAMES)
def test_nothing_found_stays_within_the_bounds(name: str) -> None:
    bench = Bench()
    t = bench.secret(np.full(1000, -3 << G - 2), 3 << G - 2)
    bench.run(of_mantissa(bench.do, t, getattr(octave_tables, name), 20))
