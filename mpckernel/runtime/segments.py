"""A part of a cell's plan: agreed on by all parties, then run. On the mesh's thread.

A cell whose Python uses what it opened has several; most have one.
"""

import time
from linecache import getline
from typing import TYPE_CHECKING

from mpckernel.errors import MpcError
from mpckernel.runtime.agree import compare_plans, describe
from mpckernel.runtime.commits import say_end_early
from mpckernel.runtime.drive import Drive
from mpckernel.runtime.ledger import Opened
from mpckernel.runtime.parting import agreeing
from mpckernel.runtime.plan import Call, Plan
from mpckernel.runtime.schedule import Schedule

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell

DETAIL_SECONDS = 5.0


def run_segment(cell: "Cell", plan: Plan, segment: int, *, last: bool = False) -> None:
    """Agree on it and run it. last: once all it has to say is said, so is the end of the cell.

    Raises CellsDiffer if another party's plan is not the same, and what ends a cell.
    """
    room, mine = cell.room, plan.digest().hex()
    room.phase = "agreeing"
    mail = room.mail.of(cell.run)
    with Drive(room.mesh, room.tag_for(cell.run, segment)) as drive:
        room.mesh.tell("agree", run=cell.run, segment=segment, hash=mine)
        schedule = Schedule(plan, room.keys_for(cell.run, segment))
        cell.wait(lambda: agreeing(cell, plan, segment), cell.limits.seconds)
        if any(mail.agrees[p, segment] != mine for p in room.mesh.peers):
            raise _difference(cell, plan, segment)
        room.phase, room.rounds_planned = "running", plan.cost.rounds
        room.schedule = schedule
        if last:
            began = time.monotonic()
            schedule.said = lambda: say_end_early(cell, began)
        try:
            drive.run(schedule, cell.check_aborts)
        finally:
            room.schedule = None
            _book_opened(cell, schedule.opened)
            cell.rounds += schedule.rounds
            cell.sent_bits += drive.sent_bits


def _difference(cell: "Cell", plan: Plan, segment: int) -> MpcError:
    """The error that shows in what the plans differ."""
    room, mail = cell.room, cell.room.mail.of(cell.run)
    room.mesh.tell("detail", run=cell.run, segment=segment, **describe(plan))

    def missing() -> tuple[int, ...]:
        return tuple(p for p in room.mesh.peers if (p, segment) not in mail.details)

    # Not cell.wait: whoever has seen the difference leaves the cell, and we are to see it, too.
    room.mesh.wait(lambda: not missing(), missing, seconds=DETAIL_SECONDS)
    theirs = {cell.parties[p]: mail.details[p, segment] for p in room.mesh.peers}
    return compare_plans(plan, theirs)


def _book_opened(cell: "Cell", calls: list[Call]) -> None:
    """Whoever heard the shares knows the value, also if the cell does not commit."""
    for call in calls:
        to = call.params.get("to")
        names = cell.parties if to is None else (cell.parties[to],)
        kind = "range" if cell.looks_at(call) else call.kind
        text = getline(cell.filename, call.line).strip()
        cell.room.ledger.append(Opened(cell.number, call.line, call.shape, kind, names, text))
