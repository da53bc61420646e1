"""One joint cell at one party: enter, record, agree, run, commit; or end, everywhere.

`enter` waits until every party stands at the same cell. Recording appends to a plan. `flush`
agrees on the plan so far and runs it; a cell whose Python uses a revealed value has several
such segments. `finish` runs the rest and commits by vote: results count at all parties or at none.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mpckernel.errors import Interrupted, MpcError, TransportError, UsageError
from mpckernel.protocols.ideal import Ideal
from mpckernel.protocols.op import Cost
from mpckernel.runtime.agree import compare_plans, describe
from mpckernel.runtime.body import RecordedOp
from mpckernel.runtime.drive import Drive
from mpckernel.runtime.ledger import CellRan, Opened
from mpckernel.runtime.plan import Call, Handle, Operand, Plan
from mpckernel.runtime.reasons import error_for, readable
from mpckernel.runtime.schedule import Schedule
from mpckernel.runtime.store import drop

if TYPE_CHECKING:
    from mpckernel.runtime.room import Room

COMMIT_SECONDS = 5.0
ORIGIN_SECONDS = 0.5
DETAIL_SECONDS = 5.0
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
    rounds: int = 0
    sent_bits: int = 0
    over: bool = False
    after_commit: list[Callable[[], None]] = field(default_factory=list, repr=False)
    _by_peer: bool = False
    _followed: float = 0.0
    _inputs: int = 0
    _began: float = field(default_factory=time.monotonic)
    _wire_before: int = 0

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
    def cost(self) -> Cost:
        """The price of the whole cell so far: rounds, and bits of all parties together."""
        costs = [plan.cost for plan in (*self.segments, self.plan)]
        return Cost(sum(c.rounds for c in costs), sum(c.bits for c in costs))

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
            body = self.room.job(lambda: self._hear_meta(owner, index))
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
        self._open()
        recording = _current.get()
        if recording is not None and not isinstance(recording, Cell):  # of a function
            raise UsageError(
                "a recorded function cannot wait for a value to be opened; open it before, and "
                "pass it as an argument"
            )
        if not self.plan.calls or self.dry:
            return
        plan, segment = self.plan, len(self.segments)
        self._check_limits()
        for call in plan.calls:
            if call.op is not None:
                call.handle = Handle(f"{self.run}/{segment}", call.number)
        self.segments.append(plan)
        self.plan = self._new_plan()
        self.room.job(lambda: self._run(plan, segment))

    def finish(self) -> None:
        """Run what is left and commit, at every party or at none."""
        self.flush()
        if not self.dry:
            self.room.job(self._commit)
            self._book()
        self.over = True
        self.room.phase = "idle"
        self._after_commit()

    def abort(self, code: str) -> None:
        """End the cell here and tell the others; nothing of it is kept. Never raises."""
        if not self.over or self.room.committed < self.number:
            self.over = True
            for plan in (*self.segments, self.plan):
                drop(plan.calls)
            self.room.leave_cell(self, "followed" if self._by_peer else code)

    def _after_commit(self) -> None:
        """What was to wait for the vote (files put into place), once."""
        waiting, self.after_commit = self.after_commit, []
        for act in () if self.dry else waiting:
            act()

    def _new_plan(self) -> Plan:
        return Plan(self.scheme, self.parties)

    def _open(self) -> None:
        if self.over:
            raise UsageError("this cell has ended; run it again")
        self.room.check_alive()

    def _check_limits(self) -> None:
        rounds, bits = self.cost
        limits = self.limits
        if limits.max_rounds is not None and rounds > limits.max_rounds:
            raise UsageError(
                f"this cell needs {rounds} rounds, over --max-rounds {limits.max_rounds}; "
                "nothing was sent"
            )
        if limits.max_bytes is not None and bits // 8 > limits.max_bytes:
            raise UsageError(
                f"this cell needs {bits // 8} bytes, over --max-bytes {limits.max_bytes}; "
                "nothing was sent"
            )

    # From here on: on the mesh's thread.

    def check_aborts(self) -> None:
        """Raise if a party has ended this cell."""
        mail = self.room.mail
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
            raise error_for(code, self.parties, peer)

    def _wait(self, have: Callable[[], Any], seconds: float, **options: Any) -> None:
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

    def _hear_meta(self, owner: int, index: int) -> dict[str, Any]:
        metas = self.room.mail.of(self.run).metas
        key = (owner, index)

        def ready() -> bool:
            if key not in metas:
                self.check_aborts()
            return key in metas

        self.room.mesh.wait(ready, lambda: (owner,), seconds=self.limits.seconds)
        return metas[key]

    def _run(self, plan: Plan, segment: int) -> None:
        room, mine = self.room, plan.digest().hex()
        room.phase = "agreeing"
        mail = room.mail.of(self.run)
        tag, party = room.keys_for(self.run, segment)
        with Drive(room.mesh, tag) as drive:
            room.mesh.tell("agree", run=self.run, segment=segment, hash=mine)
            schedule = Schedule(plan, party)
            self._wait(lambda: [p for p, s in mail.agrees if s == segment], self.limits.seconds)
            if any(mail.agrees[p, segment] != mine for p in room.mesh.peers):
                raise self._differs(plan, segment)
            room.phase, room.rounds_planned = "running", plan.cost.rounds
            room.schedule = schedule
            try:
                drive.run(schedule, self.check_aborts)
            finally:
                room.schedule = None
                self._book_opened(schedule.opened)
                self.rounds += schedule.rounds
                self.sent_bits += drive.sent_bits

    def _differs(self, plan: Plan, segment: int) -> MpcError:
        room, mail = self.room, self.room.mail.of(self.run)
        room.mesh.tell("detail", run=self.run, segment=segment, **describe(plan))

        def missing() -> tuple[int, ...]:
            return tuple(p for p in room.mesh.peers if (p, segment) not in mail.details)

        # Not _wait: whoever has seen the difference leaves the cell, and we are to see it, too.
        room.mesh.wait(lambda: not missing(), missing, seconds=DETAIL_SECONDS)
        theirs = {self.parties[p]: mail.details[p, segment] for p in room.mesh.peers}
        return compare_plans(plan, theirs)

    def _commit(self) -> None:
        """Meet at the end, vote, and wait for every vote. While somebody is not at the end yet,
        stop and the deadline end the cell: nobody has voted. The vote itself is short and not
        interrupted. A party that commits says so, for one that lost a voter meanwhile."""
        room, mail = self.room, self.room.mail.of(self.run)
        room.phase = "waiting"
        room.mesh.tell("end", run=self.run)
        self._wait(lambda: mail.ended, self.limits.seconds)
        room.phase = "committing"
        if room.mesh.cancelled:
            raise Interrupted("you pressed stop; no party committed this cell")
        if any(nonce in room.mail.aborts.get(p, ()) for p, nonce in self.nonces.items()):
            self.check_aborts()
        room.mesh.tell("vote", run=self.run)
        try:
            self._wait(
                lambda: room.mesh.peers if mail.done else mail.votes,
                COMMIT_SECONDS,
                heed_cancel=False,
            )
        except TransportError:
            end = time.monotonic() + 1.0
            while not mail.done:
                if time.monotonic() > end:
                    raise
                room.mesh.hear(0.1)
        room.mesh.tell("done", run=self.run)
        room.committed = self.number

    def _book_opened(self, calls: list[Call]) -> None:
        """Whoever heard the shares knows the value, also if the cell does not commit."""
        for call in calls:
            to = call.params.get("to")
            names = self.parties if to is None else (self.parties[to],)
            opened = Opened(self.number, call.line, call.shape, call.kind, names)
            self.room.ledger.append(opened)

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
            CellRan(self.number, self.cost, self.rounds, self.sent_bits, wire, seconds)
        )


def empty_operand() -> np.ndarray:
    """The operand of an input: what stands in the plan for a value only its owner has."""
    return np.zeros(0, np.uint64)
