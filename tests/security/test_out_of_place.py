"""Messages that no honest party sends: an end of the mesh, in bounded memory and time."""

import threading
import time

import numpy as np
import pytest

from mpckernel.array import OwnerName, reveal, share
from mpckernel.errors import MpcError, PeerError
from mpckernel.runtime import mail, mesh
from mpckernel.runtime.limits import Limits
from mpckernel.runtime.room import Room
from mpckernel.session import register as _register  # noqa: F401  (it declares what lobbies say)
from mpckernel.transport.base import Message
from mpckernel.transport.memory import connect
from mpckernel.wire import control
from mpckernel.wire.frames import CONTROL, DATA, HEAD, pack_head
from tests.rooms import NAMES
from tests.runtime.programs import squares
from tests.security.wire import ALICE, BOB, CAROL, errors, is_shut

HELLO = {"type": "hello", "version": 1, "room": "", "party": 2, "nonce": "", "key": ""}


@pytest.mark.parametrize(
    "body",
    [
        {"type": "lobby_keys", "keys": []},
        {"type": "lobby_enrolled"},
        HELLO,
        {"type": "confirm", "hash": ""},
    ],
)
def test_control_messages_out_of_place_are_errors_of_the_peer(wire, body):
    alice = wire.rooms.rooms[ALICE]
    wire.forge(CAROL, ALICE, control.pack(body, alice.mesh._heard[CAROL]))
    is_shut(alice)


@pytest.mark.parametrize("kind", ["agree", "vote"])
def test_a_party_that_greets_again_while_a_cell_runs_ends_the_mesh(wire, monkeypatch, kind):
    wire.instead(monkeypatch, CAROL, kind, lambda tell, _: (wire.says(CAROL, ALICE, HELLO), tell()))
    errors(wire.rooms.start(squares))
    is_shut(wire.rooms.rooms[ALICE])


def test_greetings_before_the_start_are_kept_within_a_bound():
    link = connect(3)[ALICE]
    alice = Room("test", NAMES, link)
    for k in range(100):
        frames = control.pack({**HELLO, "room": "x" * 1000}, k)
        link.put(0.0, Message(CAROL, [memoryview(bytearray(part)) for part in frames]))
    assert "again and again" in str(is_shut(alice))
    assert len(alice._early) <= 2
    with pytest.raises(PeerError):
        alice.start(1)
    alice.close()


@pytest.mark.parametrize("kind", ["heads", "bodies"])
def test_data_of_no_run_is_kept_within_a_bound(wire, monkeypatch, kind):
    monkeypatch.setattr(mesh, "EARLY_BYTES", 1 << 20)
    alice = wire.rooms.rooms[ALICE]
    size = 8 if kind == "heads" else 1 << 14
    count = 3 * (1 << 20) // (size + mesh.EARLY_EACH)
    for k in range(count):
        head = pack_head(DATA, k.to_bytes(16, "little"), 0, size)
        wire.forge(CAROL, ALICE, [head + bytes(size)])
    assert "nobody agreed" in str(is_shut(alice))
    wire.forge(CAROL, ALICE, [pack_head(DATA, bytes(16), 0, 8) + bytes(8)])
    time.sleep(0.5)
    assert not alice.mesh._early


@pytest.mark.parametrize("kind", ["meta", "detail"])
def test_talk_about_a_run_is_kept_within_a_bound(wire, monkeypatch, kind):
    monkeypatch.setattr(mail, "SIZE", 1 << 16)
    alice = wire.rooms.rooms[ALICE]
    long = ["x" * 1000]
    for k in range(100):
        body = {"type": "meta", "run": "r", "index": k, "what": {"shape": long}, "error": ""}
        if kind == "detail":
            body = {"type": "detail", "run": "r", "segment": k, "calls": long}
            body |= {"forms": long, "lines": long}
        wire.forge(CAROL, ALICE, control.pack(body, alice.mesh._heard[CAROL] + k))
    assert "too much" in str(is_shut(alice))


def test_runs_that_a_party_makes_up_drive_out_nothing_that_another_one_said(wire):
    def program(cell):
        if cell.me == CAROL:
            time.sleep(0.3)  # bob has described his input by now
            made_up = [{"type": "join", "run": f"{k}"} for k in range(100)]
            cell.room.job(lambda: [wire.says(CAROL, ALICE, body) for body in made_up])
        if cell.me == ALICE:
            time.sleep(0.6)
        return reveal(share(OwnerName("bob", BOB).x))

    opened = wire.rooms.run(program, [{}, {"x": 7}, {}], limits=Limits(seconds=3))
    assert opened[ALICE].value() == 7
    assert len(wire.rooms.rooms[ALICE].mail._runs) <= 3 * mail.RUNS


def test_a_deadline_holds_while_a_party_never_stops_talking(wire):
    alice = wire.rooms.rooms[ALICE]
    for k in range(20_000):
        ping = {"type": "ping", "number": k}
        wire.forge(CAROL, ALICE, control.pack(ping, alice.mesh._heard[CAROL] + k))
    began = time.monotonic()
    with pytest.raises(MpcError):
        alice.enter("x", Limits(seconds=0.3))
    assert time.monotonic() - began < 5


def test_a_deadline_holds_while_a_party_goes_from_place_to_place(wire):
    """Each time it stands at another cell, whose text differs, and never joins one."""
    carol, over = wire.rooms.rooms[CAROL], threading.Event()

    def moves():
        for k in range(200):
            place = {"type": "enter", "cell": 1, "nonce": f"{k}", "text": f"{k}", "dry": False}
            carol.mesh.submit(lambda body=place: wire.says(CAROL, ALICE, body)).result()
            carol.mesh.submit(lambda body=place: wire.says(CAROL, BOB, body)).result()
            if over.wait(0.05):
                return

    began, restless = time.monotonic(), threading.Thread(target=moves)
    restless.start()
    rooms = wire.rooms.rooms[:CAROL]
    futures = [wire.rooms.pool.submit(r.enter, "x", Limits(seconds=1)) for r in rooms]
    found = errors(futures)
    took = time.monotonic() - began
    over.set()
    restless.join()
    texts = [str(error) for error in found]
    assert any("waited 1 s for carol" in text for text in texts), texts
    assert all("waited 1 s for carol" in t or "waited too long" in t for t in texts), texts
    assert took < 5


def test_random_frames_end_the_mesh_and_nothing_else(wire):
    rng = np.random.default_rng(20)  # noqa: TID251
    for k in range(200):
        size = int(rng.integers(0, 200))
        frame = bytearray(rng.bytes(size))
        if size >= HEAD.size and k % 2:
            frame[: HEAD.size] = pack_head(CONTROL, bytes(16), k, size - HEAD.size)
        wire.forge(CAROL, ALICE, [bytes(frame)])
    text = str(is_shut(wire.rooms.rooms[ALICE]))
    assert text.isascii()
    assert wire.rooms.rooms[ALICE].mesh._thread.is_alive()
