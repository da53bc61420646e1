"""Links in memory: order, deadlines, counters, faults."""

import threading
import time

import pytest

from mpckernel.transport.base import Lost, Message, Woken
from mpckernel.transport.memory import Faults, connect


def texts(transport, timeout=0.0):
    """Bodies of the messages that are here, with their senders."""
    found = []
    while isinstance(event := transport.receive(timeout), Message):
        found.append((event.peer, b"".join(bytes(part) for part in event.parts)))
    return found


def test_messages_keep_order_and_are_copies():
    a, b, c = connect(3)
    body = bytearray(b"one")
    a.send(1, [body])
    body[:] = b"xxx"
    a.send(1, [b"t", b"wo"])
    c.send(1, [b"three"])
    assert texts(b) == [(0, b"one"), (0, b"two"), (2, b"three")]
    assert texts(a) == []
    a.send(1, [b"mine to write on"])
    b.receive(0).parts[0][:4] = b"MINE"


def test_counters_are_exact():
    a, b = connect(2)
    a.send(1, [b"12345", b"678"])
    a.send(1, [b""])
    texts(b)
    sent, received = a.counters[1], b.counters[0]
    assert (sent.sent_messages, sent.sent_bytes) == (2, 8)
    assert (received.received_messages, received.received_bytes) == (2, 8)
    assert (sent.received_messages, received.sent_messages) == (0, 0)


def test_a_wait_ends_at_its_deadline():
    (a, _), start = connect(2), time.monotonic()
    assert a.receive(0.05) is None
    assert time.monotonic() - start >= 0.05
    assert a.receive(0) is None
    assert a.receive(-1) is None


def test_wake_ends_a_wait():
    a, _ = connect(2)
    threading.Timer(0.05, a.wake).start()
    assert a.receive(30) == Woken()


def test_a_party_that_leaves_or_is_killed_is_lost_to_all():
    faults = Faults()
    a, b, _ = connect(3, faults)
    b.close()
    b.close()
    faults.kill(2)
    assert [a.receive(0), a.receive(0)] == [Lost(1, "closed"), Lost(2, "killed")]
    a.send(1, [b"dropped"])
    b.send(0, [b"dropped"])
    assert a.receive(0) is None
    assert a.counters[1].sent_messages == 0


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (lambda i, parts: [], []),
        (lambda i, parts: [(0, parts)] * 2, [b"0", b"0", b"1", b"1", b"2", b"2"]),
        (lambda i, parts: [(0, [b"?"])] if i == 1 else [(0, parts)], [b"0", b"?", b"2"]),
        (lambda i, parts: [(0.06 - 0.03 * i, parts)], [b"2", b"1", b"0"]),
        (lambda i, parts: [(0.05, parts)] if i == 0 else [(0, parts)], [b"1", b"2", b"0"]),
    ],
    ids=["drop", "duplicate", "tamper", "reverse", "delay"],
)
def test_faults(fault, expected):
    calls = []

    def hook(sender, receiver, index, parts):
        calls.append((sender, receiver, index))
        return fault(index, parts)

    a, b = connect(2, Faults(hook))
    for text in (b"0", b"1", b"2"):
        a.send(1, [text])
    assert [body for _, body in texts(b, 0.2)] == expected
    assert calls == [(0, 1, 0), (0, 1, 1), (0, 1, 2)]


def test_a_message_shows_no_content():
    a, b = connect(2)
    a.send(1, [b"secret"])
    assert repr(b.receive(0)) == "Message(peer=0, 6 bytes)"
