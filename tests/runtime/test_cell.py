"""One cell at three parties over memory links: what commits, what ends, and what is said."""

import gc
import threading
import time
import warnings

import numpy as np
import pytest

from mpckernel.errors import (
    CellsDiffer,
    Interrupted,
    MpcError,
    PeerError,
    Refused,
    TransportError,
    UsageError,
)
from mpckernel.protocols import ideal
from mpckernel.ring.words import as_words
from mpckernel.runtime.announcing import announce
from mpckernel.runtime.limits import Limits
from mpckernel.transport.base import Message
from mpckernel.transport.memory import Faults
from mpckernel.wire.frames import DATA, HEAD
from tests.rooms import NAMES, plain_room, three_rooms
from tests.runtime.programs import keep, share, squares


@pytest.fixture
def rooms():
    with three_rooms() as three:
        yield three


def errors(futures):
    found = []
    for future in futures:
        with pytest.raises(MpcError) as caught:
            future.result(30)
        found.append(caught.value)
    return found


def works(rooms):
    for call in rooms.run(squares):
        np.testing.assert_array_equal(call.result, [0, 1, 4, 9])


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


def test_different_cells_show_the_difference(rooms):
    texts = ["a = 1\nb = 2", "a = 1\nb = 2", "a = 1\nb = 3"]
    for error in errors(rooms.start(squares, texts=texts)):
        assert isinstance(error, CellsDiffer)
        assert "-b = " in str(error)
        assert "+b = " in str(error)
    works(rooms)


def test_a_public_number_that_differs_is_shown_where_it_is_and_nowhere_else(rooms):
    def program(cell):
        x = share(cell, [1, 2])
        return cell.record(ideal.open_words, cell.record(ideal.scale, x, as_words(60 + cell.me)))

    found = errors(rooms.start(program))
    assert all(isinstance(e, CellsDiffer) for e in found)
    for me, error in enumerate(found):
        assert f"a public value differs from {NAMES[me == 0]}'s, here {60 + me};" in str(error)
        assert not any(str(60 + other) in str(error) for other in range(3) if other != me)
    works(rooms)


def test_a_public_real_number_is_shown_as_it_was_written(rooms):
    from mpckernel.array.inputs import share as share_array
    from mpckernel.array.owners import OwnerName

    def program(cell):
        return share_array(OwnerName("alice", 0).x, bound=100) > 2.5 + cell.me

    spaces = [{"x": np.arange(3.0)}, {}, {}]
    found = errors(rooms.start(program, spaces))
    assert "differs from bob's, here 2.5;" in str(found[0])
    assert "3.5" not in str(found[0])


def test_a_public_array_that_differs_is_not_shown(rooms):
    def program(cell):
        secret = as_words(np.array([123456789 + cell.me, 5]))
        return cell.record(ideal.scale, share(cell, [1, 2]), secret)

    for error in errors(rooms.start(program)):
        assert isinstance(error, CellsDiffer)
        assert "1234567" not in str(error)


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


def test_a_party_that_does_not_come_is_named_in_time(rooms):
    began = time.monotonic()
    with pytest.raises(TransportError, match="bob and carol"):
        rooms.rooms[0].enter("x", Limits(seconds=0.5))
    assert time.monotonic() - began < 5
    works(rooms)


def test_status_says_whom_one_waits_for(rooms):
    future = rooms.pool.submit(rooms.rooms[0].enter, "x", Limits(seconds=20))
    end = time.monotonic() + 10
    while not rooms.rooms[0].status().waiting_for and time.monotonic() < end:
        time.sleep(0.01)
    assert rooms.rooms[0].status().waiting_for == ("bob", "carol")
    rooms.rooms[0].cancel()
    with pytest.raises(Interrupted):
        future.result(5)
    works(rooms)


@pytest.mark.parametrize("phase", ["waiting", "recording", "running"])
def test_stop_in_each_phase_frees_everybody(rooms, phase):
    reached, stopped = threading.Event(), threading.Event()

    def program(cell):
        x = share(cell, np.arange(4))
        if phase == "recording" and cell.me == 0:
            reached.set()
            stopped.wait(10)
        for _ in range(3000 if phase == "running" else 3):
            x = cell.record(ideal.scale, cell.record(ideal.mul, x, x), as_words(0))
            x.bound = 1
        if cell.me == 0:
            reached.set()
        return x

    if phase == "waiting":
        futures = [rooms.pool.submit(rooms.rooms[0].enter, "x", Limits(seconds=20))]
        time.sleep(0.1)
    else:
        futures = rooms.start(program)
        assert reached.wait(20)
        while phase == "running" and rooms.rooms[0].status().rounds < 5:
            time.sleep(0.001)
    began = time.monotonic()
    rooms.rooms[0].cancel()
    stopped.set()
    for error in errors(futures):
        assert isinstance(error, Interrupted)
    assert time.monotonic() - began < 1.0
    works(rooms)


def test_stop_while_waiting_frees_those_who_wait_too(rooms):
    alice, bob, _ = rooms.rooms
    futures = [rooms.pool.submit(room.enter, "x", Limits(seconds=20)) for room in (alice, bob)]
    end = time.monotonic() + 10
    while bob.status().waiting_for != ("carol",) and time.monotonic() < end:
        time.sleep(0.01)
    alice.cancel()
    for error in errors(futures):
        assert isinstance(error, Interrupted)
    assert "alice pressed stop" in str(futures[1].exception())
    works(rooms)


def test_cells_that_fail_at_once_never_mix_with_the_next(rooms):
    def failing(cell):
        if cell.me == 0:
            raise ZeroDivisionError
        share(cell, [1])

    for _ in range(50):
        for future in rooms.start(failing):
            with pytest.raises((ZeroDivisionError, Refused)):
                future.result(10)
    works(rooms)


def test_a_party_that_left_is_named(rooms):
    rooms.rooms[2].close()
    for room in rooms.rooms[:2]:
        with pytest.raises((Refused, TransportError), match="carol"):
            room.enter("x", Limits(seconds=5))


def test_what_a_party_that_left_says_later_is_not_heard(rooms):
    alice, bob, carol = rooms.rooms
    carol.close()
    for room in (alice, bob):
        room.mesh.transport.put(0.0, Message(2, [memoryview(b"a new mesh, a new sequence")]))
        with pytest.raises((Refused, TransportError), match="carol"):
            room.enter("x", Limits(seconds=5))
        with pytest.raises((Refused, TransportError), match="carol"):
            room.enter("x", Limits(seconds=5))


def test_the_wait_for_a_party_counts_from_its_beginning(rooms):
    future = rooms.pool.submit(rooms.rooms[0].enter, "x", Limits(seconds=20))
    end, since = time.monotonic() + 10, set()
    while time.monotonic() < end and len(since) < 4:
        status = rooms.rooms[0].status()
        since |= {status.waiting_since} if status.waiting_for else set()
        time.sleep(0.15)
        if status.waiting_for and time.time() - status.waiting_since > 0.6:
            break
    assert len(since) == 1
    rooms.rooms[0].cancel()
    with pytest.raises(Interrupted):
        future.result(5)


def test_a_lost_party_releases_the_others_by_name():
    faults = Faults()
    with three_rooms(faults) as rooms:
        works(rooms)

        def program(cell):
            x = share(cell, [1])
            if cell.me == 2:
                faults.kill(2)
            return cell.record(ideal.open_words, cell.record(ideal.mul, x, x))

        futures = rooms.start(program)
        began = time.monotonic()
        for error in errors(futures[:2]):
            assert isinstance(error, TransportError)
            assert "carol" in str(error)
        assert time.monotonic() - began < 5
        rooms.rooms[2].cancel()


def flip_data(number):
    """Flip one bit in the number-th data message that bob sends."""
    seen = []

    def hook(sender, receiver, index, parts):
        if sender == 1 and parts[0][2] == 1:
            seen.append(index)
            if len(seen) == number:
                head = bytearray(parts[0])
                head[20] ^= 1
                parts = [bytes(head), *parts[1:]]
        return [(0.0, parts)]

    return hook


@pytest.mark.parametrize("number", [1, 2])
def test_a_head_that_was_tampered_with_ends_in_a_named_error(number):
    with three_rooms(Faults(flip_data(number))) as rooms:
        kinds = set()
        for error in errors(rooms.start(squares, limits=Limits(seconds=3))):
            kinds.add(type(error))
        assert PeerError in kinds or TransportError in kinds
        assert all(room.committed == 0 for room in rooms.rooms)


def test_late_messages_change_nothing():
    delays = Faults(lambda sender, receiver, index, parts: [(0.002 * (sender + receiver), parts)])
    with three_rooms(delays) as rooms:
        works(rooms)


@pytest.mark.parametrize("fault", ["reorder", "repeat", "drop", "cut", "longer"])
def test_a_bad_link_ends_in_a_named_error_and_never_in_a_number(fault):
    changes = {
        "reorder": lambda parts: [(0.3, parts)],
        "repeat": lambda parts: [(0.0, parts), (0.0, parts)],
        "drop": lambda parts: [],
        "cut": lambda parts: [(0.0, [parts[0][:-8], *parts[1:]])],
        "longer": lambda parts: [(0.0, [parts[0] + bytes(8), *parts[1:]])],
    }
    started = threading.Event()

    def hook(sender, receiver, index, parts):
        if sender == 1 and receiver == 0 and parts[0][2] == 1 and not started.is_set():
            started.set()
            return changes[fault](parts)
        return [(0.0, parts)]

    with three_rooms(Faults(hook)) as rooms:
        futures = rooms.start(squares, limits=Limits(seconds=3))
        if fault == "drop":
            time.sleep(0.5)
            rooms.rooms[0].cancel()
        for error in errors(futures):
            assert isinstance(error, PeerError | TransportError | Refused | Interrupted)
        assert all(room.committed == 0 for room in rooms.rooms)


def test_a_run_that_ends_between_two_answers_drops_what_it_had_begun():
    """The small product never comes; the opening of the large one stands in line behind it."""

    def program(cell):
        large, small = share(cell, np.arange(1 << 13)), share(cell, np.arange(3))
        for x in (large, small):
            cell.record(ideal.open_words, cell.record(ideal.mul, x, x))

    def lost(sender, _receiver, _index, parts):
        alone = parts[0][2] == DATA and sum(map(len, parts)) == HEAD.size + 8 * 3
        return [] if alone else [(0.0, parts)]

    with warnings.catch_warnings(record=True) as said, three_rooms(Faults(lost)) as rooms:
        warnings.simplefilter("always")
        futures = rooms.start(program)
        time.sleep(0.5)
        rooms.rooms[0].cancel()
        assert all(isinstance(error, Interrupted) for error in errors(futures))
        del futures
        gc.collect()
    assert not [str(each.message) for each in said]
