"""Lanes in: the port where other parties' lanes arrive, and what they bring. See lane_out.py.

A connection is a stranger until it has said the name of an offer and proved that it has its key.
An offer serves one connection. The port takes nobody in while no offer stands.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import socket
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from mpckernel.transport import near
from mpckernel.transport.base import Message
from mpckernel.transport.lane_out import OFFER, Offer
from mpckernel.transport.records import LISTENER, SPEAKER, Reader, proof
from mpckernel.transport.sockets import Look, listener, lively

GREETING = 16 + len(proof(bytes(32), SPEAKER))
STRANGERS = 16  # connections that have not greeted yet, at most


class LaneIn(NamedTuple):
    """A party's lane to us, once it has greeted."""

    line: socket.socket
    reader: Reader
    generation: int


class Door:
    """Where lanes to us come in: one port, a name and a key for each offer."""

    def __init__(
        self, look: Look, heard: deque[Message], broke: Callable[[int], None], *, near: bool = True
    ) -> None:
        self.refused = self.port = 0
        self._look, self._heard, self._broke = look, heard, broke
        self._near = near  # whether parties of this machine may come in without TCP
        self._nearby: dict[bytes, socket.socket] = {}  # where they do, by the name of the offer
        self._listening: socket.socket | None = None
        self._offers: dict[bytes, tuple[int, Offer]] = {}  # by name; to whom
        self._strangers: dict[socket.socket, bytes] = {}
        self._lanes: dict[int, LaneIn] = {}  # those that have greeted
        self._heeded: dict[int, LaneIn] = {}  # those that are read
        self._spoken: dict[int, int] = {}  # party -> generation of the lane it goes on with
        self._generations: dict[int, int] = {}

    def listen(self, address: str) -> None:
        """Open the port; without this, nothing is offered and nobody comes."""
        self._listening = listener(address)
        self.port = self._listening.getsockname()[1]

    def offer(self, peer: int) -> bytes:
        """A new offer for a party, packed; voids the one before and the lane that came of it."""
        self.forget(peer)
        self._cut(peer)
        for name in [name for name, (whose, _) in self._offers.items() if whose == peer]:
            self._void(name)
        now = self._generations[peer] = self._generations.get(peer, -1) + 1
        made = Offer(self.port, now, os.urandom(16), os.urandom(32))
        self._offers[made.name] = peer, made
        if self._listening is not None:
            self._heed(self._listening)
        nearby = near.listening(made.name) if self._near else None
        if nearby is not None:
            self._nearby[made.name] = nearby
            self._heed(nearby)
        return OFFER.pack(*made)

    def follow(self, peer: int, generation: int) -> None:
        """The party's last word on the CURVE link: it goes on on this lane."""
        self._spoken[peer] = generation
        self._open(peer)

    def forget(self, peer: int) -> None:
        """The party has connected anew: the lane on which it spoke is over."""
        if peer in self._spoken:
            del self._spoken[peer]
            self._cut(peer)

    def close(self) -> None:
        """Close the port and all that came in."""
        for peer in tuple(self._lanes):
            self._cut(peer)
        for name in tuple(self._offers):
            self._void(name)
        self._shut()
        if self._listening is not None:
            self._listening.close()

    def _heed(self, listening: socket.socket) -> None:
        """Strangers may come in here."""
        self._look.add(listening.fileno(), lambda: self._accept(listening))

    def _void(self, name: bytes) -> None:
        """This offer is over."""
        del self._offers[name]
        nearby = self._nearby.pop(name, None)
        if nearby is not None:
            self._look.drop(nearby.fileno())
            nearby.close()

    def _shut(self) -> None:
        """Nobody else is to come for now."""
        for line in tuple(self._strangers):
            self._dismiss(line)
        if self._listening is not None:
            self._look.drop(self._listening.fileno())

    def _accept(self, listening: socket.socket) -> None:
        """Let a stranger in, to greet; the one that has had most time goes if they are many."""
        try:
            line, _ = listening.accept()
        except OSError:
            return
        if len(self._strangers) >= STRANGERS:
            self._refuse(next(iter(self._strangers)))
        line.setblocking(False)  # noqa: FBT003
        if listening is self._listening:
            lively(line)
        self._strangers[line] = b""
        self._look.add(line.fileno(), lambda: self._greeted(line))

    def _greeted(self, line: socket.socket) -> None:
        """More of a stranger's greeting; when it is complete, its lane or its end."""
        said = self._strangers[line]
        try:
            more = line.recv(GREETING - len(said))
        except BlockingIOError:
            return
        except OSError:
            more = b""
        said = self._strangers[line] = said + more
        if len(said) < GREETING and more:
            return
        named = self._offers.get(said[:16])
        if named is None or not hmac.compare_digest(said[16:], proof(named[1].key, SPEAKER)):
            self._refuse(line)
            return
        peer, offer = named
        self._look.drop(line.fileno())
        del self._strangers[line]
        self._void(offer.name)
        if not self._offers:
            self._shut()
        with contextlib.suppress(OSError):  # a new connection takes so few bytes; else it ends
            line.send(proof(offer.key, LISTENER))
        self._lanes[peer] = LaneIn(line, Reader(offer.key, peer), offer.generation)
        self._open(peer)

    def _open(self, peer: int) -> None:
        """Read a lane that has greeted and that its party goes on with."""
        lane = self._lanes.get(peer)
        if lane is not None and self._spoken.get(peer) == lane.generation:
            self._heeded[peer] = lane
            self._look.add(lane.line.fileno(), lambda: self.read(peer))

    def read(self, peer: int) -> None:
        """What has come on the party's lane, if it is read already."""
        lane = self._heeded.get(peer)
        if lane is None:
            return
        if not lane.reader.read(lane.line, self._heard):
            self._cut(peer)
            self._broke(peer)

    def _cut(self, peer: int) -> None:
        lane = self._lanes.pop(peer, None)
        self._heeded.pop(peer, None)
        if lane is not None:
            self._look.drop(lane.line.fileno())
            lane.line.close()

    def _refuse(self, line: socket.socket) -> None:
        self.refused += 1
        self._dismiss(line)

    def _dismiss(self, line: socket.socket) -> None:
        del self._strangers[line]
        self._look.drop(line.fileno())
        line.close()
