"""What counts as a party's name, a public key, a room's id and an address.

Everything here may come from another party's file or message, so the checks answer yes or no
and never repeat what they were given.

Source: ZMTP 3.1 (RFC 23) and Z85 (RFC 32) for keys; the rest is ours.
"""

import builtins
import keyword
import re
import struct
from typing import TypeGuard

from zmq.utils import z85

NAME_RULE = "1 to 32 of a-z, 0-9 and _, first a letter, and no word that means something in Python"

_TAKEN = {*keyword.kwlist, *dir(builtins), "reveal", "share", "concat", "np", "get_ipython"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_ROOM = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_ID = re.compile(r"[0-9a-f]{32}")
_KEY = re.compile(r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")
_ADDRESS = re.compile(r"tcp://(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.\-]{1,253}):([0-9]{1,5})")


def is_name(text: object) -> TypeGuard[str]:
    """A party's name: it is also a Python name in joint cells, and must take nothing away there."""
    return isinstance(text, str) and bool(_NAME.fullmatch(text)) and text not in _TAKEN


def is_room(text: object) -> TypeGuard[str]:
    """A room's name: it is also part of a file name."""
    return isinstance(text, str) and bool(_ROOM.fullmatch(text))


def is_id(text: object) -> TypeGuard[str]:
    """16 bytes in lower-case hexadecimal."""
    return isinstance(text, str) and bool(_ID.fullmatch(text))


def is_key(text: object) -> TypeGuard[str]:
    """A CURVE public key in Z85, 40 characters that stand for 32 bytes."""
    if not isinstance(text, str) or not _KEY.fullmatch(text):
        return False
    try:
        return len(z85.decode(text)) == 32
    except struct.error:  # five characters can name a number above 2^32 - 1
        return False


def is_address(text: object) -> TypeGuard[str]:
    """tcp://host:port with a port from 1 to 65535; IPv6 in brackets."""
    found = _ADDRESS.fullmatch(text) if isinstance(text, str) else None
    return bool(found) and 0 < int(found[2]) < 65536


def host_of(address: str) -> str:
    """The host in an address that `is_address` accepted, without brackets."""
    found = _ADDRESS.fullmatch(address)
    return found[1].strip("[]") if found else ""


def endpoint(host: str, port: int | str) -> str:
    """tcp://host:port, with the brackets that IPv6 needs; port `*` to bind anywhere."""
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"
