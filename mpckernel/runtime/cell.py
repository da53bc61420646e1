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

from mpckernel.errors import Interrupted, OverLimit, RangeLeft, UsageError
from mpckernel.protocols.ideal import Ideal
from mpckernel.protocols.op import Cost
from mpckernel.runtime.body import RecordedOp
from mpckernel.runtime.commits import Journal, not_held, one_bit, say_end, vote
from mpckernel.runtime.digest import digest
from mpckernel.runtime.ledger import CellRan
from mpckernel.runtime.parting import description
from mpckernel.runtime.plan import Call, Handle, Operand, Plan
from mpckernel.runtime.reasons import NOTHING_KEPT, error_for, readable
from mpckernel.runtime.reports import Report
from mpckernel.runtime.segments import run_segment
from mpckernel.runtime.store import drop

if TYPE_CHECKING:
    from mpckernel.runtime.room import Room

ORIGIN_SECONDS = 0.5
_current: "ContextVar[Cell | None]" = ContextVar("mpckernel_cell", default=None)


def current() -> "Cell":
    """The cell that is being recorded here."""
    cell = _current.get()
    if cell is None:
        raise UsageError("secrets are computed on in joint cells; begin the cell with %%mpc")
    return cell


@dataclass(frozen=True, slots=True)
class Limits:
    """What this party allows a cell. dry: record and price only; no share moves."""

    dry: bool = False
    max_rounds: int | None = None
    max_bytes: int | None = None  # sent by all parties together
    seconds: float = 600.0  # how long to wait for the others to run this cell


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
    after_commit: list[Callable[[], None]] = field(default_factory=list, repr=False)  # once each
    at_checkpoint: Callable[[], None] | None = None  # after each of them
    checkpoints: int = 0
    notes: list[str] = field(default_factory=list, repr=False)  # for this party's eyes alone
    kept: str = NOTHING_KEPT  # if the cell ends now without finishing
    reported: Report | None = None  # the last one
    rounds: int = 0
    sent_bits: int = 0
    over: bool = False
    end_said: bool = False  # to the others: we have sent all that the cell asks of us
    _before: Cost = field(default_factory=lambda: Cost(0, 0))  # of what is committed
    _journal: Journal = field(default_factory=Journal)
    _by_peer: bool = False
    _followed: float = 0.0
    _inputs: int = 0
    _began: float = field(default_factory=time.monotonic)
    _wire_before: int = 0
    _looked: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._wire_before = self.room.wire_bytes()
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
        return _sum([self._before, self._part])

    @property
    def _part(self) -> Cost:
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
        self._open()
        self.plan.line = self.line()
        return self.plan.add(ideal, *operands, **params)

    def repeat(self, op: RecordedOp, operands: tuple[Call, ...]) -> list[Call]:
        """Append one call of a recorded function; the calls that stand for its results."""
        self._open()
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

    def announce(
        self, owner: int, give: Callable[[], tuple[dict[str, Any], Any]]
    ) -> tuple[dict[str, Any], Any]:
        """What everybody may know of a private value, and the value where it is mine.

        `give` runs at the owner alone and returns (public description, words). A UsageError in
        it ends the cell at every party, with the owner's sentence.
        """
        self._open()
        index, self._inputs = self._inputs, self._inputs + 1
        if owner != self.me:
            line = self.line()
            body = self.room.job(lambda: description(self, owner, index, line))
            if body["error"]:
                self._by_peer = True
                raise UsageError(f"{self.parties[owner]}: {readable(body['error'])}")
            return body["what"], None
        try:
            what, value = give()
        except UsageError as why:
            sentence = f"{why} (line {self.line()})"
            self.room.job(lambda: self._tell_meta(index, {}, sentence))
            raise type(why)(f"{self.parties[owner]}: {sentence}") from None
        self.room.job(lambda: self._tell_meta(index, what, ""))
        return what, value

    def flush(self) -> None:
        """Agree on the plan so far and run it. Raises what ended the cell, if something did."""
        ready = self._ready()
        if ready is not None:
            self.room.job(lambda: run_segment(self, *ready))

    def _ready(self) -> tuple[Plan, int] | None:
        """The plan so far as the next segment to run; None if it asks for nothing."""
        self._open()
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
        self._look()
        if not self.dry:
            self._keep(kept)
            if self.room.mesh.cancelled:  # pressed while everybody voted
                raise Interrupted(f"you pressed stop; {self.kept}")

    def finish(self) -> None:
        """Run what is left and commit, at every party or at none. RangeLeft as in checkpoint."""
        bit, ready, began = self._one_bit(), self._ready(), time.monotonic()

        def end() -> None:
            if self.dry:
                self.room.all_joined(self, self.limits.seconds)
                say_end(self)
                return
            if ready is not None:
                run_segment(self, *ready, last=True)
            self._hold(bit)
            vote(self)

        self.room.job(end)
        if self.dry:
            self._journal.go_back()
        else:
            self._book()
            alone = len(self.segments) == 1 and not (self.checkpoints or self._inputs)
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
            self.room.leave_cell(self, "followed" if self._by_peer else code)

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
        rounds, bits = self.cost
        limits = self.limits
        if limits.max_rounds is not None and rounds > limits.max_rounds:
            raise OverLimit(
                f"this cell needs {rounds} rounds, over --max-rounds {limits.max_rounds}; "
                "nothing was sent"
            )
        if limits.max_bytes is not None and bits // 8 > limits.max_bytes:
            raise OverLimit(
                f"this cell needs {bits // 8} bytes, over --max-bytes {limits.max_bytes}; "
                "nothing was sent"
            )

    @property
    def ended_elsewhere(self) -> bool:
        """Whether another party ended this cell."""
        return self._by_peer

    def looks_at(self, call: Call) -> bool:
        """Whether this is the bit that says that all flags hold."""
        return any(call is bit for bit in self._looked)

    def _look(self) -> None:
        """Run the plan so far, and see that every flag holds."""
        bit = self._one_bit()
        self.flush()
        self._hold(bit)

    def _one_bit(self) -> Call | None:
        """The plan now opens whether all flags hold; None if there are none."""
        flags, self.checks = self.checks, []
        if not flags:
            return None
        self._looked.append(bit := one_bit(self, flags))
        return bit

    def _hold(self, bit: Call | None) -> None:
        if bit is not None and not self.dry and not np.all(bit.result):
            raise RangeLeft(f"{not_held(list(self.promises))}; {self.kept}")

    def _keep(self, kept: str) -> None:
        """Vote; then this object is the next part of the cell. A signal does not interrupt it
        (kernel/interrupt.py knows it by its name)."""
        self.room.job(lambda: vote(self))
        self._book()
        self._before, self.segments, self._looked = self.cost, [], []
        self.rounds = self.sent_bits = 0
        self.end_said = False
        self.promises.clear()
        self._began, self._wire_before = time.monotonic(), self.room.wire_bytes()
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

    def _open(self) -> None:
        if self.over:
            raise UsageError("this cell has ended; run it again")
        self.room.check_alive()

    # From here on: on the mesh's thread.

    def check_aborts(self) -> None:
        """Raise if a party has ended this cell."""
        mail = self.room.mail
        if not (mail.left or any(mail.aborts.values())):
            return
        codes = {p: mail.aborts.get(p, {}).get(nonce) for p, nonce in self.nonces.items()}
        codes = {p: "left" if p in mail.left else code for p, code in codes.items()}
        ended = {p: code for p, code in codes.items() if code is not None}
        first = {p: code for p, code in ended.items() if code != "followed"}
        if ended and not first:  # whoever ended it will be heard in a moment
            self._followed = self._followed or time.monotonic()
            if time.monotonic() - self._followed < ORIGIN_SECONDS:
                return
        for peer, code in (first or ended).items():
            self._by_peer = True
            raise error_for(code, self.parties, peer, self.kept)

    def wait(self, have: Callable[[], Any], seconds: float, **options: Any) -> None:
        """Until have() holds every peer, or the cell ends."""

        def missing() -> tuple[int, ...]:
            return tuple(p for p in self.room.mesh.peers if p not in have())

        def ready() -> bool:
            if missing():
                self.check_aborts()
            return not missing()

        self.room.mesh.wait(ready, missing, seconds=seconds, **options)

    def _tell_meta(self, index: int, what: dict[str, Any], error: str) -> None:
        self.room.mesh.tell("meta", run=self.run, index=index, what=what, error=error)

    def _book(self) -> None:
        """Enter results and cost where they are kept."""
        room = self.room
        for plan in self.segments:
            for call in plan.calls:
                call.private = None
                if not call.kept():
                    call.result = None
            room.store.commit([c for c in plan.calls if c.op is not None and c.kept()])
        wire = room.wire_bytes() - self._wire_before
        seconds = time.monotonic() - self._began
        room.ledger.append(
            CellRan(self.number, self._part, self.rounds, self.sent_bits, wire, seconds)
        )


def _sum(costs: list[Cost]) -> Cost:
    return Cost(sum(c.rounds for c in costs), sum(c.bits for c in costs))


def empty_operand() -> np.ndarray:
    """The operand of an input: what stands in the plan for a value only its owner has."""
    return np.zeros(0, np.uint64)
