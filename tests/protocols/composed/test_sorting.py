"""How keys are cut into digits, and which way to sort is taken: by price, which the plan states."""

from typing import Any

import numpy as np
import pytest

from mpckernel.protocols import ideal, ordering
from mpckernel.protocols.composed import sorting
from mpckernel.protocols.op import OPS, Cost
from mpckernel.protocols.rep3.places import places_bits
from mpckernel.ring.words import as_words
from mpckernel.runtime.plan import Plan

PARTIES = ("alice", "bob", "carol")


@pytest.mark.parametrize("n", [2, 65, 10**3, 10**5, 10**7])
@pytest.mark.parametrize("length", [1, 2, 7, 32, 62, 200])
def test_digits_make_up_the_key(length: int, n: int) -> None:
    digits = sorting.digits_for(length, n, n)
    assert sum(digits) == length
    assert all(1 <= d <= sorting.WIDEST for d in digits)


@pytest.mark.parametrize(("n", "rounds"), [(100, 24), (10**4, 54), (10**5, 66), (10**6, 66)])
def test_rounds_are_spared_where_they_count(n: int, rounds: int) -> None:
    assert 6 * len(sorting.digits_for(32, n, n)) == rounds


@pytest.mark.parametrize(("length", "bits"), [(8, 2050), (32, 6498), (62, 12598)])
def test_published_price(length: int, bits: int) -> None:
    n = 10**5
    assert round(places_bits(n, sorting.digits_for(length, n, n), n) / n) == bits


def planned(shape: tuple[int, ...], bound: int, **how: Any) -> tuple[Plan, Any]:
    plan = Plan("rep3", PARTIES)
    nothing = np.zeros(0, np.uint64)
    x = plan.add(ideal.input_words, nothing, owner=0, shape=shape, bound=bound)
    return plan, sorting.places(plan.add, x, **how)


def test_the_price_of_short_rows_does_not_grow_with_their_bits() -> None:
    """A sign and a word for each pair, and nothing else."""
    plan, out = planned((8,), 2**30 - 1)
    assert out.bound == 7
    sign = OPS["rep3.msb"].cost((28,), (28,), width=32)
    assert plan.cost == Cost(1 + sign.rounds + 2, 64 * 8 + sign.bits + 28 * 192)


@pytest.mark.parametrize("shape", [(0,), (1,), (4, 1), (3, 0)])
def test_nothing_to_sort_costs_nothing(shape: tuple[int, ...]) -> None:
    plan, out = planned(shape, 5)
    assert out.shape == shape
    assert plan.cost.rounds == 1  # of the input


@pytest.mark.parametrize("bound", [2**60, 2**61, 2**62 - 1])
def test_keys_too_wide_to_compare_are_sorted_all_the_same(bound: int) -> None:
    plan, _ = planned((8,), bound)
    assert any(c.op and c.op.ideal is ordering.places for c in plan.calls) == (bound >= 2**61)


def clear(function: Any, *operands: Any, **params: Any) -> Any:
    """A functionality on values: what stands in for a plan."""
    values = [x.value if isinstance(x, Value) else x for x in operands]
    bounds = [
        x.bound if isinstance(x, Value) else int(abs(x.astype(np.int64)).max()) for x in operands
    ]
    return Value(function.compute(*values, **params), function.bound(*bounds, **params))


class Value:
    def __init__(self, value: np.ndarray, bound: int) -> None:
        self.value, self.bound, self.shape = value, bound, value.shape
        self.kind = "bit" if value.dtype == bool else "word"


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("shape", [(2,), (9,), (64,), (65,), (3, 20), (2, 2, 100)])
def test_both_ways_are_stable(shape: tuple[int, ...], down: bool) -> None:
    rng = np.random.default_rng(len(shape))  # noqa: TID251  (test data)
    x = rng.integers(-3, 4, shape)
    order = np.argsort(-x if down else x, axis=-1, kind="stable")
    got = sorting.places(clear, Value(as_words(x), 3), down=down).value
    np.testing.assert_array_equal(got, np.argsort(order, axis=-1))
