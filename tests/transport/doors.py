"""Pairs of transports whose lanes stand, and a door with whoever knocks at it."""

import socket
import time
from collections import deque

import zmq

from mpckernel.transport.base import Message
from mpckernel.transport.lane_in import Door
from mpckernel.transport.lane_out import OFFER, Offer
from mpckernel.transport.records import SPEAKER, Writer, proof
from mpckernel.transport.sockets import Look
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
    return link.lane if link and link.lane and link.lane.up else None


def make_pair(lanes, near=(True, True)):
    pair = [ZmqTransport(i, PUBLIC, KEYS[i][1], lanes=lanes[i], near=near[i]) for i in range(2)]
    for transport in pair:
        transport.dial([other.endpoint for other in pair])
    return pair


def stood(near=(True, True)):
    """A pair whose lanes stand."""
    pair = make_pair((True, True), near)
    until(lambda: lane(pair[0]) and lane(pair[1]), *pair)
    return pair


def body(event):
    assert isinstance(event, Message), event
    return b"".join(bytes(part) for part in event.parts)


def stream(key, *messages):
    """The bytes that carry these messages."""
    writer = Writer(key)
    return b"".join(b"".join(writer.records(parts)[1]) for parts in messages)


class Guest:
    """A door, and whoever knocks at it."""

    def __init__(self):
        self.look, self.heard, self.broken = Look(), deque(), []
        self.door = Door(self.look, self.heard, self.broken.append)
        self.door.listen("tcp://127.0.0.1:0")
        self.lines = []

    def offer(self, peer):
        return Offer(*OFFER.unpack(self.door.offer(peer)))

    def knock(self, *said):
        """A connection that says this; what comes back, b"" if it is cut, None if nothing."""
        line = socket.create_connection(("127.0.0.1", self.door.port), SOON)
        self.lines.append(line)
        for some in said:
            line.sendall(some)
            while self.look.once(20):
                pass
        line.setblocking(False)
        try:
            return line.recv(99)
        except BlockingIOError:
            return None
        except ConnectionError:
            return b""


def greeting(offer):
    return offer.name + proof(offer.key, SPEAKER)
