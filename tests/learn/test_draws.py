"""Public draws: the same for the same seed, other ones for another."""

import numpy as np
import pytest

from mpckernel.errors import UsageError
from mpckernel.learn.draws import Draws


def test_they_are_a_function_of_seed_and_purpose() -> None:
    first = Draws(3, "rows").uniform(4, 5)
    assert first.shape == (4, 5)
    assert (Draws(3, "rows").uniform(4, 5) == first).all()
    for other in (Draws(4, "rows"), Draws(3, "columns")):
        assert not (other.uniform(4, 5) == first).any()
    one = Draws(3, "rows")
    one.uniform(4, 5)
    assert not (one.uniform(4, 5) == first).any()


def test_they_are_uniform() -> None:
    draws = Draws(0, "test")
    u = draws.uniform(20_000)
    assert ((u >= 0) & (u < 1)).all()
    assert abs(u.mean() - 0.5) < 0.01
    counts = np.bincount(draws.below(10, 20_000), minlength=10)
    assert counts.size == 10
    assert abs(counts / 2000 - 1).max() < 0.1


def test_orders_are_permutations() -> None:
    orders = Draws(1, "test").order(50, 3)
    assert (np.sort(orders, axis=1) == np.arange(50)).all()
    assert (orders[0] != orders[1]).any()


@pytest.mark.parametrize("seed", [None, -1, 1.5, "a"])
def test_a_seed_is_a_public_whole_number(seed: object) -> None:
    with pytest.raises(UsageError, match="random_state"):
        Draws(seed, "test")
