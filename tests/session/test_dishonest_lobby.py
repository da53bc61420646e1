"""A lobby that lies: what it says may fill gaps of the room file and contradict nothing."""

from dataclasses import replace
from typing import Any

import pytest
import zmq

from mpckernel.errors import PeerError
from mpckernel.session.identity import Identity
from mpckernel.session.joining import _filled, _table
from mpckernel.session.roomfile import Room, new

KEYS = [zmq.curve_keypair()[0].decode() for _ in range(4)]
BOB = Identity("bob", KEYS[1], b"")
OURS = "tcp://127.0.0.1:2"


@pytest.fixture
def room() -> Room:
    made = new("clinic", "alice", ["bob", "carol"], "rep3", {"alice": KEYS[0]})
    return replace(made, lobby="tcp://127.0.0.1:7001")


class Liar:
    """Answers every question with the same thing."""

    def __init__(self, endpoints: list[Any]) -> None:
        self.endpoints = endpoints

    def ask(self, body: dict[str, Any], wanted: str) -> dict[str, Any]:
        return {"type": wanted, "endpoints": self.endpoints, "session": "0"}


def test_gaps_are_filled(room: Room) -> None:
    filled = _filled(room, 1, BOB, {"keys": KEYS[:3]})
    assert filled.keys == tuple(KEYS[:3])
    assert filled.names == room.names


@pytest.mark.parametrize(
    "keys",
    [
        KEYS[:2],
        KEYS,
        [KEYS[3], *KEYS[1:3]],  # another key for the host than the file says
        [KEYS[0], KEYS[3], KEYS[2]],  # another key for us than ours
        [KEYS[0], KEYS[1], KEYS[1]],
        [KEYS[0], KEYS[1], ""],
        [KEYS[0], KEYS[1], None],
        [KEYS[0], KEYS[1], {}],
        [KEYS[0], KEYS[1], "x" * 39],
    ],
)
def test_wrong_keys_are_refused(room: Room, keys: list[Any]) -> None:
    with pytest.raises(PeerError) as caught:
        _filled(room, 1, BOB, {"keys": keys})
    assert not any(key in str(caught.value) for key in KEYS)


def test_a_key_once_kept_stays(room: Room) -> None:
    kept = _filled(room, 1, BOB, {"keys": KEYS[:3]})
    with pytest.raises(PeerError, match="contradicts"):
        _filled(kept, 1, BOB, {"keys": [KEYS[0], KEYS[1], KEYS[3]]})


@pytest.mark.parametrize(
    "endpoints",
    [
        [],
        ["tcp://127.0.0.1:1", OURS],
        ["tcp://127.0.0.1:1", "tcp://127.0.0.1:9", "tcp://127.0.0.1:3"],
        ["ipc:///tmp/x", OURS, "tcp://127.0.0.1:3"],
        [None, OURS, {}],
    ],
)
def test_wrong_tables_are_refused(room: Room, endpoints: list[Any]) -> None:
    with pytest.raises(PeerError):
        _table(room, 1, OURS, Liar(endpoints))  # type: ignore[arg-type]


def test_a_right_table(room: Room) -> None:
    table = ["tcp://127.0.0.1:1", OURS, "tcp://[::1]:3"]
    assert _table(room, 1, OURS, Liar(table)) == (tuple(table), "0")  # type: ignore[arg-type]
