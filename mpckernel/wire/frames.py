"""Messages between two parties: a head of 32 bytes and a body of words. FORMAT.md is the text.

A receiver computes every head and every length before the message arrives and refuses whatever
differs; no size that a peer names is ever used to allocate. One rule, `Batcher`, turns the sequence
of arrays of a run into messages; sender and receiver both follow it.
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
    views = [memoryview(part).cast("B") for part in parts]
    if length <= JOIN:
        if len(views) == 1 and len(views[0]) == HEAD.size + length:
            return views[0][: HEAD.size], views[0][HEAD.size :]
    elif [len(view) for view in views] == [HEAD.size, length]:
        return views[0], views[1]
    raise PeerError("a message does not have the size the plan predicts; the mesh is closed")


def kind_of(parts: Parts) -> int:
    """DATA or CONTROL, to choose who reads the message; nothing else is trusted yet."""
    if parts:
        start = memoryview(parts[0]).cast("B")
        if len(start) >= HEAD.size and start[2] in (DATA, CONTROL):
            return start[2]
    raise PeerError("a message has no valid head; the mesh is closed")


Piece: TypeAlias = tuple[int, int, int]
"""(array, start, stop): words start:stop of the array of this number in a run and direction."""
Message: TypeAlias = list[Piece]


class Batcher:
    """Which words share a message. Depends on sizes and flush marks only.

    An array is appended to the open message, which is closed when it holds CLOSE words or more.
    An array of more than CUT words closes the open message and fills messages of its own.
    """

    def __init__(self) -> None:
        self._arrays = 0
        self._open: Message = []
        self._words = 0

    def add(self, n: int) -> list[Message]:
        """Messages closed by the next array, of n words."""
        array, self._arrays = self._arrays, self._arrays + 1
        if n > CUT:
            cuts = [[(array, at, min(at + CUT, n))] for at in range(0, n, CUT)]
            return self.flush() + cuts
        if n:
            self._open.append((array, 0, n))
            self._words += n
        return self.flush() if self._words >= CLOSE else []

    def flush(self) -> list[Message]:
        """Close the open message, if it holds anything."""
        if not self._open:
            return []
        closed, self._open, self._words = self._open, [], 0
        return [closed]


class Outbox:
    """Arrays of one run to one peer, as messages. An array must not change once it is added."""

    def __init__(self, tag: bytes, lane: int = 0) -> None:
        self._tag, self._lane = tag, lane
        self._batcher = Batcher()
        self._arrays: dict[int, Words] = {}
        self._added = self._sent = 0

    def add(self, array: Words) -> list[list[Buffer]]:
        """Append an array of any shape; the messages that are complete now."""
        flat = np.ascontiguousarray(array, WORD).reshape(-1)
        self._arrays[self._added] = flat
        self._added += 1
        return [self._message(pieces) for pieces in self._batcher.add(flat.size)]

    def flush(self) -> list[list[Buffer]]:
        """The rest, if any; both ends flush at the end of each round."""
        messages = [self._message(pieces) for pieces in self._batcher.flush()]
        self._arrays.clear()
        return messages

    def _message(self, pieces: Message) -> list[Buffer]:
        body, words = [], 0
        for array, start, stop in pieces:
            flat = self._arrays[array]
            words += stop - start
            if stop == flat.size:
                del self._arrays[array]
            body.append(flat[start:stop] if stop - start < flat.size else flat)
        head = pack_head(DATA, self._tag, self._sent, 8 * words, self._lane)
        self._sent += 1
        return join(head, body, 8 * words)


class _Arrival:
    """An array on its way: how many words are missing, and those that are here."""

    __slots__ = ("missing", "size", "words")

    def __init__(self, size: int) -> None:
        self.size = self.missing = size
        self.words: Words | None = None if size else np.empty(0, np.uint64)

    def put(self, start: int, words: Words) -> None:
        self.missing -= words.size
        if words.size == self.size:
            keep = words.flags.aligned and words.flags.writeable
            self.words = words if keep else words.copy()
            return
        if self.words is None:
            self.words = np.empty(self.size, np.uint64)
        self.words[start : start + words.size] = words


class Inbox:
    """Arrays of one run from one peer. Messages may come before they are expected."""

    def __init__(self, tag: bytes, lane: int = 0) -> None:
        self._tag, self._lane = tag, lane
        self._batcher = Batcher()
        self._arrivals: dict[int, _Arrival] = {}
        self._due: deque[Message] = deque()
        self._early: deque[Parts] = deque()
        self._expected = self._popped = self._received = 0

    def expect(self, n_words: int) -> None:
        """The sender's next array has n words."""
        self._arrivals[self._expected] = _Arrival(n_words)
        self._expected += 1
        self._await(self._batcher.add(n_words))

    def flush(self) -> None:
        """The sender flushes here."""
        self._await(self._batcher.flush())

    def feed(self, parts: Parts) -> None:
        """Take one message, as frames; PeerError unless it is the next one predicted."""
        if self._due:
            self._accept(self._due.popleft(), parts)
        elif len(self._early) < EARLY:
            self._early.append(parts)
        else:
            raise PeerError("a party sends far ahead of the plan; the mesh is closed")

    def ready(self, n: int = 1) -> bool:
        """Whether the next n arrays are complete."""
        for number in range(self._popped, self._popped + n):
            arrival = self._arrivals.get(number)
            if arrival is None or arrival.missing:
                return False
        return True

    def pop(self) -> Words:
        """The next array, flat, contiguous and ours to write on. Only if ready()."""
        arrival = self._arrivals.get(self._popped)
        if arrival is None or arrival.missing or arrival.words is None:
            raise Bug("an array was asked for before it arrived")
        del self._arrivals[self._popped]
        self._popped += 1
        return arrival.words

    def idle(self) -> bool:
        """Nothing is expected and nothing has come too much: how a run must end."""
        return not (self._due or self._early or self._arrivals)

    def _await(self, messages: list[Message]) -> None:
        if messages:
            self._due.extend(messages)
        while self._due and self._early:
            self._accept(self._due.popleft(), self._early.popleft())

    def _accept(self, pieces: Message, parts: Parts) -> None:
        length = 0
        for _, start, stop in pieces:
            length += 8 * (stop - start)
        head, body = split(parts, length)
        check_head(pack_head(DATA, self._tag, self._received, length, self._lane), head)
        self._received += 1
        words = np.frombuffer(body, WORD)
        if length <= JOIN:
            words = words.copy()  # aligned and ours; the frame goes back at once
        at = 0
        for array, start, stop in pieces:
            self._arrivals[array].put(start, words[at : at + stop - start])
            at += stop - start
