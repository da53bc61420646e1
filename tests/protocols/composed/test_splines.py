"""Splines: the fits, by 30 digits; values at all scales and bounds; where they serve; the price."""

import mpmath
import numpy as np
import pytest

from mpckernel.protocols.composed import spline_fit, spline_tables, splines, tables
from mpckernel.protocols.composed.spline_fit import TARGETS, UNIT, Target
from mpckernel.protocols.op import OPS
from tests.protocols.cases import spline
from tests.protocols.composed.loose import ROUNDINGS, Bench, rounding
from tests.protocols.composed.test_fit import TRUE, value
from tests.protocols.composed.test_fitted import _points

IDS = {"ids": lambda t: t.name}


def error_at(
    target: Target, x: np.ndarray, f: int, bound: int, mode: str, top: int | None = None
) -> np.ndarray:
    """Of each x, rounded as `mode` says."""
    bench, spline = Bench(), getattr(spline_tables, target.name)
    with rounding(mode):
        call = splines.smooth(bench.do, bench.secret(x, bound), f, spline, top=top)
        (got,) = bench.run(call)
    return np.abs(got / 2**f - target.function(x / 2**f))


def test_the_tables_are_fitted_anew() -> None:
    assert spline_fit.FILE.read_text() == spline_fit.source(), (
        "python -m mpckernel.protocols.composed.spline_fit --write"
    )
    assert (spline_fit.LOOSE, spline_fit.STEP) == (splines.LOOSE, splines.STEP)


@pytest.mark.parametrize("target", TARGETS, **IDS)
def test_no_piece_errs_beyond_the_stated_error(target: Target) -> None:
    stored = getattr(spline_tables, target.name)
    assert stored.error <= 2.0**-target.bits
    for k, (low, high) in enumerate(spline_fit.ends(stored.edges)):
        c = [mpmath.ldexp(v, 16 * i - 61) for i, v in enumerate(stored.coefficients[k])]
        slope = stored.slopes[k] if stored.slopes else 0
        centre = mpmath.mpf(stored.centre(k).numerator) / stored.centre(k).denominator
        for j in range(41):
            x = mpmath.mpf(low) + (mpmath.mpf(high) - low) * j / 40
            got = value(c, x - centre) + slope * x
            assert abs(got - TRUE[target.name](x)) <= stored.error, (k, j)


@pytest.mark.parametrize("part", spline_fit.PARTS, **IDS)
def test_parts_err_no_more_than_stated_relative_to_themselves(part: spline_fit.Part) -> None:
    stored = getattr(spline_tables, part.name)
    assert stored.error <= 2.0**-part.bits * 1.001
    for k, (low, high) in list(enumerate(spline_fit.ends(stored.edges)))[1:-1]:
        c = [mpmath.ldexp(v, 16 * i - 61) for i, v in enumerate(stored.coefficients[k])]
        centre = mpmath.mpf(stored.centre(k).numerator) / stored.centre(k).denominator
        for j in range(41):
            x = mpmath.mpf(low) + (mpmath.mpf(high) - low) * j / 40
            assert abs(value(c, x - centre) * x - 1) <= stored.error, (k, j)


@pytest.mark.parametrize("mode", ROUNDINGS)
@pytest.mark.parametrize(("f", "g"), [(4, 8), (16, 20), (24, 28), (30, 30)])
def test_an_inverse_at_a_scale_of_its_own(f: int, g: int, mode: str) -> None:
    x = np.unique(np.linspace(2**f - 1, 2 ** (f + 4) + 1, 3001).astype(np.int64))
    bench = Bench()
    with rounding(mode):
        secret = bench.secret(x, 2 ** (f + 4) + 1)
        (got,) = bench.run(
            splines.smooth(bench.do, secret, f, spline_tables.INVERSE, g, 5 << g - 2)
        )
    true = 2.0**f / x
    bound = spline_tables.INVERSE.error * true + 2.0**-g + 2.0**-40
    assert (np.abs(got / 2**g - true) <= bound).all()


def test_both_ways_keep_to_one_error() -> None:
    for target in TARGETS:
        few, many = (getattr(t, target.name).error for t in (spline_tables, tables))
        assert few <= many * 2**0.15


@pytest.mark.parametrize("mode", ROUNDINGS)
@pytest.mark.parametrize("target", TARGETS, **IDS)
def test_values(target: Target, mode: str) -> None:
    stored = getattr(spline_tables, target.name)
    for f in (0, 1, 8, 16, 20, 24, 30):
        for bound in (0.3, 1, 4, 64, 2**16):
            most = max(int(bound * 2**f), 1)
            x = _points(most / 2**f, f, 12)
            assert error_at(target, x, f, most, mode).max() <= stored.error + 2.0**-f + 2.0**-40


def test_the_exponential_of_what_is_not_above_0() -> None:
    stored = spline_tables.EXPONENTIAL
    for k, (low, high) in list(enumerate(spline_fit.ends(stored.edges)))[:-1]:
        c = [mpmath.ldexp(v, 16 * i - 61) for i, v in enumerate(stored.coefficients[k])]
        centre = mpmath.mpf(stored.centre(k).numerator) / stored.centre(k).denominator
        for j in range(41):
            x = mpmath.mpf(low) + (mpmath.mpf(high) - low) * j / 40
            assert abs(value(c, x - centre) - mpmath.exp(x)) <= stored.error, (k, j)


@pytest.mark.parametrize("mode", ROUNDINGS)
@pytest.mark.parametrize("target", spline_fit.HALVES, **IDS)
def test_values_where_nobody_asks_for_more(target: Target, mode: str) -> None:
    """Softmax counts on a unit and 0.62 at 16 bits."""
    stored = getattr(spline_tables, target.name)
    assert stored.error <= 2.0**-16.69
    for f in (0, 1, 8, 16):
        edges = (np.array(stored.edges) * UNIT * 2**f).astype(np.int64)
        near = np.concatenate([edges + k for k in range(-9, 10)])
        for bound in (0.3, 1, 4, 64, 2**16, 2**30):
            most = max(int(bound * 2**f), 1)
            x = np.append(_points(most / 2**f, f, 12), near[np.abs(near) <= most])
            for top in (None, 0):
                error = error_at(target, x[x <= 0], f, most, mode, top)
                assert error.max() <= stored.error + 2.0**-f + 2.0**-40


@pytest.mark.parametrize("mode", ROUNDINGS)
@pytest.mark.parametrize("target", TARGETS, **IDS)
def test_where_pieces_meet(target: Target, mode: str) -> None:
    """Beside every edge: also where the public bound ends there."""
    f, stored = 16, getattr(spline_tables, target.name)
    edges = np.array(stored.edges) * int(UNIT * 2**f)
    near = np.unique((2**f * np.linspace(-0.1, 0.1, 41)).astype(np.int64))
    x = (edges[:, None] + near).ravel()
    for most in (np.abs(x).max(), *np.abs(edges[[0, 1, -1]]), edges[-1] - 1, edges[-1] + 1):
        inside = np.append(x[np.abs(x) <= most], [most, -most])
        error = error_at(target, inside, f, int(most), mode)
        assert error.max() <= stored.error + 2.0**-f + 2.0**-40


def test_they_serve_few_elements_of_moderate_size() -> None:
    bench = Bench()
    few = bench.secret(np.zeros(splines.FEW, np.int64), 1 << 20)
    assert splines.for_few(few, 20)
    assert not splines.for_few(bench.secret(np.zeros(splines.FEW + 1, np.int64), 1 << 20), 20)
    assert not splines.for_few(bench.secret(np.zeros(1, np.int64), 2**62 - 1), 8)
    for bound, f in ((2**61, 20), (2**50, 8), (1, 30), (0, 0)):
        x = bench.secret(np.zeros(1, np.int64), bound)
        assert splines.for_few(x, f)
        assert spline("SIGMOID", f, bound)["width"] - max(f - 4, 0) <= 48


@pytest.mark.parametrize(
    ("name", "f", "bound", "bits"),
    [("SIGMOID", 16, 8, 3500), ("SIGMOID", 16, 1024, 4490), ("SIGMOID", 20, 1024, 5180),
     ("TANH", 16, 1024, 6950), ("GELU", 20, 1024, 6010)],
)  # fmt: skip
def test_price(name: str, f: int, bound: int, bits: int) -> None:
    n = 640
    cost = OPS["rep3.spline"].cost((n,), (n,), **spline(name, f, bound << f))
    assert cost.rounds == 4
    assert cost.bits <= bits * n, cost.bits / n
