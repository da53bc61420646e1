"""What the last cells took corrects what the next one is expected to take."""

from typing import Any

import numpy as np
import pytest

from mpckernel.protocols import ideal
from mpckernel.runtime import estimate, pace
from mpckernel.runtime.call import Handle
from mpckernel.runtime.cell import Cell
from mpckernel.runtime.estimate import LAN, WAN, loopback
from mpckernel.runtime.pace import CALLS, LEAST, MOST, Pace
from mpckernel.runtime.work import work
from tests.rooms import three_rooms
from tests.runtime.programs import keep, share
from tests.runtime.test_estimate import BASE, plan

HERE = loopback(3)


def expected(made: Any) -> float:
    return estimate.seconds(work([made]), HERE)


def test_the_median_of_the_last_cells() -> None:
    here, plans = Pace(HERE), [plan(10**7 + k) for k in range(MOST + 2)]
    assert here.ratio == 1.0
    for made, slow in zip(plans, [9, 9, 1.5, 2, 2.5, 0.1, 2, 7, 2], strict=True):
        here.saw(made, slow * expected(made))
    assert here.ratio == pytest.approx(2.0)


def test_a_cell_that_runs_again_counts_once_also_on_values_shared_anew() -> None:
    here, *others = Pace(HERE), *(plan(10**7 + k) for k in range(2))
    for made, slow in zip(others, (2, 3), strict=True):
        here.saw(made, slow * expected(made))
        assert here.ratio == 1.0  # too few
    digests = set()
    for k in range(9):
        one = plan(10**7 + 2)
        for call in one.calls:
            call.handle = Handle(f"run {k}/0", call.number)
        digests.add(one.digest())
        here.saw(one, 4 * expected(one))
    assert len(digests) == 9
    assert here.ratio == pytest.approx(3.0)


def test_short_cells_and_long_plans_do_not_count() -> None:
    here = Pace(HERE)
    for k in range(5):
        here.saw(plan(10 + k), LEAST / 2)
        here.saw(plan(k, *[10**5] * (CALLS // 3 + 1)), 5.0)
    assert here.ratio == 1.0


@pytest.mark.parametrize("link", [HERE, LAN, WAN])
def test_delays_and_rates_of_links_keep_their_pace(link: Any) -> None:
    slow, usual = (estimate.seconds(BASE, link, pace=p) for p in (2.0, 1.0))
    waits = estimate.seconds(BASE, link, pace=1e-9)
    assert usual < slow <= 2 * usual
    assert slow - usual == pytest.approx(usual - waits, rel=0.2, abs=1e-9)


def test_a_room_on_one_machine_knows_its_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "LEAST", 0.0)
    monkeypatch.setattr(pace, "FEWEST", 1)
    with three_rooms() as rooms:
        rooms.run(shared)
        assert [room.pace for room in rooms.rooms] == [None] * 3  # their links are not known
        for room in rooms.rooms:
            room.pace = Pace(HERE)
        rooms.run(cell_of_nothing)
        assert {room.pace.ratio for room in rooms.rooms} == {1.0}
        kept = rooms.run(shared)  # an input: its owner may have taken long to prepare it
        assert {room.pace.ratio for room in rooms.rooms} == {1.0}
        rooms.run(lambda cell: more(cell, kept[cell.me]))
        assert all(0 < room.pace.ratio != 1.0 for room in rooms.rooms)


def test_a_guess_that_fails_undoes_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise KeyError("a unit nobody knows")

    monkeypatch.setattr(pace, "LEAST", 0.0)
    with three_rooms() as rooms:
        kept = rooms.run(shared)
        for room in rooms.rooms:
            room.pace = Pace(HERE)
        monkeypatch.setattr(pace, "work", fails)
        rooms.run(lambda cell: more(cell, kept[cell.me]))
        assert [room.committed for room in rooms.rooms] == [2] * 3


def shared(cell: Cell) -> Any:
    """The squares of what alice shares, kept."""
    x = share(cell, np.arange(4))
    return keep(cell.record(ideal.mul, x, x))


def more(cell: Cell, kept: Any) -> Any:
    """Opens the squares of those."""
    x, _ = kept
    return cell.record(ideal.open_words, cell.record(ideal.mul, x, x))


def cell_of_nothing(_: Cell) -> None:
    """Asks for nothing: no plan runs."""
