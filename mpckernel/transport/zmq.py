"""Links over ZeroMQ: CURVE, an allow-list of keys, heartbeats, and lanes that carry the data.

Each party binds one PULL, on which it hears everybody, and connects one PUSH to each other party.
Who a message is from is the public key that ZAP admitted for its connection (libzmq's "User-Id"),
never anything the sender wrote. Over these links the parties give each other keys for lanes
(lane_out.py), which take all messages as soon as they stand; the CURVE link has them before that
and where no lane can stand, and always tells whether the party lives.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence

import zmq
from zmq.utils import z85

from mpckernel.errors import SetupError
from mpckernel.ring.memory import keep_pages
from mpckernel.transport import sockets
from mpckernel.transport.base import Counter, Event, Message, Woken
from mpckernel.transport.lane_in import Door
from mpckernel.transport.lane_out import OFFER, Offer
from mpckernel.transport.links import GOES_ON, OFFERED, Keys, Link, Links
from mpckernel.transport.sockets import LINGER, Look, Timing, hearing, host_of
from mpckernel.transport.watch import BROKEN, Watch, bell, ring
from mpckernel.wire.frames import Buffer

_yield = getattr(os, "sched_yield", lambda: time.sleep(0))
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
        lanes: bool = True,
        near: bool = True,
    ) -> None:
        """Bind at once; `identities` are all parties' public keys (Z85), ours included. near:
        lanes of parties on this machine need not go through TCP."""
        keys = [key.encode() if isinstance(key, str) else bytes(key) for key in identities]
        secret = secret_key.encode() if isinstance(secret_key, str) else bytes(secret_key)
        _check(me, keys, secret, domain)
        keep_pages()  # before there are threads of ours
        self.me, self.n = me, len(keys)
        self.counters = {peer: Counter() for peer in range(self.n) if peer != me}
        self._peers = {key.decode(): peer for peer, key in enumerate(keys)}
        self._woken = self._closed = False
        self._heard: deque[Message] = deque()
        self._hears, self._rings = bell()
        self._in, timing, self._look = zmq.Context(1), timing or Timing(), Look()
        self._watch = Watch(self._in, self._report)
        self._pull = hearing(self._in, domain.encode(), timing)
        self._curve = True  # the CURVE link may have something
        self._door = Door(self._look, self._heard, self._broke, near=near)
        own = Keys(keys, keys[me], secret)
        self._links = Links(self._watch, own, timing, self._look, self._door)
        try:
            self.endpoint = self._listen(bind, domain.encode(), own)
            if lanes and host_of(self.endpoint):
                self._door.listen(self.endpoint)
        except SetupError:
            self.close()
            raise
        self._look.add(self._pull.FD, self._curve_has_news)
        self._look.add(self._hears.fileno(), lambda: self._hears.recv(4096))

    @property
    def refused(self) -> int:
        """Connections turned away: keys that are not listed, other mechanisms, broken greetings."""
        return self._watch.refused + self._door.refused

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

    def receive(self, timeout: float, eager: float = 0.0, first: int | None = None) -> Event | None:
        """The next event, or None after `timeout` seconds. Messages come before news of links.

        For the first `eager` seconds the thread looks again and again: waking a thread that
        sleeps takes longer than most messages do. One system call finds what `first` has said.
        """
        heard, deadline, asleep = self._heard, 0.0, 0.0
        if first is not None and not heard:
            self._door.read(first)
        while True:
            if heard or self._came():
                return self._count(heard.popleft())
            if self._woken or self._links.news:
                event = self._event()
                if event:
                    return event
            now = time.monotonic()
            if not deadline:
                deadline, asleep = now + timeout, now + min(eager, timeout)
            if now < asleep:
                _yield()
            elif now < deadline:
                self._look.once(max(1, int(1000 * (deadline - now))))
            else:
                return None

    def wake(self) -> None:
        """Make receive() return Woken; calls that come before it does are one."""
        self._woken = True
        ring(self._rings)

    def close(self) -> None:
        """Let what is queued for parties not lost leave, for at most a second; then close all."""
        if self._closed:
            return
        self._closed = True
        self._links.hang_up(time.monotonic() + LINGER / 1000)
        self._door.close()
        self._watch.stop()
        self._links.term()
        self._pull.close(0)
        self._in.term()
        self._hears.close()
        self._rings.close()

    def _came(self) -> bool:
        """Look for a message until one is here and complete, or nothing is to be found."""
        for _ in range(IN_VAIN):
            if self._curve:
                try:
                    self._hear(self._pull.recv(zmq.NOBLOCK, copy=False))
                except zmq.Again:
                    self._curve = False
            elif not self._look.once(0):
                return False
            if self._heard:
                return True
        return False  # whoever waits looks at the clock, however much arrives

    def _hear(self, frame: zmq.Frame) -> None:
        """A message from the CURVE link, or a word about lanes."""
        peer = self._peers[str(frame.get("User-Id"))]
        parts = [frame.buffer]
        while frame.more:
            frame = self._pull.recv(zmq.NOBLOCK, copy=False)
            if len(parts) < 4:  # no message of the format has four: enough to refuse it
                parts.append(frame.buffer)
        if len(parts) == 3 and parts[1] == OFFERED and parts[2].nbytes == OFFER.size:
            self._door.forget(peer)
            self._links.accept(peer, Offer(*OFFER.unpack(parts[2])))
        elif len(parts) == 3 and parts[1] == GOES_ON and parts[2].nbytes == 4:
            self._door.follow(peer, int.from_bytes(parts[2], "little"))
        else:
            self._heard.append(Message(peer, parts))

    def _curve_has_news(self) -> None:
        self._curve = True

    def _broke(self, peer: int) -> None:
        self._links.cut(peer)

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

    def _report(self, link: Link, event: int) -> None:
        """Called by the watch, in its thread."""
        self._links.news.append((link, event))
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
