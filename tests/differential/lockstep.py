"""The plans of a cell that ran, run again in one thread: all parties side by side, no links."""

from typing import Any

from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import Cell
from mpckernel.runtime.lockstep import three_parties
from mpckernel.runtime.plan import Plan
from tests.runtime.streams import run_plans


class Recorded:
    """A party's plan with what goes into it, which a cell forgets when it ends."""

    def __init__(self, cell: Cell) -> None:
        self.me: int = cell.me
        self.plan: Plan = cell.plan
        self.private: dict[Call, Any] = {c: c.private for c in cell.plan.calls}
        self.held: dict[Call, Any] = {c: c.result for c in cell.plan.calls}


def run_again(recorded: list[Recorded], seed: bytes = b"again") -> None:
    """Every call of every party's plan gets its result anew, under other masks."""
    for mine in recorded:
        for call in mine.plan.calls:
            call.private, call.result = mine.private[call], mine.held[call]
    cost = run_plans([mine.plan for mine in recorded], three_parties(seed))
    assert cost == recorded[0].plan.cost
