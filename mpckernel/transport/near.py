"""Lines between processes of one machine: Unix sockets in the place of TCP, where Linux has them.

Loopback TCP takes 2.5 times the processor time for long messages and 1.5 times for short ones
(decision 0029). A line has the name of its offer, 16 random bytes, in the abstract namespace: who
finds somebody there is on the offerer's machine. Any process of it may list the name and dial it,
as it may dial a port of loopback: what comes in is a stranger until it has greeted, and what goes
out is sealed (lane_out.py).
"""

from __future__ import annotations

import socket
import sys

WAITING = 4  # connections that the system holds until we look
BUFFER = 1 << 22  # bytes that wait for the reader, at most; the system may allow less


def listening(name: bytes) -> socket.socket | None:
    """Where a party of this machine comes in; None where there is no such thing."""
    one = _line()
    if one is None:
        return None
    try:
        one.bind(_address(name))
        one.listen(WAITING)
    except OSError:
        one.close()
        return None
    return one


def dialled(name: bytes) -> socket.socket | None:
    """A line to whoever listens under this name here; None if nobody does."""
    one = _line()
    if one is None:
        return None
    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    try:
        one.connect(_address(name))  # at once, or not at all
    except OSError:
        one.close()
        return None
    return one


def _line() -> socket.socket | None:
    if sys.platform != "linux":
        return None
    one = socket.socket(socket.AF_UNIX)
    one.setblocking(False)  # noqa: FBT003
    return one


def _address(name: bytes) -> bytes:
    return b"\0mpckernel " + name.hex().encode()
