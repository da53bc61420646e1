"""Numbers of two words, against Python's integers, with every rounding of a truncation."""

from typing import Any

import numpy as np
import pytest

from mpckernel.errors import OutOfRange
from mpckernel.protocols.composed import limbs
from mpckernel.ring.words import as_words
from tests.protocols.composed.loose import Bench, rounding

TOP = 2**62 - 1


def value(high: np.ndarray, low: np.ndarray) -> Any:
    return high.astype(object) * 2**limbs.LIMB + low.astype(object)


def words(*shape: int) -> np.ndarray:
    some = np.random.default_rng(9).integers(-TOP, TOP, shape)  # noqa: TID251
    some.reshape(-1)[:3] = TOP, -TOP, 0
    return some


def opened(bench: Bench, v: limbs.Wide) -> Any:
    got = value(*bench.run(v.high, v.low))
    assert np.all(np.abs(got) <= v.most)
    return got


@pytest.mark.parametrize("mode", ["floor", "up", "random"])
def test_sums_are_exact(mode: str) -> None:
    x = words(3, 1000)
    with rounding(mode):
        bench = Bench()
        s = bench.secret(x, TOP)
        v = limbs.sum_of_words(bench.do, s)
        twice = limbs.added(bench.do, v, limbs.times(bench.do, v, as_words(-(2**9)), 2**9))
        for _ in range(3):
            twice = limbs.times(bench.do, limbs.added(bench.do, twice, v), as_words(3), 3)
        want = x.astype(object).sum(1)
        assert opened(bench, v).tolist() == want.tolist()
        expected = want * (1 - 2**9)
        for _ in range(3):
            expected = (expected + want) * 3
        assert opened(bench, twice).tolist() == expected.tolist()
        both = limbs.total(bench.do, limbs.split(bench.do, s), (0, 1), 3000)
        assert opened(bench, both) == want.sum()


@pytest.mark.parametrize("n", [0, 1, 7, 4096])
def test_small_words_need_no_parts(n: int) -> None:
    x = np.arange(2 * n).reshape(2, n) - n
    bench = Bench("rep3")
    limbs.sum_of_words(bench.do, bench.secret(x, 2 * 4096))
    assert bench.plan.cost.bits <= 2 * 64 * 10  # only the two sums are split
    bench = Bench()
    v = limbs.sum_of_words(bench.do, bench.secret(x, 2 * 4096))
    assert opened(bench, v).tolist() == x.sum(1).tolist()


@pytest.mark.parametrize("cut", [-3, 0, 5, 31, 40])
def test_one_word_again(cut: int) -> None:
    x = words(4, 30) >> 10 + max(-cut, 0)
    bench = Bench()
    v = limbs.sum_of_words(bench.do, bench.secret(x, (TOP >> 10 + max(-cut, 0)) + 1))
    (got,) = bench.run(limbs.narrow(bench.do, v, cut))
    exact = x.astype(object).sum(1)
    for g, e in zip(got.tolist(), exact.tolist(), strict=True):
        if cut <= 0:
            assert g == e << -cut
        else:
            assert -2 << cut < (g << cut) - e < 2 << cut


def test_what_does_not_fit_is_refused() -> None:
    bench = Bench()
    v = limbs.sum_of_words(bench.do, bench.secret(words(2, 8), TOP))
    with pytest.raises(OutOfRange, match="wide sum"):
        limbs.narrow(bench.do, v, 0)
    with pytest.raises(OutOfRange, match="quotient"):
        limbs.divided(bench.do, v, np.array(2.0), 0)


@pytest.mark.parametrize("d", [8.0, 7.0, 1000.0, -3.5e4, 2.0**33])
@pytest.mark.parametrize("c", [0, 5, -20])
def test_quotients(d: float, c: int) -> None:
    if c == 5 and abs(d) < 2**10:
        d *= 2**10
    x = words(5, 8)
    bench = Bench()
    v = limbs.sum_of_words(bench.do, bench.secret(x, TOP))
    (got,) = bench.run(limbs.divided(bench.do, v, np.array(d * 16), c))
    exact = x.astype(object).sum(1).astype(np.longdouble) / np.longdouble(d * 16) * 2.0**c
    assert np.all(np.abs(got - exact) <= 2.4 + np.abs(exact) * 2.0**-52)
