"""Stop: from the button to the end of the cell, within a second, and for this process only.

Source: Python's signal module; ipykernel handles an interrupt request in its control thread, even
while the main thread is blocked. Departs from ipykernel: a waiting cell is woken through the
loop's thread-safe call (its own handler waits for the next event), and other processes of the
group are left alone: parties started here are told by message.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

from mpckernel.errors import MpcError, Refused
from mpckernel.runtime.aborts import check_aborts

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell

_WAITS = {("job", "mpckernel.runtime.room"), ("_keep", "mpckernel.runtime.cell")}
_IMPORTS = {("_find_and_load", "importlib._bootstrap")}
_ENDS = {"weakref", "_weakrefset"}  # modules whose callbacks swallow what is raised in them
SOON, LATE = 0.05, 600  # seconds until a stop during an import is tried again, and how often
SAME = 1.0  # seconds that a cell has to fail by itself where another party's has failed
LOOK = 0.25  # seconds between looks whether another party has ended the cell


def signal_main_thread() -> None:
    """What Ctrl-C does, to this process alone; callable from any thread."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        import _thread

        _thread.interrupt_main()


@contextmanager
def stop_calls(action: Callable[[], Any]) -> Iterator[None]:
    """While the main thread awaits: stop calls `action` on the loop at once."""
    loop = asyncio.get_running_loop()
    with _handling(lambda *_: loop.call_soon_threadsafe(action)):
        yield


@contextmanager
def stop_raises(cancel: Callable[[], Any]) -> Iterator[None]:
    """While the user's Python runs: stop raises KeyboardInterrupt there, once.

    A cell that waits for the others in the middle is left by `cancel`, which lets that wait end in
    order: what it works on must not be dropped under its hands. An import goes on to its end, for
    half a minute at most: many modules cannot be imported again once that was broken off. What
    Python does when an object ends goes on, too, as nothing that is raised there is heard.
    """
    armed, late = [True], list[threading.Timer]()

    def again() -> None:
        if armed:
            signal_main_thread()

    def handle(_number: int, frame: FrameType | None) -> None:
        if _inside(frame, _WAITS):
            late.clear()
            threading.Thread(target=cancel, daemon=True).start()  # it locks; a handler must not
        elif armed and len(late) < LATE and (_inside(frame, _IMPORTS) or _at_an_end(frame)):
            late.append(threading.Timer(SOON, again))
            late[-1].daemon = True
            late[-1].start()
        elif armed:
            armed.clear()
            raise KeyboardInterrupt

    with _handling(handle):
        try:
            yield
            if armed and late:  # the import was the last thing to do
                raise KeyboardInterrupt
        finally:
            armed.clear()


def _inside(frame: FrameType | None, calls: set[tuple[str, str]]) -> bool:
    """Whether the main thread is in one of these functions."""
    while frame is not None:
        if (frame.f_code.co_name, frame.f_globals.get("__name__", "")) in calls:
            return True
        frame = frame.f_back
    return False


def _at_an_end(frame: FrameType | None) -> bool:
    """Whether the main thread does what is to be done when an object ends."""
    while frame is not None:
        if frame.f_globals.get("__name__") in _ENDS or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


class Watch:
    """While the user's Python runs: notice that another party has ended the cell, and stop here.

    Else a party that computes something of its own for a minute would hear of it only at its next
    step with the others. Use as a context; `why` says what ended the cell elsewhere.
    """

    def __init__(self, cell: "Cell") -> None:
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
            asked = asked or self._cell.room.mesh.submit(partial(check_aborts, self._cell))
            try:
                asked.result(LOOK)
                asked = None
            except NotYet:
                continue  # the mesh is busy with this very cell, and looks by itself
            except MpcError as why:
                if isinstance(why, Refused):  # a mistake in the text is about to show here, too
                    self._over.wait(SAME)
                if not self._over.is_set():
                    self.why = why
                    signal_main_thread()
                return


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals arrive in the main thread only
        return
    saved = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, saved)
