"""Lanes out: a sealed connection beside a CURVE link, which carries what the link would.

Why: through libzmq's threads a short message costs four times what it costs here, where the thread
that computes reads and writes, and a long one twice (decision 0017). How:
- Over the CURVE link each party offers each other party a port, a name and a fresh random key.
- The other connects to the port, or within one machine by the name (near.py), says the name, and
  proves that it has the key; so do we.
- Then its last word on the CURVE link is that it goes on here: order is kept.
A lane that stands and breaks is a lost link. One that never stands leaves all to CURVE, and so does
the name of a host: lanes are dialled by number, and what parties say they listen at has one.
All of it runs in the thread that owns the transport. The other end is lane_in.py.
"""

from __future__ import annotations

import contextlib
import hmac
import ipaddress
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mpckernel.transport import near
from mpckernel.transport.records import LISTENER, SPEAKER, Writer, proof
from mpckernel.transport.sockets import IN, OUT, Look, lively
from mpckernel.wire.frames import Buffer

OFFER = struct.Struct("<HI16s32s")
WELCOME = len(proof(bytes(32), LISTENER))


class Offer(NamedTuple):
    """What a party tells another over CURVE: where and how to open a lane to it."""

    port: int
    generation: int
    name: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"Offer(port={self.port}, generation={self.generation})"


class LaneOut:
    """Our lane to one party: connects, greets, is welcomed, and then sends.

    `stood` is called when it stands; `ended` when it ends, unless we close it ourselves.
    """

    def __init__(
        self,
        look: Look,
        address: tuple[str, int],
        offer: Offer,
        stood: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        self.up, self.offer = False, offer
        self._look, self._stood, self._ended = look, stood, ended
        self._writer = Writer(offer.key)
        self._rest: deque[memoryview] = deque()
        self._greeted, self._welcome = False, b""
        self._line = near.dialled(offer.name) or _far(address)
        look.add(self._line.fileno(), self._ready, IN | OUT)

    def send(self, parts: Sequence[Buffer]) -> int:
        """Seal a message and send what the connection takes now, the rest later; its size."""
        size, records = self._writer.records(parts)
        if self._rest:
            self._rest.extend(map(memoryview, records))
            self._push()
            return size
        try:
            line = self._line
            sent = line.send(records[0]) if len(records) == 1 else line.sendmsg(records)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._end()
            return size
        if sent < sum(map(len, records)):
            self._keep(records, sent)
        return size

    def flush(self, deadline: float) -> None:
        """Wait until all has left, up to a time of the monotonic clock."""
        if not self._rest:
            return
        look = Look()  # not select(), which knows the first 1024 file descriptors only
        look.add(self._line.fileno(), self._push, OUT)
        while self._rest and (left := deadline - time.monotonic()) > 0:
            look.once(max(1, int(1000 * left)))

    def close(self) -> None:
        """Let go of the connection; what it has taken still arrives."""
        if self._line.fileno() >= 0:
            self._look.drop(self._line.fileno())
            self._line.close()
        self.up = False
        self._rest.clear()

    def _ready(self) -> None:
        """The connection stands, or can take more, or has something to say."""
        if not self._greeted:
            self._greet()
        elif self._rest:
            self._push()
        if self._greeted and self._line.fileno() >= 0:
            self._hear()

    def _greet(self) -> None:
        self._greeted = True
        if self._line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._end()
            return
        self._rest.append(memoryview(self.offer.name + proof(self.offer.key, SPEAKER)))
        self._push()

    def _hear(self) -> None:
        """The welcome, once; whatever else comes back, the end included, ends the lane."""
        try:
            said = self._line.recv(WELCOME - len(self._welcome) or 1)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        self._welcome += said
        if not said or self.up:
            self._end()
        elif len(self._welcome) == WELCOME:
            if hmac.compare_digest(self._welcome, proof(self.offer.key, LISTENER)):
                self.up = True
                self._stood()
            else:
                self._end()

    def _keep(self, records: list[bytes], sent: int) -> None:
        """What the connection did not take waits until it can take more."""
        for record in map(memoryview, records):
            if sent < len(record):
                self._rest.append(record[sent:])
            sent = max(0, sent - len(record))
        self._look.change(self._line.fileno(), IN | OUT)

    def _push(self) -> None:
        """Send more of what waits."""
        try:
            while self._rest:
                record = self._rest[0]
                sent = self._line.send(record)
                if sent < len(record):
                    self._rest[0] = record[sent:]
                else:
                    self._rest.popleft()
        except BlockingIOError:
            return
        except OSError:
            self._end()
            return
        self._look.change(self._line.fileno(), IN)

    def _end(self) -> None:
        """Told while `up` still says whether it stood."""
        self._ended()
        self.close()


def _far(address: tuple[str, int]) -> socket.socket:
    """A TCP line that begins to connect. OSError for the name of a host: to look it up blocks this
    thread, and a peer may choose a name whose servers take their time."""
    try:
        v6 = ipaddress.ip_address(address[0]).version == 6
    except ValueError:
        raise OSError("lanes lead to numbers of hosts, not to names") from None
    line = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET)
    line.setblocking(False)  # noqa: FBT003
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    lively(line)
    with contextlib.suppress(OSError):  # no way there: the poll says so
        line.connect_ex(address)
    return line
