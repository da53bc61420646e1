"""How far a joint cell is: one line in one slot, from half a second on; at its end, its cost.

The line is written by a thread in a copy of the cell's context, so it lands in the cell that
started it, whatever the main thread does.
"""

import threading
import time
from contextvars import copy_context
from typing import Any, Self

from IPython.display import DisplayHandle

from mpckernel.runtime.room import Room, Status

SHOW_AFTER = 0.5  # seconds
LOOK = 0.2
MARK = {"mpckernel": "cost"}  # in the output's metadata: not part of a party's result


class Progress:
    """Use as a context around a joint cell; `done` leaves the cost line."""

    def __init__(self, room: Room, *, shown: bool = True) -> None:
        self._room, self._shown = room, shown
        self._over = threading.Event()
        self._slot: DisplayHandle | None = None
        self._line = ""

    def __enter__(self) -> Self:
        if self._shown:
            run = copy_context().run
            self._thread = threading.Thread(target=run, args=(self._loop,), daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._end()
        if self._slot is not None and not self._line:
            self._slot.update({"text/plain": ""}, raw=True, metadata=MARK)

    def done(self, line: str) -> None:
        """Replace the progress by this line; without one, show the line here."""
        self._end()
        self._line = line
        if self._shown and line:
            self._put(line)

    def _end(self) -> None:
        self._over.set()
        if self._shown:
            self._thread.join(2)

    def _loop(self) -> None:
        began, wire = time.monotonic(), self._room.wire_bytes()
        last = ""
        wait = SHOW_AFTER
        while not self._over.wait(wait):
            line = describe(self._room.status(), time.monotonic() - began, wire)
            if line != last:
                self._put(line)
            last, wait = line, LOOK

    def _put(self, line: str) -> None:
        if self._slot is None:
            self._slot = DisplayHandle()
            self._slot.display(*_faces(line), raw=True, metadata=MARK)
        else:
            self._slot.update(*_faces(line), raw=True, metadata=MARK)


def _faces(line: str) -> tuple[dict[str, str]]:
    return ({"text/plain": line},)


def describe(status: Status, seconds: float, wire_before: int) -> str:
    """One line: for whom we wait, or rounds and bytes so far."""
    if status.waiting_for and status.phase == "waiting":
        whom = listed(status.waiting_for)
        return f"waiting for {whom}, {max(0, time.time() - status.waiting_since):.0f} s"
    sent = amount(status.wire_bytes - wire_before)
    if status.phase == "running":
        line = f"{status.rounds} of {status.rounds_planned} rounds, {sent} sent, {seconds:.1f} s"
        slow = status.waiting_for and time.time() - status.waiting_since > 1
        return f"{line}; waiting for {listed(status.waiting_for)}" if slow else line
    return f"{status.phase}, {seconds:.0f} s"


def cost_line(count: int, sent_bytes: int, seconds: float) -> str:
    """What a cell took: `12 rounds, 3.1 MB sent, 0.8 s`."""
    took = f"{seconds:.1f}" if seconds >= 0.095 else f"{seconds:.2f}"
    return f"{rounds(count)}, {amount(sent_bytes)} sent, {took} s"


def rounds(count: int) -> str:
    """`1 round`, `12 rounds`."""
    return f"{count} round" if count == 1 else f"{count} rounds"


def amount(count: float) -> str:
    """Bytes in words: 532 B, 3.1 MB."""
    if count < 1000:
        return f"{count:.0f} B"
    units = ["kB", "MB", "GB", "TB"]
    while (count := count / 1000) >= 999.95 and len(units) > 1:
        units.pop(0)
    return f"{count:.1f} {units[0]}"


def listed(names: tuple[str, ...]) -> str:
    """`alice`, `alice and bob`, `alice, bob and carol`."""
    head, tail = ", ".join(names[:-1]), names[-1]
    return f"{head} and {tail}" if head else tail
