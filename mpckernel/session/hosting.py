"""Open a room: write its file, issue tickets, keep the lobby."""

import contextlib
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mpckernel.errors import SetupError
from mpckernel.session.identity import contacts, load_or_create
from mpckernel.session.joining import Members, join
from mpckernel.session.lobby import Lobby
from mpckernel.session.names import endpoint, is_room
from mpckernel.session.register import Register
from mpckernel.session.roomfile import Room, new, read, write
from mpckernel.session.ticket import LIFETIME, Ticket


@dataclass(slots=True, eq=False)
class Hosting:
    """A room that is open for its members. Send the file to all, each ticket to its party alone."""

    path: Path
    lobby: Lobby = field(repr=False)
    tickets: dict[str, Ticket]

    @property
    def room(self) -> Room:
        """The room with the keys known by now."""
        return self.lobby.room

    def enter(self, timeout: float = 60.0, **options: Any) -> Members:
        """Join as the host; options as for `join`."""
        return join(self.path, self.room.host, None, timeout, **options)

    def invite(self, name: str, lifetime: float = LIFETIME) -> Ticket:
        """A new ticket in place of one that was lost or has expired."""
        self.tickets[name] = self.lobby.invite(name, lifetime)
        return self.tickets[name]

    def close(self) -> None:
        """Close the lobby: nobody can rejoin, who is in stays in."""
        self.lobby.close()


def host(
    room_name: str,
    me: str,
    others: Sequence[str],
    scheme: str = "rep3",
    folder: str | Path = ".",
    address: str = "127.0.0.1",
    *,
    keys: Mapping[str, str] | None = None,
) -> Hosting:
    """Open a room at `address`, an IP address or name under which the others reach this machine.

    Parties whose keys are given, or are among the contacts, need no ticket.
    """
    if not is_room(room_name):
        raise SetupError("a room's name is 1 to 64 letters, digits, _ and -, first a letter")
    identity = load_or_create(me)
    listed = {**contacts(), **(keys or {}), me: identity.public}
    room = new(room_name, me, list(others), scheme, listed)
    path = Path(folder) / f"{room_name}.mpc"
    _check_free(path, identity.public)
    lobby = Lobby(identity, endpoint(_numeric(address), "*"))
    port = lobby.endpoint.rpartition(":")[2]
    return _serve(replace(room, lobby=endpoint(address, port)), path, lobby)


def reopen(path: str | Path, me: str) -> Hosting:
    """Host a room again after a restart, at the lobby address its file states."""
    room, identity = read(Path(path)), load_or_create(me)
    if room.host != me or room.keys[room.names.index(me)] != identity.public:
        raise SetupError(f"{path} was not made by {me} of this user; its host can reopen it")
    where, _, port = room.lobby.removeprefix("tcp://").rpartition(":")
    listen = endpoint(_numeric(where.strip("[]")), port)
    return _serve(room, Path(path), Lobby(identity, listen))


def _serve(room: Room, path: Path, lobby: Lobby) -> Hosting:
    def keep(changed: Room) -> None:
        with contextlib.suppress(OSError):  # the lobby itself still knows
            write(changed, path)

    register = Register(room)
    tickets = {seat.name: register.invite(seat.name) for seat in room.parties if not seat.key}
    try:
        write(room, path)
    except OSError:
        lobby.close()
        raise SetupError(f"{path} cannot be written; choose another folder") from None
    lobby.serve(register, keep)
    return Hosting(path, lobby, tickets)


def _check_free(path: Path, public: str) -> None:
    """A file of our own earlier room may be replaced, nothing else."""
    if not path.exists():
        return
    try:
        room = read(path)
        ours = room.keys[room.names.index(room.host)] == public
    except SetupError:
        ours = False
    if not ours:
        raise SetupError(f"{path} exists and is no room of yours; choose another name or folder")


def _numeric(address: str) -> str:
    """The IP address to listen at."""
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        pass
    try:
        return str(socket.gethostbyname(address))
    except OSError:
        raise SetupError(
            "the address to host at is neither an IP address nor a known name"
        ) from None
