"""Links over ZeroMQ: who gets in, who is heard, what is noticed, what is counted."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import zmq

from mpckernel.errors import Bug, SetupError
from mpckernel.transport.base import Back, Lost, Message, Woken
from mpckernel.transport.sockets import MAX_FRAME
from mpckernel.transport.zmq import ZmqTransport

KEYS = [zmq.curve_keypair() for _ in range(4)]
PUBLIC = [public for public, _ in KEYS[:3]]
SOON = 10.0  # a generous deadline: the machine may be busy


@pytest.fixture
def opened():
    """Transports that are closed at the end, whatever happens."""
    transports = []
    yield transports
    for transport in transports:
        transport.close()


@pytest.fixture
def mesh(opened):
    opened += [ZmqTransport(i, PUBLIC, KEYS[i][1]) for i in range(3)]
    for transport in opened:
        transport.dial([other.endpoint for other in opened])
    return opened


@pytest.fixture
def stranger():
    """A maker of sockets that speak to a transport as they like."""
    context = zmq.Context()
    context.setsockopt(zmq.LINGER, 0)
    kept = []

    def make(target, *, keys=None, server=None, kind=zmq.PUSH, routing_id=None):
        one = context.socket(kind)
        kept.append(one)
        if keys:
            one.curve_publickey, one.curve_secretkey = keys
            one.curve_serverkey = server or PUBLIC[target.me]
        if routing_id:
            one.routing_id = routing_id
        one.connect(target.endpoint)
        return one

    yield make
    context.destroy(0)


def body(event):
    assert isinstance(event, Message), event
    return event.peer, b"".join(bytes(part) for part in event.parts)


def refused_within(transport, seconds):
    deadline = time.monotonic() + seconds
    while not transport.refused and time.monotonic() < deadline:
        assert transport.receive(0.02) is None
    return transport.refused


def test_every_pair_talks_and_the_sender_is_right(mesh):
    for one in mesh:
        for peer in one.counters:
            one.send(peer, [b"%d to %d" % (one.me, peer)])
    for one in mesh:
        heard = {body(one.receive(SOON)) for _ in range(2)}
        assert heard == {(peer, b"%d to %d" % (peer, one.me)) for peer in one.counters}


@pytest.mark.parametrize("size", [0, 1, 32, 33, 65535, 65536, 1 << 20, MAX_FRAME - 256])
def test_sizes_and_frames(mesh, size):
    payload = os.urandom(size)
    mesh[0].send(1, [payload])
    mesh[0].send(1, [b"head", memoryview(payload)])
    assert body(mesh[1].receive(SOON)) == (0, payload)
    two = mesh[1].receive(SOON)
    assert [bytes(part) for part in two.parts] == [b"head", payload]
    assert not two.parts[1].readonly


def test_order_and_exact_counters(mesh):
    sizes = [1, 70000, 5, 1 << 20, 0, 300] * 5
    for at, size in enumerate(sizes):
        mesh[2].send(0, [bytes([at]), bytes(size)])
    for at, size in enumerate(sizes):
        assert body(mesh[0].receive(SOON)) == (2, bytes([at]) + bytes(size))
    sent, received = mesh[2].counters[0], mesh[0].counters[2]
    total = sum(sizes) + len(sizes)
    assert (sent.sent_messages, sent.sent_bytes) == (len(sizes), total)
    assert (received.received_messages, received.received_bytes) == (len(sizes), total)
    assert mesh[0].counters[1].received_messages == 0


def test_what_is_sent_before_the_peer_is_there_arrives(opened):
    opened += [ZmqTransport(i, PUBLIC[:2], KEYS[i][1]) for i in range(2)]
    opened[0].dial(["", opened[1].endpoint])
    opened[0].send(1, [b"early"])
    assert body(opened[1].receive(SOON)) == (0, b"early")


def test_a_wait_ends_at_its_deadline(mesh):
    start = time.monotonic()
    assert mesh[0].receive(0.05) is None
    assert time.monotonic() - start >= 0.045
    assert mesh[0].receive(0) is None


def test_wake_from_another_thread_and_before_the_wait(mesh):
    mesh[0].wake()
    mesh[0].wake()
    assert mesh[0].receive(SOON) == Woken()
    assert mesh[0].receive(0) is None
    threading.Timer(0.05, mesh[0].wake).start()
    assert mesh[0].receive(SOON) == Woken()


def test_an_unknown_key_is_refused_and_counted(mesh, stranger):
    stranger(mesh[0], keys=KEYS[3]).send(b"let me in")
    assert refused_within(mesh[0], SOON)


def test_our_own_key_and_keys_of_another_room_are_refused(opened, stranger):
    opened.append(ZmqTransport(0, PUBLIC[:2], KEYS[0][1]))
    for keys in (KEYS[0], KEYS[2]):
        stranger(opened[0], keys=keys).send(b"x")
    assert refused_within(opened[0], SOON)


def test_a_key_without_its_secret_is_refused(mesh, stranger):
    stranger(mesh[0], keys=(PUBLIC[1], KEYS[3][1])).send(b"I am 1")
    assert refused_within(mesh[0], SOON)


def test_without_curve_nobody_gets_in(mesh, stranger):
    stranger(mesh[0]).send(b"plain")
    assert refused_within(mesh[0], SOON)


def test_noise_on_the_port_hurts_nobody(mesh):
    address = mesh[0].endpoint.removeprefix("tcp://").rsplit(":", 1)
    with socket.create_connection(address) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\n\r\n" * 20)
    mesh[1].send(0, [b"still here"])
    assert body(mesh[0].receive(SOON)) == (1, b"still here")


def test_the_key_decides_who_speaks_not_the_routing_id(mesh, stranger):
    for name in (PUBLIC[2], b"2", b"\0\0\0\0\2"):
        stranger(mesh[0], keys=KEYS[1], routing_id=name).send(b"I am 2")
        assert body(mesh[0].receive(SOON)) == (1, b"I am 2")


def test_other_socket_types_are_not_heard(mesh, stranger):
    stranger(mesh[0], keys=KEYS[1], kind=zmq.DEALER).send(b"x")
    assert mesh[0].receive(0.3) is None


def test_a_message_over_the_limit_is_dropped_with_its_connection(mesh, stranger):
    rude = stranger(mesh[0], keys=KEYS[1])
    rude.send(bytes(MAX_FRAME + 1))
    assert mesh[0].receive(0.3) is None
    mesh[1].send(0, [b"still here"])
    assert body(mesh[0].receive(SOON)) == (1, b"still here")


def test_setups_that_would_leave_a_door_open(opened):
    wrong = [
        {"domain": ""},
        {"identities": [*PUBLIC[:2], PUBLIC[1]]},
        {"identities": [*PUBLIC[:2], b"short"]},
        {"identities": [*PUBLIC[:2], PUBLIC[2][:-1] + b"\0"]},
        {"secret_key": KEYS[1][1]},
        {"secret_key": b"no key"},
        {"me": 1},
        {"bind": "tcp://256.0.0.1:0"},
        {"bind": "nonsense"},
    ]
    good = {"me": 0, "identities": PUBLIC, "secret_key": KEYS[0][1]}
    for change in wrong:
        with pytest.raises(SetupError) as refused:
            opened.append(ZmqTransport(**{**good, **change}))
        assert KEYS[0][1].decode() not in str(refused.value)


def test_addresses_that_cannot_be_used(opened):
    opened.append(ZmqTransport(0, PUBLIC, KEYS[0][1]))
    with pytest.raises(Bug):
        opened[0].send(1, [b"x"])
    with pytest.raises(SetupError):
        opened[0].dial(["", ""])
    with pytest.raises(SetupError, match="party 1"):
        opened[0].dial(["", "nonsense://", "tcp://127.0.0.1:9"])
    with pytest.raises(SetupError):
        ZmqTransport(1, PUBLIC, KEYS[1][1], bind=opened[0].endpoint)


def test_ipv6(opened):
    try:
        opened += [ZmqTransport(i, PUBLIC[:2], KEYS[i][1], bind="tcp://[::1]:0") for i in range(2)]
    except SetupError:
        pytest.skip("no IPv6 here")
    for one in opened:
        one.dial([other.endpoint for other in opened])
    opened[0].send(1, [b"six"])
    assert body(opened[1].receive(SOON)) == (0, b"six")


def test_what_was_sent_before_close_arrives(mesh):
    for _ in range(20):
        mesh[0].send(1, [b"head", bytes(1 << 20)])
    mesh[0].close()
    mesh[0].close()
    heard = 0
    while heard < 20:
        event = mesh[1].receive(SOON)
        assert event is not None
        heard += isinstance(event, Message)


def test_a_lost_party_can_come_back_elsewhere_and_old_messages_do_not(mesh, opened):
    endpoints = [one.endpoint for one in mesh]
    mesh[0].send(1, [b"first"])
    assert body(mesh[1].receive(SOON)) == (0, b"first")
    mesh[1].close()
    assert mesh[0].receive(SOON) == Lost(1, "the connection closed or fell silent")
    mesh[0].send(1, [b"to nobody"])
    opened.append(ZmqTransport(1, PUBLIC, KEYS[1][1]))
    opened[-1].dial(endpoints)
    mesh[0].redial(1, opened[-1].endpoint)
    assert mesh[0].receive(SOON) == Back(1)
    mesh[0].send(1, [b"welcome"])
    assert body(opened[-1].receive(SOON)) == (0, b"welcome")
    assert mesh[0].counters[1].sent_messages == 2


@pytest.fixture
def far(opened):
    """Party 1 as a process, connected to a transport of ours."""
    near = ZmqTransport(0, PUBLIC[:2], KEYS[0][1])
    opened.append(near)
    options = {
        "keys": [key.decode() for key in PUBLIC[:2]],
        "secret": KEYS[1][1].decode(),
        "endpoint": near.endpoint,
    }
    script = [sys.executable, str(Path(__file__).with_name("far_party.py"))]
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(
        script,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
    ) as process:
        process.stdin.write(json.dumps(options).encode())
        process.stdin.close()
        near.dial(["", json.loads(process.stdout.readline())])
        assert body(near.receive(SOON)) == (1, b"here")
        near.send(1, [b"echo"])
        assert body(near.receive(SOON)) == (1, b"echo")
        yield near, process
        process.kill()


@pytest.mark.slow
def test_a_killed_party_is_noticed(far):
    near, process = far
    process.kill()
    assert isinstance(near.receive(5.0), Lost)


@pytest.mark.slow
def test_a_stopped_party_is_noticed(far):
    near, process = far
    process.send_signal(signal.SIGSTOP)
    assert isinstance(near.receive(5.0), Lost)
    process.send_signal(signal.SIGCONT)
    assert near.receive(SOON) == Back(1)


@pytest.mark.slow
def test_a_party_that_only_computes_is_not_lost(mesh):
    for _ in range(50):
        mesh[0].send(1, [b"head", bytes(1 << 20)])
    time.sleep(4)
    for _ in range(50):
        assert isinstance(mesh[1].receive(SOON), Message)
    assert mesh[0].receive(0.1) is None
