"""Messages between two parties: a head of 32 bytes and a body of words. FORMAT.md is the text.

A receiver computes every head and every length before the message arrives and refuses whatever
differs; no size that a peer names is ever used to allocate. One rule turns the sequence of arrays
of a run into messages (FORMAT.md, section 2): `Outbox` and `Inbox` both follow it.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from mpckernel.errors import Bug, PeerError
from mpckernel.ring.words import Words

Buffer: TypeAlias = Any  # bytes, bytearray, memoryview or a contiguous array
Parts: TypeAlias = Sequence[Buffer]

VERSION = 1
DATA, CONTROL = 1, 2
HEAD = struct.Struct("<HBBI16sQ")
NO_RUN = bytes(16)
WORD = np.dtype("<u8")

CUT = 1 << 17  # words: an array above 1 MiB is cut into messages of 1 MiB
CLOSE = 1 << 13  # words: a message that holds 64 KiB is closed
JOIN = 1 << 14  # bytes: a body up to 16 KiB travels in one frame with its head
MAX_BODY = 8 * (CUT + CLOSE)  # no body is longer
EARLY = 4096  # messages a peer may be ahead of what we expect


def pack_head(kind: int, tag: bytes, sequence: int, length: int, lane: int = 0) -> bytes:
    """The 32 bytes in front of a body of `length` bytes."""
    if sequence >= 1 << 32:
        raise Bug("one run used more than 2^32 messages on one link")
    return HEAD.pack(VERSION, kind, lane, sequence, tag, length)


def check_head(expected: bytes, got: Buffer) -> None:
    """Every byte as predicted, or PeerError."""
    if bytes(got) != expected:
        raise PeerError("a message is not the one the plan predicts; the mesh is closed")


def join(head: bytes, body: Sequence[Buffer], length: int) -> list[Buffer]:
    """The frames of one message: one if the body is short, else head and body."""
    if length <= JOIN:
        return [b"".join((head, *body))]
    return [head, body[0] if len(body) == 1 else b"".join(body)]


def split(parts: Parts, length: int) -> tuple[memoryview, memoryview]:
    """Head and body of a message whose body must have `length` bytes."""
    if length <= JOIN:
        if len(parts) == 1 and (whole := memoryview(parts[0])).nbytes == HEAD.size + length:
            return whole[: HEAD.size], whole[HEAD.size :]
    elif [memoryview(part).nbytes for part in parts] == [HEAD.size, length]:
        return memoryview(parts[0]), memoryview(parts[1])
    raise PeerError("a message does not have the size the plan predicts; the mesh is closed")


def kind_of(parts: Parts) -> int:
    """DATA or CONTROL, to choose who reads the message; nothing else is trusted yet."""
    if parts:
        start = memoryview(parts[0])
        if start.nbytes >= HEAD.size and start[2] in (DATA, CONTROL):
            return start[2]
    raise PeerError("a message has no valid head; the mesh is closed")


class Outbox:
    """Arrays of one run to one peer, as messages. An array must not change once it is added.

    An array is appended to the open message, which is closed when it holds CLOSE words or more.
    An array of more than CUT words closes the open message and fills messages of its own.
    """

    def __init__(self, tag: bytes, lane: int = 0) -> None:
        self.words = 0  # all that were added
        self._tag, self._lane = tag, lane
        self.open: list[Words] = []  # what a flush would send
        self._held = self._sent = 0

    def add(self, array: Words) -> Sequence[list[Buffer]]:
        """Append an array of any shape; the messages that are complete now."""
        flat = np.ascontiguousarray(array, WORD).reshape(-1)
        n = flat.size
        self.words += n
        if n > CUT:
            messages = [*self.flush()]
            for cut in (flat[at : at + CUT] for at in range(0, n, CUT)):
                messages.append(self._message([cut], cut.size))
            return messages
        if n:
            self.open.append(flat)
            self._held += n
        return self.flush() if self._held >= CLOSE else ()

    def flush(self) -> Sequence[list[Buffer]]:
        """The rest, if any; both ends flush at the end of each round."""
        body, words = self.open, self._held
        if not body:
            return ()
        self.open, self._held = [], 0
        return (self._message(body, words),)

    def _message(self, body: list[Words], words: int) -> list[Buffer]:
        head = pack_head(DATA, self._tag, self._sent, 8 * words, self._lane)
        self._sent += 1
        return join(head, body, 8 * words)


class _Large:
    """An array on its way in messages of its own."""

    __slots__ = ("_at", "_words", "size")

    def __init__(self, size: int) -> None:
        self.size, self._at = size, 0
        self._words: Words | None = None  # made when the first of it is here

    def put(self, words: Words) -> Words | None:
        """The next of it; the array, once it is complete."""
        if self._words is None:
            self._words = np.empty(self.size, np.uint64)
        self._words[self._at : self._at + words.size] = words
        self._at += words.size
        return self._words if self._at == self.size else None


class Inbox:
    """Arrays of one run from one peer. Messages may come before they are expected."""

    def __init__(self, tag: bytes, lane: int = 0) -> None:
        self.here: deque[Words] = deque()  # complete, in order: see pop()
        self._tag, self._lane = tag, lane
        self.open: list[int] = []  # sizes of the arrays in the sender's open message
        self._held = self._received = 0
        self._due: deque[tuple[int, list[int] | _Large]] = deque()  # bytes of a body, what is in it
        self._early: deque[Parts] = deque()

    def expect(self, n_words: int) -> None:
        """The sender's next array has n words."""
        if n_words > CUT:
            self.flush()
            large = _Large(n_words)
            for at in range(0, n_words, CUT):
                self._due.append((8 * min(CUT, n_words - at), large))
            self._catch_up()
            return
        self.open.append(n_words)
        self._held += n_words
        if self._held >= CLOSE:
            self.flush()

    def flush(self) -> None:
        """The sender flushes here."""
        if self.open:
            self._due.append((8 * self._held, self.open))
            self.open, self._held = [], 0
            self._catch_up()

    def feed(self, parts: Parts) -> None:
        """Take one message, as frames; PeerError unless it is the next one predicted."""
        if self._due:
            self._accept(parts)
            if self._due:
                self._catch_up()
        elif len(self._early) < EARLY:
            self._early.append(parts)
        else:
            raise PeerError("a party sends far ahead of the plan; the mesh is closed")

    def ready(self, n: int = 1) -> bool:
        """Whether the next n arrays are complete."""
        return len(self.here) >= n

    def pop(self) -> Words:
        """The next array, flat, contiguous and ours to write on. Only if ready()."""
        if not self.here:
            raise Bug("an array was asked for before it arrived")
        return self.here.popleft()

    def idle(self) -> bool:
        """Nothing is expected and nothing has come too much: how a run must end."""
        return not (self._due or self._early or self.open or self.here)

    def _catch_up(self) -> None:
        """Take what came early; arrays of no words need no message."""
        while self._due:
            length, what = self._due[0]
            if not length and isinstance(what, list):
                self._due.popleft()
                self.here.extend(np.empty(0, np.uint64) for _ in what)
            elif self._early:
                self._accept(self._early.popleft())
            else:
                return

    def _accept(self, parts: Parts) -> None:
        length, what = self._due.popleft()
        head, body = split(parts, length)
        check_head(pack_head(DATA, self._tag, self._received, length, self._lane), head)
        self._received += 1
        small = length <= JOIN  # then aligned and ours; the frame goes back at once
        words = np.frombuffer(bytearray(body) if small else body, WORD)
        if isinstance(what, _Large):
            whole = what.put(words)
            if whole is not None:
                self.here.append(whole)
            return
        if not (small or (words.flags.writeable and words.flags.aligned)):
            words = words.copy()
        if len(what) == 1:
            self.here.append(words)
            return
        at = 0
        for n in what:
            self.here.append(words[at : at + n])
            at += n
