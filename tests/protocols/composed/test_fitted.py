"""Fitted functions and e^x against NumPy: at every scale, for small and large public bounds."""

from math import log

import numpy as np
import pytest

from mpckernel.protocols.composed import tables
from mpckernel.protocols.composed.exponential import LARGEST, exp
from mpckernel.protocols.composed.fit import TARGETS, Target
from mpckernel.protocols.composed.pieces import fitted
from tests.protocols.composed.loose import ROUNDINGS, Bench, rounding

SCALES = (1, 8, 16, 20, 30)
BOUNDS = (0.3, 4, 64, 2**16)


def _points(bound: float, f: int, near: float) -> np.ndarray:
    rng = np.random.default_rng(f)  # noqa: TID251
    most = int(bound * 2**f)
    spread = [rng.uniform(-b, b, 2000) for b in (bound, min(bound, near))]
    edges = np.arange(-40, 41) / 4.0
    x = np.rint(np.concatenate([*spread, edges]) * 2**f).astype(np.int64)
    return np.clip(np.concatenate([x, [0, 1, -1, most, -most, most - 1]]), -most, most)


@pytest.mark.parametrize("mode", ROUNDINGS)
@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("f", SCALES)
@pytest.mark.parametrize("target", [t for t in TARGETS if t.within is None], ids=lambda t: t.name)
def test_pieces(target: Target, f: int, bound: float, mode: str) -> None:
    x, pieces = _points(bound, f, 12), getattr(tables, target.name)
    bench = Bench()
    with rounding(mode):
        secret = bench.secret(x, max(int(bound * 2**f), 1))
        (got,) = bench.run(fitted(bench.do, secret, f, pieces))
    error = np.abs(got / 2**f - target.function(x / 2**f))
    assert error.max() <= pieces.error + 2.0**-f + 2.0**-18


@pytest.mark.parametrize("f", [8, 16])
@pytest.mark.parametrize("target", [t for t in TARGETS if t.within is None], ids=lambda t: t.name)
def test_pieces_at_their_ends(target: Target, f: int) -> None:
    """Every step of x around both ends of the range: no rounding carries a place around."""
    pieces = getattr(tables, target.name)
    end = 2**pieces.e / pieces.a * 2 ** (pieces.n - 1)
    near = np.arange(int((end - 0.8) * 2**f), int((end + 0.2) * 2**f))
    x = np.concatenate([near, -near])
    for _ in range(3):
        bench = Bench()
        (got,) = bench.run(fitted(bench.do, bench.secret(x, 64 << f), f, pieces))
        error = np.abs(got / 2**f - target.function(x / 2**f))
        assert error.max() <= pieces.error + 2.0**-f + 2.0**-18


@pytest.mark.parametrize("mode", ROUNDINGS)
@pytest.mark.parametrize("target", [t for t in TARGETS if t.within is None], ids=lambda t: t.name)
def test_where_pieces_meet(target: Target, mode: str) -> None:
    """Beside every boundary, the outermost ones among them: also where the public bound ends."""
    f, pieces = 16, getattr(tables, target.name)
    marks = np.array([*target.places(), -target.places()[0]]) * target.width * 2**f
    near = np.unique((target.width * 2**f * np.linspace(-0.1, 0.1, 41)).astype(np.int64))
    x = (np.rint(marks)[:, None].astype(np.int64) + near).ravel()
    for most in (np.abs(x).max(), int(marks[-1]), int(marks[-1]) - 1, int(marks[-1]) - 300):
        inside, bench = x[np.abs(x) <= most], Bench()
        inside = np.append(inside, [most, -most])
        with rounding(mode):
            (got,) = bench.run(fitted(bench.do, bench.secret(inside, int(most)), f, pieces))
        error = np.abs(got / 2**f - target.function(inside / 2**f))
        assert error.max() <= pieces.error + 2.0**-f + 2.0**-18


@pytest.mark.parametrize("mode", ROUNDINGS)
@pytest.mark.parametrize("bound", [*BOUNDS, 1, 12, 16, 30])
@pytest.mark.parametrize("f", SCALES)
def test_exp(f: int, bound: float, mode: str) -> None:
    x, bench = _points(bound, f, 25), Bench()
    with rounding(mode):
        secret = bench.secret(x, max(int(bound * 2**f), 1))
        (got,) = bench.run(exp(bench.do, secret, f))
    want = np.exp(np.minimum(x / 2**f, 50))
    fits = want < 2.0 ** (LARGEST - 0.6 - f)
    assert (np.abs(got / 2**f - want) <= 2**-12.2 * want + 1.1 * 2.0**-f)[fits].all()
    largest = got[want > 2.0 ** (LARGEST - 0.4 - f)] / 2.0 ** (LARGEST - 0.5)
    assert (np.abs(largest - 1) < 2**-12).all()
    assert not got[want < 2.0 ** (-f - 3)].any()


@pytest.mark.parametrize("f", [16, 20])
def test_exp_of_what_is_known_to_be_small(f: int) -> None:
    """A public top saves places, and rounds."""
    x, bench = -np.abs(_points(64, f, 12)), Bench()
    secret = bench.secret(x, 64 << f)
    (got,) = bench.run(exp(bench.do, secret, f, most=0.0))
    want = np.exp(x / 2**f)
    assert (np.abs(got / 2**f - want) <= 2**-12.2 * want + 1.1 * 2.0**-f).all()
    costs = []
    for most in (0.0, None):
        bench = Bench("rep3")
        exp(bench.do, bench.secret(x, 64 << f), f, most=most)
        costs.append(bench.plan.cost.bits)
    assert costs[0] < 0.9 * costs[1]


def test_nothing_near_the_end_of_the_range_is_lost() -> None:
    """Every step of x around the largest result that fits."""
    f = 20
    x = np.arange(int((LARGEST - f - 0.6) * log(2) * 2**f) - 3000, int(20 * 2**f), 37)
    bench = Bench()
    (got,) = bench.run(exp(bench.do, bench.secret(x, 64 << f), f))
    assert (got > 2.0 ** (LARGEST - 0.65)).all()
    assert (got < 2.0 ** (LARGEST - 0.40)).all()
