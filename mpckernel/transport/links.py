"""The outgoing half of a ZeroMQ transport: a connection to each party, and its lane."""

from __future__ import annotations

import contextlib
import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import zmq

from mpckernel.errors import Bug
from mpckernel.transport.base import Back, Lost
from mpckernel.transport.lane_in import Door
from mpckernel.transport.lane_out import LaneOut, Offer
from mpckernel.transport.sockets import LINGER, Look, Timing, connect, hang_up, host_of, telling
from mpckernel.transport.watch import DOWN, UP, Watch
from mpckernel.wire.frames import Buffer

COPIED = 1 << 16  # bytes: shorter frames are copied, longer ones lent to libzmq
OFFERED, GOES_ON = b"offer", b"goes on"
CUT = 0  # beside the monitors' events: a lane that stood has ended


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
    lane: LaneOut | None = None  # once it stands, all goes there


class Links:
    """Our connections to all parties; `news` is filled by the watch, read by event()."""

    def __init__(self, watch: Watch, keys: Keys, timing: Timing, look: Look, door: Door) -> None:
        self.news: deque[tuple[Link, int]] = deque()
        self._watch, self._keys, self._timing = watch, keys, timing
        self._look, self._door = look, door
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
        address = f"inproc://watch-out-{next(self._serial)}"
        self._watch.watch(link, push, address, UP | DOWN)
        connect(push, endpoint, peer)
        if self._door.port:
            push.send_multipart([b"", OFFERED, self._door.offer(peer)], zmq.NOBLOCK)
        if peer in self._offers:
            self._open_lane(link)

    def accept(self, peer: int, offer: Offer) -> None:
        """A party has offered its lane."""
        self._offers[peer] = offer
        link = self._links.get(peer)
        if link:
            self._open_lane(link)

    def cut(self, peer: int) -> None:
        """The lane on which the party speaks has ended."""
        link = self._links.get(peer)
        if link:
            self.news.append((link, CUT))

    def send(self, peer: int, parts: Sequence[Buffer]) -> int | None:
        """Queue a message of one or two frames; its size, or None if the party is lost."""
        link = self._links.get(peer)
        if link is None or not 1 <= len(parts) <= 2:
            raise Bug("a message was sent before dial(), or has not one or two frames")
        if link.lost:
            return None
        lane = link.lane
        if lane is not None and lane.up:
            return lane.send(parts)
        size = last = memoryview(parts[-1]).nbytes
        if len(parts) == 2:
            size += memoryview(parts[0]).nbytes
            link.socket.send(parts[0], zmq.NOBLOCK | zmq.SNDMORE)
        link.socket.send(parts[-1], zmq.NOBLOCK, copy=last < COPIED)
        return size

    def event(self) -> Lost | Back | None:
        """What has happened to links as they are now."""
        while self.news:
            link, event = self.news.popleft()
            if self._links[link.peer] is not link:
                continue
            if event == UP:
                link.up = True
                if link.lost:
                    link.lost = False
                    return Back(link.peer)
            elif link.up or event == CUT:
                known, link.lost = link.lost, True
                self.dial(link.peer, link.endpoint)
                if not known:
                    return Lost(link.peer, "the connection closed or fell silent")
        return None

    def hang_up(self, deadline: float) -> None:
        """Close all; what is queued for parties not lost may leave, up to a time of the clock."""
        for link, event in self.news:
            link.lost |= link.up and event == DOWN
            link.up |= event == UP
        for link in self._links.values():
            if link.lane and not link.lost:
                link.lane.flush(deadline)
            _drop(link, 0 if link.lost else LINGER)

    def term(self) -> None:
        """Wait until it has left; only after the watch has let go of its monitors."""
        self._context.term()

    def _open_lane(self, link: Link) -> None:
        if link.lane:
            link.lane.close()
        offer = self._offers.pop(link.peer)
        link.lane = None
        if host_of(link.endpoint):
            address = host_of(link.endpoint), offer.port
            with contextlib.suppress(
                OSError
            ):  # no file descriptor, or a host's name: CURVE carries all
                link.lane = LaneOut(
                    self._look, address, offer, lambda: self._go_on(link), lambda: self._ended(link)
                )

    def _go_on(self, link: Link) -> None:
        """The lane stands: our last word on the CURVE link."""
        if link.lane:
            generation = link.lane.offer.generation.to_bytes(4, "little")
            link.socket.send_multipart([b"", GOES_ON, generation], zmq.NOBLOCK)

    def _ended(self, link: Link) -> None:
        """The lane has ended; if it stood, so has the link."""
        if link.lane and link.lane.up:
            self.news.append((link, CUT))
        link.lane = None


def _drop(link: Link, linger: int) -> None:
    hang_up(link.socket, linger)
    if link.lane:
        link.lane.close()
        link.lane = None
