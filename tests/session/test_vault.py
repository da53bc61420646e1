"""Sealed files: what comes back, and every way in which one is not the file that was written."""

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mpckernel.errors import SetupError, UsageError
from mpckernel.session import vault
from mpckernel.session.vault import MAGIC, SEGMENT, Seat, Vault, party_key, read_header

SEAT = Seat("rep3", ("alice", "bob", "carol"), ("A" * 40, "B" * 40, "C" * 40), 0)
SIZES = (0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "notebooks"
    made.mkdir()
    return made


def seal(folder: Path, body: bytes = b"shares", name: str = "model", seat: Seat = SEAT) -> Path:
    part = Vault(seat, folder).prepare(name, {"id": "x"}, [memoryview(body)])
    part.keep()
    return part.place


def refused(folder: Path, match: str, name: str = "model", seat: Seat = SEAT) -> None:
    with pytest.raises(UsageError, match=match) as caught:
        Vault(seat, folder).open(name)
    assert str(folder) not in str(caught.value), "it may be told to the others"


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_comes_back(folder: Path, size: int) -> None:
    body = os.urandom(size)
    pieces = [memoryview(body[:7]), memoryview(b""), memoryview(body[7:])]
    part = Vault(SEAT, folder).prepare("model", {"id": "x", "n": 3}, pieces)
    assert not part.place.exists(), "not before the vote"
    part.keep()
    assert Vault(SEAT, folder).open("model") == ({"id": "x", "n": 3}, body)
    assert [p.name for p in folder.iterdir()] == ["model.alice.shares"]


def test_files_and_keys_are_closed_to_others(folder: Path, own_home: Path) -> None:
    paths = [seal(folder), own_home / "keys" / "alice.vault"]
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in paths)
    paths[1].chmod(0o644)
    with pytest.raises(SetupError, match="other users can read"):
        Vault(SEAT, folder).open("model")


def test_the_body_is_not_in_the_file_and_never_sealed_alike(folder: Path) -> None:
    body = bytes(range(256)) * 8
    first = seal(folder, body).read_bytes()
    second = seal(folder, body).read_bytes()
    assert all(body[k : k + 8] not in first for k in range(0, len(body), 8))
    assert first[-len(body) :] != second[-len(body) :]


def test_a_part_that_is_dropped_leaves_nothing(folder: Path) -> None:
    seal(folder, b"old")
    Vault(SEAT, folder).prepare("model", {}, [memoryview(b"new")]).drop()
    assert Vault(SEAT, folder).open("model")[1] == b"old"
    assert len(list(folder.iterdir())) == 1


def test_every_flipped_bit_is_found(folder: Path) -> None:
    path = seal(folder, os.urandom(40))
    whole = path.read_bytes()
    for k in range(len(whole)):
        changed = bytearray(whole)
        changed[k] ^= 1 << (k % 8)
        path.write_bytes(changed)
        with pytest.raises(UsageError):
            Vault(SEAT, folder).open("model")
    path.write_bytes(whole)
    Vault(SEAT, folder).open("model")


def test_every_length_but_its_own_is_found(folder: Path) -> None:
    path = seal(folder, os.urandom(40))
    whole = path.read_bytes()
    for k in range(len(whole)):
        path.write_bytes(whole[:k])
        refused(folder, "changed|no sealed file")
    path.write_bytes(whole + b"\0")
    refused(folder, "has been changed")


def segments(path: Path) -> tuple[bytes, list[bytes]]:
    raw = path.read_bytes()
    start = len(MAGIC) + 4
    start += int.from_bytes(raw[len(MAGIC) : start], "big") + vault.SALT
    step = SEGMENT + vault.TAG
    return raw[:start], [raw[k : k + step] for k in range(start, len(raw), step)]


@pytest.mark.parametrize(
    "change",
    [
        lambda x: [x[1], x[0], x[2]],
        lambda x: x[:2],
        lambda x: [x[0], x[2]],
        lambda x: [x[0], x[1], x[1], x[2]],
        lambda x: [*x, x[2]],
        lambda x: [],
    ],
)
def test_segments_stay_in_their_places(folder: Path, change: Any) -> None:
    path = seal(folder, os.urandom(3 * SEGMENT))
    head, parts = segments(path)
    assert len(parts) == 3
    path.write_bytes(head + b"".join(change(parts)))
    refused(folder, "has been changed")


def test_the_body_of_one_file_does_not_fit_another(folder: Path) -> None:
    one, two = seal(folder, b"1" * 40, "one"), seal(folder, b"2" * 40, "two")
    (head, _), (_, parts) = segments(one), segments(two)
    one.write_bytes(head + b"".join(parts))
    refused(folder, "has been changed", "one")


def test_a_file_under_another_name(folder: Path) -> None:
    os.rename(seal(folder, name="one"), folder / "two.alice.shares")
    refused(folder, r"two\.alice\.shares is the save one under another name", "two")


def test_a_file_of_another_seat(folder: Path) -> None:
    path = seal(folder, seat=replace(SEAT, me=1))
    os.rename(path, folder / "model.alice.shares")
    refused(folder, r"model\.alice\.shares holds bob's shares, and this is alice")


def test_a_header_that_claims_this_seat_proves_nothing(folder: Path) -> None:
    path = seal(folder, seat=replace(SEAT, me=1))
    raw = path.read_bytes().replace(b'"party":1', b'"party":0')
    (folder / "model.alice.shares").write_bytes(raw)
    refused(folder, "has been changed, or was sealed with another user's key")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(SEAT, parties=("alice", "bob", "dave")), "was saved by alice, bob, dave"),
        (replace(SEAT, parties=("alice", "carol", "bob")), "in this order, .* let alice host"),
        (replace(SEAT, keys=("A" * 40, "X" * 40, "Y" * 40)), "another key of bob, carol"),
        (replace(SEAT, scheme="plain"), "another scheme than rep3"),
    ],
)
def test_a_file_of_another_room(folder: Path, other: Seat, said: str) -> None:
    seal(folder, seat=other)
    refused(folder, said)


def test_another_users_file(folder: Path, own_home: Path) -> None:
    seal(folder)
    os.remove(own_home / "keys" / "alice.vault")
    refused(folder, "another user's key")


def test_nothing_there(folder: Path) -> None:
    refused(folder, r"there is no model\.alice\.shares in this folder")
    for name in ("", "../model", "a/b", "a b", "a" * 65):
        refused(folder, "a save's name is", name)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\3\4" * 100,
        MAGIC,
        MAGIC + b"\xff" * 4,
        MAGIC + (2).to_bytes(4, "big") + b"[]" + bytes(200),
        MAGIC + (2).to_bytes(4, "big") + b"{}" + bytes(200),
        MAGIC + (9).to_bytes(4, "big") + b"[" * 9 + bytes(200),
    ],
)
def test_files_that_were_never_sealed(folder: Path, raw: bytes) -> None:
    (folder / "model.alice.shares").write_bytes(raw)
    refused(folder, "changed|no sealed file of this version")


def test_the_key_is_made_once(own_home: Path) -> None:
    assert party_key("alice") == party_key("alice") != party_key("bob")
    (own_home / "keys" / "bob.vault").write_text("# nothing\n00\n")
    with pytest.raises(SetupError, match="does not hold the key"):
        party_key("bob")


def test_the_header_can_be_looked_at(folder: Path) -> None:
    header = read_header(seal(folder, b"123"))
    assert header["about"] == {"id": "x"}
    assert (header["bytes"], header["party"], header["scheme"]) == (3, 0, "rep3")
    assert header["parties"] == ["alice", "bob", "carol"]


def test_a_full_disk_leaves_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seal(folder, b"old")

    def full(_: int) -> None:
        raise OSError

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="cannot be written"):
        Vault(SEAT, folder).prepare("model", {}, [memoryview(b"new")])
    assert Vault(SEAT, folder).open("model")[1] == b"old"
    assert len(list(folder.iterdir())) == 1
