"""One `%%mpc` cell from its text to its result: enter, record, run, commit; or take all back.

The user's Python runs on the main thread, like that of any cell; what waits for other parties is
awaited from a thread. Whatever ends the cell ends it at every party, and leaves the user's names
as they were before it, or at its last checkpoint.
"""

import asyncio
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from mpckernel.errors import Interrupted
from mpckernel.kernel import faces
from mpckernel.kernel.body import Body
from mpckernel.kernel.cells import Options
from mpckernel.kernel.interrupt import Watch, stop_calls, stop_raises
from mpckernel.kernel.namespace import Snapshot, refuse_hidden
from mpckernel.kernel.progress import MARK, Progress, cost_line
from mpckernel.kernel.tracebacks import show_own_frames, show_undone
from mpckernel.runtime.cell import Cell
from mpckernel.runtime.ledger import CellRan
from mpckernel.runtime.limits import Limits
from mpckernel.runtime.reasons import code_for
from mpckernel.runtime.room import Room

_STOPS = KeyboardInterrupt | asyncio.CancelledError


async def run(
    shell: InteractiveShell, room: Room, options: Options, text: str, *, progress: bool
) -> None:
    """Run the cell with the others and display the value of its last line."""
    body = Body(shell, text)
    limits = Limits(options.dry, options.max_rounds, options.max_bytes, options.timeout)
    begun = room.committed
    with stop_calls(room.cancel), Progress(room, shown=progress) as line:
        cell = await asyncio.to_thread(room.enter, text, limits, shell.user_ns)
        cell.filename = body.file
        try:
            value = await _all_or_nothing(shell, cell, body)
        finally:
            line.done("" if options.dry else _cost(room, begun), cell.reported)
    for note in cell.notes:
        display({"text/plain": f"note for {room.parties[room.me]}: {note}"}, raw=True)
    if options.dry:
        display(faces.price(cell))
        display(faces.expected(cell), metadata=MARK)  # not the same at every party
    else:
        shell.displayhook(value)


async def _all_or_nothing(shell: InteractiveShell, cell: Cell, body: Body) -> Any:
    """Record, run and commit; on any failure no name changes (since the last checkpoint) and
    every party is free."""
    from mpckernel.array.opened import settle

    names, before, watch = shell.user_ns, Snapshot(shell.user_ns), Watch(cell)
    cell.at_checkpoint = before.renew
    try:
        with cell.recording():
            refuse_hidden(body.read, names, cell.parties)
            with stop_raises(cell.room.cancel), watch:
                value = await body.run(names)
            await asyncio.to_thread(cell.finish)
        if cell.dry:
            before.restore()
            return None
        _settled(names, before)
        return settle(value)
    except BaseException as why:
        cell.abort(code_for(why))
        undone = before.restore()
        _settled(names, before)
        error: BaseException = why if watch.why is None else watch.why
        stopped = isinstance(why, Interrupted) and not cell.ended_elsewhere
        if watch.why is None and (stopped or isinstance(why, _STOPS)):
            error = Interrupted(f"you pressed stop; {cell.kept}")
        show_own_frames(shell, error, body.file)
        show_undone(error, undone, cell)
        if error is why:
            raise
        raise error from None


def _settled(names: dict[str, Any], before: Snapshot) -> None:
    """What was opened in the cell, as values."""
    from mpckernel.array.opened import settle

    for name in before.changed():
        names[name] = settle(names[name])


def _cost(room: Room, begun: int) -> str:
    """Of what the cell has committed since, all its parts together."""
    ran = [e for e in room.ledger.entries if isinstance(e, CellRan) and e.cell > begun]
    rounds = sum(e.rounds for e in ran)
    sent, seconds = sum(e.wire_bytes for e in ran), sum(e.seconds for e in ran)
    return cost_line(rounds, sent, seconds) if rounds else ""
