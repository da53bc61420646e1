"""One joint cell at one party: enter, record, agree, run, commit; or end, everywhere.

`enter` waits until every party stands at the same cell. Recording appends to a plan. `flush`
agrees on the plan so far and runs it; a cell whose Python uses a revealed value has several
such segments. `finish` runs the rest and commits by vote: results count at all parties or at none.
`checkpoint` commits in the middle: what ends the cell later takes back only what came after.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mpckernel.errors import Interrupted, UsageError
from mpckernel.protocols.ideal import Ideal
from mpckernel.protocols.op import Cost
from mpckernel.runtime.body import RecordedOp
from mpckernel.runtime.booking import Spent, book_results
from mpckernel.runtime.call import Call, Handle, Operand
from mpckernel.runtime.commits import Journal, say_end, vote
from mpckernel.runtime.digest import digest
from mpckernel.runtime.entering import wait_joined
from mpckernel.runtime.flags import check_held, open_flags
from mpckernel.runtime.limits import Limits
from mpckernel.runtime.plan import Plan
from mpckernel.runtime.reasons import NOTHING_KEPT
from mpckernel.runtime.reports import Report
from mpckernel.runtime.segments import run_segment
from mpckernel.runtime.store import drop

if TYPE_CHECKING:
    from mpckernel.runtime.room import Room

_current: "ContextVar[Cell | None]" = ContextVar("mpckernel_cell", default=None)


def current() -> "Cell":
    """The cell that is being recorded here."""
    cell = _current.get()
    if cell is None:
        raise UsageError("secrets are computed on in joint cells; begin the cell with %%mpc")
    return cell


@dataclass(slots=True, eq=False)
class Cell:
    """A joint cell. Made by Room.enter; methods block, and end at once on Room.cancel."""

    room: "Room"
    number: int
    run: str  # names this attempt, the same at every party, never used twice
    nonces: dict[int, str]
    limits: Limits
    namespace: dict[str, Any] = field(repr=False)
    filename: str = "<mpc>"
    plan: Plan = field(init=False)
    segments: list[Plan] = field(default_factory=list)
    checks: list[Call] = field(default_factory=list)  # bits that must hold at the next commit
    promises: dict[str, None] = field(default_factory=dict)  # what they say; public texts
    looked: list[Call] = field(default_factory=list)  # what says whether they do
    after_commit: list[Callable[[], None]] = field(default_factory=list, repr=False)  # once each
    at_checkpoint: Callable[[], None] | None = None  # after each of them
    checkpoints: int = 0
    notes: list[str] = field(default_factory=list, repr=False)  # for this party's eyes alone
    kept: str = NOTHING_KEPT  # if the cell ends now without finishing
    reported: Report | None = None  # the last one
    over: bool = False
    end_said: bool = False  # to the others: we have sent all that the cell asks of us
    ended_elsewhere: bool = False  # by another party
    followed: float = 0.0  # since when all who have ended it say that somebody else did
    announced: int = 0  # private values, of all owners
    spent: Spent = field(init=False)
    _before: Cost = field(default_factory=lambda: Cost(0, 0))  # of what is committed
    _journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        self.spent = Spent(self.room.wire_bytes())
        self.plan = self._new_plan()

    @property
    def me(self) -> int:
        return self.room.me

    @property
    def parties(self) -> tuple[str, ...]:
        return self.room.parties

    @property
    def scheme(self) -> str:
        return self.room.scheme

    @property
    def dry(self) -> bool:
        return self.limits.dry

    @property
    def segments_run(self) -> int:
        return len(self.segments)

    @property
    def promised(self) -> bool:
        """Whether bounds may rest on promises that nobody has looked at yet."""
        return bool(self.checks)

    @property
    def cost(self) -> Cost:
        """The price of the whole cell so far: rounds, and bits of all parties together."""
        return _sum([self._before, self.cost_of_part])

    @property
    def cost_of_part(self) -> Cost:
        """Since the last checkpoint."""
        return _sum([plan.cost for plan in (*self.segments, self.plan)])

    @contextmanager
    def recording(self) -> "Iterator[Cell]":
        """Inside, `current()` is this cell."""
        token = _current.set(self)
        try:
            yield self
        finally:
            _current.reset(token)

    def record(self, ideal: Ideal, *operands: Operand, **params: Any) -> Call:
        """Append to the plan, under the line of the user's cell that asks for it."""
        self.check_open()
        self.plan.line = self.line()
        return self.plan.add(ideal, *operands, **params)

    def repeat(self, op: RecordedOp, operands: tuple[Call, ...]) -> list[Call]:
        """Append one call of a recorded function; the calls that stand for its results."""
        self.check_open()
        self.plan.line = self.line()
        return self.plan.repeat(op, operands)

    def line(self) -> int:
        """The line of the cell that runs now, 0 if unknown."""
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == self.filename:
                return frame.f_lineno
            frame = frame.f_back
        return 0

    def check_open(self) -> None:
        """Raise if nothing more can be asked of it."""
        if self.over:
            raise UsageError("this cell has ended; run it again")
        self.room.check_alive()

    def flush(self) -> None:
        """Agree on the plan so far and run it. Raises what ended the cell, if something did."""
        ready = self._ready()
        if ready is not None:
            self.room.job(lambda: run_segment(self, *ready))

    def _ready(self) -> tuple[Plan, int] | None:
        """The plan so far as the next segment to run; None if it asks for nothing."""
        self.check_open()
        recording = _current.get()
        if recording is not None and not isinstance(recording, Cell):  # of a function
            raise UsageError(
                "a recorded function cannot wait for a value to be opened; open it before, and "
                "pass it as an argument"
            )
        if not self.plan.calls or self.dry:
            return None
        plan, segment = self.plan, len(self.segments)
        self.check_limits()
        for call in plan.calls:
            if call.op is not None:
                call.handle = Handle(f"{self.run}/{segment}", call.number)
        self.segments.append(plan)
        self.plan = self._new_plan()
        return plan, segment

    def checkpoint(self, kept: str = "what it had at its last checkpoint is kept") -> None:
        """Commit what the cell did so far, at every party or at none; then the cell goes on.

        Whatever ends it later takes back only what came after. kept: how the sentence then says
        what is there ("the weights of step 936 are kept"). Raises RangeLeft if a flag of `checks`
        does not hold, and what ends a cell. A dry run goes on as if it had committed.
        """
        bit = open_flags(self)
        self.flush()
        check_held(self, bit)
        if not self.dry:
            self._keep(kept)
            if self.room.mesh.cancelled:  # pressed while everybody voted
                raise Interrupted(f"you pressed stop; {self.kept}")

    def finish(self) -> None:
        """Run what is left and commit, at every party or at none. RangeLeft as in checkpoint."""
        bit, ready, began = open_flags(self), self._ready(), time.monotonic()

        def end() -> None:
            if self.dry:
                wait_joined(self, self.limits.seconds)
                say_end(self)
                return
            if ready is not None:
                run_segment(self, *ready, last=True)
            check_held(self, bit)
            vote(self)

        self.room.job(end)
        if self.dry:
            self._journal.go_back()
        else:
            book_results(self)
            alone = len(self.segments) == 1 and not (self.checkpoints or self.announced)
            if ready is not None and alone:  # and so it did not wait for an owner's preparations
                self.room.saw(ready[0], time.monotonic() - began)
        self.over = True
        self.room.phase, self.room.report = "idle", None
        self._after_commit()

    def abort(self, code: str) -> None:
        """End the cell here and tell the others; nothing since its last commit is kept. Never
        raises."""
        if not self.over or self.room.committed < self.number:
            self.over = True
            for plan in (*self.segments, self.plan):
                drop(plan.calls)
            self._journal.go_back()
            self.room.leave_cell(self, "followed" if self.ended_elsewhere else code)

    def undo(self, restore: Callable[[], None]) -> None:
        """`restore` puts something back that is about to be changed in place. It is called if the
        cell ends before its next commit (or was a dry run), the newest first; it must not fail."""
        self._journal.add(restore)

    def report(self, report: Report) -> None:
        """Say how far the cell is; public numbers alone. Whoever looks at the room sees it."""
        self.room.report = self.reported = report

    def check_limits(self) -> None:
        """Raises OverLimit if what is recorded so far is more than this party allows. Inputs ask
        before anything else is made of them: another party says how large its own are."""
        self.limits.check(self.cost)

    def looks_at(self, call: Call) -> bool:
        """Whether this is the bit that says that all flags hold."""
        return any(call is bit for bit in self.looked)

    def _keep(self, kept: str) -> None:
        """Vote; then this object is the next part of the cell. A signal does not interrupt it
        (kernel/interrupt.py knows it by its name)."""
        self.room.job(lambda: vote(self, last=False))
        book_results(self)
        self._before, self.segments, self.looked = self.cost, [], []
        self.end_said = False
        self.promises.clear()
        self.spent = Spent(self.room.wire_bytes())
        self.run = digest("next part", self.run).hex()
        self.number, self.kept = self.number + 1, kept
        self.checkpoints += 1
        self.room.phase = "recording"
        self._after_commit()
        if self.at_checkpoint is not None:
            self.at_checkpoint()

    def _after_commit(self) -> None:
        """What was to wait for the vote (files put into place), once."""
        self._journal.forget()
        waiting, self.after_commit = self.after_commit, []
        for act in () if self.dry else waiting:
            act()

    def _new_plan(self) -> Plan:
        return Plan(self.scheme, self.parties)


def _sum(costs: list[Cost]) -> Cost:
    return Cost(sum(c.rounds for c in costs), sum(c.bits for c in costs))


def empty_operand() -> np.ndarray:
    """The operand of an input: what stands in the plan for a value only its owner has."""
    return np.zeros(0, np.uint64)
