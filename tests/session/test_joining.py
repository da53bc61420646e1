"""Rooms over real sockets: three members meet, strangers stay outside."""

import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import zmq

from mpckernel.errors import Interrupted, SetupError, TransportError
from mpckernel.session.calling import Caller, NotAdmittedError, Patience
from mpckernel.session.hosting import Hosting, host, reopen
from mpckernel.session.identity import add_contact, load_or_create
from mpckernel.session.joining import Members, join
from mpckernel.session.roomfile import digest, read, write
from mpckernel.transport.base import Message
from mpckernel.wire.hello import Hello

pytestmark = pytest.mark.slow
NAMES = ("alice", "bob", "carol")


@pytest.fixture
def hosting(tmp_path: Path) -> Iterator[Hosting]:
    opened = host("clinic", "alice", ["bob", "carol"], folder=tmp_path)
    yield opened
    opened.close()


def copy(hosting: Hosting, name: str, old: str = "", fresh: str = "") -> Path:
    """The room file as `name` received it, perhaps changed on the way."""
    path = hosting.path.with_name(f"{name}s.mpc")
    text = hosting.path.read_text()
    assert old in text
    path.write_text(text.replace(old, fresh, 1))
    return path


def text_of(hosting: Hosting, name: str) -> str:
    return hosting.tickets[name].text()


def come_and_go(path: Path, name: str, ticket: str | None = None) -> list[str]:
    """Join until told who is missing, then give up; who was missing."""
    told: list[str] = []
    stop = threading.Event()

    def notice(names: list[str]) -> None:
        told.extend(names)
        stop.set()

    with pytest.raises(Interrupted):
        join(path, name, ticket, 30, notice=notice, cancelled=stop)
    return told


@contextmanager
def everybody(hosting: Hosting) -> Iterator[list[Members]]:
    with ThreadPoolExecutor(3) as pool:
        futures: list[Future[Members]] = [pool.submit(hosting.enter, 20)]
        for name in NAMES[1:]:
            ticket = text_of(hosting, name)
            futures.append(pool.submit(join, copy(hosting, name), name, ticket, 20))
        members = [future.result(30) for future in futures]
    try:
        yield members
    finally:
        for each in members:
            each.close()


def test_three_meet_with_tickets(hosting: Hosting) -> None:
    with everybody(hosting) as members:
        assert [each.me for each in members] == [0, 1, 2]
        assert len({each.digest for each in members}) == 1
        assert len({each.words for each in members}) == 1
        assert len({each.session for each in members}) == 1
        assert {each.endpoints for each in members} == {members[0].endpoints}
        assert members[2].public_keys == tuple(load_or_create(name).public for name in NAMES)
        for each in members:
            for peer in {0, 1, 2} - {each.me}:
                each.transport.send(peer, [bytes([each.me])])
        for each in members:
            events = [each.transport.receive(10) for _ in range(2)]
            assert all(isinstance(event, Message) for event in events)
            assert {e.peer for e in events} == {0, 1, 2} - {each.me}
            assert all(bytes(e.parts[0]) == bytes([e.peer]) for e in events)
        assert read(hosting.path) == members[0].room, "the keys are kept for the next time"
        assert read(hosting.path.with_name("bobs.mpc")).complete


def test_known_keys_need_no_ticket(tmp_path: Path) -> None:
    add_contact("bob", load_or_create("bob").public)
    keys = {"carol": load_or_create("carol").public}
    hosting = host("clinic", "alice", ["bob", "carol"], folder=tmp_path, keys=keys)
    try:
        assert hosting.tickets == {}
        with ThreadPoolExecutor(3) as pool:
            members = list(pool.map(lambda name: join(hosting.path, name, timeout=20), NAMES))
        assert len({each.digest for each in members}) == 1
        for each in members:
            each.close()
    finally:
        hosting.close()


def test_rejoin_at_the_same_address_and_elsewhere(hosting: Hosting) -> None:
    with everybody(hosting) as members:
        alice, bob = members[:2]
        path = hosting.path.with_name("bobs.mpc")
        with pytest.raises(SetupError, match="already"):
            join(path, "bob", timeout=5)
        bob.close()
        back = join(path, "bob", timeout=10)
        assert back.endpoints == alice.endpoints
        assert back.digest == alice.digest
        back.close()
        with zmq.Context() as context, context.socket(zmq.PULL) as squatter:
            squatter.bind(alice.endpoints[1])
            moved = join(path, "bob", timeout=10)
        assert moved.endpoints[1] != alice.endpoints[1]
        assert alice.look_up() == moved.endpoints
        moved.close()


def test_the_host_can_reopen(hosting: Hosting) -> None:
    with everybody(hosting):
        pass
    hosting.close()
    with pytest.raises(SetupError):
        reopen(hosting.path, "bob")
    again = reopen(hosting.path, "alice")
    try:
        assert again.tickets == {}
        with ThreadPoolExecutor(3) as pool:
            members = list(pool.map(lambda name: join(again.path, name, timeout=20), NAMES))
        assert len({each.digest for each in members}) == 1
        for each in members:
            each.close()
    finally:
        again.close()


def test_the_room_file_alone_opens_nothing(
    hosting: Hosting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = text_of(hosting, "bob")
    join_fails(hosting, "bob", None, "join with a ticket")
    join_fails(hosting, "carol", bob, "join with a ticket")  # a ticket for another name
    other = bob[:-1] + ("0" if bob[-1] != "0" else "1")
    join_fails(hosting, "bob", other, "not a whole ticket")
    hosting.tickets["bob"] = hosting.lobby.invite("bob", lifetime=-1)
    join_fails(hosting, "bob", text_of(hosting, "bob"), "join with a ticket")  # expired
    join_fails(hosting, "bob", bob, "join with a ticket")  # replaced by the expired one
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "stranger"))
    join_fails(hosting, "alice", None, "another key for alice")
    assert hosting.lobby.refused >= 7
    assert hosting.lobby.missing() == list(NAMES)
    assert not hosting.room.complete


def join_fails(hosting: Hosting, name: str, ticket: str | None, why: str) -> None:
    with pytest.raises(SetupError, match=why):
        join(copy(hosting, name), name, ticket, timeout=10)


def test_a_used_ticket_is_dead(
    hosting: Hosting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = text_of(hosting, "bob")
    come_and_go(copy(hosting, "bob"), "bob", ticket)
    enrolled = hosting.room
    assert enrolled.keys[1] == load_or_create("bob").public
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "thief"))
    stolen = copy(hosting, "thief")
    write(read(stolen).with_keys({"bob": ""}), stolen)
    with pytest.raises(SetupError, match="join with a ticket"):
        join(stolen, "bob", ticket, timeout=10)
    assert hosting.room == enrolled


def test_who_was_cut_off_after_the_ticket_can_go_on(hosting: Hosting) -> None:
    ticket, path = text_of(hosting, "bob"), copy(hosting, "bob")
    for _ in range(2):
        assert "carol" in come_and_go(path, "bob", ticket)


def test_a_changed_file_is_refused(hosting: Hosting) -> None:
    changed = copy(hosting, "bob", hosting.room.id[:4], "0000")
    with pytest.raises(SetupError, match="join with a ticket"):
        join(changed, "bob", text_of(hosting, "bob"), timeout=10)
    swapped = copy(hosting, "bob", 'name = "clinic"', 'name = "clinik"')
    with pytest.raises(SetupError, match="differs"):
        join(swapped, "bob", text_of(hosting, "bob"), timeout=10)


def test_another_host_key_in_the_file_is_noticed(hosting: Hosting) -> None:
    stranger = zmq.curve_keypair()[0].decode()
    changed = copy(hosting, "bob", hosting.room.keys[0], stranger)
    with pytest.raises(SetupError, match="does not hold the key of alice"):
        join(changed, "bob", text_of(hosting, "bob"), timeout=20)


def test_parties_with_different_files_do_not_greet(hosting: Hosting) -> None:
    """Should a lobby let different files pass, the mesh's hello does not."""
    with everybody(hosting) as members:
        same, changed = members[0].room, hosting.path.with_name("changed.mpc")
    write(same, changed)
    changed.write_text(changed.read_text().replace('"clinic"', '"clinik"'))
    alice, bob = Hello(0, 2, digest(same)), Hello(1, 2, digest(read(changed)))
    with pytest.raises(SetupError, match="another room file"):
        alice.receive(1, bob.open()[0])
    alice, bob = Hello(0, 2, digest(same)), Hello(1, 2, digest(same))
    assert alice.receive(1, bob.open()[0])


def test_waiting_names_who_is_missing_and_ends(hosting: Hosting) -> None:
    assert come_and_go(hosting.path, "alice") == ["bob", "carol"]
    with pytest.raises(TransportError, match="waited for bob, carol until the deadline"):
        hosting.enter(1.5)
    hosting.close()
    with pytest.raises(TransportError, match="no lobby answers"):
        hosting.enter(0.3)


def test_garbage_and_strangers_leave_the_lobby_standing(hosting: Hosting) -> None:
    room, alice = hosting.room, load_or_create("alice")
    public, secret = zmq.curve_keypair()
    patience = Patience(time.monotonic() + 10)
    with Caller(room, public.decode(), secret, patience) as stranger:
        with pytest.raises(NotAdmittedError):
            stranger.ask({"type": "lobby_at", "endpoint": "tcp://127.0.0.1:1"}, "lobby_table")
    with Caller(room, alice.public, alice.secret, patience) as caller:
        for raw in (b"", b"\xff", b"[" * 1000, b'{"type":"lobby_at"}', b'{"type":"none"}'):
            caller._dealer.send(raw)
        with pytest.raises(SetupError, match="version"):
            caller.ask({"type": "lobby_at", "endpoint": "tcp://127.0.0.1:1"}, "lobby_table")
    with zmq.Context() as context, context.socket(zmq.DEALER) as plain:
        plain.connect(room.lobby)
        plain.send(b"hello", copy=True)
        assert not plain.poll(300)
        plain.close(0)
    with everybody(hosting) as members:
        assert len(members) == 3


def test_files_of_others_are_not_overwritten(tmp_path: Path, hosting: Hosting) -> None:
    host("clinic", "alice", ["bob", "carol"], folder=tmp_path).close()  # our own: replaced
    with pytest.raises(SetupError, match="no room of yours"):
        host("clinic", "bob", ["alice", "carol"], folder=tmp_path)
    shutil.copy(hosting.path, tmp_path / "x.mpc")
    (tmp_path / "x.mpc").write_text("my notes")
    with pytest.raises(SetupError, match="no room of yours"):
        host("x", "alice", ["bob", "carol"], folder=tmp_path)
    with pytest.raises(SetupError):
        host("../x", "alice", ["bob", "carol"], folder=tmp_path)
    with pytest.raises(SetupError):
        host("y", "alice", ["bob", "carol"], folder=tmp_path, address="no such host")


def test_links_of_one_key_are_bounded(hosting: Hosting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpckernel.session.lobby.SPARE", 0)
    room, alice = hosting.room, load_or_create("alice")
    at = {"type": "lobby_at", "endpoint": "tcp://127.0.0.1:1"}

    stop = threading.Event()

    def call() -> Caller:
        stop.clear()
        patience = Patience(time.monotonic() + 30, lambda _: stop.set(), stop)
        return Caller(room, alice.public, alice.secret, patience)

    with ExitStack() as three:
        for _ in range(3):
            caller = three.enter_context(call())
            with pytest.raises(Interrupted):
                caller.ask(at, "lobby_table")
        with call() as one_more, pytest.raises(NotAdmittedError):
            one_more.ask(at, "lobby_table")
    deadline = time.monotonic() + 10
    while hosting.lobby._links and time.monotonic() < deadline:
        time.sleep(0.02)
    with call() as again, pytest.raises(Interrupted):
        again.ask(at, "lobby_table")
