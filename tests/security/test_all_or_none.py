"""A cell commits everywhere or nowhere, also when somebody is slow or stops at its end."""

import time

import pytest

from mpckernel.errors import Interrupted
from mpckernel.runtime import commits
from mpckernel.session import register as _register  # noqa: F401  (it declares what lobbies say)
from tests.runtime.programs import squares
from tests.security.wire import errors


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
