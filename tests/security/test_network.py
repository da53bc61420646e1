"""Attacks over real sockets: an outsider, somebody on the path, and a party that floods."""

import os
import socket
import time

import numpy as np
import pytest
import zmq

from mpckernel.transport import records, sockets
from mpckernel.transport.base import Lost, Message
from mpckernel.transport.records import SPEAKER, proof
from mpckernel.transport.zmq import ZmqTransport

pytestmark = pytest.mark.slow
KEYS = [zmq.curve_keypair() for _ in range(2)]
SOON = 10.0


@pytest.fixture(params=[True, False], ids=["near", "tcp"])
def pair(request):
    public = [public for public, _ in KEYS]
    pair = [ZmqTransport(i, public, KEYS[i][1], near=request.param) for i in range(2)]
    for transport in pair:
        transport.dial([other.endpoint for other in pair])
    stand(pair)
    yield pair
    for transport in pair:
        transport.close()


def stand(pair):
    """Wait until both lanes stand; news of links may come meanwhile."""
    end = time.monotonic() + SOON
    while not all(lane(transport) and lane(transport).up for transport in pair):
        assert time.monotonic() < end
        for transport in pair:
            assert not isinstance(transport.receive(0.01), Message)


def lane(sender):
    return sender._links.get(1 - sender.me).lane


def hear_nothing(transport, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert transport.receive(0.01) is None


def still_works(pair):
    pair[1].send(0, [b"head", b"t" * 70_000])
    while not isinstance(event := pair[0].receive(SOON), Message):
        assert event is not None
    assert b"".join(map(bytes, event.parts)) == b"head" + b"t" * 70_000


def relay(pair, change):
    """Somebody on the path from party 1 to party 0 does this to the bytes of the lane."""
    line = lane(pair[1])._line

    class Changed:
        def __getattr__(self, name):
            return getattr(line, name)

        def sendmsg(self, pieces):
            raw = b"".join(pieces)
            for piece in change(raw):
                line.sendall(piece)
            return len(raw)

    lane(pair[1])._line = Changed()


def test_an_overheard_greeting_opens_nothing_once_it_is_used(pair):
    offer, refused = lane(pair[1]).offer, pair[0].refused
    pair[0]._door.offer(2)  # or else the port would take nobody in
    with socket.create_connection(("127.0.0.1", offer.port), SOON) as thief:
        thief.sendall(offer.name + proof(offer.key, SPEAKER))
        end = time.monotonic() + SOON
        while pair[0].refused == refused:
            assert time.monotonic() < end
            assert pair[0].receive(0.01) is None
        assert thief.recv(99) == b""
    still_works(pair)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: [raw[:-1] + bytes([raw[-1] ^ 1])],
        lambda raw: [bytes([raw[0] ^ 1]) + raw[1:] + bytes(99)],
        lambda raw: [raw, raw],
        lambda raw: [raw[52:], raw[:52]],
        lambda raw: [bytes(len(raw))],
    ],
    ids=["changed", "length", "repeated", "exchanged", "made up"],
)
def test_on_the_path_nothing_can_be_put_in_and_trying_ends_the_link(pair, change):
    relay(pair, change)
    sent = [b"head" * 8, b"b" * 50]
    pair[1].send(0, sent)
    event, heard = pair[0].receive(SOON), []
    while isinstance(event, Message):
        heard.append(list(map(bytes, event.parts)))
        event = pair[0].receive(SOON)
    assert isinstance(event, Lost)
    assert heard in ([], [sent])


def test_receive_comes_back_while_it_is_flooded(pair):
    push = pair[1]._links.get(0).socket
    for _ in range(30_000):
        push.send_multipart([b"", b"goes on", b"\xff" * 4])
    time.sleep(0.1)
    assert pair[0].receive(0.001) is None
    still_works(pair)


def test_a_key_of_a_lane_never_meets_a_nonce_twice(pair, monkeypatch):
    seen = set()
    plain = records.AESGCM

    class Noted:
        def __init__(self, key):
            self._key, self._plain = key, plain(key)
            self.decrypt = self._plain.decrypt

        def encrypt(self, nonce, frame, prefix):
            if frame or not nonce.endswith(bytes(8)):  # proofs are made to be compared, too
                assert (self._key, nonce) not in seen
                assert not nonce.endswith(bytes(8))
                seen.add((self._key, nonce))
            return self._plain.encrypt(nonce, frame, prefix)

    monkeypatch.setattr(records, "AESGCM", Noted)
    for _ in range(3):
        pair[1].redial(0, pair[0].endpoint)
        pair[0].redial(1, pair[1].endpoint)
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            for transport in pair:
                transport.receive(0.01)
        stand(pair)
        for _ in range(5):
            still_works(pair)
    assert len(seen) >= 15
    assert len({key for key, _ in seen}) >= 3


def test_who_hears_us_cannot_fill_our_memory(pair):
    link = pair[0]._links.get(1)
    assert link.socket.rcvhwm == 1
    assert 0 < link.socket.maxmsgsize <= 4096
    assert 0 < pair[0]._pull.maxmsgsize == sockets.MAX_FRAME
    assert 0 < pair[0]._pull.handshake_ivl <= 10_000
    for said in pair[0]._door._lanes.values():
        assert said.reader._bytes.nbytes < 1 << 21  # all that a lane keeps of what has come


def test_what_a_party_sends_while_we_do_not_look_waits_in_its_own_memory(pair):
    for _ in range(60):
        pair[1].send(0, [b"head", bytes(1 << 20)])
    assert sum(map(len, lane(pair[1])._rest)) > 1 << 24
    heard = 0
    while heard < 60:
        heard += isinstance(pair[0].receive(0.01), Message)
        assert pair[1].receive(0) is None
    assert not lane(pair[1])._rest


def test_garbage_on_the_ports_is_cut_off(pair):
    rng = np.random.default_rng(7)  # noqa: TID251
    port = int(pair[0].endpoint.rpartition(":")[2])
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00"
    starts = [b"", greeting + b"NULL" + bytes(48), greeting + b"CURVE" + bytes(47), b"GET / HTTP/1"]
    lines = []
    pair[0]._door.offer(2)  # so that the lanes' port is open
    for number in (port, pair[0]._door.port):
        for start in starts:
            line = socket.create_connection(("127.0.0.1", number), 5)
            line.sendall(start + rng.bytes(2000) + b"\x02" + b"\xff" * 8 + os.urandom(99))
            lines.append(line)
    hear_nothing(pair[0], 0.2)
    assert pair[0]._door.refused == len(starts)
    still_works(pair)
    for line in lines:
        line.close()
