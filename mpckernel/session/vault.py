"""Shares on this party's own disk, sealed: what nn.save leaves behind, and nn.load opens.

    <home>/keys/<party>.vault         32 bytes of key in hex; made once, folder 0700, file 0600
    <folder>/<name>.<party>.shares    "mpckernel sealed 1\\n"
                                      length of the header, 4 bytes | header, canonical JSON
                                      salt, 32 bytes
                                      segments of the body, 1 MiB each (the last one may be
                                      shorter), each with its tag of 16 bytes

The header can be read by whoever has the file; the body cannot. Each file has a key of its own,
derived from the party's key and the salt. A segment's nonce is its number and whether it is the
last one, its associated data everything before the segments; so nothing can be changed, cut off,
reordered or put together from two files. The header names scheme, parties, their public keys and
the seat; a file of another seat or another room is refused, whatever else is right about it.

Source: STREAM of Hoang, Reyhanitabar, Rogaway, Vizar 2015 (ePrint 2015/189) over AES-256-GCM; keys
by file as in Tink's AES-GCM-HKDF streaming AEAD. Departs from it in: 11 bytes of number.
"""

import hashlib
import json
import os
import secrets
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mpckernel.errors import SetupError, UsageError
from mpckernel.ring.prg import derive
from mpckernel.session.identity import home, keep_private, private_folder, read_private
from mpckernel.session.names import is_name, is_room

MAGIC = b"mpckernel sealed 1\n"
SEGMENT = 1 << 20
TAG, SALT = 16, 32
MOST_HEADER = 1 << 24

Header: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose shares these are: party number `me` of exactly these parties."""

    scheme: str
    parties: tuple[str, ...]
    keys: tuple[str, ...]  # public ones, in room order
    me: int

    @property
    def name(self) -> str:
        return self.parties[self.me]


@dataclass(frozen=True, slots=True)
class Part:
    """A sealed file that is whole but not in its place yet."""

    path: Path = field(repr=False)
    place: Path

    def keep(self) -> None:
        """Put it into its place; what was there is gone. Never raises: the cell has committed at
        every party, and what it made stays; without this file nn.load refuses the save."""
        try:
            os.replace(self.path, self.place)
        except OSError:
            warnings.warn(
                f"{self.place.name} could not be put into its place; rename {self.path.name} to "
                "that, or save again: without it no party can load this save",
                stacklevel=2,
            )
            return
        with suppress(OSError):  # not every file system can write a folder through
            _written_through(self.place.parent)

    def drop(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)


def _written_through(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Vault:
    """The sealed files of one party in one folder, by default the notebook's.

    UsageError names a file without its folder, and may be told to the others; SetupError is about
    this user's key.
    """

    def __init__(self, seat: Seat, folder: Path | None = None) -> None:
        self._seat, self._folder = seat, folder

    def prepare(self, name: str, about: Header, body: Sequence[memoryview]) -> Part:
        """Seal these bytes under this name, beside the place where they are to be."""
        place = self._place(name)
        head = self._head(name, about, sum(view.nbytes for view in body))
        path = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
        part = Part(path, place)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.writelines(self._sealed(head, body))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            part.drop()
            raise UsageError(f"{place.name} cannot be written; is the disk full?") from None
        except BaseException:
            part.drop()
            raise
        return part

    def open(self, name: str) -> tuple[Header, bytearray]:
        """What was said of the save of this name, and its bytes, which nobody has changed."""
        place = self._place(name)
        try:
            with place.open("rb") as file:
                prefix, header = _read_head(file, place.name)
                self._check(place.name, name, header)
                body = self._unsealed(file, prefix, place.name)
        except FileNotFoundError:
            raise UsageError(f"there is no {place.name} in this folder") from None
        except OSError:
            raise UsageError(f"{place.name} cannot be read") from None
        if len(body) != header["bytes"]:
            _changed(place.name)
        return header["about"], body

    def _place(self, name: str) -> Path:
        if not is_room(name):
            raise UsageError("a save's name is 1 to 64 letters, digits, _ and -")
        return (self._folder or Path.cwd()) / f"{name}.{self._seat.name}.shares"

    def _head(self, name: str, about: Header, size: int) -> bytes:
        header = {
            "about": about,
            "bytes": size,
            "keys": list(self._seat.keys),
            "name": name,
            "parties": list(self._seat.parties),
            "party": self._seat.me,
            "scheme": self._seat.scheme,
            "written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        text = json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
        if len(text) > MOST_HEADER:
            raise UsageError("too many names for one save; divide it")
        salt = secrets.token_bytes(SALT)
        return MAGIC + len(text).to_bytes(4, "big") + text + salt

    def _sealed(self, head: bytes, body: Sequence[memoryview]) -> Iterator[bytes]:
        yield head
        cipher, about = self._cipher(head), hashlib.sha256(head).digest()
        segments = list(_ranges(sum(view.nbytes for view in body)))
        for number, (start, end) in enumerate(segments):
            nonce = _nonce(number, last=number == len(segments) - 1)
            yield cipher.encrypt(nonce, _cut(body, start, end), about)

    def _unsealed(self, file: Any, prefix: bytes, shown: str) -> bytearray:
        cipher, about = self._cipher(prefix), hashlib.sha256(prefix).digest()
        body, number, last = bytearray(), 0, False
        block = file.read(SEGMENT + TAG)
        while not last:
            after = file.read(SEGMENT + TAG)
            last = not after
            try:
                body += cipher.decrypt(_nonce(number, last=last), block, about)
            except InvalidTag:
                _changed(shown)
            block, number = after, number + 1
        return body

    def _cipher(self, prefix: bytes) -> AESGCM:
        key = party_key(self._seat.name)
        return AESGCM(derive(key, b"mpckernel sealed 1", prefix[-SALT:], size=32))

    def _check(self, shown: str, name: str, header: Header) -> None:
        """Another seat or room, by name. Only a refusal rests on what is not yet proven."""
        seat = self._seat
        parties, keys, number = header["parties"], header["keys"], header["party"]
        if tuple(parties) != seat.parties:
            again = f"; let {parties[0]} host" if set(parties) == set(seat.parties) else ""
            raise UsageError(
                f"{shown} was saved by {_listed(parties)}, in this order, and this room's parties "
                f"are {_listed(seat.parties)}{again}"
            )
        if number != seat.me:
            raise UsageError(f"{shown} holds {parties[number]}'s shares, and this is {seat.name}")
        pairs = zip(seat.parties, keys, seat.keys, strict=True)
        if others := [who for who, then, now in pairs if then != now]:
            raise UsageError(
                f"{shown} was saved with another key of {_listed(others)}: not the same parties"
            )
        if header["scheme"] != seat.scheme:
            raise UsageError(f"{shown} was saved under another scheme than {seat.scheme}")
        if header["name"] != name:
            raise UsageError(f"{shown} is the save {header['name']} under another name")


def party_key(name: str) -> bytes:
    """This user's key for the files of `name`; the first call makes it."""
    path = home() / "keys" / f"{name}.vault"
    if not path.exists():
        private_folder(path.parent.parent)
        keep_private(path, f"# Opens {name}'s sealed shares.\n{secrets.token_hex(32)}\n")
    try:
        key = bytes.fromhex(read_private(path).decode().split("\n")[1])
    except (ValueError, IndexError):
        key = b""
    if len(key) != 32:
        raise SetupError(f"{path} does not hold the key of {name}'s sealed files")
    return key


def read_header(path: Path) -> Header:
    """What a sealed file says of itself, to be looked at; not proven until it is opened."""
    with path.open("rb") as file:
        return _read_head(file, path.name)[1]


def _read_head(file: Any, shown: str) -> tuple[bytes, Header]:
    """Everything before the segments, and the header in it, of the right form."""
    start = file.read(len(MAGIC) + 4)
    length = int.from_bytes(start[len(MAGIC) :], "big")
    if start[: len(MAGIC)] != MAGIC or length > MOST_HEADER:
        raise UsageError(f"{shown} is no sealed file of this version")
    text, salt = file.read(length), file.read(SALT)
    header: Any = None
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        _changed(shown)
    if len(salt) != SALT or not _formed(header):
        _changed(shown)
    return start + text + salt, header


def _formed(header: Any) -> bool:
    fields = {"about", "bytes", "keys", "name", "parties", "party", "scheme", "written"}
    if type(header) is not dict or header.keys() != fields:
        return False
    parties, keys, number = header["parties"], header["keys"], header["party"]
    return (
        type(parties) is type(keys) is list
        and len(parties) == len(keys)
        and all(map(is_name, parties))
        and all(type(key) is str for key in keys)
        and type(number) is int
        and 0 <= number < len(parties)
        and is_room(header["name"])
        and type(header["about"]) is dict
    )


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _ranges(size: int) -> Iterator[tuple[int, int]]:
    """At least one, and only the last one short."""
    for start in range(0, max(size, 1), SEGMENT):
        yield start, min(start + SEGMENT, size)


def _cut(body: Sequence[memoryview], start: int, end: int) -> bytes:
    """Bytes start to end of the buffers, end to end."""
    pieces, offset = [], 0
    for view in body:
        low, high = max(start - offset, 0), min(end - offset, view.nbytes)
        if low < high:
            pieces.append(view[low:high])
        offset += view.nbytes
    return b"".join(pieces)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _changed(shown: str) -> NoReturn:
    raise UsageError(f"{shown} has been changed, or was sealed with another user's key")
