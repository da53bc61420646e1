"""Lanes between parties of one machine: no TCP, and no less is asked of who comes in."""

import socket
import sys

import pytest

from mpckernel.transport import near
from mpckernel.transport.records import LISTENER, SPEAKER, proof
from tests.transport.doors import greeting, lane, stood

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="TCP carries all lanes there")


def knock(guest, name, said):
    """What comes back to who dials this name and says this; None if nobody listens there."""
    line = near.dialled(name)
    if line is None:
        return None
    guest.lines.append(line)
    line.setblocking(True)
    line.sendall(said)
    while guest.look.once(20):
        pass
    return line.recv(99)


@pytest.mark.parametrize("both", [(True, True), (True, False), (False, False)])
def test_tcp_is_for_those_who_are_not_both_near(both):
    pair = stood(both)
    try:
        for sender, receiver in (pair, pair[::-1]):
            family = socket.AF_UNIX if both[receiver.me] else socket.AF_INET
            assert lane(sender)._line.family == family
            assert receiver._door._lanes[sender.me].line.family == family
            assert not receiver._door._nearby  # who has come in leaves no door open
    finally:
        for transport in pair:
            transport.close()


def test_the_name_alone_opens_nothing(guest):
    """Every process of the machine can list the names of such sockets."""
    offer, other = guest.offer(1), guest.offer(2)
    for said in (bytes(36), offer.name + proof(other.key, SPEAKER), b"x" + greeting(offer)[1:]):
        assert knock(guest, offer.name, said) == b""
    assert guest.door.refused == 3
    assert knock(guest, offer.name, greeting(offer)) == proof(offer.key, LISTENER)


def test_an_offer_is_good_for_one_line(guest):
    offer = guest.offer(1)
    assert knock(guest, offer.name, greeting(offer)) == proof(offer.key, LISTENER)
    assert knock(guest, offer.name, greeting(offer)) is None
    assert guest.knock(greeting(offer)) is None  # nor at the port, which nobody looks at


def test_a_new_offer_and_the_end_close_the_door_of_the_one_before(guest):
    first, second = guest.offer(1), guest.offer(1)
    assert near.dialled(first.name) is None
    guest.door.close()
    assert near.dialled(second.name) is None


def test_who_comes_by_tcp_closes_the_other_door(guest):
    offer = guest.offer(1)
    assert guest.knock(greeting(offer)) == proof(offer.key, LISTENER)
    assert near.dialled(offer.name) is None


def test_nobody_listens_under_another_name(guest):
    guest.offer(1)
    assert near.dialled(bytes(16)) is None


def test_where_such_names_are_unknown_tcp_carries_all(guest, monkeypatch):
    monkeypatch.setattr(sys, "platform", "another")
    assert near.dialled(guest.offer(1).name) is None
    assert not guest.door._nearby
