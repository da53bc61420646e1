"""One-time tickets: how a party whose key the host does not know yet gets in once.

A ticket is 16 random bytes, written as 30 letters and digits with 22 bits of check. Ticket, room
and party name give a CURVE key pair; the host lets the public half in until it has been used or
has expired. The bytes themselves never travel: who listens, or poses as the host, learns nothing
that would open the door.

Source: HKDF-SHA256 (RFC 5869), X25519 (RFC 7748, section 5), the alphabet of Crockford's base 32.
"""

import hashlib
import secrets

import zmq
from zmq.utils import z85

from mpckernel.errors import SetupError
from mpckernel.ring.prg import derive

LIFETIME = 24 * 3600.0  # seconds

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_READ_AS = str.maketrans("ilo", "110", "- \t\r\n")
_CHECK_BITS = 22
_LENGTH = 30


class Ticket:
    """What the host hands to one party over a channel that party trusts."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes | None = None) -> None:
        self._raw = secrets.token_bytes(16) if raw is None else raw

    @classmethod
    def parse(cls, text: str) -> "Ticket":
        """The ticket somebody typed; a slip of the hand is noticed."""
        digits = text.lower().translate(_READ_AS)
        if len(digits) == _LENGTH and set(digits) <= set(_DIGITS):
            number = 0
            for digit in digits:
                number = number << 5 | _DIGITS.index(digit)
            raw = (number >> _CHECK_BITS).to_bytes(16, "big")
            if number & ((1 << _CHECK_BITS) - 1) == _check(raw):
                return cls(raw)
        raise SetupError("this is not a whole ticket: compare it with what the host sent")

    def text(self) -> str:
        """The ticket as people send it: five groups of six. It is a secret until used."""
        number = int.from_bytes(self._raw, "big") << _CHECK_BITS | _check(self._raw)
        digits = "".join(_DIGITS[number >> 5 * k & 31] for k in reversed(range(_LENGTH)))
        return "-".join(digits[k : k + 6] for k in range(0, _LENGTH, 6))

    def keys(self, room_id: str, name: str) -> tuple[str, bytes]:
        """The CURVE key pair of this ticket, good for this party of this room: public, secret."""
        raw = derive(self._raw, b"mpckernel ticket", room_id.encode(), name.encode(), size=32)
        clamped = bytes([raw[0] & 248, *raw[1:31], raw[31] & 127 | 64])
        secret = z85.encode(clamped)
        return zmq.curve_public(secret).decode(), secret

    def __repr__(self) -> str:
        return "Ticket(...)"


def _check(raw: bytes) -> int:
    hashed = hashlib.blake2b(raw, digest_size=4, person=b"mpckernel ticket").digest()
    return int.from_bytes(hashed, "big") >> 32 - _CHECK_BITS
