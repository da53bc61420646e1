"""Links over ZeroMQ: CURVE, an allow-list of keys, heartbeats, and a lane for long bodies.

Each party binds one PULL, on which it hears everybody, and connects one PUSH to each other party.
Who a message is from is the public key that ZAP admitted for its connection (libzmq's "User-Id"),
never anything the sender wrote. libzmq's own threads encrypt and move the bytes. Long bodies take
the lane of bulk.py as soon as it stands, and the CURVE link before that and where it cannot stand.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import zmq
from zmq.utils import z85

from mpckernel.errors import Bug, SetupError
from mpckernel.transport import sockets
from mpckernel.transport.base import Back, Counter, Event, Lost, Message, Woken
from mpckernel.transport.bulk import LONG, NONCE, OFFER, USER, BulkIn, BulkOut, Offer
from mpckernel.transport.sockets import LINGER, Timing, at_port, hang_up, hearing, telling
from mpckernel.transport.watch import BROKEN, DOWN, UP, Watch, bell, ring
from mpckernel.wire.frames import Buffer

NEEDED = (4, 3, 3)  # CVE-2019-13132, CVE-2020-15166
COPIED = 1 << 16  # bytes: shorter frames are copied, longer ones lent to libzmq
OFFERED = b"offer"


@dataclass(slots=True, eq=False)
class _Link:
    """Our outgoing connections to a party."""

    peer: int
    endpoint: str
    socket: zmq.Socket
    lost: bool
    up: bool = False
    bulk: BulkOut | None = None


class ZmqTransport:
    """One party's links. See Transport; wake() is safe in any thread and in signal handlers."""

    def __init__(
        self,
        me: int,
        identities: Sequence[str | bytes],
        secret_key: str | bytes,
        bind: str = "tcp://127.0.0.1:0",
        domain: str = "mpckernel",
        *,
        timing: Timing | None = None,
        bulk: bool = True,
    ) -> None:
        """Bind at once; `identities` are all parties' public keys (Z85), ours included."""
        keys = [key.encode() if isinstance(key, str) else bytes(key) for key in identities]
        secret = secret_key.encode() if isinstance(secret_key, str) else bytes(secret_key)
        _check(me, keys, secret, domain)
        self.me, self.n = me, len(keys)
        self.counters = {peer: Counter() for peer in range(self.n) if peer != me}
        self._keys, self._secret, self._timing = keys, secret, timing or Timing()
        self._peers = {key.decode(): peer for peer, key in enumerate(keys)}
        self._links: dict[int, _Link] = {}
        self._offers: dict[int, Offer] = {}
        self._news: deque[tuple[_Link, BulkOut | None, int]] = deque()
        self._serial = itertools.count()
        self._woken = self._closed = False
        self._hears, self._rings = bell()
        self._in, self._out = zmq.Context(1), zmq.Context(1)
        self._watch = Watch(self._in, self._report)
        self._pull = hearing(self._in, domain.encode(), self._timing)
        lane = domain.encode() + b"/bulk"
        self._bulk_in = BulkIn(hearing(self._in, lane, self._timing), self._watch, lane)
        try:
            self.endpoint = self._listen(bind, domain.encode())
            if bulk and at_port(bind, 0):
                self._listen_bulk(at_port(bind, 0))
        except SetupError:
            self.close()
            raise
        self._idle, self._awaiting = zmq.Poller(), zmq.Poller()
        for poller in (self._idle, self._awaiting):
            poller.register(self._pull, zmq.POLLIN)
            poller.register(self._hears, zmq.POLLIN)
        self._awaiting.register(self._bulk_in.pull, zmq.POLLIN)

    @property
    def refused(self) -> int:
        """Connections turned away: keys that are not listed, other mechanisms, broken greetings."""
        return self._watch.refused

    def dial(self, endpoints: Sequence[str]) -> None:
        """Connect to every other party; endpoints in the order of the parties, ours ignored."""
        if len(endpoints) != self.n:
            raise SetupError("the number of addresses is not the number of parties")
        for peer in self.counters:
            self.redial(peer, endpoints[peer])

    def redial(self, peer: int, endpoint: str) -> None:
        """Connect to a party anew, at an address that may have changed; drops what was queued."""
        before = self._links.get(peer)
        if before:
            self._drop(before, linger=0)
            self._offers.pop(peer, None)
        push = telling(self._out, self._timing)
        push.curve_publickey = self._keys[self.me]
        push.curve_secretkey = self._secret
        push.curve_serverkey = self._keys[peer]
        link = _Link(peer, endpoint, push, lost=before is not None and before.lost)
        self._links[peer] = link
        self._watch.watch((link, None), push, self._inproc(), UP | DOWN)
        sockets.connect(push, endpoint, peer)
        if self._bulk_in.port:
            offer = self._bulk_in.offer(peer, self._keys[peer])
            push.send_multipart([b"", OFFERED, offer], zmq.NOBLOCK)
        if peer in self._offers:
            self._open_bulk(link)

    def send(self, peer: int, parts: Sequence[Buffer]) -> None:
        """Queue one message; buffers of COPIED bytes and more must not change afterwards."""
        link = self._links.get(peer)
        if link is None or not 1 <= len(parts) <= 2:
            raise Bug("a message was sent before dial(), or has not one or two frames")
        if link.lost:
            return
        last = memoryview(parts[-1]).nbytes
        counter = self.counters[peer]
        counter.sent_messages += 1
        counter.sent_bytes += last
        if len(parts) == 2:
            counter.sent_bytes += memoryview(parts[0]).nbytes
            link.socket.send(parts[0], zmq.NOBLOCK | zmq.SNDMORE)
            if last >= LONG and link.bulk and link.bulk.up:
                nonce = link.bulk.send(parts[1])
                link.socket.send_multipart([b"", nonce], zmq.NOBLOCK)
                return
        link.socket.send(parts[-1], zmq.NOBLOCK, copy=last < COPIED)

    def receive(self, timeout: float) -> Event | None:
        """The next event, or None after `timeout` seconds. Messages come before news of links."""
        deadline = 0.0
        while True:
            message = self._next()
            if message:
                return message
            event = self._event()
            if event:
                return event
            now = time.monotonic()
            deadline = deadline or now + timeout
            if now >= deadline:
                return None
            self._wait(deadline - now)

    def wake(self) -> None:
        """Make receive() return Woken; calls that come before it does are one."""
        self._woken = True
        ring(self._rings)

    def close(self) -> None:
        """Let what is queued for parties not lost leave, for at most a second; then close all."""
        if self._closed:
            return
        self._closed = True
        for link, _, event in self._news:
            link.lost |= link.up and event == DOWN
            link.up |= event == UP
        for link in self._links.values():
            self._drop(link, 0 if link.lost else LINGER)
        self._watch.stop()
        self._out.term()
        self._pull.close(0)
        self._bulk_in.pull.close(0)
        self._in.term()
        self._hears.close()
        self._rings.close()

    def _wait(self, seconds: float) -> None:
        poller = self._awaiting if self._bulk_in.waiting else self._idle
        found = poller.poll(max(1, int(seconds * 1000)))
        if any(source == self._hears.fileno() for source, _ in found):
            self._hears.recv(4096)

    def _next(self) -> Message | None:
        """A message that is here and complete."""
        bulk = self._bulk_in
        while True:
            if bulk.ready:
                return self._count(bulk.ready.popleft())
            try:
                message = self._hear(self._pull.recv(zmq.NOBLOCK, copy=False))
            except zmq.Again:
                if not (bulk.waiting and self._hear_bulk()):
                    return None
            else:
                if message:
                    return self._count(message)

    def _hear(self, frame: zmq.Frame) -> Message | None:
        """A message from the CURVE link; None if it must wait or was an offer."""
        peer = self._peers[str(frame.get("User-Id"))]
        parts = [frame.buffer]
        while frame.more:
            frame = self._pull.recv(zmq.NOBLOCK, copy=False)
            if len(parts) < 4:  # no message of the format has four: enough to refuse it
                parts.append(frame.buffer)
        nonce = None
        if len(parts) == 3:
            if parts[1] == OFFERED and parts[2].nbytes == OFFER.size:
                self._accept(peer, Offer(*OFFER.unpack(parts[2])))
                return None
            if not parts[1].nbytes and parts[2].nbytes == NONCE.size:
                nonce = bytes(parts[2])
        if nonce is None and not self._bulk_in.holds(peer):
            return Message(peer, parts)
        self._bulk_in.hold(peer, parts, nonce)
        return None

    def _hear_bulk(self) -> bool:
        """Take one frame from the lane; False if there is none."""
        try:
            frame = self._bulk_in.pull.recv(zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return False
        if not frame.more:
            self._bulk_in.take(self._peers[str(frame.get("User-Id"))], frame.buffer)
        return True

    def _count(self, message: Message) -> Message:
        counter = self.counters[message.peer]
        counter.received_messages += 1
        for part in message.parts:
            counter.received_bytes += part.nbytes
        return message

    def _event(self) -> Event | None:
        """What the watch has reported of links as they are now; else whether we were woken."""
        while self._news:
            link, bulk, event = self._news.popleft()
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
                self.redial(link.peer, link.endpoint)
                if not known:
                    return Lost(link.peer, "the connection closed or fell silent")
        if self._woken:
            self._woken = False
            return Woken()
        return None

    def _report(self, name: tuple[_Link, BulkOut | None], event: int) -> None:
        """Called by the watch, in its thread."""
        self._news.append((*name, event))
        ring(self._rings)

    def _inproc(self) -> str:
        return f"inproc://watch-{next(self._serial)}"

    def _listen(self, address: str, domain: bytes) -> str:
        for peer in self.counters:
            key = self._keys[peer]
            self._watch.admit(domain, b"CURVE", z85.decode(key), user=key)
        self._pull.curve_server = True
        self._pull.curve_secretkey = self._secret
        self._watch.watch(None, self._pull, self._inproc(), BROKEN)
        return sockets.bind(self._pull, address)

    def _listen_bulk(self, address: str) -> None:
        pull = self._bulk_in.pull
        pull.plain_server = True
        self._watch.watch(None, pull, self._inproc(), BROKEN)
        self._bulk_in.port = int(sockets.bind(pull, address).rpartition(":")[2])

    def _accept(self, peer: int, offer: Offer) -> None:
        """A party has connected to us anew and offers its lane."""
        self._bulk_in.forget(peer)
        self._offers[peer] = offer
        link = self._links.get(peer)
        if link:
            self._open_bulk(link)

    def _open_bulk(self, link: _Link) -> None:
        if link.bulk:
            hang_up(link.bulk.socket, linger=0)
        offer = self._offers.pop(link.peer)
        push = telling(self._out, self._timing)
        push.plain_username, push.plain_password = USER, offer.token
        link.bulk = BulkOut(push, offer)
        self._watch.watch((link, link.bulk), push, self._inproc(), UP | DOWN)
        sockets.connect(push, at_port(link.endpoint, offer.port), link.peer)

    @staticmethod
    def _drop(link: _Link, linger: int) -> None:
        hang_up(link.socket, linger)
        if link.bulk:
            hang_up(link.bulk.socket, linger)


def _check(me: int, keys: list[bytes], secret: bytes, domain: str) -> None:
    """Refuse what would leave a door open."""
    if zmq.zmq_version_info() < NEEDED or not zmq.has("curve"):
        raise SetupError("libzmq 4.3.3 or later with CURVE is needed; upgrade pyzmq")
    if not domain:
        raise SetupError("the ZAP domain is empty, which would admit everybody")
    try:
        sound = all(len(z85.decode(key)) == 32 for key in keys)
        ours = zmq.curve_public(secret) == keys[me]
    except (ValueError, KeyError, IndexError, zmq.ZMQError):
        sound = ours = False
    if not sound or len(set(keys)) != len(keys):
        raise SetupError("the public keys must be different Z85 texts of 40 characters")
    if not ours:
        raise SetupError("our secret key does not belong to our public key in the room")
