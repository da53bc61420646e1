"""The order of a plan's work: every call starts as soon as its operands exist.

Calls that need no message run at once. The others are coroutines (protocols/rounds.py); large
elementwise ones are cut into chunks. One sweep resumes each coroutine in turn with what
arrived for its last round and posts its next round at once, so that independent calls share
rounds, and a chunk travels while the next one is computed. Where a call has more chunks than may
be on their way, the next begins in the sweep in which one ends. The order is the same at every
party.
"""

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mpckernel.protocols.ideal import INPUTS, OPENINGS
from mpckernel.protocols.party import Party
from mpckernel.protocols.rounds import Mail, Round, Sizes, Steps
from mpckernel.runtime.chunks import Cut, Whole, filled, is_small, piece, spread
from mpckernel.runtime.lanes import LanewiseOp, place
from mpckernel.runtime.plan import Call, Plan, pieces


@dataclass(slots=True)
class Post:
    """Send this, and expect that. The driver answers nothing."""

    round: Round


@dataclass(frozen=True, slots=True)
class Flush:
    """The end of a sweep: nothing more is posted before something is taken."""


@dataclass(slots=True)
class Take:
    """Answer with what was expected here."""

    hear: Sizes


Event: TypeAlias = Post | Flush | Take
_FLUSH = Flush()


@dataclass(slots=True)
class Branch:
    """One chunk of one call on its way."""

    call: Call
    index: int
    steps: Steps[Any]
    hear: Sizes | None = None


@dataclass(slots=True)
class Stream:
    """A call in many chunks: operands, which chunk begins next, how many have not landed."""

    cut: Cut
    operands: list[Any]
    whole: Whole
    left: int
    next: int = 0


@dataclass(slots=True)
class Schedule:
    """One party's run of a plan."""

    plan: Plan
    party: Party | None
    rounds: int = 0
    opened: list[Call] = field(default_factory=list)  # openings begun, whatever came after
    _waits: dict[int, int] = field(default_factory=dict)
    _users: dict[int, list[Call]] = field(default_factory=dict)
    _uses: dict[int, int] = field(default_factory=dict)
    _streams: dict[int, Stream] = field(default_factory=dict)

    def run(self) -> Generator[Event, Mail | None, None]:
        """Yield what to send and take until every call has its result."""
        self._count()
        fresh = deque(c for c in self.plan.calls if self._waits[c.number] == 0)
        queue = deque(self._start(fresh))
        while queue:
            later: deque[Branch] = deque()
            posted = False
            while queue:
                branch = queue.popleft()
                mail = None if branch.hear is None else (yield Take(branch.hear))
                try:
                    asked = branch.steps.send(mail)  # type: ignore[arg-type]  # None starts it
                except StopIteration as done:
                    queue.extend(self._landed(branch, done.value))
                    continue
                branch.hear, posted = asked.hear, True
                yield Post(asked)
                later.append(branch)
            if posted:
                self.rounds += 1
                yield _FLUSH
            queue = later

    def _count(self) -> None:
        for call in self.plan.calls:
            before = [x for x in call.operands if isinstance(x, Call)]
            self._waits[call.number] = len(before)
            for x in before:
                self._users.setdefault(x.number, []).append(call)
        self._uses = {k: len(v) for k, v in self._users.items()}

    def _start(self, ready: deque[Call]) -> Iterator[Branch]:
        """Run what is free at once; yield the branches of what is not."""
        while ready:
            call = ready.popleft()
            operands = self._operands(call)
            if call.op is not None and call.op.ideal.name in OPENINGS:
                self.opened.append(call)
            if call.op is None:
                ready.extend(self._done(call))
            elif call.op.rounds_of(**call.params) == 0 and not isinstance(call.op, LanewiseOp):
                call.result = call.op(self._at(call, 0), *operands, **call.params)
                ready.extend(self._done(call))
            else:
                yield from self._branches(call, operands)

    def _operands(self, call: Call) -> list[Any]:
        if call.op and call.op.ideal.name in INPUTS:
            return [call.private]
        return [x.result if isinstance(x, Call) else x for x in call.operands]

    def _branches(self, call: Call, operands: list[Any]) -> Iterator[Branch]:
        op = call.op
        assert op is not None
        lanewise = isinstance(op, LanewiseOp)
        if not lanewise and (is_small(call.shape) or pieces(call).count == 1):
            yield Branch(call, 0, op.run(self._at(call, 0), *operands, **call.params))
            return
        cut = pieces(call)
        flat = [spread(x, call.shape) for x in operands]
        self._streams[call.number] = Stream(cut, flat, Whole(call.shape), cut.count)
        for _ in range(min(cut.window, cut.count)):
            yield self._chunk(call)

    def _chunk(self, call: Call) -> Branch:
        """The next chunk of a call in many."""
        stream, op = self._streams[call.number], call.op
        assert op is not None
        k, stream.next = stream.next, stream.next + 1
        parts = [piece(x, *stream.cut.span(k)) for x in stream.operands]
        if stream.cut.filled:
            parts = [filled(x, stream.cut.step) for x in parts]
        return Branch(call, k, op(self._at(call, k), *parts, **call.params))

    def _at(self, call: Call, chunk: int) -> Any:
        assert call.op is not None
        turn = call.number + chunk if call.op.ideal.elementwise else 0
        return self.party and self.party.at(place(call.number, chunk), turn)

    def _landed(self, branch: Branch, result: Any) -> Iterator[Branch]:
        """Keep what a branch gave; yield what can begin now."""
        call, stream = branch.call, self._streams.get(branch.call.number)
        if stream is not None:
            stream.whole.put(result, *stream.cut.span(branch.index))
            stream.left -= 1
            if stream.next < stream.cut.count:
                yield self._chunk(call)
            if stream.left:
                return
            result = self._streams.pop(call.number).whole.value()
        call.result = result
        yield from self._start(deque(self._done(call)))

    def _done(self, call: Call) -> Iterator[Call]:
        """Which calls can start now; forgets results nobody can ask for any more."""
        for x in call.operands:
            if isinstance(x, Call):
                self._uses[x.number] -= 1
                if not self._uses[x.number] and x.op is not None and not x.kept():
                    x.result = None
        for user in self._users.get(call.number, ()):
            self._waits[user.number] -= 1
            if self._waits[user.number] == 0:
                yield user
