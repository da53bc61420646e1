"""Compiling ahead of the first use, now or in the background."""

import atexit
import os
import sys
import threading

from mpckernel.ring import bits, carries, choices, digits, orders, tables, thresholds, words
from mpckernel.ring.compiled import Compiled, table

DECLARED_IN = (words, bits, choices, digits, carries, tables, thresholds, orders)
"""Importing these fills the table."""

_PAUSE = 0.005
_stop = threading.Event()

warmed: bool
"""Whether everything is compiled. Read it as warm.warmed: it changes."""


def __getattr__(name: str) -> bool:
    if name == "warmed":
        return all(function.ready is not None for function in table())
    raise AttributeError(name)


def warm() -> None:
    """Compile everything, or load it from disk; again costs nothing. Safe from any thread."""
    for function in table():
        function.compile()


def start_warming() -> threading.Thread:
    """Warm in a daemon thread; until it is done, calls run the definitions rather than wait."""
    thread = threading.Thread(target=_warm_gently, name="ring-warm", daemon=True)
    Compiled.waiting = False
    thread.start()
    atexit.register(_leave, thread)
    return thread


def _warm_gently() -> None:
    """One at a time with pauses, so that the other threads of a busy kernel get their turns."""
    try:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)  # this thread only
        for function in table():
            function.compile()
            if _stop.wait(_PAUSE):
                return
    finally:
        Compiled.waiting = True


def _leave(thread: threading.Thread) -> None:
    """Before the interpreter ends: a compiler must not be running while it is taken down."""
    _stop.set()
    thread.join(timeout=5)
