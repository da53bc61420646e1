"""One `%%mpc` cell from its text to its result: enter, record, run, commit; or take all back.

The user's Python runs on the main thread, like that of any cell; what waits for other parties is
awaited from a thread. Whatever ends the cell ends it at every party, and leaves the user's names
as they were before it.
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
from mpckernel.kernel.namespace import Snapshot
from mpckernel.kernel.progress import Progress, cost_line
from mpckernel.kernel.tracebacks import show_own_frames
from mpckernel.runtime.cell import Cell, Limits
from mpckernel.runtime.reasons import code_for
from mpckernel.runtime.room import Room


async def run(
    shell: InteractiveShell, room: Room, options: Options, text: str, *, progress: bool
) -> None:
    """Run the cell with the others and display the value of its last line."""
    body = Body(shell, text)
    limits = Limits(options.dry, options.max_rounds, options.max_bytes, options.timeout)
    with stop_calls(room.cancel), Progress(room, shown=progress) as line:
        cell = await asyncio.to_thread(room.enter, text, limits, shell.user_ns)
        cell.filename = body.file
        value = await _all_or_nothing(shell, cell, body)
        line.done("" if options.dry else _cost(room))
    if options.dry:
        display(faces.price(cell))
    else:
        shell.displayhook(value)


async def _all_or_nothing(shell: InteractiveShell, cell: Cell, body: Body) -> Any:
    """Record, run and commit; on any failure no name changes and every party is free."""
    from mpckernel.array.reveal import settle

    names, before, watch = shell.user_ns, Snapshot(shell.user_ns), Watch(cell)
    try:
        with cell.recording():
            with stop_raises(cell.room.cancel), watch:
                value = await body.run(names)
            await asyncio.to_thread(cell.finish)
        if cell.dry:
            before.restore()
            return None
        for name in before.changed():
            names[name] = settle(names[name])
        return settle(value)
    except BaseException as why:
        cell.abort(code_for(why))
        before.restore()
        if watch.why is not None:
            raise watch.why from None
        if isinstance(why, KeyboardInterrupt | asyncio.CancelledError):
            raise Interrupted("you pressed stop; no party committed this cell") from None
        show_own_frames(shell, why, body.file)
        raise


def _cost(room: Room) -> str:
    ran = room.ledger.last_cell
    return cost_line(ran.rounds, ran.wire_bytes, ran.seconds) if ran and ran.rounds else ""
