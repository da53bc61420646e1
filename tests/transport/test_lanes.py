"""Lanes: sealed, in order, only for whom they were offered to; without one, CURVE."""

import errno
import os
import resource
import select
import socket
import threading
import time
from collections import deque

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mpckernel.errors import Bug
from mpckernel.transport import links
from mpckernel.transport.base import Back, Lost, Message, Woken
from mpckernel.transport.lane_out import LaneOut, Offer
from mpckernel.transport.records import (
    LISTENER,
    MORE,
    NONCE,
    OURS,
    PREFIX,
    SPEAKER,
    TAG,
    Reader,
    proof,
)
from mpckernel.transport.sockets import MAX_FRAME, SIGNS, Look
from tests.transport.doors import SOON, body, lane, make_pair, stood, stream


@pytest.fixture(params=[True, False], ids=["near", "tcp"])
def pair(request):
    pair = stood((request.param, request.param))
    yield pair
    for transport in pair:
        transport.close()


class Wire:
    """A connection with a reader at its other end."""

    def __init__(self, key):
        self.near, self.far = socket.socketpair()
        self.far.setblocking(False)
        self.reader, self.heard = Reader(key, 1), deque()

    def put(self, raw):
        """Send bytes and read them; whether the reader goes on."""
        view = memoryview(raw)
        while view:
            sent = self.near.send(view[:50_000])
            view = view[sent:]
            while select.select((self.far,), (), (), 0)[0]:
                if not self.reader.read(self.far, self.heard):
                    return False
        return True

    def close(self):
        self.near.close()
        self.far.close()


@pytest.fixture
def wire():
    wire = Wire(bytes(32))
    yield wire
    wire.close()


def test_a_record_is_what_the_format_says():
    key = os.urandom(32)
    prefix = PREFIX.pack(5 | MORE)
    raw = prefix + AESGCM(key).encrypt(NONCE.pack(SPEAKER, 1), b"first", prefix)
    prefix = PREFIX.pack(0)
    raw += prefix + AESGCM(key).encrypt(NONCE.pack(SPEAKER, 2), b"", prefix)
    assert stream(key, [b"first", b""]) == raw
    assert proof(key, LISTENER) == prefix + AESGCM(key).encrypt(NONCE.pack(1, 0), b"", prefix)


@pytest.mark.parametrize("step", [1, 7, 1000, 1 << 30])
def test_messages_arrive_whole_however_they_are_cut(wire, step):
    sizes = [0, 1, 8, OURS, OURS + 1, 70_000] if step > 7 else [0, 1, 8]
    sent = [[os.urandom(size)] for size in sizes] + [[b"head", os.urandom(size)] for size in sizes]
    raw = stream(bytes(32), *sent)
    for at in range(0, len(raw), step):
        assert wire.put(raw[at : at + step])
    assert [[bytes(part) for part in message.parts] for message in wire.heard] == sent
    for message in wire.heard:
        assert message.peer == 1
        assert all(not part.readonly for part in message.parts if part.nbytes > OURS)


@pytest.mark.parametrize("size", [0, 8, OURS + 1])
def test_one_bit_changed_anywhere_ends_the_lane(size):
    raw = stream(bytes(32), [bytes(size)])
    for at in {*range(PREFIX.size), PREFIX.size, len(raw) // 2, len(raw) - TAG, len(raw) - 1}:
        changed = bytearray(raw)
        changed[at] ^= 1
        wire = Wire(bytes(32))
        goes_on = wire.put(changed + bytes(1 << 18))
        assert not wire.heard
        assert not goes_on or at < PREFIX.size  # a longer length waits for bytes within the limit
        wire.close()


def test_records_open_in_their_place_only():
    first, second = (stream(bytes(32), [b"a"], [b"b"])[k : k + 21] for k in (0, 21))
    for wrong in (second, first + first, second + first):
        wire = Wire(bytes(32))
        assert not wire.put(wrong)
        assert len(wire.heard) <= 1
        wire.close()
    wire = Wire(os.urandom(32))
    assert not wire.put(first)
    wire.close()
    prefix = PREFIX.pack(1)  # what we have said ourselves, sent back to us
    wire = Wire(bytes(32))
    assert not wire.put(prefix + AESGCM(bytes(32)).encrypt(NONCE.pack(LISTENER, 1), b"a", prefix))
    wire.close()


def test_too_long_and_too_many_frames_end_the_lane(wire):
    assert not wire.put(PREFIX.pack(MAX_FRAME + 1))
    other = Wire(bytes(32))
    assert not other.put(stream(bytes(32), [b"1", b"2", b"3"]))
    assert not other.heard
    other.close()


def test_long_and_short_messages_keep_their_order(pair):
    sizes = [1 << 16, 5, (1 << 16) - 1, 1 << 20, 0, 1 << 20, 70_000, 7] * 4
    sent = [bytes([at]) + os.urandom(size) for at, size in enumerate(sizes)]
    for text in sent:
        pair[0].send(1, [text[:1], text[1:]])
        pair[1].send(0, [text[:1], text[1:]])
    heard = [[], []]
    while min(map(len, heard)) < len(sent):  # what a connection does not take leaves in receive()
        for transport, texts in zip(pair, heard, strict=True):
            event = transport.receive(0.01)
            if event is not None:
                texts.append(body(event))
    assert heard == [sent, sent]
    total = sum(map(len, sent))
    assert pair[0].counters[1].sent_bytes == pair[1].counters[0].received_bytes == total
    assert pair[0].counters[1].sent_messages == pair[1].counters[0].received_messages == len(sent)


def test_what_was_said_before_the_lane_stood_comes_first():
    pair = make_pair((True, True))
    try:
        for k in range(500):
            for transport in pair:
                transport.send(1 - transport.me, [b"%d" % k])
                event = transport.receive(0)
                assert event is None or isinstance(event, Message)
            if lane(pair[0]):
                break
        for transport in pair:
            transport.send(1 - transport.me, [b"last"])
        before = pair[0].counters[1].received_messages
        heard = [body(pair[0].receive(SOON)) for _ in range(k + 2 - before)]
        assert heard == [b"%d" % n for n in range(before, k + 1)] + [b"last"]
    finally:
        for transport in pair:
            transport.close()


def test_a_sent_array_may_change_once_it_is_on_the_lane(pair):
    words = np.arange(1 << 17, dtype=np.uint64)
    expected = words.tobytes()
    pair[0].send(1, [b"head", words])
    words[:] = 0
    assert body(pair[1].receive(SOON)) == b"head" + expected


def test_looking_at_one_party_first_overlooks_nobody(pair):
    """`first` is where to look first, not whom to hear: news and calls come all the same."""
    assert pair[1].receive(0, first=0) is None
    for k in range(3):
        pair[0].send(1, [bytes([k])])
    assert [body(pair[1].receive(SOON, first=0)) for _ in range(3)] == [b"\0", b"\1", b"\2"]
    pair[1].wake()
    assert pair[1].receive(SOON, first=0) == Woken()
    pair[0].close()
    assert isinstance(pair[1].receive(SOON, first=0), Lost)
    assert pair[1].receive(0, first=0) is None


def test_what_was_sent_before_close_leaves_while_the_other_reads(pair):
    for _ in range(30):
        pair[0].send(1, [b"head", bytes(1 << 20)])
    closing = threading.Thread(target=pair[0].close)
    closing.start()
    heard = 0
    while isinstance(pair[1].receive(SOON), Message):
        heard += 1
    closing.join()
    assert heard == 30


def test_what_was_sent_leaves_on_the_2000th_file_descriptor_too():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2100:
        pytest.skip("so many files cannot be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2100), hard))
    held = [os.open(os.devnull, os.O_RDONLY)]
    try:
        while held[-1] < 2000:
            held.append(os.dup(held[0]))
        test_what_was_sent_before_close_leaves_while_the_other_reads(both := stood())
        for transport in both:
            transport.close()
    finally:
        for fd in held:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("lanes", [(False, True), (True, False), (False, False)])
def test_without_a_lane_all_goes_over_curve(lanes):
    pair = make_pair(lanes)
    try:
        for transport in pair:
            transport.send(1 - transport.me, [b"head", bytes(1 << 16)])
        assert body(pair[0].receive(SOON)) == body(pair[1].receive(SOON))
        for _ in range(2):
            for transport in pair:
                assert transport.receive(0.1) is None
        for transport in pair:
            assert bool(lane(transport)) == lanes[1 - transport.me]
            transport.send(1 - transport.me, [b"again"])
        assert [body(transport.receive(SOON)) for transport in pair] == [b"again"] * 2
    finally:
        for transport in pair:
            transport.close()


@pytest.mark.parametrize("end", ["in", "out"])
def test_a_lane_that_breaks_is_a_lost_link_and_comes_back(pair, end):
    if end == "in":
        pair[1]._door._cut(0)
        assert isinstance(pair[0].receive(SOON), Lost)
        assert pair[0].receive(SOON) == Back(1)
    else:
        pair[0]._links.get(1).lane.close()
        assert isinstance(pair[1].receive(SOON), Lost)
        assert pair[1].receive(SOON) == Back(0)


@pytest.mark.parametrize("pair", [False], indirect=True, ids=["tcp"])
def test_both_ends_of_a_lane_ask_for_signs_of_life(pair):
    for line in (lane(pair[0])._line, pair[1]._door._lanes[0].line):
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        names = [name for name in SIGNS if hasattr(socket, name)]
        signs = {name: line.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in names}
        assert signs == {name: SIGNS[name] for name in names}


def test_where_nobody_listens_a_lane_ends():
    ended, look = [], Look()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        offer = Offer(taken.getsockname()[1], 0, bytes(16), bytes(32))
        out = LaneOut(look, taken.getsockname(), offer, ended.clear, lambda: ended.append(1))
        deadline = time.monotonic() + SOON
        while not ended and time.monotonic() < deadline:
            look.once(20)
    assert (ended, out.up) == ([1], False)


@pytest.mark.parametrize("host", ["a" * 64, "a..b", "no-such-name.invalid", "localhost"])
def test_names_of_hosts_are_not_looked_up_and_have_no_lane(host, monkeypatch):
    """Addresses come from other parties; looking one up would block the thread of all links."""
    dialled = []
    monkeypatch.setattr(socket.socket, "connect_ex", lambda _, address: dialled.append(address))
    with pytest.raises(OSError, match="not to names"):
        LaneOut(Look(), (host, 9), Offer(9, 0, bytes(16), bytes(32)), list, list)
    assert not dialled


def test_without_file_descriptors_all_goes_over_curve(monkeypatch):
    """Strangers can use them up."""
    monkeypatch.setattr(links, "LaneOut", exhausted)
    pair = make_pair((True, True))
    try:
        for transport in pair:
            transport.send(1 - transport.me, [b"text"])
        assert [body(transport.receive(SOON)) for transport in pair] == [b"text"] * 2
        assert lane(pair[0]) is lane(pair[1]) is None
    finally:
        for transport in pair:
            transport.close()


def exhausted(*_):
    raise OSError(errno.EMFILE, "too many open files")


def test_messages_have_one_or_two_frames(pair):
    for parts in ([], [b"a", b"b", b"c"]):
        with pytest.raises(Bug):
            pair[0].send(1, parts)


def test_eager_or_not_a_wait_ends_at_its_deadline(pair):
    for timeout, eager in ((0.05, 0.01), (0.02, 1.0), (0, 1.0)):
        start = time.monotonic()
        assert pair[0].receive(timeout, eager) is None
        assert timeout <= time.monotonic() - start < timeout + 1
    threading.Timer(0.05, pair[0].wake).start()
    assert pair[0].receive(SOON, SOON) is not None
