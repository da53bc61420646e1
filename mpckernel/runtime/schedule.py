"""The order of a plan's work: every call starts as soon as its operands exist.

Calls that need no message run at once; those that only move what is given wait until they are
asked for, so that all batches of a training are not cut out before it begins. The others are
coroutines (protocols/rounds.py); large elementwise ones are cut into chunks, and the steps of
recorded ones run like calls of the plan, in a frame of their own. One sweep resumes each
coroutine in turn with what arrived for its last round and posts its next round at once, so
that independent calls share rounds, and a chunk travels while the next one is computed. Where a
call has more chunks than may be on their way, the next begins in the sweep in which one ends.
The order is the same at every party.
"""

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from mpckernel.protocols.ideal import INPUTS
from mpckernel.protocols.party import Party
from mpckernel.protocols.rounds import Mail, Round, Sizes, Steps
from mpckernel.runtime.body import CHUNKED, FREE, PICK, RECORDED, Body, Step, structure
from mpckernel.runtime.call import Call
from mpckernel.runtime.chunks import Cut, Whole, filled, piece, spread
from mpckernel.runtime.plan import Plan


@dataclass(slots=True, eq=False)
class Frame:
    """One run of a body: the values so far, and who still waits. place, turn: what its steps'
    own are added to. parent, slot: the step that it runs for."""

    body: Body
    values: list[Any] = field(repr=False)
    place: int = 0
    turn: int = 0
    parent: "Frame | None" = None
    slot: int = 0
    waits: list[int] = field(init=False)
    uses: list[int] = field(init=False)
    left: int = field(init=False)

    def __post_init__(self) -> None:
        body = self.body
        self.waits, self.uses, self.left = body.waits.copy(), body.uses.copy(), body.count
        self.values += [None] * (len(body.steps) - len(self.values))

    def result(self) -> Any:
        """Of all steps: one value, or several."""
        values, results = self.values, self.body.results
        return values[results[0]] if len(results) == 1 else tuple([values[k] for k in results])

    def done(self, k: int, value: Any) -> list[int]:
        """Keep the value of step k, forget what nobody needs now; which steps can start."""
        body, values, uses, waits = self.body, self.values, self.uses, self.waits
        self.left -= 1
        if uses[k]:
            values[k] = value
        for x in body.needs[k]:
            uses[x] -= 1
            if not uses[x]:
                values[x] = None
        if body.lazy[k]:
            return []  # whoever asked for it has started
        ready = []
        for user in body.users[k]:
            waits[user] -= 1
            if not waits[user] and not body.lazy[user]:
                ready.append(user)
        return ready


@dataclass(slots=True)
class Stream:
    """A call in many chunks: operands, which chunk begins next, how many have not landed."""

    cut: Cut
    operands: list[Any]
    whole: Whole
    left: int
    next: int = 0


@dataclass(slots=True, eq=False)
class Branch:
    """One chunk of one step on its way."""

    frame: Frame
    step: int
    steps: Steps[Any]
    stream: Stream | None = None
    index: int = 0
    hear: Sizes | None = None


@dataclass(slots=True)
class Schedule:
    """One party's run of a plan."""

    plan: Plan
    party: Party | None
    rounds: int = 0
    opened: list[Call] = field(default_factory=list)  # openings begun, whatever came after
    said: Callable[[], None] | None = None  # called once when nothing is left but to hear the rest
    body: Body = field(init=False, repr=False)
    _queue: deque[Branch] = field(default_factory=deque)  # of this sweep

    def __post_init__(self) -> None:
        self.body = structure(self.plan.calls, top=True)

    def run(
        self, post: Callable[[Round], None], flush: Callable[[], None]
    ) -> Generator[Sizes, Mail, None]:
        """Until every call has its result: yields what is to be taken, and is sent it.

        post: send this, and expect that. flush: nothing more is posted before something is taken.
        """
        top = self._top()
        self._start(top, self.body.ready.copy())
        later = list[Branch]()
        try:
            yield from self._sweeps(top, later, post, flush)
        finally:
            for branch in (*self._queue, *later):
                branch.steps.close()
            self._queue.clear()
        for call, value in zip(self.plan.calls, top.values, strict=True):
            if call.op is not None:
                call.result = value

    def _sweeps(
        self,
        top: Frame,
        later: list[Branch],
        post: Callable[[Round], None],
        flush: Callable[[], None],
    ) -> Generator[Sizes, Mail, None]:
        """Sweep after sweep. later: who waits for the next one."""
        queue, planned = self._queue, self.plan.cost.rounds
        while queue:
            while queue:
                branch = queue.popleft()
                try:
                    mail = None if branch.hear is None else (yield branch.hear)
                    asked = branch.steps.send(mail)  # type: ignore[arg-type]  # None starts it
                    while asked.more:
                        post(asked)
                        asked = branch.steps.send(None)  # type: ignore[arg-type]
                except StopIteration as done:
                    self._landed(branch, done.value)
                    continue
                branch.hear = asked.hear
                post(asked)
                later.append(branch)
            if later:
                self.rounds += 1
                flush()
                if self.rounds == planned and self.said and self._only(top, later):
                    self.said()
                queue.extend(later)
                later.clear()

    def _only(self, top: Frame, later: list[Branch]) -> bool:
        """Whether these are all that is left, and no step follows them."""
        steps = {branch.step for branch in later if branch.frame is top}
        return top.left == len(steps) and all(branch.frame is top for branch in later)

    def _top(self) -> Frame:
        """The frame of the plan: what can still be asked for is kept to the end. Results beside
        those that are used cannot."""
        calls = self.plan.calls
        top = Frame(self.body, [None if c.op else c.result for c in calls])
        for k, call in enumerate(calls):
            if call.kept() or not (self.body.users[k] or call.op is PICK):
                top.uses[k] += 1
        return top

    def _start(self, frame: Frame, ready: list[int]) -> None:
        """Run what is free at once, and begin what is not. `ready` grows on the way."""
        steps, values = frame.body.steps, frame.values
        for k in ready:
            step = steps[k]
            assert step is not None
            if step.late:
                self._make(frame, step)
            operands = [values[x] if type(x) is int else x for x in step.operands]
            if step.edge:
                operands = self._edge(step.call, operands)
            if step.way == FREE:
                value = step.run(self._at(frame, step, 0), *operands, **step.params)
                ready.extend(self._done(frame, k, value))
            elif step.way == RECORDED:
                assert step.body is not None
                inner = Frame(
                    step.body, operands, frame.place + step.place, frame.turn + step.turn, frame, k
                )
                self._start(inner, step.body.ready.copy())
                if not inner.left:
                    ready.extend(self._done(frame, k, inner.result()))
            elif step.way == CHUNKED:
                assert step.cut is not None
                flat = [spread(x, step.call.shape) for x in operands]
                stream = Stream(step.cut, flat, Whole(step.call.shape), step.cut.count)
                for _ in range(min(step.cut.window, step.cut.count)):
                    self._queue.append(self._chunk(frame, k, stream))
            else:
                begun = step.run(self._at(frame, step, 0), *operands, **step.params)
                self._queue.append(Branch(frame, k, begun))

    def _edge(self, call: Call, operands: list[Any]) -> list[Any]:
        """An opening is noted; an input takes what its owner has."""
        assert call.op is not None
        if call.op.ideal.name in INPUTS:
            return [call.private]
        self.opened.append(call)
        return operands

    def _make(self, frame: Frame, step: Step) -> None:
        """The operands of a step that are made when they are asked for."""
        for x in step.operands:
            if type(x) is int and frame.body.lazy[x] and frame.values[x] is None:
                before = frame.body.steps[x]
                assert before is not None
                self._make(frame, before)
                operands = [frame.values[y] for y in before.operands]
                self._done(frame, x, before.run(None, *operands, **before.params))

    def _chunk(self, frame: Frame, k: int, stream: Stream) -> Branch:
        """The next chunk of a step in many."""
        step = frame.body.steps[k]
        assert step is not None
        c, stream.next = stream.next, stream.next + 1
        parts = [piece(x, *stream.cut.span(c)) for x in stream.operands]
        if stream.cut.filled:
            parts = [filled(x, stream.cut.step) for x in parts]
        steps = step.run(self._at(frame, step, c), *parts, **step.params)
        return Branch(frame, k, steps, stream, c)

    def _at(self, frame: Frame, step: Step, chunk: int) -> Any:
        if self.party is None:
            return None
        turn = frame.turn + step.turn + chunk if step.turns else 0
        return self.party.at(frame.place + step.place + chunk, turn)

    def _landed(self, branch: Branch, result: Any) -> None:
        """Keep what a branch gave; begin what can begin now."""
        frame, k, stream = branch.frame, branch.step, branch.stream
        if stream is not None:
            stream.whole.put(result, *stream.cut.span(branch.index))
            stream.left -= 1
            if stream.next < stream.cut.count:
                self._queue.append(self._chunk(frame, k, stream))
            if stream.left:
                return
            result = stream.whole.value()
        self._start(frame, self._done(frame, k, result))
        while not frame.left and frame.parent is not None:
            result, k, frame = frame.result(), frame.slot, frame.parent
            self._start(frame, self._done(frame, k, result))

    def _done(self, frame: Frame, k: int, value: Any) -> list[int]:
        return frame.done(k, value)
