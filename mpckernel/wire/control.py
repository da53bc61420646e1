"""Control messages: small, canonical JSON, every field declared in one table.

A body is accepted only if it is byte for byte what `encode` makes of it; so there is one spelling
of each message, and duplicate keys, odd escapes and NaN are refused without a rule of their own.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from mpckernel.errors import Bug, PeerError
from mpckernel.wire.frames import (
    CONTROL,
    HEAD,
    NO_RUN,
    Buffer,
    Parts,
    check_head,
    join,
    pack_head,
    split,
)

Body: TypeAlias = dict[str, Any]
Fields: TypeAlias = dict[str, type]

MAX_BYTES = 1 << 20
MAX_DEPTH = 8
MAX_INT = 1 << 64
SHORT = 256  # bytes of a message that is kept to be known again
KEPT = 16

TYPES: dict[str, Fields] = {
    "hello": {"version": int, "room": str, "party": int, "nonce": str, "key": str},
    "confirm": {"hash": str},
    "enter": {"cell": int, "nonce": str, "text": str, "dry": bool},
    "join": {"run": str},
    "meta": {"run": str, "index": int, "what": dict, "error": str},
    "await": {"run": str, "index": int},
    "agree": {"run": str, "segment": int, "hash": str},
    "detail": {"run": str, "segment": int, "calls": list, "forms": list, "lines": list},
    "end": {"run": str, "last": bool},
    "vote": {"run": str},
    "done": {"run": str},
    "abort": {"nonce": str, "code": str},
    "bye": {},
    "ping": {"number": int},
}


def define(name: str, **fields: type) -> None:
    """Declare (or redeclare) a type of control message; fields are str, int, bool, list, dict."""
    if not set(fields.values()) <= {str, int, bool, list, dict} or "type" in fields:
        raise Bug("a control field must be str, int, bool, list or dict")
    TYPES[name] = fields


def encode(body: Body) -> bytes:
    """The one spelling of a control message: sorted keys, no spaces, UTF-8."""
    _check(body, Bug)
    try:
        raw = _spell(body)
    except ValueError:  # NaN, infinity, half a surrogate pair
        raise _refusal(Bug) from None
    if len(raw) > MAX_BYTES:
        raise Bug("a control message is longer than 1 MiB")
    return raw


def decode(raw: Buffer) -> Body:
    """The message, with every declared field and no other; else PeerError with a constant text."""
    view = memoryview(raw).cast("B")
    if len(view) > MAX_BYTES:
        raise _refusal(PeerError)
    try:
        body = _DECODER.decode(str(view, "utf-8"))
        same = _spell(body) == view
    except (ValueError, RecursionError):
        raise _refusal(PeerError) from None
    if not same:
        raise _refusal(PeerError)
    _check(body, PeerError)
    return body


class Known:
    """Short messages without lists and dicts, said and heard last, by their bytes: the parties of
    a cell say the same words, and what is known needs no reading. Nobody changes a body."""

    def __init__(self) -> None:
        self._bodies: dict[bytes, Body] = {}

    def encode(self, body: Body) -> bytes:
        """As `encode`."""
        raw = encode(body)
        self._keep(raw, body)
        return raw

    def decode(self, raw: Buffer) -> Body:
        """As `decode`."""
        if len(raw) > SHORT:
            return decode(raw)
        same = bytes(raw)
        body = self._bodies.get(same)
        if body is None:
            body = decode(raw)
            self._keep(same, body)
        return body

    def _keep(self, raw: bytes, body: Body) -> None:
        if len(raw) <= SHORT and all(type(value) in _PLAIN for value in body.values()):
            self._bodies[raw] = body
            if len(self._bodies) > KEPT:
                del self._bodies[next(iter(self._bodies))]


def pack(body: Body, sequence: int = 0) -> list[Buffer]:
    """Frames of a control message; `sequence` counts per link direction since the link was made."""
    return framed(encode(body), sequence)


def framed(raw: bytes, sequence: int) -> list[Buffer]:
    """The same, of what `encode` gave."""
    return join(pack_head(CONTROL, NO_RUN, sequence, len(raw)), [raw], len(raw))


def unpack(parts: Parts, sequence: int = 0, known: Known | None = None) -> Body:
    """The control message in these frames, which must be number `sequence` of its direction."""
    length = sum(memoryview(part).nbytes for part in parts) - HEAD.size
    if not 0 <= length <= MAX_BYTES:
        raise _refusal(PeerError)
    head, raw = split(parts, length)
    check_head(pack_head(CONTROL, NO_RUN, sequence, length), head)
    return (known.decode if known else decode)(raw)


def _spell(body: Any) -> bytes:
    return _ENCODER.encode(body).encode("utf-8")


def _check(body: Any, error: type[Exception]) -> None:
    """A known type, its fields and no others, values within limits."""
    if type(body) is not dict or type(body.get("type")) is not str:
        raise _refusal(error)
    fields = TYPES.get(body["type"])
    if fields is None or len(body) != len(fields) + 1:
        raise _refusal(error)
    for name, kind in fields.items():
        value = body.get(name)
        if type(value) is not kind or (kind in _LOOKED_INTO and not _within(value)):
            raise _refusal(error)


def _within(body: Any) -> bool:
    """Depth, integers and kinds of values within limits; level by level, without recursion."""
    level = [body]
    for _ in range(MAX_DEPTH - 1):  # the body itself is the first
        below: list[Any] = []
        for value in level:
            if type(value) is dict:
                if any(type(key) is not str for key in value):
                    return False
                below.extend(value.values())
            elif type(value) is list:
                below.extend(value)
            elif type(value) is int:
                if abs(value) >= MAX_INT:
                    return False
            elif type(value) not in (str, bool, float, type(None)):
                return False
        level = below
    return not level


def _no_constant(_: str) -> None:
    raise ValueError("NaN and infinity are not in the format")


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)
_DECODER = json.JSONDecoder(parse_constant=_no_constant)
_LOOKED_INTO = (int, list, dict)
_PLAIN = (str, int, bool)


def _refusal(error: type[Exception]) -> Exception:
    return error("a control message does not follow the format")
