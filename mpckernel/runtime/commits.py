"""What a cell does at its commits: vote, and forget how to go back.

A cell commits at its end, and at checkpoints before it: what it did so far then counts at every
party or at none. Source: two-phase commit; Departs from it: no coordinator, everybody hears all
votes, and who has committed says so.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from mpckernel.errors import Interrupted, MpcError, PeerError
from mpckernel.runtime.aborts import check_aborts, wait
from mpckernel.runtime.mail import RunMail
from mpckernel.runtime.parting import ending

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell

COMMIT_SECONDS = 5.0
HEARSAY_SECONDS = 1.0  # more, in which others say whether they have all votes
SHORT = 0.5  # seconds: what is left of a run that took no longer is far less than COMMIT_SECONDS


class Journal:
    """How to take back what was changed in place since the last commit, newest first."""

    def __init__(self) -> None:
        self._restores: list[Callable[[], None]] = []

    def add(self, restore: Callable[[], None]) -> None:
        """`restore` puts something back as it is now; it must not fail."""
        self._restores.append(restore)

    def forget(self) -> None:
        """What was changed stays."""
        self._restores.clear()

    def go_back(self) -> None:
        """Put everything back."""
        while self._restores:
            self._restores.pop()()


def say_end(cell: "Cell", *, last: bool = True) -> None:
    """(mesh thread) We have sent all that the cell asks of us; what is left is short. last: this
    is its end, and no checkpoint."""
    cell.end_said = True
    cell.room.mesh.tell("end", run=cell.run, last=last)


def say_end_early(cell: "Cell", began: float) -> None:
    """(mesh thread) The same with the last round of a run, if it began a moment ago. After a long
    one the last computing may be long, too, and the others would wait for a vote meanwhile."""
    if time.monotonic() - began < SHORT:
        say_end(cell)


def vote(cell: "Cell", *, last: bool = True) -> None:
    """(mesh thread) Meet at the end, or a checkpoint, vote, and wait for every vote. While somebody
    is not there yet, stop and the deadline end the cell: nobody has voted. The vote itself is short
    and not interrupted. A party that commits says so, for one that lost a voter meanwhile."""
    room, mail = cell.room, cell.room.mail.of(cell.run)
    room.phase = "waiting"
    if not cell.end_said:
        say_end(cell, last=last)
    wait(cell, lambda: ending(cell, last=last), cell.limits.seconds)
    room.phase = "committing"
    if room.mesh.cancelled:
        raise Interrupted(f"you pressed stop; {cell.kept}")
    if any(nonce in room.mail.aborts.get(p, ()) for p, nonce in cell.nonces.items()):
        check_aborts(cell)
    room.mesh.tell("vote", run=cell.run)
    wrong = _all_voted(cell, mail)
    room.mesh.tell("done", run=cell.run)
    room.committed = cell.number
    if wrong is not None:
        room.mesh.shut(wrong)


def _all_voted(cell: "Cell", mail: RunMail) -> PeerError | None:
    """(mesh thread) We have voted, and the others may commit by that: only one who ends the cell
    without a vote ends it now. While a voter's link is lost, or after the time, somebody else's
    word that all have voted counts. What a peer did wrong meanwhile ends the mesh, not the cell.
    """
    mesh, end, lost = cell.room.mesh, time.monotonic() + COMMIT_SECONDS, None

    def missing() -> tuple[int, ...]:
        return tuple(p for p in mesh.peers if p not in mail.votes)

    def settled() -> bool:
        return not missing() or any(_ended(cell, p) for p in missing())

    def told() -> bool:
        beyond = time.monotonic() > end or all(p in mesh.lost for p in missing())
        return beyond and bool(mail.done & mail.votes)

    try:
        mesh.wait(settled, missing, seconds=COMMIT_SECONDS, heed_cancel=False)
    except MpcError as why:
        lost = why
        while not (settled() or told() or mesh.gone.issuperset(mesh.peers)):
            if time.monotonic() > end + HEARSAY_SECONDS:
                break
            with suppress(MpcError):
                mesh.hear(0.1)
    while any(_ended(cell, p) for p in missing()):
        check_aborts(cell)
        mesh.hear(0.1)
    if lost is not None and missing() and not told():
        raise lost
    return lost if isinstance(lost, PeerError) else None


def _ended(cell: "Cell", peer: int) -> bool:
    """Whether a party has said that it ended the cell, or left."""
    mail = cell.room.mail
    return peer in mail.left or cell.nonces[peer] in mail.aborts.get(peer, ())
