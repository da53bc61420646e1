"""One cell at three parties over memory links: what commits, what ends, and what is said."""

import numpy as np
import pytest

from mpckernel.errors import Refused, UsageError
from mpckernel.protocols import ideal
from mpckernel.runtime.announcing import announce
from mpckernel.runtime.limits import Limits
from tests.rooms import plain_room
from tests.runtime.programs import errors, keep, share, squares, works


def test_a_cell_opens_the_same_everywhere_and_costs_what_it_said(rooms):
    works(rooms)
    for room in rooms.rooms:
        ran = room.ledger.last_cell
        assert ran.rounds == ran.planned.rounds == 3
    total = sum(room.ledger.last_cell.sent_bits for room in rooms.rooms)
    assert total == rooms.rooms[0].ledger.last_cell.planned.bits


def test_plain_gives_the_same():
    with plain_room() as one:
        works(one)


def test_a_secret_lives_on_in_later_cells(rooms):
    kept = rooms.run(lambda cell: keep(share(cell, [5, 6])))
    parts = iter(kept)
    held = {room.me: next(parts)[0] for room in rooms.rooms}
    opened = rooms.run(
        lambda cell: cell.record(ideal.open_words, cell.record(ideal.add, *[held[cell.me]] * 2))
    )
    for call in opened:
        np.testing.assert_array_equal(call.result, [10, 12])


def test_opened_to_one_is_nothing_to_the_others(rooms):
    calls = rooms.run(lambda cell: cell.record(ideal.open_words_to, share(cell, [7]), to=1))
    assert calls[0].result is None
    assert calls[2].result is None
    np.testing.assert_array_equal(calls[1].result, [7])


def test_an_error_in_one_cell_ends_it_everywhere(rooms):
    def failing(cell):
        squares(cell)
        if cell.me == 1:
            raise ZeroDivisionError
        return

    futures = rooms.start(failing)
    with pytest.raises(ZeroDivisionError):
        futures[1].result(30)
    for error in errors([futures[0], futures[2]]):
        assert isinstance(error, Refused)
        assert "bob's cell raised an error" in str(error)
    assert all(room.committed == 0 for room in rooms.rooms)
    works(rooms)


def test_an_input_its_owner_cannot_give_is_said_by_the_owner_everywhere(rooms):
    def program(cell):
        def give():
            raise UsageError("no variable df")

        announce(cell, 2, give)

    for error in errors(rooms.start(program)):
        assert str(error).startswith("carol: no variable df")
    works(rooms)


def test_limits_stop_before_a_share_moves(rooms):
    sent = [room.wire_bytes() for room in rooms.rooms]
    for error in errors(rooms.start(squares, limits=Limits(max_rounds=2, seconds=10))):
        assert "needs 3 rounds, over --max-rounds 2; nothing was sent" in str(error)
    assert all(r.wire_bytes() - s < 1500 for r, s in zip(rooms.rooms, sent, strict=True))
    for error in errors(rooms.start(squares, limits=Limits(max_bytes=10, seconds=10))):
        assert "over --max-bytes 10" in str(error)
    works(rooms)


def test_a_dry_run_prices_and_sends_no_share(rooms):
    costs = rooms.run(lambda cell: (squares(cell), cell.cost)[1], limits=Limits(dry=True))
    assert {c.rounds for c in costs} == {3}
    assert all(room.ledger.last_cell is None for room in rooms.rooms)
