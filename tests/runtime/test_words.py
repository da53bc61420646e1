"""What is said beside a cell's work: no word more than is needed, none that mixes two cells."""

import pytest

from mpckernel.errors import CellsDiffer, Interrupted, Refused
from mpckernel.protocols import ideal
from mpckernel.runtime import commits
from mpckernel.runtime.limits import Limits
from mpckernel.transport.memory import Faults
from tests.rooms import one_cell, three_rooms
from tests.runtime.programs import keep, share, squares


@pytest.fixture
def late():
    """bob hears carol later than everybody else does."""

    def slow(sender, receiver, _index, parts):
        return [(0.05 if (sender, receiver) == (2, 1) else 0.0, parts)]

    with three_rooms(Faults(slow)) as three:
        yield three


def said(rooms, program):
    """What the first party says in a cell, and in which round of a run."""
    room, words = rooms.rooms[0], []
    tell = room.mesh.tell

    def told(kind, **fields):
        words.append((kind, room.schedule.rounds if room.schedule else None))
        tell(kind, **fields)

    room.mesh.tell = told
    rooms.run(program)
    room.mesh.tell = tell
    return [word for word in words if word[0] != "meta"]


BEGIN, VOTE = [("enter", None), ("join", None)], [("vote", None), ("done", None)]


def test_the_end_is_said_with_the_last_round(rooms):
    assert said(rooms, squares) == [*BEGIN, ("agree", None), ("end", 3), *VOTE]


def test_the_end_is_said_after_what_follows_the_last_round(rooms):
    def program(cell):
        x = share(cell, [1, 2])
        return keep(cell.record(ideal.add, cell.record(ideal.mul, x, x), x))

    assert said(rooms, program) == [*BEGIN, ("agree", None), ("end", None), *VOTE]


def test_the_end_of_a_long_run_is_said_when_all_is_done(rooms, monkeypatch):
    monkeypatch.setattr(commits, "SHORT", 0.0)
    assert said(rooms, squares) == [*BEGIN, ("agree", None), ("end", None), *VOTE]


@pytest.mark.parametrize("stopping", range(3))
def test_a_stop_after_the_end_is_said_and_before_the_vote_ends_the_cell_for_all(rooms, stopping):
    room = rooms.rooms[stopping]
    tell = room.mesh.tell

    def stops(kind, **fields):
        tell(kind, **fields)
        if kind == "end":
            room.cancel()

    room.mesh.tell = stops
    for future in rooms.start(squares):
        with pytest.raises(Interrupted):
            future.result(10)
    room.mesh.tell = tell
    assert [r.committed for r in rooms.rooms] == [0, 0, 0]
    rooms.run(squares)


def test_only_the_last_segment_says_it(rooms):
    def program(cell):
        squares(cell)
        cell.flush()
        squares(cell)

    agree = ("agree", None)
    assert said(rooms, program) == [*BEGIN, agree, agree, ("end", 3), *VOTE]


def test_a_cell_that_asks_for_nothing_says_it_too(rooms):
    assert said(rooms, lambda cell: None) == [*BEGIN, ("end", None), *VOTE]


def test_a_cell_that_fails_waits_for_those_who_have_not_begun_it(late):
    def failing(cell):
        if cell.me != 1:
            raise ZeroDivisionError
        share(cell, [1])

    for _ in range(5):
        for future in late.start(failing):
            with pytest.raises((ZeroDivisionError, Refused)):
                future.result(10)
        assert not any(room.mail.enters for room in late.rooms)
    late.run(squares)


def each(rooms, cells):
    """cells(room) at every party, which goes on as soon as it can."""
    for future in [rooms.pool.submit(cells, room) for room in rooms.rooms]:
        future.result(30)


def test_dry_cells_do_not_mix_with_the_next(late):
    def cells(room):
        for k in range(5):
            one_cell(room, squares, {}, f"dry {k}", Limits(dry=True, seconds=10))
            one_cell(room, squares, {}, f"wet {k}", Limits(seconds=10))

    each(late, cells)


def test_a_dry_cell_does_not_wait_for_who_has_left(rooms):
    carol = rooms.rooms[2].mesh
    tell = carol.tell
    carol.tell = lambda kind, **fields: tell("bye") if kind == "join" else tell(kind, **fields)
    limits = Limits(dry=True, seconds=30)
    for future in rooms.start(lambda cell: None, limits=limits)[:2]:
        future.result(10)


def test_cells_that_differ_do_not_mix_with_the_next(late):
    def cells(room):
        for k in range(5):
            with pytest.raises(CellsDiffer):
                one_cell(room, squares, {}, f"of {room.me}", Limits(seconds=10))
            one_cell(room, squares, {}, f"same {k}", Limits(seconds=10))

    each(late, cells)
