"""A promise that does not hold opens one bit: what is computed after it leaks nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import learn
from mpckernel.array import OwnerName, reveal, share, within
from mpckernel.errors import RangeLeft
from mpckernel.protocols.rep3 import permute
from mpckernel.ring.words import Words
from tests.rooms import Rooms, three_rooms

ALICE = OwnerName("alice", 0)
X = {"x": np.array([1, 2, 3, 4, 40000, 6, 7, 80000]), "s": np.linspace(0, 0.1, 8)}
FAR = {"x": np.array([3, -(2**20), 2**20 - 1, 5, 5, -9, 2**17, 0]), "s": np.linspace(0, 0.1, 8)}


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    with three_rooms() as three:
        yield three


def noted(m: pytest.MonkeyPatch) -> list[tuple[Words, int]]:
    """Places that parties open from here on."""
    found: list[tuple[Words, int]] = []
    really = permute.in_flat

    def spy(places: Words, n: int) -> Any:
        found.append((places.copy(), n))
        return really(places, n)

    m.setattr(permute, "in_flat", spy)
    return found


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Words, int]]:
    return noted(monkeypatch)


@mpckernel.recorded
def sorted_within(x: Any) -> Any:
    return np.sort(within(x, 100)[0])


def promised() -> Any:
    return within(share(ALICE.x), 100)[0]


AFTER: dict[str, Callable[[], Any]] = {
    "sort": lambda: np.sort(promised()),
    "argsort": lambda: np.argsort(promised()),
    "median": lambda: np.median(promised()),
    "quantile": lambda: np.quantile(promised(), 0.3),
    "topk": lambda: mpckernel.topk(promised(), 3),
    "unique": lambda: mpckernel.unique(promised(), reveal_count=True)[0],
    "searchsorted": lambda: np.searchsorted(np.sort(promised()), promised()),
    "taken": lambda: promised()[np.argsort(promised())],
    "roc_auc": lambda: learn.roc_auc_score(
        share(ALICE.x), share(ALICE.s, dtype="sfix16", bound=0.1)
    ),
    "recorded": lambda: (promised(), sorted_within(share(ALICE.x)))[1],
    "recorded before": lambda: (sorted_within(share(ALICE.x)), promised())[0],
}


@pytest.mark.parametrize("what", AFTER)
@pytest.mark.parametrize("values", [X, FAR], ids=["out", "far"])
def test_what_is_opened_after_it_is_a_permutation(
    rooms: Rooms, seen: list[tuple[Words, int]], what: str, values: dict[str, Any]
) -> None:
    check_opened(rooms, seen, what, values)


def check_opened(
    rooms: Rooms, seen: list[tuple[Words, int]], what: str, values: dict[str, Any]
) -> None:
    runs = rooms.start(lambda _: reveal(AFTER[what]()), [values, {}, {}])
    ends = [run.exception(30) for run in runs]
    assert all(isinstance(why, RangeLeft) for why in ends), ends
    for places, n in seen:
        rows = places.reshape(-1, n)
        assert (np.sort(rows, axis=1) == np.arange(n)).all()
    assert all(room.mesh.broken is None for room in rooms.rooms)


def test_short_rows_with_proven_bounds_are_compared_by_pairs(rooms: Rooms) -> None:
    """The cheaper way, where nothing is promised; else the test above would show nothing."""

    def ops(program: Callable[[], Any]) -> set[str]:
        def run(cell: Any) -> set[str]:
            program()
            return {call.op.ideal.name for call in cell.plan.calls if call.op is not None}

        return rooms.run(run, [{"x": np.arange(8)}, {}, {}])[0]

    assert "matmul_public" in ops(lambda: np.sort(share(ALICE.x, bound=100)))
    assert "matmul_public" not in ops(lambda: np.sort(promised()))
