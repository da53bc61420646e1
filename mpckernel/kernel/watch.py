"""While the user's Python runs: notice that another party has ended the cell, and stop it here.

A party that computes something of its own for a minute would otherwise hear of a stop elsewhere
only at its next step with the others.
"""

import threading
from concurrent.futures import TimeoutError as NotYet
from typing import Any, Self

from mpckernel.errors import MpcError
from mpckernel.kernel.interrupt import signal_main_thread
from mpckernel.runtime.cell import Cell

LOOK = 0.25  # seconds


class Watch:
    """Use as a context around the cell's Python; `why` says what ended it elsewhere."""

    def __init__(self, cell: Cell) -> None:
        self.why: MpcError | None = None
        self._cell, self._over = cell, threading.Event()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look, name="mpckernel-watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()

    def _look(self) -> None:
        asked = None
        while not self._over.wait(LOOK):
            asked = asked or self._cell.room.mesh.submit(self._cell.check_aborts)
            try:
                asked.result(LOOK)
                asked = None
            except NotYet:
                continue  # the mesh is busy with this very cell, and looks by itself
            except MpcError as why:
                if not self._over.is_set():
                    self.why = why
                    signal_main_thread()
                return
