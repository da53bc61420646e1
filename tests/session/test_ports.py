"""A port that somebody else has: one sentence, and nothing left open behind it."""

import socket
from pathlib import Path

import pytest
import zmq

from mpckernel.errors import SetupError
from mpckernel.session.hosting import host, reopen
from mpckernel.transport.zmq import ZmqTransport


@pytest.fixture
def taken():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one.getsockname()[1]


def test_a_link_says_that_the_port_is_in_use(taken):
    pairs = [zmq.curve_keypair() for _ in range(3)]
    with pytest.raises(SetupError, match=f"{taken}: the port is in use"):
        ZmqTransport(0, [public for public, _ in pairs], pairs[0][1], f"tcp://127.0.0.1:{taken}")


@pytest.mark.slow
def test_a_room_that_was_hosted_elsewhere_meanwhile(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))
    opened = host("clinic", "alice", ["bob", "carol"], folder=tmp_path)
    path = opened.path
    with pytest.raises(SetupError, match="the port is in use"):
        reopen(path, "alice")
    opened.close()
    again = reopen(path, "alice")
    again.close()


def test_an_address_of_another_machine(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))
    with pytest.raises(SetupError, match="is it an address of this machine"):
        host("clinic", "alice", ["bob", "carol"], folder=tmp_path, address="192.0.2.1")
