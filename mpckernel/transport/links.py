"""The outgoing half of a ZeroMQ transport: a connection to each party, and its lane (bulk.py)."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import zmq

from mpckernel.errors import Bug
from mpckernel.transport.base import Back, Lost
from mpckernel.transport.bulk import LONG, USER, BulkIn, BulkOut, Offer
from mpckernel.transport.sockets import LINGER, Timing, at_port, connect, hang_up, telling
from mpckernel.transport.watch import DOWN, UP, Watch
from mpckernel.wire.frames import Buffer

COPIED = 1 << 16  # bytes: shorter frames are copied, longer ones lent to libzmq
OFFERED = b"offer"


@dataclass(frozen=True, slots=True)
class Keys:
    """All parties' public keys and our secret one, as Z85."""

    public: Sequence[bytes]
    own_public: bytes
    own_secret: bytes

    def __repr__(self) -> str:
        return f"Keys({len(self.public)} parties)"


@dataclass(slots=True, eq=False)
class Link:
    """Our connection to a party."""

    peer: int
    endpoint: str
    socket: zmq.Socket
    lost: bool
    up: bool = False
    bulk: BulkOut | None = None


class Links:
    """Our connections to all parties; `news` is filled by the watch, read by event()."""

    def __init__(self, watch: Watch, keys: Keys, timing: Timing, lanes: BulkIn) -> None:
        self.news: deque[tuple[Link, BulkOut | None, int]] = deque()
        self._watch, self._keys, self._timing, self._lanes = watch, keys, timing, lanes
        self._context = zmq.Context(1)
        self._links: dict[int, Link] = {}
        self._offers: dict[int, Offer] = {}
        self._serial = itertools.count()

    def get(self, peer: int) -> Link | None:
        """The present link to a party."""
        return self._links.get(peer)

    def dial(self, peer: int, endpoint: str) -> None:
        """Connect, in the place of the link there was; the first message is our offer."""
        before = self._links.get(peer)
        if before:
            _drop(before, linger=0)
            self._offers.pop(peer, None)
        push = telling(self._context, self._timing)
        push.curve_publickey, push.curve_secretkey = self._keys.own_public, self._keys.own_secret
        push.curve_serverkey = self._keys.public[peer]
        link = Link(peer, endpoint, push, lost=before is not None and before.lost)
        self._links[peer] = link
        self._watch.watch((link, None), push, self._inproc(), UP | DOWN)
        connect(push, endpoint, peer)
        if self._lanes.port:
            offer = self._lanes.offer(peer, self._keys.public[peer])
            push.send_multipart([b"", OFFERED, offer], zmq.NOBLOCK)
        if peer in self._offers:
            self._open_bulk(link)

    def accept(self, peer: int, offer: Offer) -> None:
        """A party has offered its lane."""
        self._offers[peer] = offer
        link = self._links.get(peer)
        if link:
            self._open_bulk(link)

    def send(self, peer: int, parts: Sequence[Buffer]) -> int | None:
        """Queue a message of one or two frames; its size, or None if the party is lost."""
        link = self._links.get(peer)
        if link is None or not 1 <= len(parts) <= 2:
            raise Bug("a message was sent before dial(), or has not one or two frames")
        if link.lost:
            return None
        size = last = memoryview(parts[-1]).nbytes
        if len(parts) == 2:
            size += memoryview(parts[0]).nbytes
            link.socket.send(parts[0], zmq.NOBLOCK | zmq.SNDMORE)
            if last >= LONG and link.bulk and link.bulk.up:
                nonce = link.bulk.send(parts[1])
                link.socket.send_multipart([b"", nonce], zmq.NOBLOCK)
                return size
        link.socket.send(parts[-1], zmq.NOBLOCK, copy=last < COPIED)
        return size

    def event(self) -> Lost | Back | None:
        """What the watch has reported of links as they are now."""
        while self.news:
            link, bulk, event = self.news.popleft()
            if self._links[link.peer] is not link or (bulk and bulk is not link.bulk):
                continue
            end = bulk or link
            if event == UP:
                end.up = True
                if link.lost and not bulk:
                    link.lost = False
                    return Back(link.peer)
            elif end.up:
                known, link.lost = link.lost, True
                self.dial(link.peer, link.endpoint)
                if not known:
                    return Lost(link.peer, "the connection closed or fell silent")
        return None

    def hang_up(self) -> None:
        """Close all; what is queued for parties not lost has LINGER to leave."""
        for link, _, event in self.news:
            link.lost |= link.up and event == DOWN
            link.up |= event == UP
        for link in self._links.values():
            _drop(link, 0 if link.lost else LINGER)

    def term(self) -> None:
        """Wait until it has left; only after the watch has let go of its monitors."""
        self._context.term()

    def _open_bulk(self, link: Link) -> None:
        if link.bulk:
            hang_up(link.bulk.socket, linger=0)
        offer = self._offers.pop(link.peer)
        push = telling(self._context, self._timing)
        push.plain_username, push.plain_password = USER, offer.token
        link.bulk = BulkOut(push, offer)
        self._watch.watch((link, link.bulk), push, self._inproc(), UP | DOWN)
        connect(push, at_port(link.endpoint, offer.port), link.peer)

    def _inproc(self) -> str:
        return f"inproc://watch-out-{next(self._serial)}"


def _drop(link: Link, linger: int) -> None:
    hang_up(link.socket, linger)
    if link.bulk:
        hang_up(link.bulk.socket, linger)
