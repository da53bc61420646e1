"""Memory: what runs in windows does not grow with n, and the price knows what is needed."""

import tracemalloc
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mpckernel.protocols import ideal
from mpckernel.protocols.composed import divide
from mpckernel.protocols.composed.claims import Do, Value, proven
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.ring.words import as_words
from mpckernel.runtime import chunks, memory
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current
from mpckernel.runtime.memory import Need, peak, shortage
from mpckernel.runtime.plan import Plan
from mpckernel.runtime.recording import Given, record
from mpckernel.sharing.rep3 import Rep3
from tests.runtime.streams import run_plans

NAMES = ("alice", "bob", "carol")


def less(do: Do, x: Value) -> Any:
    return do(ideal.msb, x, width=64)


def product(do: Do, x: Value) -> Any:
    return do(ideal.mul_trunc, x, x, f=16)


def inverse(do: Do, x: Value) -> Any:
    return do(lanewise(divide.reciprocal), x, c=32)


def plan_of(scheme: str, program: Any, n: int) -> Plan:
    plan = Plan(scheme, NAMES if scheme == "rep3" else ("alice",))
    x = Call(None, (), {}, (n,), "word", 2**23)
    ones = as_words(np.ones(n, np.int64))
    x.result = Rep3(ones, ones) if scheme == "rep3" else ones
    program(plan.add, plan._append(x)).show(plan_of)
    return plan


def measured(scheme: str, program: Any, n: int) -> tuple[int, int, int]:
    """Bytes of one party: at the peak, at the end, and as the plan says. Keys alike: any will do
    for memory, and the parts are not a sharing of anything."""
    plans = [plan_of(scheme, program, n) for _ in range(3 if scheme == "rep3" else 1)]
    tracemalloc.start()
    run_plans(plans, None if scheme == "rep3" else [None])
    now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most // len(plans), now // len(plans), plans[0].memory


@pytest.mark.parametrize("program", [less, product, inverse], ids=["less", "product", "inverse"])
@pytest.mark.parametrize("scheme", ["rep3", "plain"])
def test_what_is_on_the_way_does_not_grow(monkeypatch, scheme, program):
    if scheme == "plain" and program is not inverse:
        pytest.skip("in the clear these are single NumPy functions")
    monkeypatch.setattr(chunks, "LANES", 2**12)
    monkeypatch.setattr(chunks, "LANES_WINDOW", 2**13)
    monkeypatch.setattr(chunks, "WHOLE", 2**11)
    monkeypatch.setattr(chunks, "CHUNK", 2**11)
    monkeypatch.setattr(chunks, "WINDOW", 2**13)
    extra = []
    for n in (2**15, 2**17):
        most, end, _ = measured(scheme, program, n)
        held = 16 * n  # a result that is allocated at the start, or words made from it
        extra.append(most - max(end, held))
    assert extra[1] <= 1.2 * extra[0] + 2**18
    assert most <= 4 * 32 * n + 2**22  # four times the shares of operand and result


@pytest.mark.parametrize("program", [less, product, inverse], ids=["less", "product", "inverse"])
def test_the_estimate_is_near_what_is_measured(program):
    most, _, said = measured("rep3", program, 2**17)
    assert 0.4 * most <= said <= 4 * most


def repeated(steps: int) -> Any:
    """The same step again and again: what one step leaves behind is forgotten in the next."""

    def square(calls: list[Call]) -> list[Call]:
        do = current().record
        more = do(ideal.add, do(ideal.trunc, do(ideal.mul, *calls, *calls), f=23), calls[0])
        return [do(proven(ideal.trunc, 2**23), more, f=1), do(ideal.neg, calls[0])]

    def program(do: Do, x: Value) -> Any:
        plan = do.__self__
        cell = SimpleNamespace(scheme=plan.scheme, parties=plan.parties, plan=plan, line=int)
        op = record(cell, "square", [Given(x.shape, "word", 2**23)], square)
        for _ in range(steps):
            x, _ = plan.repeat(op, (x,))
        return x

    return program


def test_what_a_repeated_step_made_is_forgotten():
    few, end, said = measured("rep3", repeated(3), 2**15)
    many, last, same = measured("rep3", repeated(30), 2**15)
    assert many <= 1.1 * few
    assert last <= 1.1 * end + 2**17
    assert said == same
    assert 0.4 * many <= said <= 4 * many


def test_the_peak_of_a_chain_counts_what_lives_together():
    chain = [Need(0, 0, 100, 0, (), False), Need(0, 2, 100, 30, (0,), False)]
    chain.append(Need(2, 3, 100, 30, (1,), True))
    assert peak(chain) == 230
    kept = [chain[0], Need(0, 2, 100, 30, (0,), True), chain[2]]
    assert peak(kept) == 230
    assert peak([*chain[:1], Need(0, 2, 100, 500, (0,), False), chain[2]]) == 700
    assert peak([]) == 0


def test_results_that_stay_are_counted():
    plan = plan_of("rep3", less, 6400)
    before = plan.memory
    face = plan.add(ideal.scale, plan.calls[0], as_words(3))
    face.show(plan_of)
    assert plan.memory == before + 16 * 6400


def test_a_shortage_is_a_sentence(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 2**30)
    assert shortage(2**30) == ""
    assert "needs about 3.0 GiB" in shortage(3 * 2**30)
    monkeypatch.setattr(memory, "available", lambda: None)
    assert shortage(2**60) == ""
