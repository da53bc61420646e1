"""A shaped network on one machine: a process that hands bytes on late and at a limited rate.

Every party dials the others through this relay. Each party has one network card: what it sends to
all others shares `rate` bytes a second, and so does what it hears. Bytes arrive `delay` seconds
after they have left. There is no loss and no slow start: an ideal line of this length and width.
What the relay itself takes (four wake-ups a round trip) is measured first and is part of the
delay, not added to it.

    python -m mpckernel.bench.relay        told what to do in lines of JSON, by network.py
"""

import ctypes
import json
import select
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

PIECE = 1 << 16
LATE = 0.005  # a sender with more than a piece to say has been waiting for us up to this long
SLACK = 29  # PR_SET_TIMERSLACK: sleeps end on time, not 50 microseconds late


@dataclass(slots=True)
class Card:
    """When a network card is free again, in one direction."""

    rate: float
    free: float = 0.0

    def takes(self, size: int, since: float) -> float:
        """When the last of `size` bytes that are here `since` then has passed."""
        self.free = max(since, self.free) + size / self.rate
        return self.free


@dataclass(slots=True)
class Line:
    """One direction of one connection."""

    source: socket.socket
    sink: socket.socket
    out: Card
    into: Card
    delay: float
    most: int  # bytes under way; then the sender waits
    queue: deque[tuple[float, memoryview]] = field(default_factory=deque)
    held: int = 0
    more: bool = False  # the last piece was a full one
    ended: bool = False

    def hear(self) -> None:
        """Take what the sender has for us; it is due later."""
        data = self.source.recv(PIECE)
        now = time.perf_counter()
        if not data:
            self.ended = True
            return
        left = self.out.takes(len(data), now - LATE if self.more else now)
        self.more = len(data) == PIECE
        arrives = max(left + self.delay, self.into.free + len(data) / self.into.rate)
        self.into.free = arrives
        self.queue.append((arrives, memoryview(data)))
        self.held += len(data)

    def tell(self, now: float) -> bool:
        """Hand on what is due; whether something due is left, the receiver being slow."""
        while self.queue and self.queue[0][0] <= now:
            due, data = self.queue.popleft()
            try:
                sent = self.sink.send(data)
            except BlockingIOError:
                sent = 0
            self.held -= sent
            if sent < len(data):
                self.queue.appendleft((due, data[sent:]))
                return True
        return False

    def over(self) -> bool:
        """Whether there is nothing left to hand on."""
        return self.ended and not self.queue


@dataclass(slots=True)
class Relay:
    """Doors, one for each ordered pair of parties, and the lines behind them."""

    delay: float
    rate: float
    doors: dict[socket.socket, tuple[int, int, tuple[str, int]]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    _out: dict[int, Card] = field(default_factory=dict)
    _into: dict[int, Card] = field(default_factory=dict)

    def door(self, a: int, b: int, here: tuple[str, int], address: tuple[str, int]) -> int:
        """A place at which party a reaches party b's `address`; its port."""
        server = socket.create_server(here)
        server.settimeout(0)
        self.doors[server] = a, b, address
        for party in (a, b):
            self._out.setdefault(party, Card(self.rate))
            self._into.setdefault(party, Card(self.rate))
        return int(server.getsockname()[1])

    def turn(self, *watch: Any) -> bool:
        """Wait for the next thing to do, and do it; True if one of `watch` can be read."""
        now = time.perf_counter()
        blocked = [line for line in self.lines if line.tell(now)]
        self.lines = [line for line in self.lines if not self._closed(line)]
        dues = [line.queue[0][0] for line in self.lines if line.queue and line not in blocked]
        open_ = [line for line in self.lines if line.held < line.most and not line.ended]
        wait = max(0.0, min(dues, default=now + 1.0) - time.perf_counter())
        sources = {line.source: line for line in open_}
        readable: list[Any]
        readable, _, _ = select.select(
            [*watch, *self.doors, *sources], [line.sink for line in blocked], [], wait
        )
        for ready in readable:
            if ready in sources:
                self._hear(sources[ready])
            elif ready in self.doors:
                self._admit(ready)
        return any(w in readable for w in watch)

    def _hear(self, line: Line) -> None:
        try:
            line.hear()
        except BlockingIOError:
            return
        except OSError:
            line.ended = True

    def _closed(self, line: Line) -> bool:
        if line.over():
            try:
                line.sink.shutdown(socket.SHUT_WR)
            except OSError:
                return True
            return True
        return False

    def _admit(self, door: socket.socket) -> None:
        a, b, address = self.doors[door]
        near, _ = door.accept()
        far = socket.create_connection(address, 5)
        for end in (near, far):
            end.settimeout(0)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        most = (1 << 20) + int(2 * self.rate * self.delay)
        self.lines += [
            Line(near, far, self._out[a], self._into[b], self.delay, most),
            Line(far, near, self._out[b], self._into[a], self.delay, most),
        ]


def main() -> None:
    """One line {delay, rate, links: [[a, b, our host and port, b's host and port], ...]}; answers
    our ports, then relays until its input ends."""
    ctypes.CDLL(None).prctl(SLACK, 1, 0, 0, 0)
    setup = json.loads(sys.stdin.readline())
    relay = Relay(setup["delay"], setup["rate"])
    ports = [relay.door(a, b, tuple(here), tuple(there)) for a, b, here, there in setup["links"]]
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    while not relay.turn(sys.stdin):
        pass


if __name__ == "__main__":
    main()
