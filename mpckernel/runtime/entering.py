"""All parties come to stand at the same cell; who runs another text hears so before it begins."""

import time
from typing import TYPE_CHECKING

from mpckernel.errors import Desync
from mpckernel.runtime.agree import compare_texts
from mpckernel.runtime.limits import Limits
from mpckernel.runtime.reasons import error_for
from mpckernel.wire.control import Body

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell
    from mpckernel.runtime.room import Room


def gather(room: "Room", text: str, limits: Limits, nonce: str) -> tuple[str, dict[int, str]]:
    """(mesh thread) The run that all parties begin now, and everybody's nonce for it.

    Nobody waits here to hear that all have joined it: agreement and end tell as much. Who ends
    a cell before those waits for it (`wait_joined`), as does one who finds that texts differ.
    """
    mesh, since = room.mesh, time.monotonic()  # however often somebody stands elsewhere
    left = sorted(room.mail.left)
    room.phase, room.mail.gone = "waiting", (left[0], "left") if left else None
    number = room.committed + 1
    mesh.tell("enter", cell=number, nonce=nonce, text=text, dry=limits.dry)
    while True:
        theirs = _all_entered(room, limits.seconds, since)
        nonces = {room.me: nonce, **{p: body["nonce"] for p, body in theirs.items()}}
        run = room.run_of(nonces)
        mesh.tell("join", run=run)
        here = _asked(text, limits.dry)
        texts = {p: _asked(body["text"], body["dry"]) for p, body in theirs.items()}
        same = all(b["cell"] == number and texts[p] == here for p, b in theirs.items())
        if same or _all_joined(room, run, theirs, limits.seconds, since):
            break
    room.mail.begun(theirs)
    for p, body in theirs.items():
        if body["cell"] != number:
            raise Desync(
                f"{room.parties[p]} has committed {body['cell'] - 1} joint cells and this "
                f"party {room.committed}; open a new room (%mpc stop, then host or join)"
            )
    named = {room.parties[p]: text for p, text in texts.items()}
    compare_texts(here, named, room.parties[room.me])
    return run, nonces


def _all_entered(room: "Room", seconds: float, since: float) -> dict[int, Body]:
    """Everybody else's place, once all stand at a cell."""
    enters = room.mail.enters

    def missing() -> tuple[int, ...]:
        return tuple(p for p in room.mesh.peers if p not in enters)

    def ready() -> bool:
        if room.mail.gone is not None:
            peer, code = room.mail.gone
            raise error_for(code, room.parties, peer)
        return not missing()

    room.mesh.wait(ready, missing, seconds=seconds, since=since)
    return dict(enters)


def _all_joined(
    room: "Room", run: str, theirs: dict[int, Body], seconds: float, since: float
) -> bool:
    """Whether all have seen the same places; if not, somebody stands elsewhere by now."""
    joined = room.mail.of(run).joined

    def missing() -> tuple[int, ...]:
        return tuple(p for p in room.mesh.peers if p not in joined)

    def moved() -> bool:
        enters = room.mail.enters  # one who has joined may have ended the cell already
        return room.mail.gone is not None or any(enters.get(p) != theirs[p] for p in missing())

    room.mesh.wait(lambda: not missing() or moved(), missing, seconds=seconds, since=since)
    return not missing()


def wait_joined(cell: "Cell", seconds: float, *, heed_cancel: bool = True) -> None:
    """(mesh thread) Wait until all have joined the cell, have ended it or have left: who still
    waits for a place would take the word of one who is gone for that of one who comes."""
    room, joined = cell.room, cell.room.mail.of(cell.run).joined

    def missing() -> tuple[int, ...]:
        ended, gone = room.mail.aborts, room.mail.left
        return tuple(
            p
            for p in room.mesh.peers
            if not (p in joined or p in gone or cell.nonces[p] in ended.get(p, ()))
        )

    room.mesh.wait(lambda: not missing(), missing, seconds=seconds, heed_cancel=heed_cancel)


def _asked(text: str, dry: bool) -> str:
    return f"%%mpc --dry\n{text}" if dry else f"%%mpc\n{text}"
