"""Roots against long doubles: never beyond the documented bound, anywhere in the domain."""

import numpy as np
import pytest

from mpckernel.errors import OutOfRange
from mpckernel.protocols.composed.roots import G, cbrt, hypot, inverse_root, rsqrt, sqrt
from tests.protocols.composed.loose import Bench
from tests.protocols.composed.points import Exact, paired, positive

MANY = 1_000_000
CASES = [(2**40, 20), (2**60, 20), (2**60, 0), (2**20, 20), (2**40, 21), (2**60, 19), (1, 20)]


def _hold(got: np.ndarray, exact: np.ndarray, relative: float) -> None:
    excess = np.abs(got.astype(Exact) - exact) - np.abs(exact) * Exact(2) ** Exact(relative)
    worst = int(excess.argmax())
    big = exact > 2**26
    print(exact.max(), np.log2(np.max(np.abs(got - exact)[big] / exact[big])) if big.any() else "")
    assert excess[worst] <= 1, (worst, float(excess[worst]))


@pytest.mark.parametrize(("bound", "c"), [*CASES, (5, 40), (2**62 - 1, -10)])
def test_sqrt(bound: int, c: int) -> None:
    x = positive(bound, MANY if (bound, c) == CASES[0] else 20_000, c % 7)
    bench = Bench()
    (got,) = bench.run(sqrt(bench.do, bench.secret(x, bound), c))
    _hold(got, np.sqrt(x.astype(Exact)) * Exact(2) ** (Exact(c) / 2), -18.3)


@pytest.mark.parametrize(("bound", "c"), [(2**40, 60), (2**60, 60), (2**20, 61), (1, 40), (7, 80)])
def test_rsqrt(bound: int, c: int) -> None:
    x = positive(bound, MANY if bound == 2**40 else 20_000, c % 7)
    bench = Bench()
    (got,) = bench.run(rsqrt(bench.do, bench.secret(x, bound), c))
    _hold(got, Exact(2) ** (Exact(c) / 2) / np.sqrt(x.astype(Exact)), -17.9)


@pytest.mark.parametrize(("bound", "c"), [(2**40, 40), (2**60, 40), (2**36, 0), (1, 60), (5, 3)])
def test_cbrt(bound: int, c: int) -> None:
    x = positive(bound, MANY if bound == 2**40 else 20_000, c % 7)
    bench = Bench()
    up, down = bench.run(*(cbrt(bench.do, bench.secret(s * x, bound), c) for s in (1, -1)))
    for got in (up, -down):
        _hold(got, np.cbrt(x.astype(Exact)) * Exact(2) ** (Exact(c) / 3), -18.3)


@pytest.mark.parametrize(("bound_x", "bound_y"), [(2**30, 2**20), (2**40, 2**40), (2**58, 7)])
def test_hypot(bound_x: int, bound_y: int) -> None:
    x, y = paired(bound_x, bound_y, 100_000, 3)
    bench = Bench()
    got, zero = bench.run(
        hypot(bench.do, bench.secret(x, bound_x), bench.secret(y, bound_y)),
        hypot(bench.do, bench.secret(x * 0, bound_x), bench.secret(x * 0, bound_x)),
    )
    _hold(got, np.sqrt(x.astype(Exact) ** 2 + y.astype(Exact) ** 2), -18.2)
    assert not zero.any()


@pytest.mark.parametrize("bound", [1, 2**20, 2**40])
def test_nothing_and_less_than_nothing_give_zero(bound: int) -> None:
    values = np.repeat([0, -1, -bound, -bound // 2], 500)
    bench = Bench()
    x = bench.secret(values, bound)
    root, inverse = bench.run(sqrt(bench.do, x, 20), rsqrt(bench.do, x, 60))
    assert not root.any()
    assert not inverse.any()


def test_exact_squares_are_as_close_as_promised() -> None:
    roots = np.arange(1, 2000)
    bench = Bench()
    (got,) = bench.run(sqrt(bench.do, bench.secret(roots**2 << 20, 2**42), 20))
    _hold(got, (roots << 20).astype(Exact), -18.3)


def test_the_inverse_root_on_all_normal_words() -> None:
    u = np.linspace(2 ** (G - 2), 2**G - 1, 300_001).astype(np.int64)
    bench = Bench()
    (got,) = bench.run(inverse_root(bench.do, bench.secret(u, 2**G)))
    relative = np.abs(got / 2**G * np.sqrt(u / 2**G) - 1)
    assert relative.max() < 2**-20.8


def test_what_might_not_fit_is_refused() -> None:
    bench = Bench()
    with pytest.raises(OutOfRange, match="root"):
        sqrt(bench.do, bench.secret([1], 2**60), 66)
    with pytest.raises(OutOfRange, match="root"):
        rsqrt(bench.do, bench.secret([1], 2**60), 124)
