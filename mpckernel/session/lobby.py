"""The host's door: one CURVE socket that lets members and ticket holders in, and a thread for it.

The same thread answers libzmq's question who may come in (ZAP) and speaks to those who did; what
to answer is the register's business. Origin is the key a link was authenticated with (libzmq's
"User-Id"); the routing id only says where an answer goes. Nothing said here is secret.

Source: CurveZMQ (RFC 26), ZAP (RFC 27).
"""

import threading
from collections.abc import Callable

import zmq
from zmq.utils import z85
from zmq.utils.monitor import recv_monitor_message

from mpckernel.errors import PeerError
from mpckernel.session.identity import Identity
from mpckernel.session.register import Register
from mpckernel.session.roomfile import Room
from mpckernel.session.ticket import LIFETIME, Ticket
from mpckernel.transport.sockets import unheard
from mpckernel.wire.control import Body, decode, encode

DOMAIN = b"mpckernel lobby"
MAX_MESSAGE = 16 * 1024  # bytes; the longest, a table of eight parties, has under 3000
SPARE = 32  # links beyond one per party: reconnects, and strangers in mid-handshake
HANDSHAKE = 2000  # ms a stranger may take over its handshake

_OPENED = zmq.EVENT_ACCEPTED
_CLOSED = zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED


class Lobby:
    """Bound at once, serving from `serve` to `close`."""

    def __init__(self, identity: Identity, listen: str) -> None:
        self.refused = 0
        self._lock = threading.Lock()
        self._context = zmq.Context(1)
        self._zap = self._context.socket(zmq.REP)
        self._zap.bind("inproc://zeromq.zap.01")
        self._monitor = self._context.socket(zmq.PAIR)
        self._router = self._open(identity, listen)
        self._bell, self._ring = (self._context.socket(zmq.PAIR) for _ in range(2))
        self._bell.bind("inproc://bell")
        self._ring.connect("inproc://bell")
        self.endpoint = self._router.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0")
        self._links: set[int] = set()
        self._routes: dict[str, bytes] = {}
        self._thread = threading.Thread(target=self._run, name="mpc-lobby", daemon=True)

    def serve(self, register: Register, changed: Callable[[Room], None]) -> None:
        """Start to answer; `changed` is called, in the lobby's thread, when a key was enrolled."""
        self._register, self._changed = register, changed
        self._thread.start()

    @property
    def room(self) -> Room:
        """The room with the keys known by now."""
        return self._register.room

    def invite(self, name: str, lifetime: float = LIFETIME) -> Ticket:
        """A new one-time ticket for a party whose key is not known."""
        with self._lock:
            return self._register.invite(name, lifetime)

    def missing(self) -> list[str]:
        """Parties that are not in yet, in room order."""
        with self._lock:
            return self._register.missing()

    def close(self) -> None:
        """Stop serving; who is in a mesh already stays there."""
        if self._context.closed:
            return
        if self._thread.is_alive():
            self._ring.send(b"")
            self._thread.join()
        self._context.destroy(linger=100)

    def _open(self, identity: Identity, listen: str) -> zmq.Socket[bytes]:
        router = self._context.socket(zmq.ROUTER)
        router.ipv6 = "[" in listen
        router.curve_server = True
        router.curve_secretkey = identity.secret
        router.zap_domain = DOMAIN
        router.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)
        router.maxmsgsize = MAX_MESSAGE
        router.rcvhwm = router.sndhwm = 64
        router.backlog = SPARE
        router.handshake_ivl = HANDSHAKE
        router.heartbeat_ivl, router.heartbeat_timeout = 5000, 10_000
        router.monitor("inproc://lobby-links", _OPENED | _CLOSED)
        self._monitor.connect("inproc://lobby-links")
        try:
            router.bind(listen)
        except zmq.ZMQError as why:
            router.monitor(None, 0)
            self._context.destroy(linger=0)
            raise unheard(listen, why) from None
        return router

    def _run(self) -> None:
        poller = zmq.Poller()
        for source in (self._bell, self._monitor, self._zap, self._router):
            poller.register(source, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if self._bell in ready:
                return
            if self._monitor in ready:
                self._count()
            if self._zap in ready:
                self._admit()
            if self._router in ready:
                self._answer()

    def _count(self) -> None:
        event = recv_monitor_message(self._monitor, zmq.NOBLOCK)
        if event["event"] & _OPENED:
            self._links.add(event["value"])
        else:
            self._links.discard(event["value"])

    def _admit(self) -> None:
        """One ZAP request: version, id, domain, address, routing id, mechanism, key."""
        asked = self._zap.recv_multipart()
        key = ""
        if len(asked) == 7 and asked[2] == DOMAIN and asked[5] == b"CURVE" and len(asked[6]) == 32:
            key = z85.encode(asked[6]).decode()
        with self._lock:
            room = len(self._links) <= len(self._register.room.parties) + SPARE
            admitted = bool(key) and room and self._register.admits(key)
        self.refused += not admitted
        verdict = [b"200", b"OK", key.encode()] if admitted else [b"400", b"not admitted", b""]
        self._zap.send_multipart([b"1.0", asked[1] if len(asked) > 1 else b"", *verdict, b""])

    def _answer(self) -> None:
        frames = self._router.recv_multipart(copy=False)
        route, key = frames[0].bytes, str(frames[-1].get("User-Id"))
        try:
            body = decode(frames[1].buffer) if len(frames) == 2 else {"type": "none"}
        except PeerError:
            body = {"type": "none"}
        with self._lock:
            before = self._register.room
            answer, pushes = self._register.handle(key, body)
            name = self._register.member(key)
        if name:
            self._routes[name] = route
        if self._register.room is not before:
            self._changed(self._register.room)
        self._send(route, answer)
        for other, pushed in pushes:
            if other in self._routes:
                self._send(self._routes[other], pushed)

    def _send(self, route: bytes, body: Body) -> None:
        """Who has left, or does not read, misses it and asks again."""
        self._router.send_multipart([route, encode(body)], zmq.NOBLOCK)
