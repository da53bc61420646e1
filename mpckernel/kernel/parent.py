"""A party started by another kernel ends when that kernel does."""

import os
import threading
import time

_LOOK = 0.5  # seconds


def watch() -> None:
    """Leave as soon as the process named in $MPCKERNEL_PARENT is no longer the parent."""
    text = os.environ.get("MPCKERNEL_PARENT", "")
    if text.isdecimal():
        threading.Thread(target=_wait, args=(int(text),), name="parent", daemon=True).start()


def started_here() -> bool:
    """Whether this kernel is a party that another kernel started."""
    return "MPCKERNEL_PARENT" in os.environ


def _wait(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)
