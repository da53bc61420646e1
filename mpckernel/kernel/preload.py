"""Load what joint cells need a moment after the kernel's start, on the main thread.

On the main thread, because two threads that import NumPy at once can meet a half-imported module;
in steps, so that a cell that comes meanwhile waits for one step at most. Compiling, which imports
nothing more, goes on in the background.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

AFTER = 1.0  # seconds; the first cell goes first
BETWEEN = 0.05
STEPS = (
    "numpy",
    "mpckernel.runtime.room",
    "mpckernel.array",
    "mpckernel.session.hosting",
    "mpckernel.session.local",
    "mpckernel.kernel.simulation",
    "mpckernel.kernel.joint",
    "numba",
)

_warming: list[Any] = []


def now() -> None:
    """Load everything, and compile in the background."""
    for name in STEPS:
        _load(name)
    if not _warming:
        from mpckernel.ring.warm import start_warming

        _warming.append(start_warming())


def later(call_later: Callable[..., Any], then: Callable[[], Any]) -> None:
    """Load step by step on the loop that `call_later` belongs to; at the end call `then`."""
    call_later(AFTER, partial(_step, call_later, 0, then))


def _step(call_later: Callable[..., Any], number: int, then: Callable[[], Any]) -> None:
    if number < len(STEPS):
        _load(STEPS[number])
        call_later(BETWEEN, partial(_step, call_later, number + 1, then))
        return
    now()
    then()


def _load(name: str) -> None:
    try:
        import_module(name)
    except ModuleNotFoundError as why:
        if why.name != "numba":  # optional: the definitions run instead
            raise
