"""Set-up of a mesh of N parties as a state machine without I/O.

Source: the key agreement is signed-by-the-link Diffie-Hellman: X25519 (RFC 7748), HKDF-SHA256
(RFC 5869) over links that already prove who speaks. FORMAT.md, section 4, has the bytes.
Each party says `hello` to all; when it has heard all, it says `confirm` with a hash over all hellos
in the order of the parties; when all confirmations are equal, everybody has seen the same mesh.
Keys live in memory only and are new for each mesh start.
"""

from __future__ import annotations

import hashlib
import os
from enum import Enum, auto

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from mpckernel.errors import PeerError, SetupError
from mpckernel.ring.prg import derive
from mpckernel.wire.control import Body, encode
from mpckernel.wire.frames import VERSION


class State(Enum):
    """What we have heard from one party."""

    AWAITED = auto()
    GREETED = auto()
    SURE = auto()


STEPS = {
    (State.AWAITED, "hello"): State.GREETED,
    (State.GREETED, "confirm"): State.SURE,
}


class Hello:
    """Our side of one mesh start. Feed it what parties say; send to all others what it returns.

    When `done`: `mesh_id` (32 bytes, the same everywhere, new each time) and `keys`, one key of 32
    bytes for each pair of parties that we belong to, known to these two alone.
    """

    def __init__(self, me: int, n: int, room: str) -> None:
        self.me, self.n, self.room = me, n, room
        self.mesh_id = b""
        self.keys: dict[frozenset[int], bytes] = {}
        self._secret = X25519PrivateKey.generate()
        self._hellos = {me: self._greeting(os.urandom(32))}
        self._confirms: dict[int, str] = {}
        self._states = {peer: State.AWAITED for peer in range(n) if peer != me}

    @property
    def done(self) -> bool:
        """All parties have confirmed the same hellos."""
        return bool(self.mesh_id) and all(s is State.SURE for s in self._states.values())

    def missing(self) -> list[int]:
        """The parties that have not yet said all they must: whom to name when time runs out."""
        return [peer for peer, state in self._states.items() if state is not State.SURE]

    def open(self) -> list[Body]:
        """What to send to every other party first."""
        return [dict(self._hellos[self.me]), *self._conclude()]

    def receive(self, peer: int, body: Body) -> list[Body]:
        """Take one control message from a party; what to send to every other party now."""
        step = STEPS.get((self._states[peer], body["type"]))
        if step is None:
            raise SetupError(f"party {peer} is at another step of the start; start the room again")
        if step is State.GREETED:
            self._check_hello(peer, body)
            self._hellos[peer] = body
        else:
            self._confirms[peer] = body["hash"]
        self._states[peer] = step
        answer = self._conclude()
        self._compare()
        return answer

    def _greeting(self, nonce: bytes) -> Body:
        key = self._secret.public_key().public_bytes_raw()
        return {
            "type": "hello",
            "version": VERSION,
            "room": self.room,
            "party": self.me,
            "nonce": nonce.hex(),
            "key": key.hex(),
        }

    def _check_hello(self, peer: int, body: Body) -> None:
        if body["version"] != VERSION:
            raise SetupError(f"party {peer} runs another version of mpckernel; use the same")
        if body["room"] != self.room:
            raise SetupError(f"party {peer} has another room file; compare its words and share one")
        if body["party"] != peer:
            raise SetupError(f"party {peer} takes itself for another party; compare the room files")
        for name in ("nonce", "key"):
            if len(_bytes(body[name])) != 32:
                raise _refusal(peer)
            if any(body[name] == heard[name] for heard in self._hellos.values()):
                raise _refusal(peer)

    def _conclude(self) -> list[Body]:
        """Once all hellos are here: keys, mesh id, and our confirmation."""
        if self.mesh_id or len(self._hellos) < self.n:
            return []
        transcript = _hash(b"hellos", *(encode(self._hellos[i]) for i in range(self.n)))
        self.mesh_id = _hash(b"mesh", transcript)
        self._confirms[self.me] = _hash(b"confirm", transcript).hex()
        for peer in self._states:
            self.keys[frozenset((self.me, peer))] = self._pair_key(peer)
        del self._secret
        return [{"type": "confirm", "hash": self._confirms[self.me]}]

    def _pair_key(self, peer: int) -> bytes:
        public = X25519PublicKey.from_public_bytes(_bytes(self._hellos[peer]["key"]))
        try:
            shared = self._secret.exchange(public)
        except ValueError:  # a point of small order: the result would be known to all
            raise _refusal(peer) from None
        pair = bytes(sorted((self.me, peer)))
        return derive(shared, b"mpckernel pair", self.mesh_id, pair, size=32)

    def _compare(self) -> None:
        ours = self._confirms.get(self.me)
        for peer, theirs in self._confirms.items():
            if ours is not None and theirs != ours:
                self.mesh_id, self.keys = b"", {}
                raise PeerError(f"party {peer} has heard other greetings than we; do not go on")


def _bytes(text: str) -> bytes:
    """Lower-case hexadecimal digits as bytes; empty if it is anything else."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return b""
    return raw if raw.hex() == text else b""


def _hash(label: bytes, *fields: bytes) -> bytes:
    """SHA-256 over length-prefixed fields: no two lists of fields collide."""
    hashed = hashlib.sha256()
    for field in (b"mpckernel", label, *fields):
        hashed.update(len(field).to_bytes(4, "little") + field)
    return hashed.digest()


def _refusal(peer: int) -> PeerError:
    return PeerError(f"the greeting of party {peer} does not follow the format")
