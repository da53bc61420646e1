"""Saves of three parties: all or none; every mismatch is named at all before anything runs."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mpckernel.array import OwnerName, SecretArray, reveal, sfix16, share
from mpckernel.array.opened import settle
from mpckernel.errors import MpcError, UsageError
from mpckernel.runtime.keeping import keep, restored
from mpckernel.runtime.limits import Limits
from mpckernel.session.vault import Seat, Vault
from tests.rooms import NAMES, Rooms, plain_room, three_rooms

ALICE, BOB, CAROL = (OwnerName(name, k) for k, name in enumerate(NAMES))
KEYS = ("A" * 40, "B" * 40, "C" * 40)
X = np.array([[1.5, -2.0, 3.25], [0, 7, -8]])
PRIVATE = [{"x": X}, {"n": np.arange(70) - 30}, {"b": np.arange(70) % 3 == 0}]


@pytest.fixture(autouse=True)
def own_homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))


def with_vaults(rooms: Rooms, folder: Path, names: tuple[str, ...] = NAMES) -> Rooms:
    for room in rooms.rooms:
        own = folder / NAMES[room.me]
        own.mkdir(exist_ok=True)
        n = len(room.parties)
        room.vault = Vault(Seat(room.scheme, names[:n], KEYS[:n], room.me), own)
    return rooms


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    with three_rooms() as made:
        yield made


@pytest.fixture
def three(rooms: Rooms, tmp_path: Path) -> Rooms:
    return with_vaults(rooms, tmp_path)


def save(cell: Any, name: str = "model", more: int = 0) -> None:
    x, n, b = share(ALICE.x, dtype=sfix16), share(BOB.n), share(CAROL.b)
    flipped = x.T[::-1]
    keep(cell, name, {"n": 1}, [v.call for v in (x + more, n, b, flipped)] + [np.arange(3.0)])


def load(cell: Any, name: str = "model") -> Any:
    about, pieces = restored(cell, name)
    types = (sfix16, share(1).dtype, (share(1) > 0).dtype, sfix16)
    made = [SecretArray(p, t) for p, t in zip(pieces[:4], types, strict=True)]
    product = made[0] @ made[3][::-1]
    return about, pieces[4], [m.bound for m in made], reveal([*made, product, ~made[2]])


def check(got: Any, more: int = 0) -> None:
    about, public, bounds, values = got
    x, n, b, flipped, product, negated = settle(values)
    assert about == {"n": 1}
    np.testing.assert_array_equal(public, [0.0, 1.0, 2.0])
    np.testing.assert_array_equal(x, X + more)
    np.testing.assert_array_equal(n, PRIVATE[1]["n"])
    np.testing.assert_array_equal(b, PRIVATE[2]["b"])
    np.testing.assert_array_equal(negated, ~PRIVATE[2]["b"])
    np.testing.assert_array_equal(flipped, X.T[::-1])
    np.testing.assert_allclose(product, (X + more) @ X.T, atol=2.0**-15)
    assert bounds[1] == 2**20


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*.shares*")}


def test_a_save_comes_back_in_another_room(three: Rooms, tmp_path: Path) -> None:
    three.run(save, PRIVATE)
    assert sorted(files(tmp_path)) == [f"model.{name}.shares" for name in NAMES]
    for got in three.run(load):
        check(got)
    with three_rooms() as others:
        for got in with_vaults(others, tmp_path).run(load):
            check(got)


def test_one_party_in_the_clear(tmp_path: Path) -> None:
    with plain_room() as rooms:
        with_vaults(rooms, tmp_path)

        def program(cell: Any) -> None:
            x, b = share(ALICE.x), share(ALICE.b)
            keep(cell, "m", {}, [x.call, b.call, (share(ALICE.x)[:0]).call])

        rooms.run(program, [{"x": X, "b": X > 0}])

        def again(cell: Any) -> Any:
            x, b, _ = restored(cell, "m")[1]
            return reveal(SecretArray(x, share(1.0).dtype), SecretArray(b, (share(1) > 0).dtype))

        x, b = settle(rooms.run(again)[0])
        np.testing.assert_array_equal(x, X)
        np.testing.assert_array_equal(b, X > 0)


def test_values_and_shares_stay_within_the_seal(three: Rooms, tmp_path: Path) -> None:
    kept: list[Any] = []

    def program(cell: Any) -> None:
        x = share(ALICE.x, dtype=sfix16)
        keep(cell, "model", {}, [x.call])
        kept.append((cell.me, x))

    three.run(program, PRIVATE)
    for me, x in kept:
        raw = files(tmp_path)[f"model.{NAMES[me]}.shares"]
        for words in x.call.result:
            assert words.tobytes()[:16] not in raw


def refused(rooms: Rooms, program: Any, match: str) -> None:
    """At every party, with the same sentence; and nothing was run."""
    opened = [len(room.ledger.opened) for room in rooms.rooms]
    futures = rooms.start(program)
    whys = [f.exception(30) for f in futures]
    for why in whys:
        assert isinstance(why, UsageError)
        assert match in str(why), why
    assert [len(room.ledger.opened) for room in rooms.rooms] == opened


def test_an_old_save_at_one_party(three: Rooms, tmp_path: Path) -> None:
    three.run(save, PRIVATE)
    old = files(tmp_path)["model.bob.shares"]
    three.run(lambda cell: save(cell, more=1), PRIVATE)
    for got in three.run(load):
        check(got, more=1)
    (tmp_path / "bob" / "model.bob.shares").write_bytes(old)
    refused(three, load, "model: alice and carol have one save, bob has another; nothing was")


def test_three_different_saves(three: Rooms, tmp_path: Path) -> None:
    saved = []
    for k in range(3):
        three.run(lambda cell, k=k: save(cell, more=k), PRIVATE)
        saved.append(files(tmp_path))
    for k, name in enumerate(NAMES):
        file = f"model.{name}.shares"
        (tmp_path / name / file).write_bytes(saved[k][file])
    refused(three, load, "alice has one save, bob has another, carol has another")


def test_a_flipped_bit_at_one_party(three: Rooms, tmp_path: Path) -> None:
    three.run(save, PRIVATE)
    path = tmp_path / "carol" / "model.carol.shares"
    raw = bytearray(path.read_bytes())
    raw[-40] ^= 4
    path.write_bytes(raw)
    refused(three, load, "carol: model.carol.shares has been changed")


def test_files_of_two_parties_swapped(three: Rooms, tmp_path: Path) -> None:
    three.run(save, PRIVATE)
    a, b = (tmp_path / name / f"model.{name}.shares" for name in ("alice", "bob"))
    one, two = a.read_bytes(), b.read_bytes()
    a.write_bytes(two)
    b.write_bytes(one)
    refused(three, load, "alice: model.alice.shares holds bob's shares, and this is alice")


def test_a_file_that_one_party_has_not(three: Rooms, tmp_path: Path) -> None:
    three.run(save, PRIVATE)
    os.remove(tmp_path / "bob" / "model.bob.shares")
    refused(three, load, "bob: there is no model.bob.shares in this folder")


def test_the_save_of_another_room(three: Rooms, tmp_path: Path) -> None:
    three.run(save, PRIVATE)
    with three_rooms() as others:
        with_vaults(others, tmp_path, ("alice", "bob", "dave"))
        for name in ("alice", "bob"):
            assert (tmp_path / name / f"model.{name}.shares").exists()
        shutil.copy(
            tmp_path / "carol" / "model.carol.shares", tmp_path / "carol" / "model.dave.shares"
        )
        refused(others, load, "was saved by alice, bob, carol, in this order, and this room's")


class Broken:
    """A vault on a full disk."""

    def prepare(self, name: str, about: Any, body: Any) -> Any:
        raise UsageError(f"{name} cannot be written; is the disk full?")


def test_a_full_disk_at_one_party_leaves_the_old_save_at_all(three: Rooms, tmp_path: Path) -> None:
    three.run(save, PRIVATE)
    before, room = files(tmp_path), three.rooms[2]
    own, room.vault = room.vault, Broken()
    refused_save = three.start(lambda cell: save(cell, more=1), PRIVATE)
    for f in refused_save:
        assert "carol: model cannot be written" in str(f.exception(30))
    room.vault = own
    assert files(tmp_path) == before, "no half, no part left behind"
    for got in three.run(load):
        check(got)


def test_a_file_that_cannot_be_put_into_its_place_parts_nobody(
    three: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vote has passed: the cell stands at all parties, and the next load names the one."""
    replaced = os.replace

    def fails(source: Any, place: Any) -> None:
        if str(place).endswith(".bob.shares"):
            raise PermissionError(13, "somebody has closed the folder")
        replaced(source, place)

    monkeypatch.setattr(os, "replace", fails)
    before = three.rooms[0].committed
    with pytest.warns(UserWarning, match=r"model\.bob\.shares could not be put into its place"):
        three.run(save, PRIVATE)
    assert [room.committed for room in three.rooms] == [before + 1] * 3
    refused(three, load, "bob: there is no model.bob.shares")


def test_a_folder_that_cannot_be_written_through_does_not_matter(
    three: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    through = os.fsync

    def files_alone(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "not here")
        through(handle)

    monkeypatch.setattr(os, "fsync", files_alone)
    three.run(save, PRIVATE)
    for got in three.run(load):
        check(got)


def test_a_cell_that_does_not_commit_saves_nothing(three: Rooms, tmp_path: Path) -> None:
    def fails_after(cell: Any) -> None:
        save(cell)
        if cell.me == 1:
            raise ZeroDivisionError

    for f in three.start(fails_after, PRIVATE):
        assert isinstance(f.exception(30), MpcError | ZeroDivisionError)
    assert not files(tmp_path)


def test_a_checkpoint_keeps_what_was_saved_before_it(three: Rooms, tmp_path: Path) -> None:
    def fails_after(cell: Any) -> None:
        save(cell)
        cell.checkpoint()
        save(cell, more=5)
        save(cell, "other")
        if cell.me == 1:
            raise ZeroDivisionError

    for f in three.start(fails_after, PRIVATE):
        assert isinstance(f.exception(30), MpcError | ZeroDivisionError)
    assert sorted(files(tmp_path)) == [f"model.{name}.shares" for name in NAMES]
    assert not list(tmp_path.rglob("*.part"))
    for got in three.run(load):
        check(got)


def test_a_dry_run_saves_nothing(three: Rooms, tmp_path: Path) -> None:
    three.run(save, PRIVATE, limits=Limits(dry=True, seconds=20))
    assert not files(tmp_path)


def test_two_names_are_two_saves(three: Rooms, tmp_path: Path) -> None:
    def both(cell: Any) -> None:
        save(cell, "one")
        save(cell, "two", more=2)

    three.run(both, PRIVATE)
    for got in three.run(lambda cell: load(cell, "two")):
        check(got, more=2)
    for name in NAMES:
        folder = tmp_path / name
        shutil.copy(folder / f"one.{name}.shares", folder / f"two.{name}.shares")
    refused(three, lambda cell: load(cell, "two"), "is the save one under another name")


def test_a_room_without_a_vault(three: Rooms) -> None:
    for room in three.rooms:
        room.vault = None
    refused(three, load, "this room keeps no files")
