"""The bulk lane: long bodies sealed with AES-256-GCM, beside the CURVE link that orders them.

Why: CURVE's cipher and copies in libzmq cost four times what AES-GCM costs (decision 0012). How:
- Over the CURVE link each party offers each other party a port, a token and a fresh random key.
- The other connects to the port; ZAP admits the token (PLAIN), once, and nothing else.
- A long body goes there as nonce | ciphertext | tag, and over the CURVE link, in the place of the
  body, goes the nonce. So the CURVE link alone says who speaks and in which order.
A nonce is the generation of the key, 4 bytes, and a counter, 8 bytes: never used twice. Bodies that
do not open are dropped: whoever has overheard a token can waste bytes, nothing more.
"""

from __future__ import annotations

import os
import struct
from collections import deque
from typing import NamedTuple

import numpy as np
import zmq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from mpckernel.errors import PeerError
from mpckernel.transport.base import Message
from mpckernel.transport.sockets import bind
from mpckernel.transport.watch import BROKEN, Watch
from mpckernel.wire.frames import Buffer

LONG = 1 << 16  # bytes: bodies of this length and more take the lane
NONCE = struct.Struct("<IQ")
OFFER = struct.Struct("<HI32s32s")
TAG = 16
MOST_HELD = 1 << 16  # messages of a party that may wait for a body
MOST_BODIES = 1 << 30  # bytes of a party that may have come unannounced
SLACK = 15  # update_into wants room for one more block
USER = b"bulk"


class Offer(NamedTuple):
    """What a party tells another over CURVE: where and how to send it long bodies."""

    port: int
    generation: int
    token: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"Offer(port={self.port}, generation={self.generation})"


def seal(key: bytes, nonce: bytes, body: Buffer) -> memoryview:
    """nonce | ciphertext | tag, in memory of its own."""
    plain = memoryview(body).cast("B")
    end = NONCE.size + plain.nbytes
    sealed = np.empty(end + TAG + SLACK, np.uint8).data
    cipher = Cipher(AES(key), GCM(nonce)).encryptor()
    sealed[: NONCE.size] = nonce
    cipher.update_into(plain, sealed[NONCE.size :])
    cipher.finalize()
    sealed[end : end + TAG] = cipher.tag
    return sealed[: end + TAG]


def unseal(key: bytes, sealed: memoryview) -> memoryview:
    """The body, in memory of its own; InvalidTag if one bit was changed."""
    nonce, tag = bytes(sealed[: NONCE.size]), bytes(sealed[-TAG:])
    size = sealed.nbytes - NONCE.size - TAG
    plain = np.empty(size + SLACK, np.uint8).data
    cipher = Cipher(AES(key), GCM(nonce, tag)).decryptor()
    cipher.update_into(sealed[NONCE.size : -TAG], plain)
    cipher.finalize()
    return plain[:size]


class BulkOut:
    """Our lane to one party, under the offer it made; used once its connection is `up`."""

    def __init__(self, socket: zmq.Socket, offer: Offer) -> None:
        self.socket, self.up = socket, False
        self._key, self._generation, self._sent = offer.key, offer.generation, 0

    def send(self, body: Buffer) -> bytes:
        """Queue a sealed copy of the body; its nonce, to be sent in its place."""
        nonce = NONCE.pack(self._generation, self._sent)
        self._sent += 1
        self.socket.send(seal(self._key, nonce, body), zmq.NOBLOCK, copy=False)
        return nonce


class BulkIn:
    """Where we hear long bodies, and where messages wait whose body is still on its way."""

    def __init__(self, pull: zmq.Socket, watch: Watch, domain: bytes) -> None:
        self.ready: deque[Message] = deque()
        self.pull, self._watch, self._domain = pull, watch, domain
        self.port = 0
        self._generations: dict[int, int] = {}
        self._keys: dict[tuple[int, int], bytes] = {}
        self._tokens: dict[tuple[int, int], bytes] = {}
        self._bodies: dict[tuple[int, bytes], memoryview] = {}
        self._stored: dict[int, int] = {}  # bytes in them, by party
        self._next: dict[tuple[int, int], int] = {}
        self._held: dict[int, deque[tuple[list[memoryview], bytes | None]]] = {}

    @property
    def waiting(self) -> bool:
        """Some message needs a body that has not come."""
        return bool(self._held)

    def listen(self, address: str) -> None:
        """Open the lane; without this, nothing is offered and nobody comes."""
        self.pull.plain_server = True
        self._watch.watch(None, self.pull, "inproc://watch-bulk", BROKEN)
        self.port = int(bind(self.pull, address).rpartition(":")[2])

    def offer(self, peer: int, user: bytes) -> bytes:
        """A new offer for a party, packed; its last two stay good, for what is under way."""
        now = self._generations[peer] = self._generations.get(peer, -1) + 1
        token, key = os.urandom(16).hex().encode(), os.urandom(32)
        self._keys[peer, now], self._tokens[peer, now] = key, token
        self._next[peer, now] = 0
        self._watch.admit(self._domain, b"PLAIN", USER, token, user=user)
        if now >= 2:
            del self._keys[peer, now - 2], self._next[peer, now - 2]
            self._watch.dismiss(self._domain, b"PLAIN", USER, self._tokens.pop((peer, now - 2)))
        return OFFER.pack(self.port, now, token, key)

    def holds(self, peer: int) -> bool:
        """Whether messages of this party wait, so that the next must wait too."""
        return peer in self._held

    def hold(self, peer: int, parts: list[memoryview], nonce: bytes | None) -> None:
        """Queue a message: its frames, or with a nonce, its head as the first of them."""
        held = self._held.setdefault(peer, deque())
        if len(held) >= MOST_HELD:
            raise PeerError("a party announces bodies that do not come; the mesh is closed")
        held.append((parts, nonce))
        self._release(peer)

    def take(self, peer: int, sealed: memoryview) -> None:
        """A frame that came on the lane with the token of this party."""
        if sealed.nbytes < NONCE.size + TAG:
            return
        nonce = bytes(sealed[: NONCE.size])
        generation, counter = NONCE.unpack(nonce)
        lane = peer, generation
        if lane not in self._keys or counter < self._next[lane]:
            return
        if self._stored.get(peer, 0) + sealed.nbytes > MOST_BODIES:
            raise PeerError("a party sends bodies that it does not announce; the mesh is closed")
        try:
            body = self._bodies[peer, nonce] = unseal(self._keys[lane], sealed)
        except InvalidTag:
            return
        self._stored[peer] = self._stored.get(peer, 0) + body.nbytes
        self._next[lane] = counter + 1
        self._release(peer)

    def forget(self, peer: int) -> None:
        """The party has connected anew: what it said before and left unfinished is void."""
        self._held.pop(peer, None)
        self._stored.pop(peer, None)
        for name in [name for name in self._bodies if name[0] == peer]:
            del self._bodies[name]

    def _release(self, peer: int) -> None:
        """Move messages that are complete to `ready`, in order."""
        held = self._held.get(peer)
        while held:
            parts, nonce = held[0]
            if nonce:
                body = self._bodies.pop((peer, nonce), None)
                if body is None:
                    return
                self._stored[peer] -= body.nbytes
                parts = [parts[0], body]
            self.ready.append(Message(peer, parts))
            held.popleft()
        self._held.pop(peer, None)
