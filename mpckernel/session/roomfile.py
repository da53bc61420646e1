"""The room file: who takes part, under which scheme, and where the lobby is.

    format = 1                            [[party]]
    name = "clinic"                       name = "alice"
    id = "...32 hex digits..."            key = "...40 characters..."    "" until known
    scheme = "rep3"                       address = ""                   or a fixed tcp://host:port
    model = "...as in MODELS..."
    host = "alice"
    lobby = "tcp://127.0.0.1:50607"

The file holds no secret and opens no door: whoever enters needs a listed key or a ticket. It comes
from somebody else, so `read` takes nothing else than exactly this, and names file, line and field.

Source: ours; TOML 1.0. Departs from it in: none.
"""

import hashlib
import json
import os
import re
import secrets
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from mpckernel.errors import SetupError
from mpckernel.runtime.room import TRUST
from mpckernel.session.names import NAME_RULE, is_address, is_id, is_key, is_name, is_room

FORMAT = 1
LIMIT = 64 * 1024  # bytes of a room file
SIZES = {"rep3": (3, 3)}  # scheme -> fewest and most parties
MODELS = {scheme: TRUST[scheme] for scheme in SIZES}  # what the file must say of its scheme


@dataclass(frozen=True, slots=True)
class Seat:
    """One party of a room. The address is "" unless this party must listen at a fixed one."""

    name: str
    key: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """What a room file says; valid by construction when it comes from `new` or `read`."""

    name: str
    id: str
    scheme: str
    model: str
    host: str
    lobby: str
    parties: tuple[Seat, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Parties in room order: number i is names[i]."""
        return tuple(seat.name for seat in self.parties)

    @property
    def keys(self) -> tuple[str, ...]:
        """Public keys in room order, "" where not known yet."""
        return tuple(seat.key for seat in self.parties)

    @property
    def complete(self) -> bool:
        """Every party's key is known."""
        return all(self.keys)

    def with_keys(self, keys: dict[str, str]) -> "Room":
        """The same room with these parties' keys set."""
        seats = (replace(seat, key=keys.get(seat.name, seat.key)) for seat in self.parties)
        return replace(self, parties=tuple(seats))


def new(name: str, host: str, others: list[str], scheme: str, keys: dict[str, str]) -> Room:
    """A room with a fresh id and no lobby yet; `host` comes first in the order."""
    seats = [Seat(each, keys.get(each, "")) for each in (host, *others)]
    room = Room(name, secrets.token_hex(16), scheme, MODELS.get(scheme, ""), host, "", tuple(seats))
    if wrong := _wrong(room):
        raise SetupError(f"this room cannot be: {wrong[2]}")
    return room


def digest(room: Room) -> str:
    """64 hex digits that two parties share exactly if they mean the same room.

    Every field but the addresses is in it: those are where a key is found, not whose it is.
    """
    return _hash(room, room.keys)


def terms(room: Room) -> str:
    """The digest without the keys: what a room file says before tickets have been used."""
    return _hash(room, ("",) * len(room.parties))


def _hash(room: Room, keys: tuple[str, ...]) -> str:
    fields = [str(FORMAT), room.name, room.id, room.scheme, room.model, room.host, room.lobby]
    for name, key in zip(room.names, keys, strict=True):
        fields += [name, key]
    # Injective: the count, then each field after its length.
    encoded = len(fields).to_bytes(4, "big")
    for field in (each.encode() for each in fields):
        encoded += len(field).to_bytes(4, "big") + field
    return hashlib.blake2b(encoded, digest_size=32, person=b"mpckernel room").hexdigest()


def write(room: Room, path: Path) -> None:
    """Put the room into `path`, whole or not at all."""
    lines = ["# A room of mpckernel. Not secret: to enter, a party needs a listed key or a ticket."]
    lines.append(f"format = {FORMAT}")
    for field in ("name", "id", "scheme", "model", "host", "lobby"):
        lines.append(f"{field} = {json.dumps(getattr(room, field))}")
    for seat in room.parties:
        lines += ["", "[[party]]"]
        lines += [f"{field} = {json.dumps(getattr(seat, field))}" for field in Seat.__slots__]
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.replace(part, path)


def read(path: Path) -> Room:
    """The room in `path`, checked in full."""
    text = _text(path)
    try:
        table = tomllib.loads(text)
    except ValueError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f", line {line[1]}" if line else ""
        raise SetupError(f"{path}{where}: not TOML; ask the host for the file again") from None
    if table.get("format") != FORMAT:
        _refuse(path, text, "format", 0, f"this version of mpckernel reads format {FORMAT}")
    _check_fields(path, text, table)
    seats = tuple(Seat(**each) for each in table["party"])
    room = Room(**{key: table[key] for key in Room.__slots__ if key != "parties"}, parties=seats)
    if wrong := _wrong(room):
        _refuse(path, text, *wrong)
    if not is_address(room.lobby):
        _refuse(path, text, "lobby", 0, "an address reads tcp://host:port")
    return room


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT + 1)
        if len(raw) > LIMIT:
            raise SetupError(f"{path} is over {LIMIT // 1024} KiB: not a room file")
        return raw.decode("utf-8")
    except OSError:
        raise SetupError(f"{path} cannot be read; is this the room file's path?") from None
    except UnicodeDecodeError:
        raise SetupError(f"{path} is not text: not a room file") from None


def _check_fields(path: Path, text: str, table: dict[str, object]) -> None:
    wanted = {key for key in Room.__slots__ if key != "parties"}
    if set(table) != wanted | {"format", "party"}:
        raise SetupError(f"{path}: the fields must be format, {', '.join(sorted(wanted))}, party")
    for field in sorted(wanted):
        if not isinstance(table[field], str):
            _refuse(path, text, field, 0, "must be text in quotes")
    seats = table["party"]
    if not isinstance(seats, list) or not all(isinstance(each, dict) for each in seats):
        raise SetupError(f"{path}: parties are written as [[party]]")
    for number, seat in enumerate(seats):
        strings = all(isinstance(value, str) for value in seat.values())
        if set(seat) != set(Seat.__slots__) or not strings:
            raise SetupError(f"{path}, party {number + 1}: the fields are name, key, address")


def _wrong(room: Room) -> tuple[str, int, str] | None:
    """The first field at fault: its name, which occurrence of it, and the rule it breaks."""
    offset = 1  # the room's own name is the first `name` of the file
    if room.scheme not in MODELS:
        return "scheme", 0, f"the schemes are {', '.join(MODELS)}"
    fewest, most = SIZES[room.scheme]
    rules = [
        (is_room(room.name), "name", 0, "a room's name is 1 to 64 letters, digits, _ and -"),
        (is_id(room.id), "id", 0, "must be 32 hex digits"),
        (room.model == MODELS[room.scheme], "model", 0, "is not the model of this scheme"),
        (fewest <= len(room.parties) <= most, "scheme", 0, _size_rule(room.scheme)),
        (room.host in room.names, "host", 0, "must be one of the parties"),
    ]
    for k, seat in enumerate(room.parties):
        before = room.parties[:k]
        fresh = not seat.key or seat.key not in [each.key for each in before]
        address = seat.address == "" or is_address(seat.address)
        rules += [
            (is_name(seat.name), "name", k + offset, f"a party's name is {NAME_RULE}"),
            (seat.name not in room.names[:k], "name", k + offset, "two parties have this name"),
            (seat.key == "" or is_key(seat.key), "key", k, "must be a public key or empty"),
            (fresh, "key", k, "two parties have this key"),
            (address, "address", k, "must be empty or read tcp://host:port"),
            (seat.name != room.host or seat.key != "", "key", k, "the host's key is missing"),
        ]
    return next((rule[1:] for rule in rules if not rule[0]), None)


def _size_rule(scheme: str) -> str:
    fewest, most = SIZES[scheme]
    size = fewest if fewest == most else f"{fewest} to {most}"
    return f"a room of scheme {scheme} has {size} parties, the host among them"


def _refuse(path: Path, text: str, field: str, occurrence: int, rule: str) -> NoReturn:
    pattern = rf'^[ \t]*["\']?{field}["\']?[ \t]*='
    starts = [found.start() for found in re.finditer(pattern, text, re.MULTILINE)]
    where = str(path)
    if occurrence < len(starts):
        where += f", line {text[: starts[occurrence]].count(chr(10)) + 1}"
    raise SetupError(f"{where}, field {field}: {rule}")
