"""What stands for the cell while a function is recorded, and what comes of it.

A recorded function runs once for operands of one form, on a plan of its own; its calls become one
operation (body.py), which the plan of the cell repeats. So the steps of a loop are recorded,
priced and digested once, and every party agrees on each of them by their digest. Nothing in
here is secret or private: forms, public operands, bounds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

from mpckernel.errors import UsageError
from mpckernel.protocols.ideal import Ideal
from mpckernel.ring.words import Shape
from mpckernel.runtime.body import RecordedOp, named, nothing_of_its_own, structure
from mpckernel.runtime.call import Call, Operand, needed
from mpckernel.runtime.cell import _current
from mpckernel.runtime.digest import digest
from mpckernel.runtime.plan import Plan, fingerprint, form
from mpckernel.runtime.pricing import memory, price

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell


class Given(NamedTuple):
    """The form of an operand: all that the recording may depend on."""

    shape: Shape
    kind: str
    bound: int


@dataclass(slots=True, eq=False)
class Recording:
    """Like a cell to whoever records; it takes in nothing, opens nothing and runs nothing."""

    cell: "Cell | Recording"
    plan: Plan
    over: bool = False

    @property
    def parties(self) -> tuple[str, ...]:
        return self.cell.parties

    @property
    def scheme(self) -> str:
        return self.cell.scheme

    @property
    def dry(self) -> bool:
        return self.cell.dry

    @property
    def promised(self) -> bool:
        """Operands of later calls may have bounds by promises, and their bits are the caller's."""
        return True

    def line(self) -> int:
        """The line of the cell that runs now, 0 if unknown."""
        return self.cell.line()

    def record(self, ideal: Ideal, *operands: Operand, **params: Any) -> Call:
        """Append a step, under the line of the user's cell that asks for it."""
        self.plan.line = self.line()
        return self.plan.add(ideal, *operands, **params)

    def repeat(self, op: RecordedOp, operands: tuple[Call, ...]) -> list[Call]:
        """Append a call of another recorded function."""
        self.plan.line = self.line()
        return self.plan.repeat(op, operands)

    @property
    def run(self) -> NoReturn:
        """Asked for by who is about to share something."""
        raise UsageError(
            f"line {self.line()}: a recorded function takes in no private variable; share it "
            "outside and pass it as an argument"
        )


def record(
    cell: "Cell | Recording",
    name: str,
    given: Sequence[Given],
    program: Callable[[list[Call]], list[Call]],
) -> RecordedOp:
    """The calls that give program's results, as one operation on operands of these forms."""
    plan = Plan(cell.scheme, cell.parties, said=cell.plan.said, recorded=True)
    operands = [plan.given(*form) for form in given]
    token = _current.set(cast("Cell", Recording(cell, plan)))
    try:
        results = program(operands)
    finally:
        _current.reset(token)
    return _as_op(name, plan, [plan.own(x) for x in results])


def _as_op(name: str, plan: Plan, results: list[Call]) -> RecordedOp:
    calls = needed(plan.calls, results)
    for k, call in enumerate(calls):
        call.number = k
    body = structure(calls, tuple(x.number for x in results), top=False)
    bits = sum(price(c).bits for c in calls)
    rounds = max((x.depth for x in results), default=0)
    leaks = {c.op.leaks for c in calls if c.op is not None} - {"nothing"}
    return RecordedOp(
        named(name),
        plan.scheme,
        nothing_of_its_own,
        rounds=rounds,
        bits=lambda *_, **__: bits,
        leaks="; ".join(sorted(leaks)) or "nothing",
        source="its calls",
        body=body,
        calls=tuple(calls),
        memory=memory(calls, body, plan.scheme),
        digest=digest(
            "recorded 1", name, plan.scheme, [fingerprint(c) for c in calls], body.results
        ),
        form=digest("recorded form", name, [form(c) for c in calls], body.results),
    )
