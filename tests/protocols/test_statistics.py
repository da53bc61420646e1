"""The tests' own instruments: they accept what is uniform and refuse what is not."""

import numpy as np
import pytest

from tests.protocols import statistics
from tests.protocols.running import Stream

N = 2**14


def test_uniform_words_pass():
    rng = Stream(1)
    p_values = [p for _ in range(50) for p in statistics.uniform(rng.integers(0, 2**64, N))]
    statistics.accept(p_values, "uniform")
    assert 0.45 < np.mean(p_values) < 0.55


def test_two_uniform_samples_pass():
    rng = Stream(2)
    pairs = [(rng.integers(0, 2**64, N), rng.integers(0, 2**64, N)) for _ in range(50)]
    p_values = [p for a, b in pairs for p in statistics.alike(a, b)]
    statistics.accept(p_values, "alike")
    assert 0.45 < np.mean(p_values) < 0.55


WRONG = {
    "a bit stuck": lambda w: w | np.uint64(1 << 37),
    "small": lambda w: w >> np.uint64(1),
    "constant": lambda w: w * np.uint64(0) + np.uint64(0x5555555555555555),
    "repeated": lambda w: np.repeat(w[: N // 2], 2),
    "a bias of a tenth": lambda w: w & ~(np.uint64(1) * (np.arange(N) % 10 == 0)),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_uniform_is_refused(name):
    w = WRONG[name](Stream(3).integers(0, 2**64, N))
    with pytest.raises(AssertionError):
        statistics.accept(statistics.uniform(w), name)


@pytest.mark.parametrize("name", ["a bit stuck", "small", "constant"])
def test_unlike_samples_are_refused(name):
    rng = Stream(4)
    a, b = rng.integers(0, 2**64, N), WRONG[name](rng.integers(0, 2**64, N))
    with pytest.raises(AssertionError):
        statistics.accept(statistics.alike(a, b), name)


def test_equal_constants_are_alike():
    c = np.full(N, 7, np.uint64)
    statistics.accept(statistics.alike(c, c), "constants")


def test_nothing_tested_is_refused():
    with pytest.raises(AssertionError, match="nothing was tested"):
        statistics.accept([], "none")
