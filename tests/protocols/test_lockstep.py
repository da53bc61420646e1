"""The lockstep driver: what it counts, and what it refuses."""

from types import coroutine

import numpy as np
import pytest

from mpckernel.errors import Desync
from mpckernel.protocols.op import OPS
from mpckernel.protocols.rounds import Round, exchange, together
from mpckernel.runtime.lockstep import run_lockstep, three_parties
from tests.protocols.running import REP3, Stream, run, run_parts, share

W = np.arange(3, dtype=np.uint64)


async def _one_round(i, size=3, to_hear=None):
    mail = await exchange({(i - 1) % 3: (W,)}, {(i + 1) % 3: to_hear or (size,)})
    return mail[(i + 1) % 3][0]


def test_counts_rounds_and_bits():
    outputs, cost, transcript = run_lockstep([_one_round(i) for i in range(3)])
    assert cost == (1, 3 * 3 * 64)
    assert len(transcript) == 1
    assert all(np.array_equal(x, W) for x in outputs)


@pytest.mark.parametrize("to_hear", [(2,), (3, 3), (4,)])
def test_other_sizes_than_declared_are_refused(to_hear):
    runs = [_one_round(0, to_hear=to_hear), _one_round(1), _one_round(2)]
    with pytest.raises(Desync, match="expects other sizes"):
        run_lockstep(runs)


def test_a_message_nobody_waits_for_is_refused():
    async def deaf(i):
        await exchange({(i - 1) % 3: (W,)}, {})

    with pytest.raises(Desync, match="does not expect"):
        run_lockstep([deaf(i) for i in range(3)])


def test_a_party_that_ends_early_is_refused():
    async def short():
        return None

    runs = [short(), _one_round(1), _one_round(2)]
    with pytest.raises(Desync, match="is done"):
        run_lockstep(runs)
    for r in runs:
        r.close()


def test_a_silent_step_is_no_round():
    async def silent():
        await exchange({}, {})

    assert run_lockstep([silent() for _ in range(3)])[1] == (0, 0)


def test_a_tap_may_alter_what_arrives():
    op = REP3["open_words"]
    parts = share(op, [W], Stream(1))

    def add_one(sender, receiver, k, arrays):
        return tuple(a + np.uint64(1) for a in arrays) if receiver == 2 else arrays

    got = run_parts(op, parts, {}, tap=add_one)
    np.testing.assert_array_equal(got.parts[0], W)
    np.testing.assert_array_equal(got.parts[2], W + np.uint64(1))


async def _ahead(i, *values):
    """Values to the left neighbour, all but the last one ahead of their round."""
    left, right = (i - 1) % 3, (i + 1) % 3
    for value in values[:-1]:
        await _send_ahead({left: (W + np.uint64(value),)})
    mail = await exchange({left: (W + np.uint64(values[-1]),)}, {right: (3,) * len(values)})
    return [int(a[0]) for a in mail[right]]


@coroutine
def _send_ahead(send):
    yield Round(send, {}, more=True)


def test_what_is_sent_ahead_belongs_to_its_round():
    outputs, cost, transcript = run_lockstep([_ahead(i, 1, 2, 3) for i in range(3)])
    assert outputs == [[1, 2, 3]] * 3
    assert cost == (1, 3 * 9 * 64)
    assert len(transcript) == 1


def test_side_by_side_what_is_sent_ahead_keeps_its_order():
    async def both(i):
        return await together(_ahead(i, 1, 2), _ahead(i, 3), _ahead(i, 4, 5, 6))

    outputs, cost, _ = run_lockstep([both(i) for i in range(3)])
    assert outputs == [[[1, 2], [3], [4, 5, 6]]] * 3
    assert cost == (1, 3 * 18 * 64)


def test_it_leaves_at_once_where_nothing_before_it_waits():
    async def nothing_to_send(i):
        await exchange({}, {})

    def first(*branches):
        steps = together(*branches)
        asked = steps.send(None)
        for one in (steps, *branches):
            one.close()
        return asked

    assert first(_ahead(0, 1, 2), _one_round(0)).more
    assert first(nothing_to_send(0), _ahead(0, 1, 2)).more
    waits = first(_one_round(0), _ahead(0, 1, 2))
    assert not waits.more
    assert [int(a[0]) for a in waits.send[2]] == [0, 1, 2]


@pytest.mark.parametrize("name", ["mul", "msb"])
def test_side_by_side_costs_the_longer_one_in_rounds_and_both_in_bits(name):
    x = [share(REP3["mul"], [W, W], Stream(k)) for k in (1, 2)]
    mul, msb = OPS["rep3.mul"], OPS["rep3.msb"]

    async def both(p):
        other = mul(p, x[1][0][p.number], x[1][1][p.number]) if name == "mul" else msb(
            p, x[1][0][p.number], width=64
        )  # fmt: skip
        return await together(mul(p, x[0][0][p.number], x[0][1][p.number]), other)

    _, cost, _ = run_lockstep([both(p.at(1)) for p in three_parties()])
    apart = [run("mul", W, W).cost, run(name, *([W, W] if name == "mul" else [W]),
             **({} if name == "mul" else {"width": 64})).cost]  # fmt: skip
    assert cost == (max(c.rounds for c in apart), sum(c.bits for c in apart))
