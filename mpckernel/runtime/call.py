"""A call: one operation that a cell asked for, or a sharing that is held since an earlier cell."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias
from weakref import ref

import numpy as np

from mpckernel.protocols.op import Op
from mpckernel.ring.words import Shape


class Handle(NamedTuple):
    """Where a committed sharing came from: the run that made it, and the call's number."""

    run: str
    number: int


@dataclass(eq=False, slots=True, weakref_slot=True)
class Call:
    """One operation of a plan, or (op None) a sharing held since an earlier cell.

    bound: the signed word never exceeds it in absolute value. depth: rounds before the result
    exists. private: the owner's own input, at the owner only. result: this party's part.
    """

    op: Op | None
    operands: "tuple[Operand, ...]" = field(repr=False)
    params: dict[str, Any]
    shape: Shape
    kind: str
    bound: int
    depth: int = 0
    number: int = -1
    line: int = 0
    handle: Handle | None = None
    private: Any = field(default=None, repr=False)
    result: Any = field(default=None, repr=False)
    faces: "list[ref[Any]]" = field(default_factory=list, repr=False)

    @property
    def size(self) -> int:
        """Elements of the result."""
        return int(np.prod(self.shape, dtype=object))

    def kept(self) -> bool:
        """Whether somebody can still ask for the result."""
        if not self.faces:
            return self.kind == "public"
        return self.kind == "public" or any(face() is not None for face in self.faces)

    def show(self, face: Any) -> None:
        """Keep the result for as long as `face` lives."""
        self.faces.append(ref(face))


Operand: TypeAlias = "Call | np.ndarray"


def lost(call: Call) -> str:
    """Why this party has no part of a secret of an earlier cell."""
    if call.handle is None:
        return "this secret belongs to a cell that did not finish"
    return "this secret belongs to a room that was left"


def needed(calls: list[Call], results: list[Call]) -> list[Call]:
    """What is given, and the calls that these results depend on."""
    numbers = {x.number for x in results}
    for call in reversed(calls):
        if call.number in numbers:
            numbers |= {x.number for x in call.operands if isinstance(x, Call)}
    return [c for c in calls if c.op is None or c.number in numbers]
