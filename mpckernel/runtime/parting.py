"""Parties whose cells have taken different paths are told at once, and not by a deadline.

What a party says of one run comes in its order: its descriptions of inputs, then that it agrees to
a segment, at last that its cell has ended. Whoever waits for one of them and hears a later one
waits for what will never come: the Python of the two cells did not do the same.
Source: none.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from mpckernel.errors import CellsDiffer
from mpckernel.runtime.plan import Plan

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell

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


def ending(cell: "Cell") -> Collection[int]:
    """Whose cells have ended. CellsDiffer if another one goes on."""
    mail, segments = cell.room.mail.of(cell.run), len(cell.segments)
    for p, segment in mail.agrees:
        if segment >= segments:
            raise _parted(cell, f"{cell.parties[p]}'s cell goes on where this one ends")
    return mail.ended


def describing(cell: "Cell", owner: int) -> None:
    """CellsDiffer if the owner of an input has gone on without describing it."""
    mail, segment = cell.room.mail.of(cell.run), len(cell.segments)
    if owner in mail.ended or (owner, segment) in mail.agrees:
        whose = cell.parties[owner]
        raise _parted(cell, f"{whose}'s cell does not share what this one asks for", cell.line())


def _parted(cell: "Cell", what: str, line: int = 0) -> CellsDiffer:
    return CellsDiffer(f"{f'line {line}: ' if line else ''}{what}: {WHY}; {cell.kept}")
