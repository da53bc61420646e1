"""Queues in one process, one per party; with faults for tests."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeAlias

from mpckernel.transport.base import Counter, Event, Lost, Message, Woken
from mpckernel.wire.frames import Buffer

Hook: TypeAlias = Callable[[int, int, int, list[bytes]], list[tuple[float, list[bytes]]]]


class Faults:
    """What a bad network or a bad party does, for tests.

    hook(sender, receiver, index, parts) -> [(delay in seconds, parts), ...] for each message;
    [] drops it, two entries duplicate it, changed parts tamper with it, delays reorder.
    """

    def __init__(self, hook: Hook | None = None) -> None:
        self.hook = hook
        self._mesh: list[MemoryTransport] = []

    def attach(self, mesh: list[MemoryTransport]) -> None:
        """Called by connect()."""
        self._mesh = mesh

    def kill(self, party: int) -> None:
        """As if the process of this party had died now."""
        self._mesh[party].die("killed")


class MemoryTransport:
    """One party's end of `connect`. See Transport."""

    def __init__(self, me: int, n: int, faults: Faults | None) -> None:
        self.me, self.n = me, n
        self.counters = {peer: Counter() for peer in range(n) if peer != me}
        self._faults = faults
        self._mesh: list[MemoryTransport] = []
        self._arriving: SimpleQueue[tuple[float, int, Event]] = SimpleQueue()
        self._delayed: list[tuple[float, int, Event]] = []
        self._order = itertools.count()
        self._alive = True

    def join(self, mesh: list[MemoryTransport]) -> None:
        """Called by connect()."""
        self._mesh = mesh

    def send(self, peer: int, parts: Sequence[Buffer]) -> None:
        """Queue one message; the bytes are copied."""
        counter, other = self.counters[peer], self._mesh[peer]
        if not (self._alive and other._alive):
            return
        copies = [bytes(memoryview(part).cast("B")) for part in parts]
        index = counter.sent_messages
        counter.sent_messages += 1
        counter.sent_bytes += sum(map(len, copies))
        hook = self._faults.hook if self._faults else None
        for delay, given in hook(self.me, peer, index, copies) if hook else [(0.0, copies)]:
            due = time.monotonic() + delay if delay else 0.0
            views = [memoryview(bytearray(part)) for part in given]
            other.put(due, Message(self.me, views))

    def put(self, due: float, event: Event) -> None:
        """Deliver an event at this end at the time `due` of the monotonic clock; any thread."""
        self._arriving.put((due, next(self._order), event))

    def receive(
        self,
        timeout: float,
        eager: float = 0.0,  # noqa: ARG002
        first: int | None = None,  # noqa: ARG002
    ) -> Event | None:
        """The next event, or None after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            now = time.monotonic()
            if self._delayed and self._delayed[0][0] <= now:
                return self._count(heapq.heappop(self._delayed)[2])
            until = min(deadline, self._delayed[0][0]) if self._delayed else deadline
            try:
                item = self._arriving.get(timeout=max(0.0, until - now))
            except Empty:
                if time.monotonic() >= deadline:
                    return None
                continue
            if item[0] <= now:
                return self._count(item[2])
            heapq.heappush(self._delayed, item)

    def wake(self) -> None:
        """Make receive() return Woken."""
        self.put(0.0, Woken())

    def close(self) -> None:
        """Leave; the others see a lost party."""
        self.die("closed")

    def die(self, why: str) -> None:
        """Stop sending and hearing, and let everybody else know."""
        if self._alive:
            self._alive = False
            for peer in self.counters:
                self._mesh[peer].put(0.0, Lost(self.me, why))

    def _count(self, event: Event) -> Event:
        if isinstance(event, Message):
            counter = self.counters[event.peer]
            counter.received_messages += 1
            counter.received_bytes += sum(part.nbytes for part in event.parts)
        return event


def connect(n: int, faults: Faults | None = None) -> list[MemoryTransport]:
    """The transports of n parties that hear each other."""
    mesh = [MemoryTransport(me, n, faults) for me in range(n)]
    for transport in mesh:
        transport.join(mesh)
    if faults:
        faults.attach(mesh)
    return mesh
