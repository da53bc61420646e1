"""Who comes in at the port of the lanes: only whom an offer was made to."""

import socket
import time

import pytest

from mpckernel.transport.lane_in import GREETING, STRANGERS
from mpckernel.transport.records import LISTENER, SPEAKER, proof
from tests.transport.doors import SOON, greeting, stream


def test_only_who_has_the_key_of_an_offer_is_welcome(guest):
    offer, other = guest.offer(1), guest.offer(2)
    wrong = bytearray(greeting(offer))
    wrong[-1] ^= 1
    for said in (bytes(GREETING), bytes(wrong), offer.name + proof(other.key, SPEAKER)):
        assert guest.knock(said) == b""
    assert guest.knock(offer.name + proof(offer.key, LISTENER)) == b""
    assert guest.door.refused == 4
    assert guest.knock(greeting(offer)[:20]) is None  # not yet
    assert guest.knock(greeting(offer)[:7], greeting(offer)[7:]) == proof(offer.key, LISTENER)
    assert guest.knock(greeting(offer)) == b""  # an offer is good for one connection
    assert guest.knock(greeting(other)) == proof(other.key, LISTENER)


@pytest.mark.parametrize("said", [b"", b"x", bytes(16), proof(bytes(32), SPEAKER), bytes(GREETING)])
def test_who_stops_half_way_is_refused_whatever_it_has_said(guest, said):
    """A proof by a key of zeros, without a name, once ended the party."""
    offer = guest.offer(1)
    for named in (said, offer.name + said[: GREETING - 17]):
        line = socket.create_connection(("127.0.0.1", guest.door.port), SOON)
        guest.lines.append(line)
        line.sendall(named)
        line.shutdown(socket.SHUT_WR)
        before, deadline = guest.door.refused, time.monotonic() + SOON
        while guest.door.refused == before and time.monotonic() < deadline:
            guest.look.once(20)
    assert (guest.door.refused, len(guest.door._strangers)) == (2, 0)
    assert guest.knock(greeting(offer)) == proof(offer.key, LISTENER)


def test_once_all_have_come_the_port_takes_nobody_in(guest):
    offer = guest.offer(1)
    silent = [guest.knock(b"") for _ in range(3)]
    assert silent == [None] * 3
    assert guest.knock(greeting(offer)) == proof(offer.key, LISTENER)
    assert not guest.door._strangers
    assert guest.knock(greeting(offer)) is None
    assert not guest.door._strangers


def test_strangers_are_few(guest):
    offer = guest.offer(1)
    for _ in range(STRANGERS + 5):
        guest.knock(b"x")
    assert len(guest.door._strangers) == STRANGERS
    assert guest.door.refused == 5
    assert guest.knock(greeting(offer)) == proof(offer.key, LISTENER)


def test_each_offer_is_new_and_voids_the_one_before(guest):
    offers = [guest.offer(1) for _ in range(3)]
    assert [offer.generation for offer in offers] == [0, 1, 2]
    assert len({offer.name for offer in offers} | {offer.key for offer in offers}) == 6
    assert guest.knock(greeting(offers[0])) == b""
    assert guest.knock(greeting(offers[2])) == proof(offers[2].key, LISTENER)


def test_a_lane_is_heard_only_once_its_party_goes_on_there(guest):
    offer = guest.offer(1)
    guest.knock(greeting(offer))
    guest.lines[-1].sendall(stream(offer.key, [b"text"]))
    assert not guest.look.once(50)
    for other in (2, 1):
        guest.door.follow(other, 7)
        assert not guest.look.once(50)
    guest.door.follow(1, offer.generation)
    assert guest.look.once(1000)
    assert [bytes(message.parts[0]) for message in guest.heard] == [b"text"]
    guest.door.forget(1)
    guest.lines[-1].setblocking(True)
    assert guest.lines[-1].recv(1) == b""
    assert guest.broken == []
