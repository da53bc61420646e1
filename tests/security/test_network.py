"""Attacks over real sockets: an outsider, somebody on the path, and a party that floods."""

import os
import socket
import time

import numpy as np
import pytest
import zmq

from mpckernel.errors import PeerError
from mpckernel.transport import bulk, sockets
from mpckernel.transport.base import Message
from mpckernel.transport.bulk import LONG, NONCE, BulkOut, Offer, seal
from mpckernel.transport.zmq import ZmqTransport

pytestmark = pytest.mark.slow
KEYS = [zmq.curve_keypair() for _ in range(2)]
SOON = 10.0


@pytest.fixture
def pair():
    public = [public for public, _ in KEYS]
    pair = [ZmqTransport(i, public, KEYS[i][1]) for i in range(2)]
    for transport in pair:
        transport.dial([other.endpoint for other in pair])
    end = time.monotonic() + SOON
    while not (lane(pair[0]).up and lane(pair[1]).up):
        assert time.monotonic() < end
        for transport in pair:
            assert transport.receive(0.01) is None
    yield pair
    for transport in pair:
        transport.close()


def lane(sender):
    link = sender._links.get(1 - sender.me)
    return link.bulk or BulkOut(None, Offer(0, 0, b"", b""))


def hear_nothing(transport, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert transport.receive(0.01) is None


def still_works(pair):
    pair[1].send(0, [b"head", b"t" * LONG])
    event = pair[0].receive(SOON)
    assert isinstance(event, Message)
    assert b"".join(map(bytes, event.parts)) == b"head" + b"t" * LONG


def test_an_overheard_token_opens_nothing_once_it_is_used(pair):
    token, refused = pair[0]._bulk_in._tokens[1, 0], pair[0].refused
    context = zmq.Context()
    thief = context.socket(zmq.PUSH)
    thief.plain_username, thief.plain_password = b"bulk", token
    thief.connect(f"tcp://127.0.0.1:{pair[0]._bulk_in.port}")
    try:
        end = time.monotonic() + SOON
        while pair[0].refused == refused:
            assert time.monotonic() < end
            assert pair[0].receive(0.01) is None
        still_works(pair)
    finally:
        context.destroy(0)


def test_a_flood_of_announcements_ends_within_a_bound(pair, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_HELD", 5000)
    push = pair[1]._links.get(0).socket
    for k in range(6000):
        push.send_multipart([b"head", b"", NONCE.pack(0, 10**6 + k)])
    with pytest.raises(PeerError, match="do not come"):
        hear_nothing(pair[0], SOON)
    assert len(pair[0]._bulk_in._held[1]) == 5000


def test_receive_comes_back_while_it_is_flooded(pair):
    push = pair[1]._links.get(0).socket
    for k in range(30_000):
        push.send_multipart([b"head", b"", NONCE.pack(0, 10**6 + k)])
    while not pair[0]._bulk_in.waiting:
        assert pair[0].receive(0.001) is None
    held = len(pair[0]._bulk_in._held[1])
    assert held < 30_000  # it has looked at the clock before it had heard all


def test_bodies_that_nobody_announced_are_kept_within_a_bound(pair, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_BODIES", 5 * LONG)
    out = lane(pair[1])
    pair[1]._links.get(0).socket.send_multipart([b"head", b"", NONCE.pack(0, 10**6)])
    for _ in range(9):
        out.send(bytes(LONG))
    with pytest.raises(PeerError, match="does not announce"):
        hear_nothing(pair[0], SOON)
    assert sum(map(len, pair[0]._bulk_in._bodies.values())) <= 5 * LONG


def test_a_sealed_body_opens_in_its_place_only(pair):
    """On the path: bodies exchanged, repeated, cut, or of another link."""
    key, inn = pair[0]._bulk_in._keys[1, 0], pair[0]._bulk_in
    first, second = (bytes(seal(key, NONCE.pack(0, k), b"%d" % k * 30)) for k in range(2))
    for wrong in (first[:12] + second[12:], second[:12] + first[12:], first[:-1], first + b"x"):
        inn.take(1, memoryview(wrong))
    reflected = bytes(seal(pair[1]._bulk_in._keys[0, 0], NONCE.pack(0, 0), b"mine" * 30))
    inn.take(1, memoryview(reflected))
    assert not inn._bodies
    for sealed in (second, second, first):  # an earlier one after a later one is void
        inn.take(1, memoryview(sealed))
    assert [nonce for _, nonce in inn._bodies] == [NONCE.pack(0, 1)]


def test_one_key_of_the_lane_never_meets_one_nonce_twice(pair, monkeypatch):
    seen = set()
    plain = bulk.seal

    def noted(key, nonce, body):
        assert (key, nonce) not in seen
        seen.add((key, nonce))
        return plain(key, nonce, body)

    monkeypatch.setattr(bulk, "seal", noted)
    for _ in range(3):
        for _ in range(5):
            still_works(pair)
        pair[1].redial(0, pair[0].endpoint)
        pair[0].redial(1, pair[1].endpoint)
        end = time.monotonic() + SOON
        while not (lane(pair[0]).up and lane(pair[1]).up) and time.monotonic() < end:
            for transport in pair:
                transport.receive(0.01)
    assert len(seen) >= 10
    assert len({key for key, _ in seen}) == 3


def test_who_hears_us_cannot_fill_our_memory(pair):
    link = pair[0]._links.get(1)
    for push in (link.socket, link.bulk.socket):
        assert push.rcvhwm == 1
        assert 0 < push.maxmsgsize <= 4096
    for pull in (pair[0]._pull, pair[0]._bulk_in.pull):
        assert 0 < pull.maxmsgsize == sockets.MAX_FRAME
        assert 0 < pull.handshake_ivl <= 10_000


def test_garbage_on_the_port_is_cut_off(pair):
    rng = np.random.default_rng(7)  # noqa: TID251
    port = int(pair[0].endpoint.rpartition(":")[2])
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00"
    starts = [b"", greeting + b"NULL" + bytes(48), greeting + b"CURVE" + bytes(47), b"GET / HTTP/1"]
    lines = []
    for number in (port, pair[0]._bulk_in.port):
        for start in starts:
            line = socket.create_connection(("127.0.0.1", number), 5)
            line.sendall(start + rng.bytes(2000) + b"\x02" + b"\xff" * 8 + os.urandom(99))
            lines.append(line)
    assert pair[0].receive(0.2) is None
    still_works(pair)
    for line in lines:
        line.close()
