"""Parties whose cells have taken different paths are told at once, and not by a deadline.

What a party says of one run comes in its order: its descriptions of inputs, then that it agrees to
a segment, at last that its cell has ended. Whoever waits for one of them and hears a later one
waits for what will never come: the Python of the two cells did not do the same.

Who waits long for a description says which, by its number in the cell. Whoever awaits number i of
a party that says it awaits number j >= i waits in vain: i comes before j, or one of them counts it
as another one's. Of parties that wait for each other in a circle, one finds that: numbers do not
fall all the way round.
Source: none.
"""

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from mpckernel.errors import CellsDiffer
from mpckernel.runtime.aborts import check_aborts
from mpckernel.runtime.plan import Plan

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell

SOON = 1.0  # seconds within which an owner mostly describes its input; nobody is told of them
WHY = (
    "a name is a secret at one party and not at the other, or an if or a loop depends on what only "
    "one of them has"
)


def agreeing(cell: "Cell", plan: Plan, segment: int) -> Collection[int]:
    """Who has agreed to this segment. CellsDiffer if the cell of one of the others has ended."""
    mail = cell.room.mail.of(cell.run)
    agreed = [p for p, s in mail.agrees if s == segment]
    for p in mail.ended:
        if p not in agreed:
            line = plan.calls[0].line
            raise _parted(cell, f"{cell.parties[p]}'s cell ends where this one goes on", line)
    return agreed


def ending(cell: "Cell", *, last: bool) -> Collection[int]:
    """Whose cells have ended, or at a checkpoint (not `last`) stand there, too. CellsDiffer if
    another one goes on, or has ended."""
    mail, segments = cell.room.mail.of(cell.run), len(cell.segments)
    here = "ends" if last else "commits and goes on"
    for p, segment in mail.agrees:
        if segment >= segments:
            raise _parted(cell, f"{cell.parties[p]}'s cell goes on where this one {here}")
    for p, its_last in mail.ended.items():
        if its_last != last:
            there = "ends" if its_last else "commits and goes on"
            raise _parted(cell, f"{cell.parties[p]}'s cell {there} where this one {here}")
    return mail.ended


def description(cell: "Cell", owner: int, index: int, line: int) -> dict[str, Any]:
    """(mesh thread) What the owner of input number `index` says of it, once it has come.

    line: that asks for the input. CellsDiffer if it will not come.
    """
    mesh, mail = cell.room.mesh, cell.room.mail.of(cell.run)
    key, late, said = (owner, index), time.monotonic() + SOON, False

    def ready() -> bool:
        nonlocal said
        if key in mail.metas:
            return True
        _describing(cell, owner, index, line)  # first: it says more than that another one saw it
        check_aborts(cell)
        if not said and time.monotonic() > late:
            mesh.tell("await", run=cell.run, index=index)
            said = True
        return False

    mesh.wait(ready, lambda: (owner,), seconds=cell.limits.seconds)
    return mail.metas[key]


def _describing(cell: "Cell", owner: int, index: int, line: int) -> None:
    """CellsDiffer if the owner of an input has gone on without describing it, or waits itself."""
    mail, segment, whose = cell.room.mail.of(cell.run), len(cell.segments), cell.parties[owner]
    if owner in mail.ended or (owner, segment) in mail.agrees:
        raise _parted(cell, f"{whose}'s cell does not share what this one asks for", line)
    if mail.awaits.get(owner, -1) >= index:
        what = f"{whose}'s cell waits for another input than the one this cell awaits from {whose}"
        raise _parted(cell, what, line)


def _parted(cell: "Cell", what: str, line: int = 0) -> CellsDiffer:
    return CellsDiffer(f"{f'line {line}: ' if line else ''}{what}: {WHY}; {cell.kept}")
