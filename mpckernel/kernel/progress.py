"""How far a joint cell is: one line in one slot, from half a second on; at its end, its cost.
A cell that reports points of its own (the loss of a training) has them drawn above the line.

The line is written by a thread in a copy of the cell's context, so it lands in the cell that
started it, whatever the main thread does.
"""

import threading
import time
from contextvars import copy_context
from html import escape
from typing import Any, Self

from IPython.display import DisplayHandle

from mpckernel.runtime import curves
from mpckernel.runtime.reports import Report
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
        self._report: Report | None = None

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

    def done(self, line: str, report: Report | None = None) -> None:
        """Replace the progress by this line, below the curve of the last report if it has one;
        without progress, show the line here."""
        self._end()
        self._line, self._report = line, report or self._report
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
            status = self._room.status()
            self._report = status.report or self._report
            line = describe(status, time.monotonic() - began, wire)
            if line != last:
                self._put(line)
            last, wait = line, LOOK

    def _put(self, line: str) -> None:
        if self._slot is None:
            self._slot = DisplayHandle()
            self._slot.display(faces(line, self._report), raw=True, metadata=MARK)
        else:
            self._slot.update(faces(line, self._report), raw=True, metadata=MARK)


def faces(line: str, report: Report | None = None) -> dict[str, str]:
    """The line; where there are points, as HTML with their curve above it as well."""
    shown = {"text/plain": line}
    if report is not None and len(report.points) > 1:
        curve = curves.image(report.points, report.what, report.of)
        shown["text/html"] = f"{curve}<div>{escape(line)}</div>"
    return shown


def describe(status: Status, seconds: float, wire_before: int) -> str:
    """One line: for whom we wait, or rounds and bytes so far."""
    if status.waiting_for and status.phase == "waiting":
        whom = listed(status.waiting_for)
        return f"waiting for {whom}, {max(0, time.time() - status.waiting_since):.0f} s"
    sent = amount(status.wire_bytes - wire_before)
    if status.report is not None:
        return _steps(status, status.report, sent)
    if status.phase == "running":
        line = f"{status.rounds} of {status.rounds_planned} rounds, {sent} sent, {seconds:.1f} s"
        slow = status.waiting_for and time.time() - status.waiting_since > 1
        return f"{line}; waiting for {listed(status.waiting_for)}" if slow else line
    return f"{status.phase}, {seconds:.0f} s"


def _steps(status: Status, report: Report, sent: str) -> str:
    """`step 120 of 450, epoch 2 of 5, loss 0.31, 12 MB sent, about 40 s left`."""
    running = status.phase == "running" and status.rounds_planned
    part = status.rounds / status.rounds_planned if running else 0.0
    left = report.left(part, time.monotonic())
    line = [f"step {report.steps(part):.0f} of {report.of}", report.text, f"{sent} sent"]
    slow = status.waiting_for and time.time() - status.waiting_since > 1
    if left is not None:
        line.append(f"about {duration(left)} left")
    return ", ".join(filter(None, line)) + (
        f"; waiting for {listed(status.waiting_for)}" if slow else ""
    )


def duration(seconds: float) -> str:
    """`8 s`, `3 min`, `2 h 10 min`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


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
