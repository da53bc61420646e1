"""Something private shared in parts: one description, several secrets, refusals by name."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mpckernel.array import OwnerName, reveal, settle, sfix16
from mpckernel.array.describing import MOST_PARTS, Part, share_parts
from mpckernel.errors import PeerError, UsageError
from tests.rooms import Rooms, three_rooms

BOB = OwnerName("bob", 1)


@pytest.fixture(scope="module")
def three() -> Iterator[Rooms]:
    with three_rooms() as rooms:
        yield rooms


def described(thing: dict[str, Any]) -> tuple[dict[str, Any], list[Part]]:
    parts = [Part(f"bob.thing, {name}", value, 4) for name, value in thing.items()]
    return {"names": list(thing)}, parts


def run(three: Rooms, thing: Any, describe: Any = described) -> list[Any]:
    def program(cell: Any) -> Any:
        about, parts = share_parts(BOB.thing, describe, sfix16)
        shown = [(x.shape, x.dtype, x.bound, x.owners) for x in parts]
        return about, shown, reveal(parts)

    return three.run(program, [{}, {"thing": thing}, {}])


def test_everybody_has_the_parts(three: Rooms) -> None:
    thing = {"w": np.array([[1.5, -2.25], [0, 4]]), "b": np.array([0.5]), "none": np.zeros((0, 3))}
    for about, shown, values in run(three, thing):
        assert about == {"names": ["w", "b", "none"]}
        assert shown[0] == ((2, 2), sfix16, 4 << 16, {"bob"})
        assert [x[0] for x in shown] == [(2, 2), (1,), (0, 3)]
        for got, want in zip(settle(values), thing.values(), strict=True):
            np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(
    ("bad", "said"),
    [(np.array([1, np.nan]), "1 value is not finite"), (np.array([5.0]), "beyond the declared")],
)
def test_a_refusal_names_the_part_and_sends_nothing(three: Rooms, bad: Any, said: str) -> None:
    before = [room.wire_bytes() for room in three.rooms]
    with pytest.raises(UsageError, match=f"bob: bob.thing, b: .*{said}"):
        run(three, {"w": np.ones(4000), "b": bad})
    spent = [room.wire_bytes() - b for room, b in zip(three.rooms, before, strict=True)]
    assert max(spent) < 3000


def test_what_a_private_thing_raises_stays_private(three: Rooms) -> None:
    def fails(thing: Any) -> Any:
        raise ValueError("4711")

    with pytest.raises(UsageError, match=r"bob\.thing raised ValueError") as caught:
        run(three, {}, fails)
    assert "4711" not in str(caught.value)


def test_too_many_parts(three: Rooms) -> None:
    with pytest.raises(UsageError, match="more than 4096"):
        run(three, {str(k): np.zeros(()) for k in range(MOST_PARTS + 1)})


ONE = {"shape": [2], "type": "sfix16", "bound": 4}


@pytest.mark.parametrize(
    "what",
    [
        {"about": {}, "parts": [ONE], "more": 1},
        {"about": [], "parts": [ONE]},
        {"about": {}, "parts": ONE},
        {"about": {}, "parts": [1]},
        {"about": {}, "parts": [{**ONE, "type": "sfix20"}]},
        {"about": {}, "parts": [{**ONE, "shape": [-1]}]},
        {"about": {}, "parts": [{**ONE, "shape": [2**31]}] * 3},
        {"about": {}, "parts": [ONE] * (MOST_PARTS + 1)},
        {"parts": [ONE]},
    ],
)
def test_a_description_that_cannot_be_is_the_peers_fault(what: dict[str, Any]) -> None:
    from mpckernel.array.describing import _understood_parts

    with pytest.raises(PeerError, match="cannot be; the mesh is closed"):
        _understood_parts(what, sfix16)
