"""Who waits for whom, until when, and what stop does meanwhile; parties that left."""

import threading
import time

import numpy as np
import pytest

from mpckernel.errors import Interrupted, Refused, TransportError
from mpckernel.protocols import ideal
from mpckernel.ring.words import as_words
from mpckernel.runtime.limits import Limits
from mpckernel.transport.base import Message
from tests.runtime.programs import errors, share, works


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
