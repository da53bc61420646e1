"""What a cell leaves in the ledger and the store: what it opened, what it cost, its results."""

import time
from dataclasses import dataclass, field
from linecache import getline
from typing import TYPE_CHECKING

from mpckernel.runtime.call import Call
from mpckernel.runtime.ledger import CellRan, Opened

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell


@dataclass(slots=True)
class Spent:
    """What this party has spent on a cell since its last commit."""

    wire_before: int  # bytes of its links
    rounds: int = 0
    sent_bits: int = 0
    began: float = field(default_factory=time.monotonic)


def book_opened(cell: "Cell", calls: list[Call]) -> None:
    """Whoever heard the shares knows the value, also if the cell does not commit."""
    for call in calls:
        to = call.params.get("to")
        names = cell.parties if to is None else (cell.parties[to],)
        kind = "range" if cell.looks_at(call) else call.kind
        text = getline(cell.filename, call.line).strip()
        cell.room.ledger.append(Opened(cell.number, call.line, call.shape, kind, names, text))


def book_results(cell: "Cell") -> None:
    """The cell commits: enter results and cost where they are kept."""
    room, spent = cell.room, cell.spent
    for plan in cell.segments:
        for call in plan.calls:
            call.private = None
            if not call.kept():
                call.result = None
        room.store.commit([c for c in plan.calls if c.op is not None and c.kept()])
    wire, seconds = room.wire_bytes() - spent.wire_before, time.monotonic() - spent.began
    room.ledger.append(
        CellRan(cell.number, cell.cost_of_part, spent.rounds, spent.sent_bits, wire, seconds)
    )
