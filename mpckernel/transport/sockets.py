"""Sockets with all the options a link needs, set before they touch the network; and a poll."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from dataclasses import dataclass

import zmq

from mpckernel.errors import SetupError
from mpckernel.wire.frames import HEAD, MAX_BODY

MAX_FRAME = HEAD.size + MAX_BODY + 256  # ciphers and ZMTP add less than 256 bytes
WAITING = 4096  # frames that libzmq holds for us per connection before it stops reading
GREETING = 5000  # ms that a stranger may take over its handshake
ANSWER = 4096  # bytes: who hears us answers with commands only, and those are short
LINGER = 1000  # ms that a closed socket may take to send what is queued
WAITING_LANES = 16  # connections that the system holds until we look

SIGNS = {"TCP_KEEPIDLE": 2, "TCP_KEEPALIVE": 2, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 2}
"""Seconds, and how many: a lane of which no sign comes ends within 4 s, as a silent link does."""

_POLL = getattr(select, "poll", zmq.Poller)
IN, OUT = (select.POLLIN, select.POLLOUT) if hasattr(select, "poll") else (zmq.POLLIN, zmq.POLLOUT)


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds. A silent link is lost after beat + silence at the latest."""

    beat: int = 1000
    silence: int = 2000
    retry: int = 50
    retry_most: int = 1000


def hearing(context: zmq.Context, domain: bytes, timing: Timing) -> zmq.Socket:
    """A PULL that asks ZAP about every connection; its mechanism is still to be set."""
    if not domain:
        raise SetupError("the ZAP domain is empty, which would admit everybody")
    pull = context.socket(zmq.PULL)
    _configure(pull, timing)
    pull.zap_domain = domain
    pull.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)
    pull.rcvhwm = WAITING
    pull.maxmsgsize = MAX_FRAME
    pull.handshake_ivl = GREETING
    return pull


def telling(context: zmq.Context, timing: Timing) -> zmq.Socket:
    """A PUSH whose queue has no limit, so that sending never blocks."""
    push = context.socket(zmq.PUSH)
    _configure(push, timing)
    push.sndhwm = 0
    push.rcvhwm, push.maxmsgsize = 1, ANSWER
    push.reconnect_ivl = timing.retry
    push.reconnect_ivl_max = timing.retry_most
    return push


class Look:
    """Looks at file descriptors, and calls what was named for those with news."""

    def __init__(self) -> None:
        self._poll = _POLL()
        self._calls: dict[int, Callable[[], object]] = {}

    def add(self, fd: int, call: Callable[[], object], events: int = IN) -> None:
        """From now on, call this."""
        self._poll.register(fd, events)
        self._calls[fd] = call

    def change(self, fd: int, events: int) -> None:
        """Look for these events instead."""
        self._poll.modify(fd, events)

    def drop(self, fd: int) -> None:
        """Look no more; before it is closed."""
        if self._calls.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def once(self, ms: int) -> bool:
        """Wait for so many milliseconds at most; whether there was news."""
        found = self._poll.poll(ms)
        for fd, _ in found:
            call = self._calls.get(fd)  # a call before it may have dropped it
            if call is not None:
                call()
        return bool(found)


def listener(address: str) -> socket.socket:
    """A plain TCP port at the host of this address, which takes a free number."""
    host = address.removeprefix("tcp://").rpartition(":")[0].strip("[]")
    one = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    one.setblocking(False)  # noqa: FBT003
    try:
        one.bind((host.replace("*", ""), 0))
        one.listen(WAITING_LANES)
    except OSError:
        one.close()
        raise SetupError(f"cannot listen at {address}; is it an address of this machine?") from None
    return one


def lively(line: socket.socket) -> None:
    """Have the system ask for signs of life while nothing is said: a lane can be cut, or forgotten
    on the way, while the CURVE link beside it lives."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in SIGNS.items():
        if hasattr(socket, name):
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def bind(one: zmq.Socket, address: str) -> str:
    """Bind; the address as others can use it."""
    one.ipv6 = "[" in address
    try:
        one.bind(address)
    except zmq.ZMQError as why:
        raise unheard(address, why) from None
    return one.getsockopt_string(zmq.LAST_ENDPOINT)


def unheard(address: str, why: zmq.ZMQError) -> SetupError:
    """Why nobody can be heard at this address, and what to do."""
    if why.errno == zmq.EADDRINUSE:
        return SetupError(
            f"cannot listen at {address}: the port is in use; end what uses it, or leave the port "
            "out and a free one is taken"
        )
    return SetupError(f"cannot listen at {address}; is it an address of this machine?")


def connect(one: zmq.Socket, address: str, peer: int) -> None:
    """Connect, or say whose address is wrong."""
    one.ipv6 = "[" in address
    try:
        one.connect(address)
    except zmq.ZMQError:
        raise SetupError(f"the address of party {peer} cannot be used") from None


def hang_up(one: zmq.Socket, linger: int) -> None:
    """Stop watching a socket and close it."""
    one.monitor(None, 0)
    one.close(linger)


def host_of(address: str) -> str:
    """The host of a tcp address; empty if it is no tcp address."""
    host, colon, _ = address.rpartition(":")
    return host.removeprefix("tcp://").strip("[]") if colon and host.startswith("tcp://") else ""


def _configure(one: zmq.Socket, timing: Timing) -> None:
    one.linger = LINGER
    one.heartbeat_ivl = timing.beat
    one.heartbeat_timeout = timing.silence
    one.heartbeat_ttl = timing.beat + timing.silence
