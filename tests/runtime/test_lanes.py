"""Composed functions as one call: the same values, the price measured, no mask drawn twice."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from mpckernel.errors import Bug, OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import divide, roots
from mpckernel.protocols.composed.claims import Do, Value
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.protocols.op import Cost
from mpckernel.protocols.rep3 import summands
from mpckernel.ring.words import as_words
from mpckernel.runtime import chunks, lanes
from mpckernel.runtime.call import Call
from mpckernel.runtime.chunks import pieces
from mpckernel.runtime.plan import Plan
from mpckernel.sharing.rep3 import deal, reconstruct, reconstruct_bits
from tests.protocols.running import Stream
from tests.runtime.streams import run_plans

NAMES = ("alice", "bob", "carol")
SIZES = [1, 5, 63, 64, 1000, 1024, 5000]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Chunks and windows of a few thousand lanes, so that small arrays take several waves."""
    monkeypatch.setattr(chunks, "LANES", 1024)
    monkeypatch.setattr(chunks, "LANES_WINDOW", 2048)
    monkeypatch.setattr(chunks, "WHOLE", 512)
    monkeypatch.setattr(chunks, "CHUNK", 512)
    monkeypatch.setattr(chunks, "WINDOW", 1024)


def leaf(plan: Plan, result: Any, shape: tuple[int, ...], bound: int) -> Call:
    call = Call(None, (), {}, shape, "word", bound)
    call.result = result
    return plan._append(call)


def run(program: Any, *values: tuple[np.ndarray, int], scheme: str = "rep3") -> tuple[Any, Cost]:
    """program(do, *secrets) in lockstep: its value, and the cost measured, held to the plan's."""
    if scheme == "plain":
        plan = Plan("plain", ("alice",))
        call = program(plan.add, *(leaf(plan, as_words(x), x.shape, b) for x, b in values))
        call.show(run)
        run_plans([plan], [None])
        return call.result, Cost(0, 0)
    dealt = [deal(as_words(x), Stream(k)) for k, (x, _) in enumerate(values)]
    plans, calls = [], []
    for i in range(3):
        plans.append(Plan("rep3", NAMES))
        held = [leaf(plans[i], d[i], x.shape, b) for d, (x, b) in zip(dealt, values, strict=True)]
        calls.append(program(plans[i].add, *held))
        calls[i].show(run)
    cost = run_plans(plans)
    assert cost == plans[0].cost
    assert len({plan.digest() for plan in plans}) == 1
    whole = reconstruct if calls[0].kind == "word" else reconstruct_bits
    return whole([c.result for c in calls]), cost


def below(do: Do, x: Value, y: Value, gap: int) -> Any:
    """A bit for each lane, by way of planes: x + gap < y."""
    bits = do(ideal.to_bits, do(ideal.sub, do(ideal.shift, x, as_words(gap)), y), width=64)
    return do(ideal.move_bits, bits, how=("index", 63))


@pytest.mark.parametrize("scheme", ["plain", "rep3"])
@pytest.mark.parametrize("n", SIZES)
def test_words_come_out_lane_by_lane(scheme, n):
    y = (np.arange(n) % 997 + 1) << 10
    got, _ = run(lambda do, v: do(lanewise(divide.reciprocal), v, c=40), (y, 2**20), scheme=scheme)
    exact = 2.0**40 / y
    assert (np.abs(got.astype(np.float64) - exact) <= exact * 2**-17.3 + 3).all()


@pytest.mark.parametrize("scheme", ["plain", "rep3"])
@pytest.mark.parametrize("n", SIZES)
def test_bits_come_out_lane_by_lane(scheme, n):
    x, y = np.arange(n), np.arange(n)[::-1].copy()
    got, _ = run(lambda do, a, b: do(lanewise(below), a, b, gap=3), (x, n), (y, n), scheme=scheme)
    assert got.tolist() == (x + 3 < y).tolist()


def test_any_shape_and_independent_calls_share_rounds():
    x = np.arange(1, 3001).reshape(3, 10, 100)

    def program(do: Do, v: Value) -> Any:
        root = do(lanewise(roots.sqrt), v, c=20)
        return do(ideal.mul, root, do(lanewise(divide.reciprocal), v, c=40))

    got, cost = run(program, (x, 4000))
    assert got.shape == x.shape
    exact = np.sqrt(x * 2.0**20) * 2.0**40 / x
    assert (np.abs(got.astype(float) - exact) <= exact * 2**-9).all()
    plan = Plan("rep3", NAMES)
    held = leaf(plan, None, x.shape, 4000)
    calls = [plan.add(lanewise(roots.sqrt), held, c=20)]
    calls.append(plan.add(lanewise(divide.reciprocal), held, c=40))
    assert cost.rounds == max(c.depth for c in calls) + 2  # six chunks of 512, three at a time


def test_the_price_is_that_of_the_calls_one_by_one():
    """At a multiple of 64 lanes in one wave; and what nobody needs is not paid for."""
    priced = []
    for ask in (lanewise(roots.sqrt), None):
        plan = Plan("rep3", NAMES)
        x = leaf(plan, None, (64,), 2**40)
        call = plan.add(ask, x, c=20) if ask else roots.sqrt(plan.add, x, c=20)
        priced.append((plan.cost, call.bound))
    (streamed, bound), (loose, same) = priced
    assert streamed.rounds == loose.rounds
    assert streamed.bits <= loose.bits
    assert bound == same


def test_waves_cost_rounds():
    def rounds(n: int) -> int:
        plan = Plan("rep3", NAMES)
        plan.add(lanewise(roots.sqrt), leaf(plan, None, (n,), 2**40), c=20)
        return plan.cost.rounds

    assert rounds(2048) == rounds(10)
    assert rounds(2049) == 2 * rounds(10)


def test_lanes_are_filled_up_where_it_is_cheap():
    assert [chunks.lanes_for(n) for n in (1, 63, 1000, 1024, 1025, 3000)] == [
        1, 63, 1000, 1024, 576, 1024,
    ]  # fmt: skip


def test_operands_of_different_shape_are_recorded_as_they_stand():
    """A row that meets many lines is normalised once."""
    plan = Plan("rep3", NAMES)
    x, row = leaf(plan, None, (50, 64), 2**30), leaf(plan, None, (64,), 2**30)
    plan.add(lanewise(divide.divide), x, row, c=20)
    many = Plan("rep3", NAMES)
    x, row = leaf(many, None, (50, 64), 2**30), leaf(many, None, (64,), 2**30)
    divide.divide(many.add, x, row, c=20)
    assert plan.cost == many.cost


def test_public_numbers_are_part_of_the_function():
    plan = Plan("rep3", NAMES)
    x = leaf(plan, None, (64,), 2**30)
    one, two = (plan.add(lanewise(divide.divide), as_words(k), x, c=20) for k in (1, 2))
    assert one is not two
    assert plan.add(lanewise(divide.divide), as_words(1), x, c=20) is one
    (got, _) = run(
        lambda do, v: do(lanewise(divide.divide), as_words(3), v, c=20), (np.arange(1, 70), 100)
    )
    exact = 3 * 2.0**20 / np.arange(1, 70)
    assert (np.abs(got.astype(float) - exact) <= exact * 2**-17.3 + 3).all()


def test_the_digest_names_the_inner_calls():
    def digest(bound: int, c: int) -> bytes:
        plan = Plan("rep3", NAMES)
        plan.add(lanewise(roots.sqrt), leaf(plan, None, (10,), bound), c=c)
        return plan.digest()

    assert len({digest(2**40, 20), digest(2**40, 22), digest(2**41, 20)}) == 3


def _one_way(do: Do, x: Value, deep: int) -> Any:
    return do(ideal.trunc, x, f=deep)


def test_another_library_is_another_digest(monkeypatch):
    """Same name, same parameters, same shapes; the calls inside differ."""
    digests = set()
    for shift in (0, 1):

        def program(do: Do, x: Value, shift: int = shift) -> Any:
            return _one_way(do, x, deep=5 + shift)

        plan = Plan("rep3", NAMES)
        plan.add(lanewise(program), leaf(plan, None, (10,), 2**40))
        digests.add(plan.digest())
    assert len(digests) == 2


def test_refusals_name_the_line():
    plan = Plan("rep3", NAMES, line=4)
    x = leaf(plan, None, (10,), 2**40)
    with pytest.raises(OutOfRange, match=r"^line 4: this quotient.*; nothing was sent$"):
        plan.add(lanewise(divide.divide), x, x, c=60)
    with pytest.raises(OutOfRange, match=r"^line 4: this product.*; nothing was sent$"):
        plan.add(lanewise(_square), x)


def _square(do: Do, x: Value) -> Any:
    return do(ideal.mul, x, x)


def _opens(do: Do, x: Value) -> Any:
    do(ideal.open_words, x)
    return x


def _opens_and_uses(do: Do, x: Value) -> Any:
    return do(ideal.shift, x, do(ideal.open_words, x))


@pytest.mark.parametrize("program", [_opens, _opens_and_uses])
def test_nothing_is_opened_inside(program):
    plan = Plan("rep3", NAMES)
    with pytest.raises(Bug, match="neither takes in nor opens"):
        plan.add(lanewise(program), leaf(plan, None, (10,), 2**40))


def test_no_mask_is_drawn_twice(monkeypatch):
    """Over ordinary and composed calls, chunks and waves: no (key, call, use) occurs twice."""
    drawn: Counter[Any] = Counter()
    from mpckernel.ring.prg import Prg

    words = Prg.words

    def counted(self: Prg, shape: Any, call: int, use: int) -> Any:
        drawn[id(self), call, use] += 1
        return words(self, shape, call, use)

    monkeypatch.setattr(Prg, "words", counted)

    def program(do: Do, v: Value) -> Any:
        square = do(ideal.mul, v, v)
        root = do(lanewise(roots.sqrt), square, c=20)
        return do(ideal.mul, root, do(lanewise(divide.reciprocal), v, c=20))

    run(program, (np.arange(1, 5001), 5000))
    assert len(drawn) > 1000
    assert max(drawn.values()) == 1


def test_places_are_all_different():
    edge = [0, 1, 2, 2**20 - 1]
    places = [lanes.place(n, c, k) for n in (*edge, 2**24 - 1) for c in edge for k in edge]
    assert len(set(places)) == len(places)
    assert max(places) < 2**64
    for beyond in ((2**24, 0, 0), (0, 2**20, 0), (0, 0, 2**20), (-1, 0, 0)):
        with pytest.raises(Bug):
            lanes.place(*beyond)


@pytest.mark.parametrize("n", [513, 1000, 3000, 4567])
def test_large_calls_are_cut_in_threes(n):
    """So that each party has each role as often as the others, but for the last chunk's size."""
    plan = Plan("rep3", NAMES)
    x = leaf(plan, None, (n,), 100)
    got = pieces(plan.add(ideal.trunc, x, f=16))
    assert got.count % 3 == 0
    assert got.step % 64 == 0
    assert got.span(got.count - 1)[1] == n


@pytest.mark.parametrize("n", [513, 1000, 3000, 4567])
def test_where_roles_turn_within_a_call_its_chunks_are_three_times_as_large(n):
    plan = Plan("rep3", NAMES)
    x = leaf(plan, None, (n,), 100)
    got = pieces(plan.add(ideal.msb, x, width=16))
    assert got.count == -(-n // (3 * chunks.CHUNK))
    assert got.step % 64 == 0
    assert got.span(got.count - 1)[1] == n


@pytest.mark.parametrize("n", [513, 4567])
def test_signs_in_such_chunks(monkeypatch, n):
    monkeypatch.setattr(summands, "MANY", 200)
    x = np.arange(n) - n // 2
    got, _ = run(lambda do, v: do(ideal.msb, v, width=16), (x, n))
    np.testing.assert_array_equal(got, x < 0)
