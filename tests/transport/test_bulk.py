"""The lane for long bodies: sealed, in order, only for whom it was offered to."""

import os
import time

import numpy as np
import pytest
import zmq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mpckernel.errors import Bug
from mpckernel.transport.base import Back, Lost, Message
from mpckernel.transport.bulk import LONG, NONCE, OFFER, BulkIn, Offer, seal, unseal
from mpckernel.transport.zmq import ZmqTransport

KEYS = [zmq.curve_keypair() for _ in range(2)]
PUBLIC = [public for public, _ in KEYS]
SOON = 10.0


def until(condition, *pumped):
    """Let the transports work until the condition holds."""
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline
        for transport in pumped:
            assert transport.receive(0.01) is None


def lane(sender):
    """The lane to the other party, once it stands."""
    link = sender._links.get(1 - sender.me)
    return link.bulk if link and link.bulk and link.bulk.up else None


def make_pair(bulk):
    pair = [ZmqTransport(i, PUBLIC, KEYS[i][1], bulk=bulk[i]) for i in range(2)]
    for transport in pair:
        transport.dial([other.endpoint for other in pair])
    return pair


@pytest.fixture
def pair():
    pair = make_pair((True, True))
    until(lambda: lane(pair[0]) and lane(pair[1]), *pair)
    yield pair
    for transport in pair:
        transport.close()


def body(event):
    assert isinstance(event, Message), event
    return b"".join(bytes(part) for part in event.parts)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, LONG, (1 << 20) + 7])
def test_sealed_bodies_open_again_and_any_change_is_noticed(size):
    key, nonce, plain = os.urandom(32), NONCE.pack(3, 2**40), os.urandom(size)
    sealed = bytes(seal(key, nonce, plain))
    assert sealed == nonce + AESGCM(key).encrypt(nonce, plain, b"")
    opened = unseal(key, memoryview(sealed))
    assert bytes(opened) == plain
    assert not opened.readonly
    for at in {0, 11, 12, len(sealed) // 2, len(sealed) - 16, len(sealed) - 1}:
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(InvalidTag):
            unseal(key, memoryview(changed))
    with pytest.raises(InvalidTag):
        unseal(os.urandom(32), memoryview(sealed))


def test_long_and_short_messages_keep_their_order(pair):
    sizes = [LONG, 5, LONG - 1, 1 << 20, 0, 1 << 20, LONG + 1, 7] * 4
    sent = [bytes([at]) + os.urandom(size) for at, size in enumerate(sizes)]
    for text in sent:
        pair[0].send(1, [text[:1], text[1:]])
        pair[1].send(0, [text])
    assert [body(pair[1].receive(SOON)) for _ in sent] == sent
    assert [body(pair[0].receive(SOON)) for _ in sent] == sent
    assert lane(pair[0])._sent == sum(size >= LONG for size in sizes)
    total = sum(map(len, sent))
    assert pair[0].counters[1].sent_bytes == pair[1].counters[0].received_bytes == total
    assert pair[0].counters[1].sent_messages == pair[1].counters[0].received_messages == len(sent)


def test_a_sent_array_may_change_once_it_is_on_the_lane(pair):
    words = np.arange(1 << 17, dtype=np.uint64)
    expected = words.tobytes()
    pair[0].send(1, [b"head", words])
    words[:] = 0
    assert body(pair[1].receive(SOON)) == b"head" + expected


@pytest.mark.parametrize("bulk", [(False, True), (True, False), (False, False)])
def test_without_a_lane_all_goes_over_curve(bulk):
    pair = make_pair(bulk)
    try:
        for transport in pair:
            transport.send(1 - transport.me, [b"head", bytes(LONG)])
        assert body(pair[0].receive(SOON)) == body(pair[1].receive(SOON)) == b"head" + bytes(LONG)
        for transport in pair:
            assert transport.receive(0.1) is None
            assert bool(lane(transport)) == bulk[1 - transport.me]
    finally:
        for transport in pair:
            transport.close()


@pytest.fixture
def eavesdropper(pair):
    """Connects to the lane of party 0 with a token that it has overheard, or any other."""
    context = zmq.Context()

    def connect(token):
        one = context.socket(zmq.PUSH)
        one.plain_username, one.plain_password = b"bulk", token
        one.connect(f"tcp://127.0.0.1:{pair[0]._bulk_in.port}")
        sockets.append(one)
        return one

    sockets = []
    yield connect
    context.destroy(0)


def test_the_lane_admits_only_its_tokens(pair, eavesdropper):
    eavesdropper(b"0" * 32).send(b"x")
    until(lambda: pair[0].refused, pair[0])


def test_a_token_alone_lets_nobody_be_heard(pair, eavesdropper):
    pair[0]._bulk_in.offer(1, PUBLIC[1])
    token = pair[0]._bulk_in._tokens[1, 1]  # not used yet; the other lane stands already
    rude = eavesdropper(token)
    forged = seal(os.urandom(32), NONCE.pack(1, 0), b"forged" * 99)
    for junk in (b"", b"x" * 27, bytes(100), bytes(forged), NONCE.pack(1, 9) + bytes(99)):
        rude.send(junk)
    rude.send_multipart([b"x", b"y"])
    time.sleep(0.2)
    pair[1].send(0, [b"head", b"t" * LONG])
    assert body(pair[0].receive(SOON)) == b"head" + b"t" * LONG
    assert pair[0].receive(0.1) is None
    assert not pair[0]._bulk_in._bodies


def test_a_lane_that_breaks_is_a_lost_link_and_comes_back(pair):
    pair[1]._bulk_in.pull.close(0)
    assert isinstance(pair[0].receive(SOON), Lost)
    assert pair[0].receive(SOON) == Back(1)


def test_messages_have_one_or_two_frames(pair):
    for parts in ([], [b"a", b"b", b"c"]):
        with pytest.raises(Bug):
            pair[0].send(1, parts)


class Door:
    """Takes the place of Watch: remembers who may come in."""

    def __init__(self):
        self.open = set()

    def admit(self, *who, user):
        self.open.add(who)

    def dismiss(self, *who):
        self.open.remove(who)


@pytest.fixture
def bulk():
    return BulkIn(None, Door(), b"room/bulk")


def test_each_offer_is_new_and_two_stay_good(bulk):
    offers = [Offer(*OFFER.unpack(bulk.offer(1, b"user"))) for _ in range(4)]
    assert [offer.generation for offer in offers] == [0, 1, 2, 3]
    assert len({offer.token for offer in offers} | {offer.key for offer in offers}) == 8
    assert {who[3] for who in bulk._watch.open} == {offer.token for offer in offers[2:]}
    for offer in offers:
        nonce = NONCE.pack(offer.generation, 0)
        bulk.hold(1, [memoryview(b"h")], nonce)
        bulk.take(1, memoryview(seal(offer.key, nonce, b"text")))
        assert bool(bulk.ready) == (offer.generation >= 2)
        bulk.ready.clear()
        bulk.forget(1)


def test_replays_and_another_party_are_dropped(bulk):
    offer = Offer(*OFFER.unpack(bulk.offer(1, b"user")))
    bulk.offer(2, b"other")
    first, second = (seal(offer.key, NONCE.pack(0, i), b"%d" % i) for i in range(2))
    bulk.take(2, first)
    for sealed in (first, second, first, second):
        bulk.take(1, sealed)
    assert len(bulk._bodies) == 2
    for at in range(2):
        bulk.hold(1, [memoryview(b"h")], NONCE.pack(0, at))
    assert [bytes(message.parts[1]) for message in bulk.ready] == [b"0", b"1"]
    bulk.take(1, first)
    assert not bulk._bodies
    assert not bulk.waiting
