"""A cell commits everywhere or nowhere, also when somebody is slow or stops at its end."""

import time

import pytest

from mpckernel.errors import Interrupted
from mpckernel.runtime import commits
from mpckernel.session import register as _register  # noqa: F401  (it declares what lobbies say)
from tests.runtime.programs import squares
from tests.security.wire import ALICE, BOB, CAROL, errors, is_shut


@pytest.mark.parametrize("slow", range(3))
def test_a_slow_party_is_waited_for_before_anybody_votes(wire, monkeypatch, slow):
    monkeypatch.setattr(commits, "COMMIT_SECONDS", 0.2)

    def program(cell):
        x = squares(cell)
        cell.flush()
        time.sleep(0.8 * (cell.me == slow))
        return x

    wire.rooms.run(program)
    assert [room.committed for room in wire.rooms.rooms] == [1, 1, 1]


@pytest.mark.parametrize("impatient", range(3))
def test_who_stops_waiting_at_the_end_ends_the_cell_for_all(wire, impatient):
    late = (impatient + 1) % 3

    def program(cell):
        squares(cell)
        cell.flush()
        if cell.me == late:
            time.sleep(0.8)

    def stop(cell):
        squares(cell)
        cell.flush()
        wire.rooms.pool.submit(lambda: (time.sleep(0.3), cell.room.cancel()))

    wire.rooms.pool._max_workers = 6
    programs = [stop if party == impatient else program for party in range(3)]
    found = errors(wire.rooms.start(programs))
    assert all(isinstance(error, Interrupted) for error in found)
    assert [room.committed for room in wire.rooms.rooms] == [0, 0, 0]
    wire.rooms.run(squares)


HELLO = {"type": "hello", "version": 1, "room": "", "party": 2, "nonce": "", "key": ""}


def committed(wire):
    return [room.committed for room in wire.rooms.rooms]


def test_a_word_that_all_have_voted_is_no_vote(wire, monkeypatch):
    def fails(_tell, _vote):
        raise KeyError("trouble of bob's own")

    def lies(tell, vote):
        wire.says(CAROL, ALICE, {**vote, "type": "done"})
        tell()

    wire.instead(monkeypatch, CAROL, "vote", lies)
    wire.instead(monkeypatch, BOB, "vote", fails)
    assert None not in errors(wire.rooms.start(squares))
    assert committed(wire) == [0, 0, 0]


def test_a_false_word_said_early_does_not_count_either(wire, monkeypatch):
    def fails(_tell, _vote):
        time.sleep(0.5)  # alice has voted by now
        raise KeyError("trouble of bob's own")

    def lies(tell, end):
        wire.says(CAROL, ALICE, {"type": "done", "run": end["run"]})
        tell()

    wire.instead(monkeypatch, CAROL, "end", lies)
    wire.instead(monkeypatch, BOB, "vote", fails)
    assert None not in errors(wire.rooms.start(squares))
    assert committed(wire) == [0, 0, 0]


@pytest.mark.parametrize("voted", [True, False])
def test_nonsense_during_the_vote_parts_nobody(wire, monkeypatch, voted):
    monkeypatch.setattr(commits, "COMMIT_SECONDS", 1.0)

    def greets(tell, vote):
        time.sleep(0.3)  # the others have voted by now
        wire.says(CAROL, ALICE, HELLO)
        if voted:
            tell()
        else:
            wire.says(CAROL, BOB, vote)

    wire.instead(monkeypatch, CAROL, "vote", greets)
    found = errors(wire.rooms.start(squares))
    assert found[:2] == [None, None]
    assert committed(wire)[:2] == [1, 1]
    is_shut(wire.rooms.rooms[ALICE])


def test_who_has_voted_and_gives_up_does_not_stop_the_others(wire, monkeypatch):
    def late(tell, _vote):
        time.sleep(0.5)
        tell()

    def gives_up(tell, _vote):
        tell()
        cells[0].room.mesh.tell("abort", nonce=cells[0].nonces[BOB], code="bug")

    cells = []

    def program(cell):
        cells.extend([cell] * (cell.me == BOB))
        squares(cell)

    wire.instead(monkeypatch, CAROL, "vote", late)
    wire.instead(monkeypatch, BOB, "vote", gives_up)
    assert errors(wire.rooms.start(program)) == [None] * 3
    assert committed(wire) == [1, 1, 1]
