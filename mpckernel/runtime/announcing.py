"""An owner tells what everybody may know of a private value; the others wait to hear it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mpckernel.errors import UsageError
from mpckernel.runtime.parting import description
from mpckernel.runtime.reasons import readable

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell


def announce(
    cell: "Cell", owner: int, give: Callable[[], tuple[dict[str, Any], Any]]
) -> tuple[dict[str, Any], Any]:
    """What everybody may know of a private value, and the value where it is mine.

    `give` runs at the owner alone and returns (public description, words). A UsageError in
    it ends the cell at every party, with the owner's sentence.
    """
    cell.check_open()
    index, cell.announced = cell.announced, cell.announced + 1
    if owner != cell.me:
        line = cell.line()
        body = cell.room.job(lambda: description(cell, owner, index, line))
        if body["error"]:
            cell.ended_elsewhere = True
            raise UsageError(f"{cell.parties[owner]}: {readable(body['error'])}")
        return body["what"], None
    try:
        what, value = give()
    except UsageError as why:
        sentence = f"{why} (line {cell.line()})"
        cell.room.job(lambda: _tell(cell, index, {}, sentence))
        raise type(why)(f"{cell.parties[owner]}: {sentence}") from None
    cell.room.job(lambda: _tell(cell, index, what, ""))
    return what, value


def _tell(cell: "Cell", index: int, what: dict[str, Any], error: str) -> None:
    """(mesh thread) To all others."""
    cell.room.mesh.tell("meta", run=cell.run, index=index, what=what, error=error)
