"""What a cell changed in place, put back where it does not commit.

Outside cells, and in recorded steps, whose state is exchanged as a whole, nothing is put back.
"""

from collections.abc import Callable
from typing import Any

from mpckernel.runtime.cell import _current


def undoing(restore: Callable[[], None]) -> None:
    """`restore` is called if the cell that runs here does not commit; see Cell.undo."""
    undo = getattr(_current.get(), "undo", None)
    if undo is not None:
        undo(restore)


def kept_if_committed(holder: Any, name: str) -> None:
    """An attribute is about to change: as it is now if the cell that runs here does not commit."""
    old = getattr(holder, name)
    undoing(lambda: setattr(holder, name, old))
