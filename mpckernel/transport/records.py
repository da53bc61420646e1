"""Frames on a lane: each one sealed with AES-256-GCM, numbered, in a stream of bytes.

Source: AES-GCM as in NIST SP 800-38D; the layout is FORMAT.md, section 5.
A record is: prefix, 4 bytes (length of the frame; the top bit: more frames follow) | the frame,
sealed | tag, 16 bytes. The nonce is not sent: side, 4 bytes, and number, 8 bytes, both counted at
both ends under a key that serves one connection. So a record opens in its place only.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Sequence
from socket import socket

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from mpckernel.transport.base import Message
from mpckernel.transport.sockets import MAX_FRAME
from mpckernel.wire.frames import Buffer

PREFIX = struct.Struct("<I")
NONCE = struct.Struct("<IQ")
MORE = 1 << 31
TAG = 16
OURS = 1 << 14  # bytes: longer frames arrive in memory that may be written on
AHEAD = 1 << 16  # bytes read at once, beside what the present record lacks
SLACK = 15  # update_into wants room for one more block
FRAMES = 2  # of one message, at most
SPEAKER, LISTENER = 0, 1  # the sides of a lane


def proof(key: bytes, side: int) -> bytes:
    """Record number 0 of a side, empty: it shows that this side has the key."""
    prefix = PREFIX.pack(0)
    return prefix + AESGCM(key).encrypt(NONCE.pack(side, 0), b"", prefix)


class Writer:
    """Turns messages into records; record number 0 was the proof."""

    def __init__(self, key: bytes) -> None:
        self._seal = AESGCM(key).encrypt
        self._number = 1

    def records(self, parts: Sequence[Buffer]) -> tuple[int, list[bytes]]:
        """The size of a message, and the bytes that carry it, in pieces."""
        size, pieces, left = 0, [], len(parts)
        for part in parts:
            left -= 1
            frame = part if type(part) is bytes else memoryview(part).cast("B")
            size += (length := len(frame))
            prefix = PREFIX.pack(length | MORE if left else length)
            sealed = self._seal(NONCE.pack(SPEAKER, self._number), frame, prefix)
            pieces += (prefix + sealed,) if length <= OURS else (prefix, sealed)
            self._number += 1
        return size, pieces


class Reader:
    """Turns what a connection brings into messages of one party."""

    def __init__(self, key: bytes, peer: int) -> None:
        self._key, self._peer = key, peer
        self._open = AESGCM(key).decrypt
        self._number = 1
        self._bytes = np.empty(PREFIX.size + MAX_FRAME + TAG + AHEAD, np.uint8).data
        self._ahead = self._bytes[:AHEAD]
        self._end = 0  # of what has come and is not yet read
        self._lacks = 0  # bytes until the record at the start of it is complete
        self._parts: list[memoryview] = []

    def read(self, line: socket, heard: deque[Message]) -> bool:
        """Take in what is there now; False if the connection is over or not to be trusted."""
        end = self._end
        room = self._bytes[end : end + max(AHEAD, self._lacks)] if end else self._ahead
        try:
            got = line.recv_into(room)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not got:
            return False
        self._end = end + got
        if got < self._lacks:
            self._lacks -= got
            return True
        return self._take(heard)

    def _take(self, heard: deque[Message]) -> bool:
        """Open the records that are complete; False if one does not open."""
        at, end = 0, self._end
        self._lacks = 0
        while end - at >= PREFIX.size:
            (word,) = PREFIX.unpack_from(self._bytes, at)
            length = word & ~MORE
            stop = at + PREFIX.size + length + TAG
            if length > MAX_FRAME:
                return False
            if stop > end:
                self._lacks = stop - end
                break
            try:
                self._parts.append(self._frame(at, stop, length))
            except InvalidTag:
                return False
            at = stop
            if not word & MORE:
                heard.append(Message(self._peer, self._parts))
                self._parts = []
            elif len(self._parts) == FRAMES:
                return False
        if at < end:
            self._bytes[: end - at] = self._bytes[at:end]
        self._end = end - at
        return True

    def _frame(self, at: int, stop: int, length: int) -> memoryview:
        """The frame in the record from `at` to `stop`; InvalidTag if one bit was changed."""
        prefix, sealed = self._bytes[at : at + PREFIX.size], self._bytes[at + PREFIX.size : stop]
        nonce = NONCE.pack(SPEAKER, self._number)
        self._number += 1
        if length <= OURS:
            return memoryview(self._open(nonce, sealed, prefix))
        frame = np.empty(length + SLACK, np.uint8).data
        cipher = Cipher(AES(self._key), GCM(nonce, bytes(sealed[-TAG:]))).decryptor()
        cipher.authenticate_additional_data(prefix)
        cipher.update_into(sealed[:-TAG], frame)
        cipher.finalize()
        return frame[:length]
