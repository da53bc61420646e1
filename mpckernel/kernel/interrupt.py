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
from contextlib import contextmanager
from types import FrameType
from typing import Any


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
def stop_raises() -> Iterator[None]:
    """While the user's Python runs: stop raises KeyboardInterrupt there, once."""
    armed = [True]

    def handle(_number: int, _frame: FrameType | None) -> None:
        if armed:
            armed.clear()
            raise KeyboardInterrupt

    with _handling(handle):
        try:
            yield
        finally:
            armed.clear()


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
