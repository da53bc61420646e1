"""Checkpoints: what ends a cell takes back what came after the last one, at every party alike."""

import threading
import time
from typing import Any

import numpy as np
import pytest

from mpckernel.errors import Interrupted, MpcError, RangeLeft, TransportError
from mpckernel.protocols import ideal
from mpckernel.ring.words import as_words
from mpckernel.runtime.cell import current
from mpckernel.runtime.ledger import CellRan, Opened
from mpckernel.runtime.limits import Limits
from mpckernel.runtime.reports import Report
from mpckernel.transport.memory import Faults
from tests.rooms import plain_room, three_rooms
from tests.runtime.programs import keep, share, squares


class Counter:
    """Something that is changed in place: twice as much at each turn."""

    def __init__(self):
        self.held: Any = None
        self.turns = 0

    def begin(self, cell):
        call = share(cell, [1])
        self.held = keep(call)

    def turn(self, cell):
        """Double, in the middle of a cell."""
        before = self.held, self.turns

        def restore():
            self.held, self.turns = before

        cell.undo(restore)
        call = cell.record(ideal.mul, self.held[0], cell.record(ideal.public, as_words([2])))
        call.bound = 1 << 20
        self.held, self.turns = keep(call), self.turns + 1


def counters(rooms):
    return {room.me: Counter() for room in rooms.rooms}


def values(rooms, counters):
    """What everybody's counter holds, opened in a cell of its own."""
    calls = rooms.run(lambda cell: cell.record(ideal.open_words, counters[cell.me].held[0]))
    return [int(call.result[0]) for call in calls]


def fails(futures, kinds=MpcError):
    found = []
    for future in futures:
        with pytest.raises(kinds) as caught:
            future.result(30)
        found.append(caught.value)
    return found


def two_checkpoints(cell, counter, then):
    counter.begin(cell)
    for _ in range(2):
        counter.turn(cell)
        counter.turn(cell)
        cell.checkpoint(f"turn {counter.turns} is kept")
    counter.turn(cell)
    then(cell)
    counter.turn(cell)
    cell.flush()
    return counter


def test_a_cell_goes_on_after_its_checkpoints(rooms):
    held = counters(rooms)
    rooms.run(lambda cell: two_checkpoints(cell, held[cell.me], lambda cell: None))
    assert [c.turns for c in held.values()] == [6] * 3
    assert values(rooms, held) == [64] * 3
    for room in rooms.rooms:
        assert room.committed == 4
        ran = [e for e in room.ledger.entries if isinstance(e, CellRan)]
        assert [e.cell for e in ran] == [1, 2, 3, 4]
        assert [e.rounds for e in ran] == [e.planned.rounds for e in ran]


def test_an_error_takes_back_what_came_after_the_second(rooms):
    held = counters(rooms)

    def then(cell):
        cell.flush()
        if cell.me == 1:
            raise ZeroDivisionError

    futures = rooms.start(lambda cell: two_checkpoints(cell, held[cell.me], then))
    with pytest.raises(ZeroDivisionError):
        futures[1].result(30)
    for error in fails([futures[0], futures[2]]):
        assert str(error) == "bob's cell raised an error; turn 4 is kept"
    assert [c.turns for c in held.values()] == [4] * 3
    assert values(rooms, held) == [16] * 3
    assert {room.committed for room in rooms.rooms} == {3}


def test_stop_takes_back_what_came_after_the_second(rooms):
    held = counters(rooms)

    def then(cell):
        if cell.me == 2:
            rooms.rooms[2].cancel()
        cell.flush()

    futures = rooms.start(lambda cell: two_checkpoints(cell, held[cell.me], then))
    said = [str(error) for error in fails(futures, Interrupted)]
    assert said[:2] == ["carol pressed stop; turn 4 is kept"] * 2
    assert values(rooms, held) == [16] * 3


def test_stop_at_any_time_leaves_everybody_with_the_same(rooms):
    """Also while they vote: a checkpoint counts at all or at none."""
    rng = np.random.default_rng(5)  # noqa: TID251
    for pause in rng.uniform(0.0, 0.02, 12):
        held = counters(rooms)
        begun = threading.Barrier(4)

        def program(cell, held=held, begun=begun):
            counter = held[cell.me]
            counter.begin(cell)
            cell.checkpoint()
            begun.wait(10)
            for _ in range(500):
                counter.turn(cell)
                counter.held[0].bound = 1 << 20
                cell.checkpoint()

        futures = rooms.start(program)
        begun.wait(10)
        time.sleep(pause)
        rooms.rooms[int(rng.integers(3))].cancel()
        fails(futures, Interrupted)
        assert len({c.turns for c in held.values()}) == 1
        assert len({room.committed for room in rooms.rooms}) == 1
        assert values(rooms, held) == [2 ** held[0].turns % 2**64] * 3


def test_a_lost_party_leaves_the_others_with_the_second():
    faults = Faults()
    with three_rooms(faults) as rooms:
        held = counters(rooms)

        def then(cell):
            if cell.me == 2:
                faults.kill(2)

        futures = rooms.start(lambda cell: two_checkpoints(cell, held[cell.me], then))
        assert all("carol" in str(e) for e in fails(futures[:2], TransportError))
        assert [held[k].turns for k in (0, 1)] == [4, 4]
        assert [rooms.rooms[k].committed for k in (0, 1)] == [2, 2]
        rooms.rooms[2].cancel()


@pytest.mark.parametrize("make", [three_rooms, plain_room])
def test_a_flag_that_does_not_hold_ends_the_cell_at_all(make):
    with make() as rooms:
        held = counters(rooms)

        def program(cell):
            counter = held[cell.me]
            counter.begin(cell)
            for k in range(3):
                counter.turn(cell)
                x = share(cell, [5 - 3 * k])  # negative in the third part
                for y in (x, cell.record(ideal.scale, x, as_words(2)), counter.held[0]):
                    flag = cell.record(ideal.invert, cell.record(ideal.msb, y, width=64))
                    cell.checks.append(flag)
                cell.checkpoint(f"turn {counter.turns} is kept")

        for error in fails(rooms.start(program), RangeLeft):
            assert str(error).endswith("; turn 2 is kept")
        assert [c.turns for c in held.values()] == [2] * len(rooms.rooms)
        for room in rooms.rooms:
            looks = [e for e in room.ledger.entries if isinstance(e, Opened)]
            assert [(e.kind, e.shape) for e in looks] == [("range", (1,))] * 3
        assert values(rooms, held) == [4] * len(rooms.rooms)


def test_flags_are_looked_at_when_a_cell_finishes(rooms):
    def program(cell):
        cell.checks.append(cell.record(ideal.msb, share(cell, [7]), width=64))

    fails(rooms.start(program), RangeLeft)
    assert {room.committed for room in rooms.rooms} == {0}
    rooms.run(squares)


def test_a_dry_run_changes_nothing(rooms):
    held = counters(rooms)
    rooms.run(lambda cell: held[cell.me].begin(cell))

    def program(cell):
        counter = held[cell.me]
        for _ in range(3):
            counter.turn(cell)
            cell.checkpoint()
        return cell.cost.rounds

    assert rooms.run(program, limits=Limits(dry=True)) == [3] * 3
    assert [c.turns for c in held.values()] == [0] * 3
    assert {room.committed for room in rooms.rooms} == {1}
    assert values(rooms, held) == [1] * 3


def test_limits_count_over_all_parts(rooms):
    held = counters(rooms)
    limits = Limits(max_rounds=5, seconds=20)
    futures = rooms.start(
        lambda cell: two_checkpoints(cell, held[cell.me], lambda cell: None), limits=limits
    )
    assert all("rounds, over --max-rounds 5" in str(e) for e in fails(futures))
    assert [c.turns for c in held.values()] == [4] * 3


def test_what_happens_after_a_vote_happens_once(rooms):
    done = []

    def program(cell):
        share(cell, [1])
        if cell.me == 0:
            cell.at_checkpoint = lambda: done.append("checkpoint")
            cell.after_commit.append(lambda: done.append("first"))
        cell.checkpoint()
        if cell.me == 0:
            cell.after_commit.append(lambda: done.append("second"))

    rooms.run(program)
    assert done == ["first", "checkpoint", "second"]


def test_a_training_step_goes_on_from_the_weights_of_a_checkpoint(rooms):
    """Array code: secrets made before a checkpoint are used after it, and in later cells."""
    import mpckernel
    from mpckernel.array.inputs import share as shared
    from mpckernel.array.opened import settle
    from mpckernel.array.owners import OwnerName
    from mpckernel.array.reveal import reveal

    rng = np.random.default_rng(11)  # noqa: TID251
    space = {"x": rng.normal(0, 1, (20, 5)), "y": np.arange(20) % 2 * 1.0}
    alice, held = OwnerName("alice", 0), {}

    @mpckernel.recorded
    def step(w, x, y):
        return np.clip(w - 0.5 * (x.T @ (mpckernel.sigmoid(x @ w) - y)) / len(y), -8, 8)

    def program(cell):
        x, y = shared(alice.x, bound=8), shared(alice.y, bound=1)
        w = np.clip(shared(alice.x, bound=8)[0], -8, 8)
        for _ in range(3):
            w = step(w, x, y)
            current().checkpoint()
        held[cell.me] = w

    rooms.run(program, [space, {}, {}])
    opened = rooms.run(lambda cell: reveal(held[cell.me]))
    x, y = space["x"], space["y"]
    w = x[0]
    for _ in range(3):
        w = w - 0.5 * (x.T @ (1 / (1 + np.exp(-x @ w)) - y)) / len(y)
    for party in opened:
        np.testing.assert_allclose(settle(party), w, atol=2.0**-8)
    assert {room.committed for room in rooms.rooms} == {5}


def test_a_report_is_seen_while_the_cell_runs(rooms):
    def program(cell):
        share(cell, [1])
        cell.report(Report(3, 10, soon=5, since=0.0, at=20.0))
        cell.checkpoint()
        return cell.room.status().report

    for report in rooms.run(program):
        assert report.steps(0.5) == 4
        assert report.left(0.5, 20.0) == pytest.approx(30.0)
    assert rooms.rooms[0].status().report is None
