"""Names, keys and addresses: what is one and what is not."""

import pytest
import zmq

from mpckernel.session.names import endpoint, host_of, is_address, is_id, is_key, is_name, is_room


@pytest.mark.parametrize("name", ["alice", "a", "bob_2", "a" * 32])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "Alice", "2bob", "_a", "class", "print", "reveal", "a" * 33, "a-b", "a\n", "é", None, 3],
)
def test_not_names(name: object) -> None:
    assert not is_name(name)


def test_keys() -> None:
    public = zmq.curve_keypair()[0].decode()
    assert is_key(public)
    for wrong in (public[:-1], public + "0", "~" + public[1:], "#" * 40, "", public.encode(), None):
        assert not is_key(wrong)


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "tcp://[::1]:65535", "tcp://clinic.example.org:7001"]
)
def test_addresses(address: str) -> None:
    assert is_address(address)
    assert endpoint(host_of(address), address.rpartition(":")[2]) == address


@pytest.mark.parametrize(
    "address",
    ["", "tcp://", "tcp://a:0", "tcp://a:65536", "ipc:///tmp/x", "tcp://a;b:1", "tcp://a:1\n", 5],
)
def test_not_addresses(address: object) -> None:
    assert not is_address(address)


def test_rooms_and_ids() -> None:
    assert is_room("Clinic-2")
    assert not any(is_room(x) for x in ("", "../x", "a/b", ".x", "a" * 65))
    assert is_id("0" * 32)
    assert not any(is_id(x) for x in ("0" * 31, "A" * 32, "g" * 32))
