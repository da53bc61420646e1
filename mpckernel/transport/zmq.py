"""Links over ZeroMQ: CURVE on every socket, an allow-list of keys, heartbeats.

Each party binds one PULL, on which it hears everybody, and connects one PUSH to each other party.
Who a message is from is the public key that ZAP admitted for its connection (libzmq's "User-Id"),
never anything the sender wrote. libzmq's own threads encrypt and move the bytes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import zmq
from zmq.utils import z85

from mpckernel.errors import Bug, SetupError
from mpckernel.transport.base import Back, Counter, Event, Lost, Message, Woken
from mpckernel.transport.watch import BROKEN, DOWN, UP, Watch, bell, ring
from mpckernel.wire.frames import HEAD, MAX_BODY, Buffer

NEEDED = (4, 3, 3)  # CVE-2019-13132, CVE-2020-15166
COPIED = 1 << 16  # bytes: shorter frames are copied, longer ones lent to libzmq
MAX_FRAME = HEAD.size + MAX_BODY + 256  # CURVE and ZMTP add less than 256 bytes
WAITING = 4096  # frames that libzmq holds for us per connection before it stops reading
LINGER = 1000  # ms that close() waits for queued messages to leave


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds. A silent link is lost after beat + silence at the latest."""

    beat: int = 1000
    silence: int = 2000
    retry: int = 50
    retry_most: int = 1000


@dataclass(slots=True, eq=False)
class _Link:
    """Our outgoing connection to a party; `age` tells its monitor from those before it."""

    socket: zmq.Socket
    endpoint: str
    age: int
    lost: bool


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
        self._news: deque[tuple[int, int, int]] = deque()
        self._woken = self._closed = False
        self._hears, self._rings = bell()
        self._in, self._out = zmq.Context(1), zmq.Context(1)
        admitted = {z85.decode(keys[peer]): keys[peer] for peer in self.counters}
        self._watch = Watch(self._in, domain.encode(), admitted, self._report)
        self._pull = self._in.socket(zmq.PULL)
        self.endpoint = self._bind(bind, domain)
        self._poller = zmq.Poller()
        self._poller.register(self._pull, zmq.POLLIN)
        self._poller.register(self._hears, zmq.POLLIN)

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
        link = self._links.get(peer)
        if link:
            self._hang_up(link, linger=0)
        age, lost = (link.age + 1, link.lost) if link else (0, False)
        self._links[peer] = _Link(self._connect(peer, endpoint, age), endpoint, age, lost)

    def send(self, peer: int, parts: Sequence[Buffer]) -> None:
        """Queue one message; buffers of COPIED bytes and more must not change afterwards."""
        link = self._links.get(peer)
        if link is None:
            raise Bug("a message was sent before dial()")
        if link.lost:
            return
        size, last = 0, len(parts) - 1
        for at, part in enumerate(parts):
            nbytes = len(part) if type(part) is bytes else memoryview(part).nbytes
            flags = zmq.NOBLOCK if at == last else zmq.NOBLOCK | zmq.SNDMORE
            link.socket.send(part, flags, copy=nbytes < COPIED)
            size += nbytes
        counter = self.counters[peer]
        counter.sent_messages += 1
        counter.sent_bytes += size

    def receive(self, timeout: float) -> Event | None:
        """The next event, or None after `timeout` seconds. Messages come before news of links."""
        deadline = 0.0
        while True:
            try:
                return self._message(self._pull.recv(zmq.NOBLOCK, copy=False))
            except zmq.Again:
                pass
            event = self._event()
            if event:
                return event
            now = time.monotonic()
            deadline = deadline or now + timeout
            if now >= deadline:
                return None
            if any(source == self._hears.fileno() for source, _ in self._wait(deadline - now)):
                self._hears.recv(4096)

    def wake(self) -> None:
        """Make receive() return Woken; calls that come before it does are one."""
        self._woken = True
        ring(self._rings)

    def close(self) -> None:
        """Let queued messages leave for at most a second, then close everything."""
        if self._closed:
            return
        self._closed = True
        for link in self._links.values():
            self._hang_up(link, LINGER)
        self._watch.stop()
        self._out.term()
        self._pull.close(0)
        self._in.term()
        self._hears.close()
        self._rings.close()

    def _wait(self, seconds: float) -> list[tuple[object, int]]:
        return self._poller.poll(max(1, int(seconds * 1000)))

    def _message(self, frame: zmq.Frame) -> Message:
        peer = self._peers[str(frame.get("User-Id"))]
        parts = [frame.buffer]
        while frame.more:
            frame = self._pull.recv(zmq.NOBLOCK, copy=False)
            if len(parts) < 3:  # no message of the format has three: enough to refuse it
                parts.append(frame.buffer)
        counter = self.counters[peer]
        counter.received_messages += 1
        for part in parts:
            counter.received_bytes += part.nbytes
        return Message(peer, parts)

    def _event(self) -> Event | None:
        """What the watch has reported of links as they are now; else whether we were woken."""
        while self._news:
            peer, age, event = self._news.popleft()
            link = self._links[peer]
            if link.age != age:
                continue
            if event == UP and link.lost:
                link.lost = False
                return Back(peer)
            if event == DOWN:
                known, link.lost = link.lost, True
                self.redial(peer, link.endpoint)
                if not known:
                    return Lost(peer, "the connection closed or fell silent")
        if self._woken:
            self._woken = False
            return Woken()
        return None

    def _report(self, name: tuple[int, int], event: int) -> None:
        """Called by the watch, in its thread."""
        peer, age = name
        self._news.append((peer, age, event))
        ring(self._rings)

    def _bind(self, address: str, domain: str) -> str:
        pull = self._pull
        self._configure(pull, address)
        pull.curve_server = True
        pull.zap_domain = domain.encode()
        pull.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)
        pull.rcvhwm = WAITING
        pull.maxmsgsize = MAX_FRAME
        self._watch.watch(None, pull, "inproc://watch-in", BROKEN)
        try:
            pull.bind(address)
        except zmq.ZMQError:
            self.close()
            raise SetupError(f"cannot listen at {address}; choose another address") from None
        return pull.getsockopt_string(zmq.LAST_ENDPOINT)

    def _connect(self, peer: int, endpoint: str, age: int) -> zmq.Socket:
        push = self._out.socket(zmq.PUSH)
        self._configure(push, endpoint)
        push.curve_publickey = self._keys[self.me]
        push.curve_serverkey = self._keys[peer]
        push.sndhwm = 0
        push.reconnect_ivl = self._timing.retry
        push.reconnect_ivl_max = self._timing.retry_most
        self._watch.watch((peer, age), push, f"inproc://watch-{peer}-{age}", UP | DOWN)
        try:
            push.connect(endpoint)
        except zmq.ZMQError:
            push.monitor(None, 0)
            push.close(0)
            raise SetupError(f"the address of party {peer} cannot be used") from None
        return push

    def _configure(self, one: zmq.Socket, address: str) -> None:
        one.linger = LINGER
        one.ipv6 = "[" in address
        one.curve_secretkey = self._secret
        one.heartbeat_ivl = self._timing.beat
        one.heartbeat_timeout = self._timing.silence
        one.heartbeat_ttl = self._timing.beat + self._timing.silence

    @staticmethod
    def _hang_up(link: _Link, linger: int) -> None:
        link.socket.monitor(None, 0)
        link.socket.close(linger)


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
