"""The host's register of a room: who may come in, who has come, what to answer. No I/O.

A caller is known by the key its link was authenticated with, and by nothing it says. What is said:

    enrol   with a ticket's key: "my own key is ..."          -> enrolled
    here    with a listed key: "I hold this room file"        -> keys, or waiting
    at      with a listed key: "my links end at ..."          -> table, or waiting

Answers that others wait for are pushed to them when they become possible. A second `at` is a
rejoin: it replaces the address.

Source: ours; messages are those of `wire.control`.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from mpckernel.errors import SetupError
from mpckernel.session.names import is_address, is_key
from mpckernel.session.roomfile import Room, terms
from mpckernel.session.ticket import LIFETIME, Ticket
from mpckernel.wire.control import define

Body: TypeAlias = dict[str, Any]
Pushes: TypeAlias = list[tuple[str, Body]]

define("lobby_enrol", party=str, key=str)
define("lobby_here", party=str, terms=str)
define("lobby_at", endpoint=str)
define("lobby_enrolled")
define("lobby_waiting", missing=list)
define("lobby_keys", keys=list)
define("lobby_table", endpoints=list, session=str)
define("lobby_refused", why=str)


@dataclass(frozen=True, slots=True)
class _Invitation:
    name: str
    expires: float


class Register:
    """State of one lobby. One thread at a time."""

    def __init__(self, room: Room, clock: Callable[[], float] = time.time) -> None:
        self.room = room
        self.session = secrets.token_hex(32)
        self.endpoints: dict[str, str] = {}
        self._clock = clock
        self._invitations: dict[str, _Invitation] = {}

    def invite(self, name: str, lifetime: float = LIFETIME) -> Ticket:
        """A new ticket for a party without a key; earlier ones for that party end."""
        if name not in self.room.names:
            raise SetupError("a ticket is for a party of the room; this name is not one of them")
        if self._keys()[name]:
            raise SetupError(f"the key of {name} is known: {name} joins without a ticket")
        ticket = Ticket()
        public, _ = ticket.keys(self.room.id, name)
        others = {key: each for key, each in self._invitations.items() if each.name != name}
        self._invitations = {**others, public: _Invitation(name, self._clock() + lifetime)}
        return ticket

    def admits(self, key: str) -> bool:
        """Whether a link with this authenticated key may stand."""
        return self.member(key) is not None or self._invitation(key) is not None

    def member(self, key: str) -> str | None:
        """The party this key belongs to; an unknown key of a party is "" and belongs to nobody."""
        return next((seat.name for seat in self.room.parties if key == seat.key != ""), None)

    def missing(self) -> list[str]:
        """Parties that have not said where they are, in room order."""
        return [name for name in self.room.names if name not in self.endpoints]

    def handle(self, key: str, body: Body) -> tuple[Body, Pushes]:
        """What to answer the caller with this key, and what to tell others."""
        kind, name = body["type"], self.member(key)
        if kind == "lobby_enrol":
            return self._enrol(key, body)
        if name is None:
            return _refused("key"), []
        if kind == "lobby_here":
            return self._here(name, body), []
        if kind == "lobby_at":
            return self._at(name, body)
        return _refused("message"), []

    def _enrol(self, key: str, body: Body) -> tuple[Body, Pushes]:
        invitation = self._invitation(key)
        if invitation is None or invitation.name != body["party"]:
            return _refused("ticket"), []
        if not is_key(body["key"]) or self.admits(body["key"]):
            return _refused("key"), []
        del self._invitations[key]  # used, from here on
        self.room = self.room.with_keys({invitation.name: body["key"]})
        return {"type": "lobby_enrolled"}, self._to_all(self._keys_or_waiting())

    def _here(self, name: str, body: Body) -> Body:
        if body["party"] != name:
            return _refused("name")
        if body["terms"] != terms(self.room):
            return _refused("file")
        return self._keys_or_waiting()

    def _at(self, name: str, body: Body) -> tuple[Body, Pushes]:
        if not is_address(body["endpoint"]):
            return _refused("address"), []
        self.endpoints[name] = body["endpoint"]
        answer = self._table_or_waiting()
        return answer, [push for push in self._to_all(answer) if push[0] != name]

    def _keys_or_waiting(self) -> Body:
        if self.room.complete:
            return {"type": "lobby_keys", "keys": list(self.room.keys)}
        return {
            "type": "lobby_waiting",
            "missing": [n for n, key in self._keys().items() if not key],
        }

    def _table_or_waiting(self) -> Body:
        if missing := self.missing():
            return {"type": "lobby_waiting", "missing": missing}
        endpoints = [self.endpoints[name] for name in self.room.names]
        return {"type": "lobby_table", "endpoints": endpoints, "session": self.session}

    def _to_all(self, body: Body) -> Pushes:
        """`body` for every party; nobody is told to wait for itself."""
        if "missing" not in body:
            return [(name, body) for name in self.room.names]
        absent = body["missing"]
        return [
            (name, {**body, "missing": [each for each in absent if each != name]})
            for name in self.room.names
        ]

    def _keys(self) -> dict[str, str]:
        return dict(zip(self.room.names, self.room.keys, strict=True))

    def _invitation(self, key: str) -> _Invitation | None:
        found = self._invitations.get(key)
        return found if found and self._clock() < found.expires else None


def _refused(why: str) -> Body:
    return {"type": "lobby_refused", "why": why}
