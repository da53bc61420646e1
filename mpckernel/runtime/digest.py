"""One injective encoding of plain values, and the digest of it.

Every value is written as a type letter, its length and its bytes, so that two different
values never encode alike. Equal digests at all parties are the consent to run a plan.
"""

from hashlib import blake2b
from typing import Any

import numpy as np

from mpckernel.errors import Bug


def encode(value: Any) -> bytes:
    """Type letter, length, content; containers hold encoded items."""
    kind = type(value)
    if kind is int:  # first, what there is most of
        return _field(b"i", str(value).encode())
    if kind is bytes:
        return _field(b"y", value)
    if kind is tuple or kind is list:
        return _field(b"t", b"".join([encode(v) for v in value]))
    if value is None:
        return _NOTHING
    match value:
        case bool() | np.bool_():
            return _field(b"b", b"1" if bool(value) else b"0")
        case int() | np.integer():
            return _field(b"i", str(int(value)).encode())
        case float():
            return _field(b"f", float(value).hex().encode())
        case str():
            return _field(b"s", value.encode())
        case bytes():
            return _field(b"y", value)
        case tuple() | list():
            return _field(b"t", b"".join(map(encode, value)))
        case dict():
            items = sorted((encode(k), encode(v)) for k, v in value.items())
            return _field(b"d", b"".join(k + v for k, v in items))
        case np.ndarray():
            head = encode((value.dtype.str, value.shape))
            return _field(b"a", head + np.ascontiguousarray(value).tobytes())
    raise Bug(f"no encoding for a {type(value).__name__}")


def _field(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(8, "little") + content


_NOTHING = _field(b"n", b"")


def digest(*values: Any, size: int = 16) -> bytes:
    """BLAKE2b of the encoding of `values`."""
    return blake2b(encode(values), digest_size=size).digest()
