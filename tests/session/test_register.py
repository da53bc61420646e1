"""The register without sockets: who is admitted, and what each may say."""

from dataclasses import replace

import pytest
import zmq

from mpckernel.errors import SetupError
from mpckernel.session.register import Register
from mpckernel.session.roomfile import new, terms
from mpckernel.session.ticket import Ticket

KEYS = {name: zmq.curve_keypair()[0].decode() for name in ("alice", "bob", "carol", "dave")}


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(clock: Clock) -> Register:
    room = new("clinic", "alice", ["bob", "carol"], "rep3", {"alice": KEYS["alice"]})
    return Register(replace(room, lobby="tcp://127.0.0.1:7001"), clock)


def enrol(register: Register, ticket: Ticket, name: str, key: str | None = None) -> str:
    body = {"type": "lobby_enrol", "party": name, "key": key or KEYS[name]}
    answer, _ = register.handle(ticket.keys(register.room.id, name)[0], body)
    return answer.get("why", answer["type"])


def here(register: Register, key: str, name: str, **change: str) -> str:
    body = {"type": "lobby_here", "party": name, "terms": terms(register.room), **change}
    answer, _ = register.handle(key, body)
    return answer.get("why", answer["type"])


def test_only_listed_keys_and_tickets_are_admitted(register: Register) -> None:
    ticket = register.invite("bob")
    assert register.admits(KEYS["alice"])
    assert register.admits(ticket.keys(register.room.id, "bob")[0])
    assert not register.admits(ticket.keys(register.room.id, "carol")[0])
    assert not register.admits(ticket.keys("0" * 32, "bob")[0])
    assert not register.admits(KEYS["bob"])
    assert not register.admits("")


def test_a_ticket_works_once(register: Register) -> None:
    ticket = register.invite("bob")
    assert enrol(register, ticket, "bob") == "lobby_enrolled"
    assert not register.admits(ticket.keys(register.room.id, "bob")[0])
    assert register.admits(KEYS["bob"])
    assert enrol(register, ticket, "bob", KEYS["dave"]) == "ticket"
    assert register.member(KEYS["dave"]) is None
    with pytest.raises(SetupError, match="without a ticket"):
        register.invite("bob")


def test_a_ticket_expires(register: Register, clock: Clock) -> None:
    ticket = register.invite("bob", lifetime=60)
    clock.now += 59.9
    assert register.admits(ticket.keys(register.room.id, "bob")[0])
    clock.now += 0.1
    assert not register.admits(ticket.keys(register.room.id, "bob")[0])
    assert enrol(register, ticket, "bob") == "ticket"


def test_a_ticket_is_for_one_name(register: Register) -> None:
    key = register.invite("bob").keys(register.room.id, "bob")[0]
    body = {"type": "lobby_enrol", "party": "carol", "key": KEYS["carol"]}
    assert register.handle(key, body)[0]["why"] == "ticket"
    assert register.member(KEYS["carol"]) is None


def test_a_new_ticket_ends_the_old_one(register: Register) -> None:
    old, fresh = register.invite("bob"), register.invite("bob")
    assert enrol(register, old, "bob") == "ticket"
    assert enrol(register, fresh, "bob") == "lobby_enrolled"
    with pytest.raises(SetupError):
        register.invite("dave")


@pytest.mark.parametrize("key", ["", "x" * 39, KEYS["alice"]])
def test_keys_that_cannot_be_enrolled(register: Register, key: str) -> None:
    ticket = register.invite("bob")
    body = {"type": "lobby_enrol", "party": "bob", "key": key}
    answer, _ = register.handle(ticket.keys(register.room.id, "bob")[0], body)
    assert answer["why"] == "key"
    assert register.admits(ticket.keys(register.room.id, "bob")[0]), "the ticket is not used up"


def test_a_ticket_key_cannot_be_enrolled_as_an_identity(register: Register) -> None:
    bob, carol = register.invite("bob"), register.invite("carol")
    assert enrol(register, bob, "bob", carol.keys(register.room.id, "carol")[0]) == "key"


def test_members_speak_for_themselves_alone(register: Register) -> None:
    assert enrol(register, register.invite("bob"), "bob") == "lobby_enrolled"
    assert here(register, KEYS["bob"], "bob") == "lobby_waiting"
    assert here(register, KEYS["bob"], "alice") == "name"
    assert here(register, KEYS["dave"], "carol") == "key"
    assert here(register, KEYS["bob"], "bob", terms="0" * 64) == "file"
    body = {"type": "lobby_at", "endpoint": "tcp://127.0.0.1:1"}
    assert register.handle(KEYS["dave"], body)[0]["why"] == "key"
    assert register.handle(KEYS["bob"], {"type": "lobby_table"})[0]["why"] == "message"
    assert register.handle(KEYS["bob"], {**body, "endpoint": "ipc:///x"})[0]["why"] == "address"
    assert register.missing() == ["alice", "bob", "carol"]


def test_all_are_told_when_it_is_complete(register: Register) -> None:
    bob, carol = register.invite("bob"), register.invite("carol")
    enrol(register, bob, "bob")
    body = {"type": "lobby_enrol", "party": "carol", "key": KEYS["carol"]}
    _, pushes = register.handle(carol.keys(register.room.id, "carol")[0], body)
    keys = [KEYS["alice"], KEYS["bob"], KEYS["carol"]]
    assert {name for name, told in pushes if told.get("keys") == keys} == {"alice", "bob", "carol"}
    told: list[tuple[str, list[str]]] = []
    for port, name in enumerate(("alice", "bob", "carol"), 1):
        at = {"type": "lobby_at", "endpoint": f"tcp://127.0.0.1:{port}"}
        answer, pushes = register.handle(KEYS[name], at)
        told += [(who, push["missing"]) for who, push in pushes if "missing" in push]
    assert all(who not in missing for who, missing in told)
    assert answer["type"] == "lobby_table"
    assert answer["endpoints"] == [f"tcp://127.0.0.1:{port}" for port in (1, 2, 3)]
    assert [name for name, _ in pushes] == ["alice", "bob"]
    again, pushes = register.handle(KEYS["bob"], {**at, "endpoint": "tcp://127.0.0.1:9"})
    assert again["endpoints"][1] == "tcp://127.0.0.1:9"
    assert again["session"] == answer["session"]
    assert len(pushes) == 2
