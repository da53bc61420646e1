"""A party's link to the lobby: ask, and wait for the answer with a deadline and a way out.

The lobby is proven by its key in the room file, we by ours. A request is sent again whenever the
link comes back, so a lobby that restarts is no reason to give up.

Source: CurveZMQ (RFC 26).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import zmq
from zmq.utils.monitor import recv_monitor_message

from mpckernel.errors import Interrupted, PeerError, SetupError, TransportError
from mpckernel.session.lobby import MAX_MESSAGE
from mpckernel.session.roomfile import Room
from mpckernel.wire.control import Body, decode, encode

SLICE = 20  # ms between looks at the cancel flag
UP = zmq.EVENT_HANDSHAKE_SUCCEEDED
DENIED = zmq.EVENT_HANDSHAKE_FAILED_AUTH
DOWN = zmq.EVENT_DISCONNECTED
PATIENCE = 5  # links lost before the handshake ended, until we say that this is not our host

REASONS = {
    "key": "the host does not know this party's key",
    "ticket": "this ticket is for another party, used or expired",
    "name": "this party's key belongs to another name in the host's room",
    "file": "this room file differs from the host's; ask the host for the file again",
    "address": "the host cannot use the address of this party",
    "message": "the host's version of mpckernel differs from this one",
}


class NotAdmittedError(SetupError):
    """The lobby knows neither this key nor this ticket."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Until when to wait, whom to tell for whom we wait, and who may call it off."""

    deadline: float  # on the monotonic clock
    notice: Callable[[list[str]], None] | None = None
    cancelled: threading.Event | None = None


class Caller:
    """One authenticated link to the lobby, with one question at a time."""

    def __init__(self, room: Room, public: str, secret: bytes, patience: Patience) -> None:
        self._room, self._patience = room, patience
        self._request = b""
        self._up, self._broken, self._waiting_for = False, 0, list[str]()
        self._context = zmq.Context(1)
        self._dealer = self._context.socket(zmq.DEALER)
        self._dealer.ipv6 = "[" in room.lobby
        self._dealer.curve_publickey = public.encode()
        self._dealer.curve_secretkey = secret
        host = room.names.index(room.host)
        self._dealer.curve_serverkey = room.keys[host].encode()
        self._dealer.maxmsgsize = MAX_MESSAGE
        self._dealer.rcvhwm = 64
        self._dealer.reconnect_ivl, self._dealer.reconnect_ivl_max = 20, 500
        self._dealer.heartbeat_ivl, self._dealer.heartbeat_timeout = 1000, 3000
        self._monitor = self._dealer.get_monitor_socket(UP | DENIED | DOWN)
        self._dealer.connect(room.lobby)

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self._dealer.disable_monitor()
        self._context.destroy(linger=0)

    def ask(self, body: Body, wanted: str) -> Body:
        """Send `body`; the first answer of type `wanted`, however long the others take to come."""
        self._request, self._waiting_for = encode(body), []
        if self._up:
            self._dealer.send(self._request)
        poller = zmq.Poller()
        poller.register(self._dealer, zmq.POLLIN)
        poller.register(self._monitor, zmq.POLLIN)
        while True:
            ready = dict(poller.poll(SLICE))
            if self._monitor in ready:
                self._follow()
            if self._dealer in ready and (answer := self._answer(wanted)):
                return answer
            self._look_up()

    def _look_up(self) -> None:
        cancelled = self._patience.cancelled
        if cancelled and cancelled.is_set():
            raise Interrupted(f"joining room {self._room.name} was stopped here")
        if time.monotonic() < self._patience.deadline:
            return
        if not self._up:
            raise TransportError(
                f"no lobby answers at {self._room.lobby}; is {self._room.host} hosting this room?"
            )
        absent = ", ".join(self._waiting_for) or self._room.host
        raise TransportError(f"room {self._room.name} waited for {absent} until the deadline")

    def _follow(self) -> None:
        event = recv_monitor_message(self._monitor, zmq.NOBLOCK)["event"]
        if event == UP:
            self._up, self._broken = True, 0
            self._dealer.send(self._request)
        elif event == DENIED:
            raise NotAdmittedError(f"the lobby of room {self._room.name} does not admit this key")
        elif self._up:
            self._up = False
        else:
            self._broken += 1
            if self._broken >= PATIENCE:
                raise SetupError(
                    f"what answers at {self._room.lobby} does not hold the key of "
                    f"{self._room.host}; ask {self._room.host} for the room file again"
                )

    def _answer(self, wanted: str) -> Body | None:
        body = decode(self._dealer.recv())
        if body["type"] == wanted:
            return body
        if body["type"] == "lobby_refused":
            raise SetupError(REASONS.get(body["why"], "the host refuses this party"))
        if body["type"] == "lobby_waiting":
            if any(name not in self._room.names for name in body["missing"]):
                raise PeerError(f"the lobby of room {self._room.name} waits for a stranger")
            news = body["missing"] != self._waiting_for
            self._waiting_for = body["missing"]
            if news and self._patience.notice:
                self._patience.notice(self._waiting_for)
        return None
