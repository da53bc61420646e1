"""Compiling ahead of the first use, now or in the background."""

import threading
import time

from mpckernel.ring import bits, words
from mpckernel.ring.compiled import Compiled, table

_LAYERS = (words, bits)  # importing them fills the table
_PAUSE = 0.005
warmed = False
"""Whether everything is compiled. Read it as warm.warmed: it changes."""


def warm(pause: float = 0.0) -> None:
    """Compile everything, or load it from disk; again costs nothing. Safe from any thread."""
    global warmed
    for function in table():
        function.compile()
        if pause:
            time.sleep(pause)
    warmed = True


def start_warming() -> threading.Thread:
    """Warm in a daemon thread; until it is done, calls run the definitions rather than wait."""
    thread = threading.Thread(target=_warm_quietly, name="ring-warm", daemon=True)
    Compiled.waiting = False
    thread.start()
    return thread


def _warm_quietly() -> None:
    try:
        warm(_PAUSE)
    finally:
        Compiled.waiting = True
