"""Mesh start: everybody ends with the same mesh, or nobody goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import PeerError, SetupError
from mpckernel.wire import control
from mpckernel.wire.hello import Hello

ROOM = "5a" * 32


def mesh(n, room=ROOM):
    return [Hello(i, n, room) for i in range(n)]


def hear(machine, bodies):
    for body in bodies:
        machine.receive(1, body)


def settle(machines, pick=lambda links: links[0], tamper=lambda i, j, body: body):
    """Deliver everything, links in the order `pick` chooses, each link in its own order."""
    queues = {(i, j): [] for i in range(len(machines)) for j in range(len(machines)) if i != j}

    def say(i, bodies):
        for body in bodies:
            for j in range(len(machines)):
                if i != j:
                    raw = control.encode(tamper(i, j, dict(body)))
                    queues[i, j].append(control.decode(raw))

    for i, machine in enumerate(machines):
        say(i, machine.open())
    while links := [link for link, queue in queues.items() if queue]:
        i, j = pick(links)
        say(j, machines[j].receive(i, queues[i, j].pop(0)))


@given(st.integers(1, 5), st.data())
def test_all_agree_in_any_order_of_arrival(n, data):
    machines = mesh(n)
    settle(machines, pick=lambda links: data.draw(st.sampled_from(links)))
    assert all(machine.done for machine in machines)
    assert len({machine.mesh_id for machine in machines}) == 1
    keys = {}
    for machine in machines:
        assert machine.missing() == []
        for pair, key in machine.keys.items():
            assert machine.me in pair
            assert len(key) == 32
            assert keys.setdefault(pair, key) == key
    assert len(set(keys.values())) == len(keys) == n * (n - 1) // 2


def test_a_second_start_has_other_keys():
    first, second = mesh(3), mesh(3)
    settle(first)
    settle(second)
    assert first[0].mesh_id != second[0].mesh_id
    assert not set(first[0].keys.values()) & set(second[0].keys.values())


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("version", 2, SetupError),
        ("room", "5b" * 32, SetupError),
        ("party", 2, SetupError),
        ("nonce", "", PeerError),
        ("nonce", "AB" * 32, PeerError),
        ("nonce", "ab " * 32, PeerError),
        ("key", "zz" * 32, PeerError),
        ("key", "ab" * 31, PeerError),
        ("key", "00" * 32, PeerError),
        ("key", "01" + "00" * 31, PeerError),
    ],
)
def test_a_wrong_hello_is_refused(field, value, error):
    def tamper(i, j, body):
        return {**body, field: value} if i == 1 and body["type"] == "hello" else body

    with pytest.raises(error) as refused:
        settle(mesh(3), tamper=tamper)
    assert "party 1" in str(refused.value)
    assert len(str(value)) < 3 or value not in str(refused.value)


@pytest.mark.parametrize("field", ["nonce", "key"])
def test_an_echoed_hello_is_refused(field):
    machine = Hello(0, 2, ROOM)
    (ours,) = machine.open()
    theirs = Hello(1, 2, ROOM).open()[0]
    with pytest.raises(PeerError):
        machine.receive(1, {**theirs, field: ours[field]})


@pytest.mark.parametrize("field", ["nonce", "key"])
def test_two_faces_are_noticed(field):
    other = Hello(0, 3, ROOM).open()[0][field]

    def tamper(i, j, body):
        two_faced = (i, j) == (0, 1) and body["type"] == "hello"
        return {**body, field: other} if two_faced else body

    machines = mesh(3)
    with pytest.raises(PeerError):
        settle(machines, tamper=tamper)
    assert not any(machine.done for machine in machines)


def test_the_steps_are_kept():
    hello = Hello(1, 3, ROOM).open()[0]
    confirm = {"type": "confirm", "hash": "00" * 32}
    for wrong in ([confirm], [hello, hello], [{"type": "bye"}], [hello, confirm, confirm]):
        machine = Hello(0, 3, ROOM)
        with pytest.raises(SetupError):
            hear(machine, wrong)
        assert not machine.done


def test_nothing_secret_is_shown_or_kept():
    machine = mesh(2)
    settle(machine)
    assert not hasattr(machine[0], "_secret")
    assert machine[0].keys[frozenset((0, 1))].hex() not in repr(machine[0])
