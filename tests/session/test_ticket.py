"""Tickets: 128 bits that survive being typed, and the key pair they stand for."""

import hmac

import pytest
import zmq
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from zmq.utils import z85

from mpckernel.errors import SetupError
from mpckernel.session.ticket import Ticket

ROOM = "00112233445566778899aabbccddeeff"


@given(st.binary(min_size=16, max_size=16))
@settings(deadline=None)
def test_typed_as_people_type(raw: bytes) -> None:
    ticket = Ticket(raw)
    text = ticket.text()
    assert len(text) == 34
    for typed in (text, text.upper(), text.replace("-", " "), f" {text}\n", text.replace("1", "l")):
        assert Ticket.parse(typed).keys(ROOM, "bob") == ticket.keys(ROOM, "bob")
    assert text not in repr(ticket)


def test_slips_are_noticed() -> None:
    text = Ticket(bytes(range(16))).text()
    for at, digit in enumerate(text):
        for wrong in "07z":
            if digit not in ("-", wrong):
                with pytest.raises(SetupError) as caught:
                    Ticket.parse(text[:at] + wrong + text[at + 1 :])
                assert text[:6] not in str(caught.value)
    for typed in ("", text[:-1], text + "0", "\u0660" * 30):
        with pytest.raises(SetupError):
            Ticket.parse(typed)


def test_keys_by_the_book() -> None:
    """HKDF with no salt, as RFC 5869 defines it, then a clamped X25519 key."""
    raw = bytes(range(16))
    labels = [b"mpckernel ticket", ROOM.encode(), b"bob"]
    info = (32).to_bytes(4, "big") + b"".join(len(x).to_bytes(4, "big") + x for x in labels)
    extracted = hmac.digest(bytes(32), raw, "sha256")
    okm = bytearray(hmac.digest(extracted, info + b"\x01", "sha256"))
    okm[0] &= 248
    okm[31] = okm[31] & 127 | 64
    public, secret = Ticket(raw).keys(ROOM, "bob")
    assert z85.decode(secret) == bytes(okm)
    expected = X25519PrivateKey.from_private_bytes(bytes(okm)).public_key().public_bytes_raw()
    assert z85.decode(public) == expected
    assert zmq.curve_public(secret).decode() == public


def test_good_for_one_room_and_name_only() -> None:
    ticket = Ticket()
    publics = {
        ticket.keys(ROOM, "bob")[0],
        ticket.keys(ROOM, "carol")[0],
        ticket.keys("0" * 32, "bob")[0],
        Ticket().keys(ROOM, "bob")[0],
    }
    assert len(publics) == 4
