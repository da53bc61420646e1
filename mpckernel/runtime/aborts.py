"""What another party does to this cell: end it. Looked for wherever a cell waits for the others.

All of it runs on the mesh's thread.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mpckernel.runtime.reasons import error_for

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell

ORIGIN_SECONDS = 0.5


def check_aborts(cell: "Cell") -> None:
    """Raise if a party has ended this cell."""
    mail = cell.room.mail
    if not (mail.left or any(mail.aborts.values())):
        return
    codes = {p: mail.aborts.get(p, {}).get(nonce) for p, nonce in cell.nonces.items()}
    codes = {p: "left" if p in mail.left else code for p, code in codes.items()}
    ended = {p: code for p, code in codes.items() if code is not None}
    first = {p: code for p, code in ended.items() if code != "followed"}
    if ended and not first:  # whoever ended it will be heard in a moment
        cell.followed = cell.followed or time.monotonic()
        if time.monotonic() - cell.followed < ORIGIN_SECONDS:
            return
    for peer, code in (first or ended).items():
        cell.ended_elsewhere = True
        raise error_for(code, cell.parties, peer, cell.kept)


def wait(cell: "Cell", have: Callable[[], Any], seconds: float) -> None:
    """Until have() holds every peer, or the cell ends."""
    mesh = cell.room.mesh

    def missing() -> tuple[int, ...]:
        return tuple(p for p in mesh.peers if p not in have())

    def ready() -> bool:
        if missing():
            check_aborts(cell)
        return not missing()

    mesh.wait(ready, missing, seconds=seconds)
