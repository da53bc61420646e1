"""A composed function on a chunk of lanes: its calls, and how one party runs them.

The calls were recorded once, for chunks of a given number of lanes (inner.py); every chunk of
every party runs the same ones. Calls of one chunk whose operands exist share a round. To the
plan, the whole is one operation with a price, a bound and an order of chunks like any other.

Masks: inner call k of chunk c of call n draws as PRF(key, place(n, c, k), use); see `place`, and
body.py where n is itself inside a recorded function.
"""

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from math import prod
from types import coroutine
from typing import Any

from mpckernel.errors import Bug
from mpckernel.protocols.ideal import Ideal
from mpckernel.protocols.op import Op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rounds import Mail, Round, Steps, merge, resumed, split

CALLS, CHUNKS, INNER = 1 << 24, 1 << 20, 1 << 20


def place(call: int, chunk: int = 0, inner: int = 0) -> int:
    """The first coordinate of every draw: call of the plan | inner call | chunk.

    24, 20 and 20 bits side by side, each checked: no two of them share a place. Inner calls
    count from 1, and 0 is the call itself, where it is not a composed one (body.py).
    """
    if not (0 <= call < CALLS and 0 <= chunk < CHUNKS and 0 <= inner < INNER):
        raise Bug("a plan has more calls or chunks than there are places for masks")
    return call << 40 | inner << 20 | chunk


def inside(p: Party | None, inner: int) -> Any:
    """The party of a chunk, in inner call number `inner`, counted from where the chunk's call
    stands; the roles turn from call to call."""
    if p is None:
        return None
    return p.at(p.call + (inner << 20), p.turn + inner)


@dataclass(frozen=True, slots=True)
class Step:
    """One inner call: operands are numbers of values (inputs first), or public arrays."""

    op: Op
    operands: tuple[Any, ...]
    params: dict[str, Any]
    free: bool


@dataclass(frozen=True, slots=True)
class Inner:
    """The calls of one chunk that its result depends on, in the order of recording."""

    inputs: int
    steps: tuple[Step, ...]
    result: int
    lanes: int  # of a chunk
    rounds: int
    bits: int  # of one chunk
    bound: int
    kind: str
    memory: int  # bytes that a chunk needs on its way, at the peak
    digest: bytes
    users: tuple[tuple[int, ...], ...] = field(init=False)  # by value: steps that wait for it
    waits: tuple[int, ...] = field(init=False)  # by step: operands that are steps

    def __post_init__(self) -> None:
        users: list[list[int]] = [[] for _ in range(self.inputs + len(self.steps))]
        for k, step in enumerate(self.steps):
            for x in step.operands:
                if isinstance(x, int):
                    users[x].append(k)
        waits = [
            sum(isinstance(x, int) and x >= self.inputs for x in s.operands) for s in self.steps
        ]
        object.__setattr__(self, "users", tuple(map(tuple, users)))
        object.__setattr__(self, "waits", tuple(waits))

    @coroutine
    def run(self, p: Party | None, *inputs: Any, **_: Any) -> Generator[Round, Mail, Any]:
        """The result of one chunk."""
        chunk = _Chunk(self, p, [*inputs, *[None] * len(self.steps)])
        live = dict(chunk.start(k for k, n in enumerate(self.waits) if n == 0))
        mail: dict[int, Mail | None] = {}
        while live:
            asked: dict[int, Round] = {}
            queue = deque(live.items())
            live = {}
            while queue:
                k, steps = queue.popleft()
                try:
                    asked[k] = resumed(steps, mail.get(k))
                except StopIteration as done:
                    queue.extend(chunk.start(chunk.landed(k, done.value)))
                    continue
                live[k] = steps
            if asked:
                mail = split(asked, (yield merge(asked.values())))
        return chunk.values[self.result]


@dataclass(slots=True)
class _Chunk:
    """The values of one chunk on its way."""

    inner: Inner
    party: Party | None
    values: list[Any]
    waits: list[int] = field(init=False)
    uses: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.waits = list(self.inner.waits)
        self.uses = [len(u) for u in self.inner.users]
        self.uses[self.inner.result] += 1

    def start(self, ready: Iterator[int]) -> Iterator[tuple[int, Steps[Any]]]:
        """Run what is free at once; yield the others, begun."""
        queue = deque(ready)
        while queue:
            k = queue.popleft()
            step = self.inner.steps[k]
            operands = [self.values[x] if isinstance(x, int) else x for x in step.operands]
            out = step.op(inside(self.party, k + 1), *operands, **step.params)
            if step.free:
                queue.extend(self.landed(k, out))
            else:
                yield k, out

    def landed(self, k: int, value: Any) -> Iterator[int]:
        """Keep the value of step k, forget what nobody needs now; which steps can start."""
        inner = self.inner
        here = inner.inputs + k
        self.values[here] = value
        for x in inner.steps[k].operands:
            if isinstance(x, int):
                self.uses[x] -= 1
                if self.uses[x] == 0:
                    self.values[x] = None
        for user in inner.users[here]:
            self.waits[user] -= 1
            if self.waits[user] == 0:
                yield user


@dataclass(frozen=True)
class LanewiseOp(Op):
    """A composed function as an operation, with the calls of its chunks."""

    inner: Inner = field(kw_only=True)


def as_op(name: str, scheme: str, inner: Inner) -> LanewiseOp:
    """The operation that a plan calls. Its rounds and bits are those of its calls."""
    what = Ideal(
        name,
        compute=_not_of_its_own,
        shape=lambda *shapes, **_: shapes[0],
        bound=lambda *_, **__: inner.bound,
        gives=inner.kind,
        elementwise=True,
    )
    return LanewiseOp(
        what,
        scheme,
        inner.run,
        rounds=lambda **_: inner.rounds,
        bits=lambda out, *_, **__: -(-prod(out) // inner.lanes) * inner.bits,
        leaks="; ".join(sorted({s.op.leaks for s in inner.steps} - {"nothing"})) or "nothing",
        source="its calls",
        inner=inner,
    )


def _not_of_its_own(*_: Any, **__: Any) -> Any:
    raise Bug("what a composed function computes is defined by its calls")
