"""A part of a cell's plan: agreed on by all parties, then run. On the mesh's thread.

A cell whose Python uses what it opened has several; most have one.
"""

import time
from functools import partial
from typing import TYPE_CHECKING

from mpckernel.errors import MpcError
from mpckernel.runtime.aborts import check_aborts, wait
from mpckernel.runtime.agree import compare_plans, describe
from mpckernel.runtime.booking import book_opened
from mpckernel.runtime.commits import say_end_early
from mpckernel.runtime.drive import Drive
from mpckernel.runtime.parting import agreeing
from mpckernel.runtime.plan import Plan
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
        wait(cell, lambda: agreeing(cell, plan, segment), cell.limits.seconds)
        if any(mail.agrees[p, segment] != mine for p in room.mesh.peers):
            raise _difference(cell, plan, segment)
        room.phase, room.rounds_planned = "running", plan.cost.rounds
        room.schedule = schedule
        if last:
            began = time.monotonic()
            schedule.said = lambda: say_end_early(cell, began)
        try:
            drive.run(schedule, partial(check_aborts, cell))
        finally:
            room.schedule = None
            book_opened(cell, schedule.opened)
            cell.spent.rounds += schedule.rounds
            cell.spent.sent_bits += drive.sent_bits


def _difference(cell: "Cell", plan: Plan, segment: int) -> MpcError:
    """The error that shows in what the plans differ."""
    room, mail = cell.room, cell.room.mail.of(cell.run)
    room.mesh.tell("detail", run=cell.run, segment=segment, **describe(plan))

    def missing() -> tuple[int, ...]:
        return tuple(p for p in room.mesh.peers if (p, segment) not in mail.details)

    # Not aborts.wait: whoever has seen the difference leaves the cell, and we are to see it, too.
    room.mesh.wait(lambda: not missing(), missing, seconds=DETAIL_SECONDS)
    theirs = {cell.parties[p]: mail.details[p, segment] for p in room.mesh.peers}
    return compare_plans(plan, theirs)
