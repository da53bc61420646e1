"""Links over ZeroMQ: CURVE, an allow-list of keys, heartbeats, and a lane for long bodies.

Each party binds one PULL, on which it hears everybody, and connects one PUSH to each other party.
Who a message is from is the public key that ZAP admitted for its connection (libzmq's "User-Id"),
never anything the sender wrote. libzmq's own threads encrypt and move the bytes. Long bodies take
the lane of bulk.py as soon as it stands, and the CURVE link before that and where it cannot stand.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import zmq
from zmq.utils import z85

from mpckernel.errors import SetupError
from mpckernel.transport import sockets
from mpckernel.transport.base import Counter, Event, Message, Woken
from mpckernel.transport.bulk import NONCE, OFFER, BulkIn, BulkOut, Offer
from mpckernel.transport.links import OFFERED, Keys, Link, Links
from mpckernel.transport.sockets import Timing, at_port, hearing
from mpckernel.transport.watch import BROKEN, Watch, bell, ring
from mpckernel.wire.frames import Buffer

IN_VAIN = 1000  # frames to look at that complete no message, until receive() looks at the clock
NEEDED = (4, 3, 3)  # CVE-2019-13132, CVE-2020-15166


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
        self._peers = {key.decode(): peer for peer, key in enumerate(keys)}
        self._woken = self._closed = False
        self._hears, self._rings = bell()
        self._in, timing = zmq.Context(1), timing or Timing()
        self._watch = Watch(self._in, self._report)
        self._pull = hearing(self._in, domain.encode(), timing)
        lane = domain.encode() + b"/bulk"
        self._bulk_in = BulkIn(hearing(self._in, lane, timing), self._watch, lane)
        own = Keys(keys, keys[me], secret)
        self._links = Links(self._watch, own, timing, self._bulk_in)
        try:
            self.endpoint = self._listen(bind, domain.encode(), own)
            if bulk and at_port(bind, 0):
                self._bulk_in.listen(at_port(bind, 0))
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
        self._links.dial(peer, endpoint)

    def send(self, peer: int, parts: Sequence[Buffer]) -> None:
        """Queue one message of one or two frames. Buffers of COPIED bytes and more are lent."""
        size = self._links.send(peer, parts)
        if size is not None:
            counter = self.counters[peer]
            counter.sent_messages += 1
            counter.sent_bytes += size

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
            poller = self._awaiting if self._bulk_in.waiting else self._idle
            found = poller.poll(max(1, int(1000 * (deadline - now))))
            if any(source == self._hears.fileno() for source, _ in found):
                self._hears.recv(4096)

    def wake(self) -> None:
        """Make receive() return Woken; calls that come before it does are one."""
        self._woken = True
        ring(self._rings)

    def close(self) -> None:
        """Let what is queued for parties not lost leave, for at most a second; then close all."""
        if self._closed:
            return
        self._closed = True
        self._links.hang_up()
        self._watch.stop()
        self._links.term()
        self._pull.close(0)
        self._bulk_in.pull.close(0)
        self._in.term()
        self._hears.close()
        self._rings.close()

    def _next(self) -> Message | None:
        """A message that is here and complete."""
        bulk = self._bulk_in
        for _ in range(IN_VAIN):
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
        return None  # whoever waits looks at the clock, however much arrives

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
                self._bulk_in.forget(peer)
                self._links.accept(peer, Offer(*OFFER.unpack(parts[2])))
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
        """News of links, else whether we were woken."""
        news = self._links.event()
        if news is None and self._woken:
            self._woken = False
            return Woken()
        return news

    def _report(self, name: tuple[Link, BulkOut | None], event: int) -> None:
        """Called by the watch, in its thread."""
        self._links.news.append((*name, event))
        ring(self._rings)

    def _listen(self, address: str, domain: bytes, own: Keys) -> str:
        for peer in self.counters:
            key = own.public[peer]
            self._watch.admit(domain, b"CURVE", z85.decode(key), user=key)
        self._pull.curve_server = True
        self._pull.curve_secretkey = own.own_secret
        self._watch.watch(None, self._pull, "inproc://watch-in", BROKEN)
        return sockets.bind(self._pull, address)


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
