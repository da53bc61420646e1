"""Cells of one text whose Python takes different paths end at once, at every party."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mpckernel.array import OwnerName, reveal, settle, share, within
from mpckernel.errors import CellsDiffer, Refused, UsageError
from mpckernel.runtime import parting
from mpckernel.runtime.cell import Limits
from tests.rooms import Rooms, three_rooms

ALICE, BOB, CAROL = OwnerName("alice", 0), OwnerName("bob", 1), OwnerName("carol", 2)
X = [{"x": np.arange(3)}, {"x": np.ones(3)}, {"x": np.ones(3)}]


def nothing(_: Any) -> None:
    """A name that is no secret here."""


def opened(_: Any) -> Any:
    return reveal(share(ALICE.x).sum())


def of_bob(_: Any) -> Any:
    return reveal(share(BOB.x).sum())


def of_carol(_: Any) -> Any:
    return reveal(share(CAROL.x).sum())


def both(_: Any) -> Any:
    return reveal(share(ALICE.x).sum() + share(CAROL.x).sum())


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


def commits(cell: Any) -> Any:
    first = reveal(share(ALICE.x).sum())
    cell.checkpoint()
    return first


def commits_and_asks(cell: Any) -> Any:
    return commits(cell), of_bob(cell)


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
        (of_bob, opened, opened), (of_bob, opened, of_bob), (of_bob, of_carol, opened),
        (both, opened, of_bob), (both, later, both), (of_carol, opened, of_bob),
        (commits, opened, opened), (opened, commits, commits), (opened, commits_and_asks, opened),
        (nothing, commits, commits), (commits, later, commits),
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


def test_who_waits_in_a_dry_run_for_what_will_not_come_is_told(rooms: Rooms) -> None:
    began, dry = time.monotonic(), Limits(dry=True, seconds=20)
    one, two, three = rooms.start([nothing, opened, opened], X, limits=dry)
    assert one.exception(15) is None  # it has nothing to wait for
    for each in (two, three):
        assert "alice's cell does not share" in str(each.exception(15))
    assert time.monotonic() - began < 10


def test_who_waits_for_each_other_is_told_so_with_the_line(rooms: Rooms) -> None:
    def program(cell: Any) -> Any:
        cell.filename = __file__
        return (of_bob, opened, opened)[cell.me](cell)

    found = [str(f.exception(15)) for f in rooms.start(program, X)]
    asked = "{0}'s cell waits for another input than the one this cell awaits from {0}"
    told = [
        f"line {p.__code__.co_firstlineno + 1}: {asked.format(whose)}"
        for p, whose in ((of_bob, "bob"), (opened, "alice"))
    ]
    assert any(text.startswith(tuple(told)) for text in found)


def test_an_owner_may_be_slow(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits says so once, and the cell goes on."""
    monkeypatch.setattr(parting, "SOON", 0.2)
    said: list[int] = []
    for room in rooms.rooms:
        tell = room.mesh.tell

        def noted(type_: str, tell: Any = tell, me: int = room.me, **fields: Any) -> None:
            said.extend([me] * (type_ == "await"))
            tell(type_, **fields)

        monkeypatch.setattr(room.mesh, "tell", noted)

    class Slow:
        @property
        def x(self) -> Any:
            time.sleep(1.5)
            return np.arange(3)

    def program(_: Any) -> Any:
        fast = share(BOB.x)
        return reveal(fast.sum() + share(ALICE.slow.x).sum())

    opened_ = rooms.run(program, [{"slow": Slow()}, *X[1:]])
    assert [settle(v) for v in opened_] == [6, 6, 6]
    assert sorted(said) == [1, 2]


def test_it_says_who_and_where(rooms: Rooms) -> None:
    one, two, three = (f.exception(15) for f in rooms.start([nothing, opened, opened], X))
    for why in (two, three):
        assert "alice's cell does not share what this one asks for: a name is a secret" in str(why)
    said = ("goes on where this one ends", "does not do the same as this one")
    assert any(text in str(one) for text in said)


def test_who_comes_later_is_told_the_same(rooms: Rooms) -> None:
    """Bob has ended the cell by then; that he saw a difference says less than what carol sees."""

    def late(_: Any) -> Any:
        time.sleep(0.7)
        return opened(_)

    _, two, three = (f.exception(15) for f in rooms.start([nothing, opened, late], X))
    assert str(two) == str(three)
    assert "alice's cell does not share what this one asks for" in str(three)


ACTS: dict[str, Callable[[Any, list[Any]], Any]] = {
    "alice": lambda _, xs: xs.append(share(ALICE.x).sum()),
    "bob": lambda _, xs: xs.append(share(BOB.x).sum()),
    "carol": lambda _, xs: xs.append(share(CAROL.x)[0]),
    "open": lambda _, xs: [reveal(x) for x in xs[-1:]],
    "use": lambda _, xs: [reveal(x).value() for x in xs[-1:]],
    "product": lambda _, xs: xs.extend([x * xs[0] for x in xs[-1:]]),
    "promise": lambda _, xs: [within(x, 1000) for x in xs[-1:]],
    "commit": lambda cell, _: cell.checkpoint(),
}
PATHS = st.lists(st.sampled_from(sorted(ACTS)), max_size=6)
EDITS = st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["", *ACTS])), max_size=2)


def along(path: list[str], edits: list[tuple[int, str]]) -> Callable[[Any], Any]:
    """The acts of a path, of which some are left out ("") or others put in."""
    for at, act in edits:
        path = [*path[:at], act, *path[at:]] if act else path[:at] + path[at + 1 :]

    def program(cell: Any) -> Any:
        xs: list[Any] = []
        for act in path:
            ACTS[act](cell, xs)
        return [reveal(x) for x in xs[-1:]]

    return program


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, edits=st.tuples(EDITS, EDITS, EDITS), dry=st.booleans())
def test_whatever_paths_parties_take_nobody_waits_and_nobody_commits_alone(
    rooms: Rooms, path: list[str], edits: Any, dry: bool
) -> None:
    with pytest.MonkeyPatch.context() as m:
        m.setattr(parting, "SOON", 0.05)
        programs = [along(path, each) for each in edits]
        limits, began = Limits(dry=dry, seconds=20), time.monotonic()
        ends = [f.exception(30) for f in rooms.start(programs, X, limits=limits)]
    assert time.monotonic() - began < 10
    assert all(why is None or isinstance(why, UsageError | Refused) for why in ends), ends
    assert len({room.committed for room in rooms.rooms}) == 1
