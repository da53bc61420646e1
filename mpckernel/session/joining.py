"""Enter a room: show who we are, learn every key, open our links, learn where the others are.

First the keys, then our own socket with exactly those keys allowed, then its address to the lobby:
so no address is known to anybody before the door behind it is closed to strangers. What the lobby
says can only fill gaps in the room file; nothing that the file states can be changed by it, and
whether all parties mean the same room is settled between them, by the digest in the mesh's hello.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mpckernel.errors import PeerError, SetupError
from mpckernel.session.calling import Caller, NotAdmittedError, Patience
from mpckernel.session.identity import Identity, home, load_or_create, private_folder
from mpckernel.session.names import endpoint, host_of, is_address, is_key
from mpckernel.session.roomfile import Room, digest, read, terms, write
from mpckernel.session.spoken import words
from mpckernel.session.ticket import Ticket
from mpckernel.transport.zmq import ZmqTransport
from mpckernel.wire.control import Body


@dataclass(slots=True, eq=False)
class Members:
    """A room that is complete: everybody's name, key and address, and our open links."""

    room: Room
    me: int
    endpoints: tuple[str, ...]
    digest: str
    session: str
    transport: ZmqTransport = field(repr=False)
    _seat: IO[str] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Parties in room order."""
        return self.room.names

    @property
    def public_keys(self) -> tuple[str, ...]:
        """Z85, in room order."""
        return self.room.keys

    @property
    def scheme(self) -> str:
        """Such as rep3."""
        return self.room.scheme

    @property
    def room_name(self) -> str:
        """As the host named it."""
        return self.room.name

    @property
    def words(self) -> tuple[str, ...]:
        """The room's fingerprint to compare aloud: the same six words at every party."""
        return words(self.digest)

    def look_up(self, timeout: float = 5.0) -> tuple[str, ...]:
        """Everybody's address as the lobby knows it now: one that rejoined may have moved."""
        identity = load_or_create(self.names[self.me])
        patience = Patience(time.monotonic() + timeout)
        with Caller(self.room, identity.public, identity.secret, patience) as caller:
            return _table(self.room, self.me, self.transport.endpoint, caller)[0]

    def close(self) -> None:
        """Leave: close the links and free this party's seat for another notebook."""
        self.transport.close()
        self._seat.close()


def join(
    path: str | Path,
    me: str,
    ticket: str | None = None,
    timeout: float = 60.0,
    *,
    address: str | None = None,
    notice: Callable[[list[str]], None] | None = None,
    cancelled: threading.Event | None = None,
) -> Members:
    """Enter the room of this file as `me`; returns when all parties are in.

    `address` is the IP address at which others reach this machine, by default the one from which
    it reaches the lobby. `notice` is called with the names still missing, `cancelled` ends the
    wait. Blocking: for a thread of its own.
    """
    path = Path(path)
    room, identity = read(path), load_or_create(me)
    if me not in room.names:
        raise SetupError(f"{path} has no party {me}; its parties are {', '.join(room.names)}")
    listed = room.keys[room.names.index(me)]
    if listed and listed != identity.public:
        raise SetupError(f"{path} lists another key for {me} than the one of this user")
    patience = Patience(time.monotonic() + timeout, notice, cancelled)
    seat = _take_seat(room, me)
    try:
        if ticket and not listed:
            _enrol(room, identity, Ticket.parse(ticket), patience)
        members = _enter(room, identity, seat, patience, address)
    except BaseException:
        seat.close()
        raise
    if members.room != room:
        _keep(members.room, path)
    return members


def _enrol(room: Room, identity: Identity, ticket: Ticket, patience: Patience) -> None:
    """Hand our key to the lobby over a link that the ticket opens."""
    with Caller(room, *ticket.keys(room.id, identity.name), patience) as caller:
        body = {"type": "lobby_enrol", "party": identity.name, "key": identity.public}
        # Used already? Perhaps by us, in an attempt that was cut off: our own key will tell.
        with contextlib.suppress(NotAdmittedError):
            caller.ask(body, "lobby_enrolled")


def _enter(
    room: Room, identity: Identity, seat: IO[str], patience: Patience, address: str | None
) -> Members:
    me = room.names.index(identity.name)
    with Caller(room, identity.public, identity.secret, patience) as caller:
        body = {"type": "lobby_here", "party": identity.name, "terms": terms(room)}
        try:
            answer = caller.ask(body, "lobby_keys")
        except NotAdmittedError:
            raise SetupError(
                f"the host of room {room.name} does not know the key of {identity.name}; join with "
                f"a ticket: it is good once, for this name, and for a limited time"
            ) from None
        room = _filled(room, me, identity, answer)
        transport = _open(room, me, identity, seat, address)
        try:
            endpoints, session = _table(room, me, transport.endpoint, caller)
            transport.dial(endpoints)
        except BaseException:
            transport.close()
            raise
    return Members(room, me, endpoints, digest(room), session, transport, seat)


def _filled(room: Room, me: int, identity: Identity, answer: Body) -> Room:
    """The room with the keys the lobby has for the gaps; ours and all listed ones must agree."""
    keys = answer["keys"]
    sound = len(keys) == len(room.parties) and all(is_key(key) for key in keys)
    if not sound or len(set(keys)) != len(keys) or keys[me] != identity.public:
        raise PeerError(f"the lobby of room {room.name} sent a wrong list of keys")
    if any(ours not in ("", theirs) for ours, theirs in zip(room.keys, keys, strict=True)):
        raise PeerError(f"the lobby of room {room.name} contradicts the keys in the room file")
    return room.with_keys(dict(zip(room.names, keys, strict=True)))


def _table(room: Room, me: int, ours: str, caller: Caller) -> tuple[tuple[str, ...], str]:
    """Everybody's address and the lobby's session, once all are there."""
    answer = caller.ask({"type": "lobby_at", "endpoint": ours}, "lobby_table")
    endpoints = tuple(answer["endpoints"])
    sound = len(endpoints) == len(room.parties) and all(is_address(each) for each in endpoints)
    if not sound or endpoints[me] != ours:
        raise PeerError(f"the lobby of room {room.name} sent a wrong table of addresses")
    return endpoints, answer["session"]


def _open(
    room: Room, me: int, identity: Identity, seat: IO[str], address: str | None
) -> ZmqTransport:
    """Our links' own end: at the fixed address, else where it was last time, else anywhere.

    Where it was last time, the others' sockets find it again without being told.
    """
    fixed = room.parties[me].address
    anywhere = endpoint(address or _outgoing(room.lobby), 0)
    last = seat.read(300).strip()
    same_host = is_address(last) and host_of(last) == host_of(endpoint(host_of(anywhere), 1))
    choices = [fixed] if fixed else [last, anywhere] if same_host else [anywhere]
    for choice in choices:
        try:
            transport = ZmqTransport(me, room.keys, identity.secret, choice, f"room {room.id}")
        except SetupError:
            if choice == choices[-1]:
                raise
            continue
        break
    seat.seek(0)
    seat.truncate()
    seat.write(transport.endpoint)
    seat.flush()
    return transport


def _outgoing(lobby: str) -> str:
    """The address of this machine on the way to the lobby; nothing is sent."""
    host = host_of(lobby)
    try:
        family, kind, _, _, target = socket.getaddrinfo(host, 9, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.connect(target)
            return str(probe.getsockname()[0])
    except OSError:
        raise SetupError("the lobby's host name in the room file has no address here") from None


def _take_seat(room: Room, me: str) -> IO[str]:
    """The file that says this user plays `me` in this room; one kernel at a time holds it."""
    path = private_folder(private_folder(home()) / "rooms") / f"{room.id}-{me}"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    seat = os.fdopen(handle, "r+", encoding="utf-8")
    try:
        import fcntl  # not on Windows, where two notebooks are not told apart

        fcntl.flock(seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        pass
    except OSError:
        seat.close()
        raise SetupError(
            f"{me} is in room {room.name} already, in another notebook of this user; leave it there"
        ) from None
    return seat


def _keep(room: Room, path: Path) -> None:
    """Note the keys in our copy of the file: from now on the lobby cannot tell us others."""
    with contextlib.suppress(OSError):  # a read-only copy: the next join asks the lobby again
        write(room, path)
