"""What leaves a party, and what the log says of it."""

import numpy as np
import pytest

from mpckernel.errors import CellsDiffer, Interrupted, PeerError
from mpckernel.protocols import ideal
from mpckernel.ring.words import as_words
from mpckernel.session import register as _register  # noqa: F401  (it declares what lobbies say)
from mpckernel.transport.memory import Faults
from mpckernel.wire.frames import DATA
from tests.rooms import NAMES, three_rooms
from tests.runtime.programs import share, squares
from tests.security.wire import ALICE, BOB, CAROL, Wire, errors


def test_a_private_number_used_as_a_public_one_stays_here(wire):
    secret = 3_141_592_653

    def program(cell):
        salary = secret if cell.me == ALICE else 7  # everybody's own variable of this name
        return cell.record(ideal.scale, share(cell, [1, 2]), as_words(salary))

    found = errors(wire.rooms.start(program))
    assert all(isinstance(error, CellsDiffer) for error in found)
    assert not any(str(secret) in str(error) for error in found[1:])
    sent = b"".join(b"".join(parts) for sender, _, parts in wire.seen if sender == ALICE)
    assert str(secret).encode() not in sent
    assert secret.to_bytes(8, "little") not in sent
    assert not wire.data()


@pytest.mark.parametrize("receiver", range(3))
@pytest.mark.parametrize("bits", [False, True])
def test_what_is_revealed_to_one_sends_nothing_to_others(wire, receiver, bits):
    open_to = ideal.open_bits_to if bits else ideal.open_words_to

    def program(cell, opens):
        x = share(cell, [1, 2], owner=BOB)
        x = cell.record(ideal.msb, x, width=16) if bits else x
        cell.flush()
        return cell.record(open_to, x, to=receiver) if opens else None

    heard = []
    for opens in (False, True):
        wire.seen.clear()
        results = wire.rooms.run(lambda cell, opens=opens: program(cell, opens))
        heard.append([len(wire.data(party)) for party in range(3)])
    assert np.subtract(*heard[::-1]).tolist() == [party == receiver for party in range(3)]
    assert [call.result is not None for call in results] == [p == receiver for p in range(3)]


def test_no_run_repeats_a_tag_or_a_word(wire):
    """The same text again, after aborted attempts too, and in a second room."""

    def failing(cell):
        squares(cell)
        cell.flush()
        if cell.me == CAROL:
            raise ZeroDivisionError

    other = Wire()
    try:
        for each in (wire, other):
            for program in (squares, failing, squares, failing, squares):
                wire_errors = errors(each.rooms.start(program))
                assert any(wire_errors) == (program is failing)
        tags = set()
        for each in (wire, other):
            runs = {tag for _, tag, _ in each.data()}
            assert len(runs) == 5
            tags |= runs
        assert len(tags) == 10
        for party in range(3):
            heard = [body for each in (wire, other) for _, _, body in each.data(party)]
            words = np.frombuffer(b"".join(heard), "<u8")
            assert words.size >= 10 * 8
            assert np.unique(words).size == words.size
    finally:
        other.rooms.close()


def test_old_messages_in_a_new_run_change_nothing(wire):
    wire.rooms.run(squares)
    old = [(s, r, parts) for s, r, parts in wire.seen if parts[0][2] == DATA]
    for sender, receiver, parts in old:
        wire.forge(sender, receiver, parts)
    for call in wire.rooms.run(squares):
        np.testing.assert_array_equal(call.result, [0, 1, 4, 9])


def test_messages_of_a_run_sent_twice_end_it(wire):
    twice = Faults(lambda s, r, i, p: [(0.0, p)] * (1 + (s == CAROL and p[0][2] == DATA)))
    with three_rooms(twice) as rooms:
        found = errors(rooms.start(squares))
        assert any(isinstance(error, PeerError) for error in found)


def test_what_was_opened_is_in_the_log_of_a_cell_that_did_not_commit(wire):
    def program(cell):
        squares(cell)
        cell.flush()
        if cell.me == CAROL:  # has heard the values, and stops
            raise KeyboardInterrupt

    assert isinstance(errors(wire.rooms.start(program))[ALICE], Interrupted)
    for room in wire.rooms.rooms:
        assert room.committed == 0
        assert [(e.shape, e.to) for e in room.ledger.opened] == [((4,), NAMES)]


def test_what_was_not_opened_is_not_in_the_log(wire):
    def program(cell):
        squares(cell)
        if cell.me == CAROL:
            raise ZeroDivisionError

    errors(wire.rooms.start(program))
    assert not any(room.ledger.opened for room in wire.rooms.rooms)
