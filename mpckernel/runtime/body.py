"""What a list of calls asks of a party, worked out once: who waits for whom, and who draws where.

A Body is the fixed part of a run: of a whole plan, or of a recorded function that many calls of
a plan repeat. The changing part, values and who still waits, is a Frame (schedule.py). All
of it is lists with a place for each value: first those that are given, then one for each call.

Masks. Every draw is PRF(key, place, use), and a place is call of the plan | inner call | chunk,
24, 20 and 20 bits side by side. No two draws of a run share one:
- Calls of the plan differ in the first part.
- A call of the plan that is no composition draws at inner call 0. A composed function's inner
  calls are numbered 1, 2, ... (lanes.py).
- The steps of a body begin at inner calls 1, 1 + r_1, 1 + r_1 + r_2, ..., where r_k, the room of
  step k, is 1 and one for each inner call of a composed function, or 1 and the room of a
  recorded one: every step has inner calls of its own, and whatever is inside it counts from its
  beginning. By induction over how deep bodies are nested, no two steps share one.
- Chunks of a step differ in the last part.
`structure` checks that every part fits its bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mpckernel.errors import Bug, OutOfRange, UsageError
from mpckernel.protocols.ideal import INPUTS, OPENINGS, Ideal
from mpckernel.protocols.op import Op
from mpckernel.runtime.call import Call
from mpckernel.runtime.chunks import Cut, is_small, pieces
from mpckernel.runtime.lanes import CHUNKS, INNER, LanewiseOp, place

FREE, SENDS, CHUNKED, RECORDED = range(4)  # how a step runs
_EDGES = INPUTS | OPENINGS
_MOVES = {"move", "move_bits"}
_DEEP = 32  # moves of moves that are made when they are asked for


@dataclass(slots=True, eq=False)
class Step:
    """One call. operands: places of values, or public arrays. place, turn: added to those of the
    frame. turns: whether roles turn. edge: it takes in or opens. late: some of its operands are
    made when they are asked for."""

    call: Call
    run: Any  # of the operation; None for a recorded one
    operands: tuple[Any, ...]
    params: dict[str, Any]
    way: int
    place: int
    turn: int
    cut: Cut | None = None
    body: "Body | None" = None
    turns: bool = False
    edge: bool = False
    late: bool = False


@dataclass(slots=True, eq=False)
class Body:
    """The structure of a list of calls. By value: the step that makes it (None: it is given),
    which steps wait for it, which values it is made of, how many uses it has, how many it
    waits for, and whether it is made as soon as it can be or when it is asked for."""

    steps: list[Step | None]
    users: list[list[int]]
    needs: list[list[int]]
    uses: list[int]
    waits: list[int]
    lazy: list[bool]
    ready: list[int]  # steps that wait for nothing
    results: tuple[int, ...]
    room: int  # inner calls that it takes, from 1 on
    count: int  # steps


@dataclass(frozen=True)
class RecordedOp(Op):
    """A recorded function as an operation. calls: those of its body, given ones first."""

    body: Body
    calls: tuple[Call, ...]
    memory: int  # bytes on the way at the peak, results included
    digest: bytes
    form: bytes  # the digest without public values

    def bounds(self, given: Sequence[int]) -> list[int]:
        """Of the results, for operands with these bounds, none above that of the recording. Only
        steps on which a change has an effect are gone over again."""
        body, now = self.body, [c.bound for c in self.calls]
        parts: dict[int, list[int]] = {}  # of recorded functions inside
        due = bytearray(len(now))
        for k, bound in enumerate(given):
            if bound != now[k]:
                now[k] = bound
                for user in body.users[k]:
                    due[user] = 1
        k = due.find(1)
        while k >= 0:
            try:
                bound = min(self._bound(k, now, parts), now[k])
            except OutOfRange:  # intervals go too far; that of the recording is proven
                bound = now[k]
            if bound != now[k] or k in parts:
                now[k] = bound
                for user in body.users[k]:
                    due[user] = 1
            k = due.find(1, k + 1)
        return [now[k] for k in body.results]

    def _bound(self, k: int, now: list[int], parts: dict[int, list[int]]) -> int:
        """Of the result of step k."""
        step = self.body.steps[k]
        assert step is not None
        op, params = step.call.op, step.params
        assert op is not None
        if isinstance(op, RecordedOp):
            parts[k] = op.bounds([now[x] for x in step.operands])
            return max(parts[k])
        if op is PICK:
            return parts[step.operands[0]][params["k"]]
        known = [now[x] if type(x) is int else largest(x) for x in step.operands]
        return int(op.ideal.bound(*known, **params))


def largest(x: np.ndarray) -> int:
    """The largest absolute value in public words or bits."""
    if x.dtype == np.bool_:
        return 1
    if x.size == 0:
        return 0
    s = x.view(np.int64)
    return max(int(s.max()), -int(s.min()))


def structure(calls: Sequence[Call], results: tuple[int, ...] = (), *, top: bool) -> Body:
    """Of calls in the order of recording, each with its place as its number. top: these are the
    calls of a plan, and not of something that a call of a plan does."""
    n = len(calls)
    users: list[list[int]] = [[] for _ in range(n)]
    needs: list[list[int]] = [[] for _ in range(n)]
    steps: list[Step | None] = [None] * n
    lazy, deep = [False] * n, [0] * n
    waits = [0] * n
    inner = 1
    repeats: dict[int, int] = {}
    for k, call in enumerate(calls):
        op = call.op
        if op is None:
            continue
        operands = tuple([x if isinstance(x, np.ndarray) else x.number for x in call.operands])
        needs[k] = before = [x for x in operands if type(x) is int]
        for x in before:
            users[x].append(k)
            waits[k] += steps[x] is not None and not lazy[x]
        step = _step(op, call, operands, place(k) if top else place(0, 0, inner), k)
        step.late = any(lazy[x] for x in before)
        if step.body is not None:  # roles turn from one repetition to the next
            step.turn = repeats[id(step.body)] = repeats.get(id(step.body), -1) + 1
        inner += 0 if top else room(op)
        steps[k] = step
        if op.ideal.name in _MOVES and k not in results:
            deep[k] = 1 + max([deep[x] for x in before])
            lazy[k] = deep[k] <= _DEEP and all(lazy[x] or steps[x] is None for x in before)
    for k in range(n):
        lazy[k] = lazy[k] and bool(users[k])  # or nobody would ask for it
    if inner > INNER:
        raise UsageError("a recorded function of so many calls; record a shorter part of it")
    ready = [k for k in range(n) if steps[k] is not None and not waits[k] and not lazy[k]]
    uses = [len(u) for u in users]
    for k in results:
        uses[k] += 1
    count = sum(s is not None for s in steps)
    return Body(steps, users, needs, uses, waits, lazy, ready, results, inner - 1, count)


def room(op: Op) -> int:
    """How many inner calls a step takes."""
    if isinstance(op, LanewiseOp):
        return 1 + len(op.inner.steps)
    return 1 + op.body.room if isinstance(op, RecordedOp) else 1


def _step(op: Op, call: Call, operands: tuple[Any, ...], at: int, number: int) -> Step:
    if isinstance(op, RecordedOp):
        return Step(call, None, operands, call.params, RECORDED, at, 0, body=op.body)
    step = Step(call, op.run, operands, call.params, FREE, at, number)
    step.turns, step.edge = op.ideal.elementwise, op.ideal.name in _EDGES
    if isinstance(op, LanewiseOp):
        step.way, step.cut = CHUNKED, pieces(call)
    elif op.rounds_of(**call.params):
        step.way = SENDS
        if not is_small(call.shape) and (cut := pieces(call)).count > 1:
            step.way, step.cut = CHUNKED, cut
    if step.cut is not None and step.cut.count > CHUNKS:
        raise Bug("a call has more chunks than there are places for masks")
    return step


def _pick(_: Any, several: tuple[Any, ...], *, k: int) -> Any:
    return several[k]


def named(name: str) -> Ideal:
    """For an operation that is not recorded call by call: its name is all there is."""
    return Ideal(name, nothing_of_its_own, nothing_of_its_own, nothing_of_its_own)


def nothing_of_its_own(*_: Any, **__: Any) -> Any:
    """Stands where an operation has calls instead."""
    raise Bug("what a recorded function computes is defined by its calls")


SEVERAL = "several"  # the kind of a call with several results
PICK = Op(
    named("pick"),
    "",
    _pick,
    rounds=0,
    bits=0,
    leaks="nothing",
    source="none",
)
