"""One cell on data of one owner: what the estimators find, beside scikit-learn on the same rows."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mpckernel.array import OwnerName, settle
from mpckernel.runtime.limits import Limits
from tests.rooms import NAMES, Rooms, plain_room, three_rooms

ALICE = OwnerName(NAMES[0], 0)
LIMITS = Limits(seconds=50)


def one(program: Callable[[Any], Any], rooms: Callable[[], Rooms] = plain_room, **data: Any) -> Any:
    """What program(cell) gives, settled, where `data` are variables of alice; the same at all."""
    with rooms() as room:
        spaces = [data, *({} for _ in room.rooms[1:])]
        found = [settle(v) for v in room.run(program, spaces, limits=LIMITS)]
    for other in found[1:]:
        assert same(other, found[0])
    return found[0]


def three(program: Callable[[Any], Any], **data: Any) -> Any:
    """As one, at three parties."""
    return one(program, three_rooms, **data)


def price(program: Callable[[Any], Any], **data: Any) -> tuple[int, int]:
    """Rounds and bits of program(cell) at three parties; nothing runs."""

    def priced(cell: Any) -> tuple[int, int]:
        program(cell)
        cost = cell.cost
        return cost.rounds, cost.bits

    with three_rooms() as room:
        spaces = [data, {}, {}]
        return room.run(priced, spaces, limits=Limits(seconds=50, dry=True))[0]  # type: ignore[no-any-return]


def same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple | list):
        return all(map(same, a, b))
    return bool(np.array_equal(a, b))
