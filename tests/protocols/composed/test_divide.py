"""Quotients against long doubles: never beyond the documented bound, anywhere in the domain."""

import numpy as np
import pytest

from mpckernel.errors import OutOfRange, UsageError
from mpckernel.protocols.composed.divide import divide, divide_public, reciprocal
from mpckernel.ring.words import as_words
from tests.protocols.composed.loose import Bench
from tests.protocols.composed.points import Exact, paired, positive

RECIPROCAL = Exact(2) ** Exact(-17.3)
FINE = Exact(2) ** Exact(-18.2)  # below 2^35
QUOTIENT = Exact(2) ** Exact(-18.5)
PRECISE = Exact(2) ** Exact(-25)
MANY = 1_000_000


def _hold(got: np.ndarray, exact: np.ndarray, units: float, relative: Exact = QUOTIENT) -> None:
    excess = np.abs(got.astype(Exact) - exact) - np.abs(exact) * relative
    worst = int(excess.argmax())
    assert excess[worst] <= units, (worst, float(excess[worst]))


@pytest.mark.parametrize(
    ("bound", "c"),
    [(2**40, 40), (2**40, 20), (2**20, 32), (2**60, 60), (1, 20), (3, 9), (2**30, 0)],
)
def test_reciprocal(bound: int, c: int) -> None:
    y = positive(bound, MANY if (bound, c) == (2**40, 40) else 20_000, c)
    y = np.concatenate([y, -y])
    bench = Bench()
    (got,) = bench.run(reciprocal(bench.do, bench.secret(y, bound), c))
    _hold(got, Exact(2) ** c / y.astype(Exact), 3, RECIPROCAL if bound >> 35 else FINE)


@pytest.mark.parametrize(
    ("bound_x", "bound_y", "c"),
    [
        (2**40, 2**40, 20),
        (2**41, 2**40, 20),
        (2**30, 2**60, 20),
        (2**40, 2**60, 20),
        (2**60, 2**50, 0),
        (2**20, 2**20, 20),
        (2**40, 2**20, 20),
        (2**10, 2**40, 48),
        (2**50, 2**30, -10),
        (5, 3, 20),
    ],
)
def test_divide(bound_x: int, bound_y: int, c: int) -> None:
    x, y = paired(bound_x, bound_y, MANY if (bound_x, bound_y) == (2**40,) * 2 else 20_000, c)
    exact = x.astype(Exact) * Exact(2) ** c / y.astype(Exact)
    bench = Bench()
    a, b = bench.secret(x, bound_x), bench.secret(y, bound_y)
    quick, precise = bench.run(*(divide(bench.do, a, b, c, precise=p) for p in (False, True)))
    _hold(quick, exact, 3)
    _hold(precise, exact, 3, PRECISE)


def test_a_public_numerator() -> None:
    x, y = paired(2**40, 2**40, 20_000, 5)
    bench = Bench()
    (got,) = bench.run(divide(bench.do, as_words(x), bench.secret(y, 2**40), 20))
    _hold(got, x.astype(Exact) * 2**20 / y.astype(Exact), 3)


@pytest.mark.parametrize("bound", [1, 2**20, 2**40])
def test_a_secret_zero_gives_zero(bound: int) -> None:
    bench = Bench()
    zero = bench.secret(np.zeros(2000, np.int64), bound)
    x = bench.secret(np.arange(2000) - 1000, 2**40)
    quotients = (divide(bench.do, x, zero, 20, precise=p) for p in (False, True))
    for result in bench.run(reciprocal(bench.do, zero, 20), *quotients):
        assert not result.any()


def test_a_quotient_that_might_not_fit_is_refused_unless_bounded() -> None:
    bench = Bench()
    x, y = bench.secret([2**50], 2**50), bench.secret([2**45], 2**45)
    with pytest.raises(OutOfRange, match="for the numerator, declare a smaller bound"):
        divide(bench.do, x, y, 20)
    (got,) = bench.run(divide(bench.do, x, y, 20, bound=2**26))
    assert abs(int(got[0]) - 2**25) <= 2**25 * QUOTIENT + 3
    with pytest.raises(OutOfRange, match="below"):
        reciprocal(bench.do, bench.secret([1], 2**61), 20)


@pytest.mark.parametrize("d", [3.0, -7.0, 0.1, 1e6, 569.0, [1.0, 1e-3, -250.0]])
@pytest.mark.parametrize("bound", [1, 2**30, 2**40])
@pytest.mark.parametrize("c", [0, 20])
def test_a_public_divisor(d: float | list[float], bound: int, c: int) -> None:
    c = min(c, 58 - bound.bit_length() - 10)
    x = positive(bound, 3000, 1)[:, None]
    x = np.concatenate([x, -x, [[0]]])
    bench = Bench()
    (got,) = bench.run(divide_public(bench.do, bench.secret(x, bound), np.array(d), c))
    exact = x.astype(Exact) * Exact(2) ** c / np.array(d).astype(Exact)
    assert (np.abs(got - exact) <= 1.2 + np.abs(exact) * Exact(2) ** -52).all()


def test_public_powers_of_two_are_exact() -> None:
    x = np.array([0, 1, -1, 12345, -(2**40)]) * 8
    bench = Bench()
    secret = bench.secret(x, 2**43)
    by = bench.run(*(divide_public(bench.do, secret, np.array(d), 0) for d in (8.0, -0.5, 1.0)))
    assert [b.tolist() for b in by] == [(x // 8).tolist(), (x * -2).tolist(), x.tolist()]


def test_a_public_zero_is_refused() -> None:
    bench = Bench()
    with pytest.raises(UsageError, match="zero"):
        divide_public(bench.do, bench.secret([1, 2], 2), np.array([1.0, 0.0]), 0)
