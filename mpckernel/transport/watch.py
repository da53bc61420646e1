"""The door of a ZeroMQ transport: who may come in (ZAP, RFC 27) and which links stand.

One small thread answers libzmq's questions about keys and drains the socket monitors, so that
neither waits for the thread that computes. It owns no data socket.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeAlias

import zmq

UP = zmq.EVENT_HANDSHAKE_SUCCEEDED
DOWN = zmq.EVENT_DISCONNECTED
BROKEN = zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
STOPPED = zmq.EVENT_MONITOR_STOPPED
EVENT = struct.Struct("=HI")
ZAP = "inproc://zeromq.zap.01"

Report: TypeAlias = Callable[[Any, int], None]


def bell() -> tuple[socket.socket, socket.socket]:
    """A pair of sockets: sending a byte on the second ends a poll on the first."""
    hears, rings = socket.socketpair()
    hears.setblocking(False)  # noqa: FBT003
    rings.setblocking(False)  # noqa: FBT003
    return hears, rings


def ring(rings: socket.socket) -> None:
    """From any thread; a bell that is full has been rung."""
    with contextlib.suppress(OSError):
        rings.send(b"\0")


class Watch:
    """Admits who was named to admit() and nobody else, and reports what monitors see.

    `report(name, event)` is called in this thread with the name given to watch().
    """

    def __init__(self, context: zmq.Context, report: Report) -> None:
        self.refused = 0
        self._report = report
        self._admitted: dict[tuple[bytes, ...], bytes] = {}
        self._zap = context.socket(zmq.REP)
        self._zap.linger = 0
        self._zap.bind(ZAP)
        self._hears, self._rings = bell()
        self._orders: SimpleQueue[tuple[Any, zmq.Socket] | None] = SimpleQueue()
        self._monitors: dict[zmq.Socket, Any] = {}
        self._poller = zmq.Poller()
        self._thread = threading.Thread(target=self._run, name="mpc-watch", daemon=True)
        self._thread.start()

    def admit(self, domain: bytes, mechanism: bytes, *credentials: bytes, user: bytes) -> None:
        """Let these credentials in; their messages will carry this user id."""
        self._admitted[domain, mechanism, *credentials] = user

    def watch(self, name: Any, watched: zmq.Socket, address: str, events: int) -> None:
        """Report these events of a socket; call before it binds or connects."""
        watched.monitor(address, events | STOPPED)
        monitor = watched.context.socket(zmq.PAIR)
        monitor.linger = 0
        monitor.rcvhwm = 0  # libzmq's I/O thread must never wait for us
        monitor.connect(address)
        self._orders.put((name, monitor))
        ring(self._rings)

    def stop(self) -> None:
        """End the thread and close what it owns."""
        self._orders.put(None)
        ring(self._rings)
        self._thread.join()
        self._hears.close()
        self._rings.close()

    def _run(self) -> None:
        self._poller.register(self._zap, zmq.POLLIN)
        self._poller.register(self._hears, zmq.POLLIN)
        while True:
            for source, _ in self._poller.poll():
                if source is self._zap:
                    self._answer()
                elif source in self._monitors:
                    self._read(source)
                elif not self._take_orders():
                    return

    def _take_orders(self) -> bool:
        """False when it is time to end."""
        self._hears.recv(4096)
        while not self._orders.empty():
            order = self._orders.get()
            if order is None:
                for owned in (self._zap, *self._monitors):
                    owned.close(0)
                return False
            self._monitors[order[1]] = order[0]
            self._poller.register(order[1], zmq.POLLIN)
        return True

    def _answer(self) -> None:
        """One ZAP request: version, id, domain, address, routing id, mechanism, credentials."""
        _, request, domain, _, _, mechanism, *credentials = self._zap.recv_multipart()
        user = self._admitted.get((domain, mechanism, *credentials))
        if user is None:
            self.refused += 1
            self._zap.send_multipart([b"1.0", request, b"400", b"not admitted", b"", b""])
        else:
            self._zap.send_multipart([b"1.0", request, b"200", b"OK", user, b""])

    def _read(self, monitor: zmq.Socket) -> None:
        event, _ = EVENT.unpack(monitor.recv_multipart()[0])
        name = self._monitors[monitor]
        if event == STOPPED:
            self._poller.unregister(monitor)
            del self._monitors[monitor]
            monitor.close(0)
        elif name is None:
            self.refused += 1
        else:
            self._report(name, event)
