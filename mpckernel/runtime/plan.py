"""What a cell asked for, as a list of calls with shapes, bounds and price, before anything is sent.

A call names a functionality; the plan's scheme says which protocol realises it. Operands are
earlier calls, sharings held since an earlier cell, or public arrays. Nothing here computes on
a value: shapes, bounds, cost and digest are the same at every party, or the cell stops.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from weakref import ref

import numpy as np

from mpckernel.errors import Bug, OutOfRange, UsageError
from mpckernel.protocols.ideal import IDEALS, INPUTS, LIMIT, OPENINGS, RANDOM, Ideal
from mpckernel.protocols.op import OPS, Cost, Op
from mpckernel.ring.words import Shape
from mpckernel.runtime.digest import digest


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
        return self.kind == "public" or any(face() is not None for face in self.faces)

    def show(self, face: Any) -> None:
        """Keep the result for as long as `face` lives."""
        self.faces.append(ref(face))


Operand: TypeAlias = "Call | np.ndarray"


@dataclass(slots=True)
class Plan:
    """The calls of one cell, in the order in which they were asked for."""

    scheme: str
    parties: tuple[str, ...]
    calls: list[Call] = field(default_factory=list)
    line: int = 0  # of the cell, kept up to date by whoever records
    said: dict[int, str] = field(default_factory=dict)  # public words, as the user wrote them
    _known: dict[Any, Call] = field(default_factory=dict)

    def add(self, ideal: Ideal, *operands: Operand, **params: Any) -> Call:
        """Append a call for `ideal`; the same call asked for twice is one call.

        Raises UsageError (shapes) or OutOfRange (a result that might not fit the ring), both
        with the line of the cell, before anything is sent.
        """
        seen = tuple(self._own(x) if isinstance(x, Call) else x for x in operands)
        key = None if ideal.name in RANDOM | INPUTS else self._key(ideal, seen, params)
        if key is not None and key in self._known:
            return self._known[key]
        call = self._call(ideal, seen, params)
        if key is not None:
            self._known[key] = call
        return call

    def _call(self, ideal: Ideal, operands: tuple[Operand, ...], params: dict[str, Any]) -> Call:
        op = OPS[f"{self.scheme}.{ideal.name}"]
        try:
            shape = ideal.shape(*(_shape(x) for x in operands), **params)
            bound = ideal.bound(*(_bound(x) for x in operands), **params)
        except UsageError as why:
            raise type(why)(f"line {self.line}: {why}; nothing was sent") from None
        except ValueError:
            shapes = " and ".join(str(_shape(x)) for x in operands)
            raise UsageError(
                f"line {self.line}: shapes {shapes} do not fit together; nothing was sent"
            ) from None
        depth = op.rounds_of(**params) + max(map(_depth, operands), default=0)
        return self._append(
            Call(op, operands, params, tuple(shape), ideal.gives, int(bound), depth)
        )

    def _append(self, call: Call) -> Call:
        call.number, call.line = len(self.calls), self.line
        self.calls.append(call)
        return call

    def _own(self, call: Call) -> Call:
        """The call itself, or a leaf for a sharing committed by an earlier cell."""
        if 0 <= call.number < len(self.calls) and self.calls[call.number] is call:
            return call
        if call.handle is None or call.result is None:
            raise UsageError(
                f"line {self.line}: this secret belongs to a cell that did not finish; "
                "run that cell again"
            )
        if call.handle not in self._known:
            leaf = Call(None, (), {}, call.shape, call.kind, call.bound, handle=call.handle)
            leaf.result = call.result
            self._known[call.handle] = self._append(leaf)
        return self._known[call.handle]

    def _key(self, ideal: Ideal, operands: tuple[Operand, ...], params: dict[str, Any]) -> Any:
        parts = []
        for x in operands:
            if isinstance(x, Call):
                parts.append(x.number)
            elif x.size <= 64:
                parts.append((x.dtype.str, x.shape, x.tobytes()))
            else:
                return None
        bound = None  # a proven one tells this functionality from the ordinary one
        if IDEALS.get(ideal.name) is not ideal:
            bound = ideal.bound(*(_bound(x) for x in operands), **params)
        return (ideal.name, bound, tuple(parts), tuple(sorted(params.items())))

    @property
    def cost(self) -> Cost:
        """Rounds on the longest path, bits over all calls. Known before the first byte."""
        bits = sum(price(c).bits for c in self.calls)
        return Cost(max((c.depth for c in self.calls), default=0), bits)

    @property
    def openings(self) -> list[Call]:
        """The calls that make something public."""
        return [c for c in self.calls if c.op and c.op.ideal.name in OPENINGS]

    def digest(self) -> bytes:
        """Equal at all parties exactly when they are about to run the same plan."""
        return digest("plan 1", self.scheme, self.parties, [fingerprint(c) for c in self.calls])


def fingerprint(call: Call) -> bytes:
    """One call, every field named: functionality, operands, parameters, shape, kind, bound."""
    operands = [x.number if isinstance(x, Call) else x for x in call.operands]
    name = call.op.ideal.name if call.op else "held"
    what = _what(name, tuple(call.params.items()), call.shape, call.kind)
    return digest(what, operands, call.bound, call.handle and tuple(call.handle))


def form(call: Call) -> bytes:
    """The fingerprint without public values: of those only type and shape count."""
    operands = [x.number if isinstance(x, Call) else (x.dtype.str, x.shape) for x in call.operands]
    name = call.op.ideal.name if call.op else "held"
    what = _what(name, tuple(call.params.items()), call.shape, call.kind)
    return digest("form", what, operands)


@lru_cache(256)
def _what(name: str, params: tuple[Any, ...], shape: Shape, kind: str) -> bytes:
    """The part of a fingerprint that calls of a loop have in common."""
    return digest("name", name, "params", dict(params), "shape", shape, "kind", kind)


def price(call: Call) -> Cost:
    """Rounds and bits of one call."""
    if call.op is None:
        return Cost(0, 0)
    return call.op.cost(call.shape, *(_shape(x) for x in call.operands), **call.params)


def _shape(x: Operand) -> Shape:
    return x.shape


def _depth(x: Operand) -> int:
    return x.depth if isinstance(x, Call) else 0


def _bound(x: Operand) -> int:
    """The largest absolute value an operand can have, as a Python integer."""
    if isinstance(x, Call):
        return x.bound
    if x.dtype == np.bool_:
        return 1
    if x.dtype != np.uint64:
        raise Bug(f"a public operand of type {x.dtype}")
    if x.size == 0:
        return 0
    s = x.view(np.int64)
    bound = max(int(s.max()), -int(s.min()))
    if bound >= LIMIT:
        raise OutOfRange("a public value does not fit the ring (2^62 at this scale)")
    return bound
