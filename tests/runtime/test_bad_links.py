"""Links that are lost, late or tampered with: named errors, and never a number."""

import gc
import threading
import time
import warnings

import numpy as np
import pytest

from mpckernel.errors import Interrupted, PeerError, Refused, TransportError
from mpckernel.protocols import ideal
from mpckernel.runtime.limits import Limits
from mpckernel.transport.memory import Faults
from mpckernel.wire.frames import DATA, HEAD
from tests.rooms import three_rooms
from tests.runtime.programs import errors, share, squares, works


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
