"""Cells of one text whose Python takes different paths end at once, at every party."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.errors import CellsDiffer, Refused
from tests.rooms import Rooms, three_rooms

ALICE, BOB = OwnerName("alice", 0), OwnerName("bob", 1)
X = [{"x": np.arange(3)}, {"x": np.ones(3)}, {}]


def nothing(_: Any) -> None:
    """A name that is no secret here."""


def opened(_: Any) -> Any:
    return reveal(share(ALICE.x).sum())


def of_bob(_: Any) -> Any:
    return reveal(share(BOB.x).sum())


def public(_: Any) -> Any:
    return reveal(3)


def twice(_: Any) -> Any:
    first = reveal(share(ALICE.x).sum())
    return reveal(share(ALICE.x)[0]) if first > 0 else None


def once(_: Any) -> Any:
    return bool(reveal(share(ALICE.x).sum()) > 0)


def later(_: Any) -> Any:
    """Goes on to use the sum, and then asks for bob's."""
    return of_bob(_) if reveal(share(ALICE.x).sum()) > 0 else None


@pytest.fixture(scope="module")
def rooms() -> Any:
    with three_rooms() as three:
        yield three


@pytest.mark.parametrize(
    "programs",
    [
        (nothing, opened, opened), (opened, nothing, opened), (opened, opened, nothing),
        (public, opened, opened), (opened, of_bob, opened),
        (twice, once, twice), (once, twice, twice), (later, once, later), (once, later, once),
        (opened, public, nothing),
    ],
    ids=lambda programs: " ".join(p.__name__ for p in programs),
)  # fmt: skip
def test_nobody_waits_for_what_will_not_come(
    rooms: Rooms, programs: tuple[Callable[[Any], Any], ...]
) -> None:
    began, before = time.monotonic(), [room.committed for room in rooms.rooms]
    found = [f.exception(15) for f in rooms.start(list(programs), X)]
    assert time.monotonic() - began < 10  # the deadline is 20 s
    assert all(isinstance(why, CellsDiffer | Refused) for why in found), found
    assert any(isinstance(why, CellsDiffer) for why in found)
    assert [room.committed for room in rooms.rooms] == before
    assert [settle(v) for v in rooms.run(opened, X)] == [3, 3, 3]  # and the room goes on


def test_it_says_who_and_where(rooms: Rooms) -> None:
    one, two, three = (f.exception(15) for f in rooms.start([nothing, opened, opened], X))
    for why in (two, three):
        assert "alice's cell does not share what this one asks for: a name is a secret" in str(why)
    said = ("goes on where this one ends", "does not do the same as this one")
    assert any(text in str(one) for text in said)
