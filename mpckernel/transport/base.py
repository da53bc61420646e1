"""What every transport offers: send without blocking, receive with a deadline, count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from mpckernel.wire.frames import Buffer


@dataclass(slots=True, eq=False, repr=False)
class Message:
    """Frames from a party; who it is comes from the key of the link, never from the bytes."""

    peer: int
    parts: list[memoryview]

    def __repr__(self) -> str:
        return f"Message(peer={self.peer}, {sum(part.nbytes for part in self.parts)} bytes)"


@dataclass(frozen=True, slots=True)
class Lost:
    """The link to a party is gone, and with it all that was queued for that party."""

    peer: int
    why: str


@dataclass(frozen=True, slots=True)
class Back:
    """The link to a lost party stands again; it needs a new hello."""

    peer: int


@dataclass(frozen=True, slots=True)
class Woken:
    """Somebody called wake()."""


Event: TypeAlias = Message | Lost | Back | Woken


@dataclass(slots=True)
class Counter:
    """Payload of one link: what send() was given and receive() returned."""

    sent_bytes: int = 0
    sent_messages: int = 0
    received_bytes: int = 0
    received_messages: int = 0


class Transport(Protocol):
    """Links of one party. One thread owns it; only wake() may be called from others."""

    me: int
    n: int
    counters: dict[int, Counter]

    def send(self, peer: int, parts: Sequence[Buffer]) -> None:
        """Queue one message. Never blocks; the buffers must not change afterwards.

        A message to a lost party is dropped: receive() has said so.
        """
        ...

    def receive(self, timeout: float, eager: float = 0.0, first: int | None = None) -> Event | None:
        """The next event, or None after `timeout` seconds. Messages of one party keep order.

        `eager`: for so many seconds the thread may look again and again before it sleeps.
        `first`: the party whose message is needed next, to look there before anywhere else.
        """
        ...

    def wake(self) -> None:
        """Make a receive() that waits, or the next one, return Woken."""
        ...

    def close(self) -> None:
        """Send what is queued for a bounded time, then drop the rest. May be called twice."""
        ...
