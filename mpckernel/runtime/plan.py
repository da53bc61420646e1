"""What a cell asked for, as a list of calls with shapes, bounds and price, before anything is sent.

A call names a functionality; the plan's scheme says which protocol realises it. Operands are
earlier calls, sharings held since an earlier cell, or public arrays. Nothing here computes on
a value: shapes, bounds, cost and digest are the same at every party, or the cell stops.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from mpckernel.errors import Bug, ImplicitReveal, OutOfRange, UsageError
from mpckernel.protocols.composed.lanewise import Lanewise
from mpckernel.protocols.ideal import IDEALS, INPUTS, LIMIT, OPENINGS, RANDOM, Ideal
from mpckernel.protocols.op import OPS, Cost, Op
from mpckernel.ring.words import Shape
from mpckernel.runtime.body import PICK, SEVERAL, RecordedOp, largest, structure
from mpckernel.runtime.call import Call, Operand, lost
from mpckernel.runtime.chunks import cut, is_small, lanes_for, only_bits
from mpckernel.runtime.digest import digest
from mpckernel.runtime.inner import Leaf, leaf_of, record_lanes
from mpckernel.runtime.lanes import LanewiseOp
from mpckernel.runtime.pricing import memory, price

_EDGES = INPUTS | OPENINGS
_NEVER_TWICE = RANDOM | INPUTS  # two calls for these are two calls


@dataclass(slots=True)
class Plan:
    """The calls of one cell, in the order in which they were asked for."""

    scheme: str
    parties: tuple[str, ...]
    calls: list[Call] = field(default_factory=list)
    line: int = 0  # of the cell, kept up to date by whoever records
    said: dict[int, str] = field(default_factory=dict)  # public words, as the user wrote them
    inside: bool = False  # the calls of a composed function, for one chunk
    recorded: bool = False  # the steps of a recorded function
    _known: dict[Any, Call] = field(default_factory=dict)
    _priced: tuple[int, Cost] = (0, Cost(0, 0))  # so many calls, and their price

    def add(self, ideal: Ideal, *operands: Operand, **params: Any) -> Call:
        """Append a call for `ideal`; the same call asked for twice is one call.

        Raises UsageError (shapes) or OutOfRange (a result that might not fit the ring), both
        with the line of the cell, before anything is sent.
        """
        if isinstance(ideal, Lanewise):
            return self._lanewise(ideal, operands, params)
        if ideal.name in _EDGES and (self.inside or self.recorded):
            raise self._refused(ideal)
        seen = tuple([self.own(x) if isinstance(x, Call) else np.asarray(x) for x in operands])
        key = None if ideal.name in _NEVER_TWICE else self._key(ideal, seen, params)
        if key is not None and key in self._known:
            return self._known[key]
        call = self._call(OPS[f"{self.scheme}.{ideal.name}"], ideal, seen, params)
        if key is not None:
            self._known[key] = call
        return call

    def _lanewise(self, what: Lanewise, operands: tuple[Operand, ...], params: Any) -> Any:
        """One call for a composed function; or its calls, where operands differ in shape."""
        secret = [x for x in operands if isinstance(x, Call)]
        shapes = {x.shape for x in operands if isinstance(x, Call) or x.size != 1}
        whole = len(shapes) == 1 and secret and secret[0].size and not self.inside
        if not whole or any(x.size != 1 for x in operands if not isinstance(x, Call)):
            return what.program(self.add, *operands, **params)
        seen = tuple(self.own(x) for x in secret)
        leaves = tuple(leaf_of(x, what.saturates) for x in operands)
        lanes = lanes_for(seen[0].size)
        try:
            op = _recorded(self.scheme, what, leaves, tuple(sorted(params.items())), lanes)
        except UsageError as why:
            raise self._on_its_line(why) from None
        key = (op.inner.digest, tuple(x.number for x in seen))
        if key not in self._known:
            self._known[key] = self._call(op, op.ideal, seen, {"calls": op.inner.digest})
        return self._known[key]

    def repeat(self, op: RecordedOp, operands: tuple[Call, ...]) -> list[Call]:
        """One call of a recorded function, and a call for each of its results."""
        seen = tuple(map(self.own, operands))
        bounds = op.bounds([x.bound for x in seen])
        depth = op.rounds_of() + _depth(seen)
        results = [op.calls[k] for k in op.body.results]
        params = {"calls": op.digest}
        if len(results) == 1:
            (only,) = results
            return [self._append(Call(op, seen, params, only.shape, only.kind, bounds[0], depth))]
        whole = self._append(Call(op, seen, params, (), SEVERAL, max(bounds), depth))
        return [
            self._append(Call(PICK, (whole,), {"k": k}, one.shape, one.kind, bound, depth))
            for k, (one, bound) in enumerate(zip(results, bounds, strict=True))
        ]

    def _refused(self, ideal: Ideal) -> Exception:
        if self.inside:
            return Bug("a composed function neither takes in nor opens anything")
        if ideal.name in OPENINGS:
            return ImplicitReveal(
                f"line {self.line}: a recorded function opens nothing; give the secret back and "
                "reveal it outside"
            )
        return UsageError(
            f"line {self.line}: a recorded function takes in no private variable; share it "
            "outside and pass it as an argument"
        )

    def _call(
        self, op: Op, ideal: Ideal, operands: tuple[Operand, ...], params: dict[str, Any]
    ) -> Call:
        try:
            shape = tuple(ideal.shape(*[x.shape for x in operands], **params))
            bound = ideal.bound(*[_bound(x) for x in operands], **params)
        except UsageError as why:
            raise why if self.inside else self._on_its_line(why) from None
        except ValueError:
            shapes = " and ".join(str(x.shape) for x in operands)
            raise UsageError(
                f"line {self.line}: shapes {shapes} do not fit together; nothing was sent"
            ) from None
        op = op.fit(shape)
        one = self.inside or is_small(shape)
        waves = 1 if one else cut(op, shape, only_bits(op, operands)).waves
        depth = waves * op.rounds_of(**params) + _depth(operands)
        return self._append(Call(op, operands, params, shape, ideal.gives, int(bound), depth))

    def _on_its_line(self, why: UsageError) -> UsageError:
        return type(why)(f"line {self.line}: {why}; nothing was sent")

    def _append(self, call: Call) -> Call:
        call.number, call.line = len(self.calls), self.line
        self.calls.append(call)
        return call

    def given(self, shape: Shape, kind: str, bound: int) -> Call:
        """A leaf for what a composed or recorded function is handed."""
        return self._append(Call(None, (), {}, shape, kind, bound))

    def own(self, call: Call) -> Call:
        """The call itself, or a leaf for a sharing committed by an earlier cell."""
        if 0 <= call.number < len(self.calls) and self.calls[call.number] is call:
            return call
        if self.recorded:
            raise UsageError(
                f"line {self.line}: a recorded function uses a secret from outside; pass it as an "
                "argument"
            )
        if call.handle is None or call.result is None:
            raise UsageError(f"line {self.line}: {lost(call)}; run the cell that makes it again")
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
        known, (rounds, bits) = self._priced
        for call in self.calls[known:]:
            rounds, bits = max(rounds, call.depth), bits + price(call).bits
        cost = Cost(rounds, bits)
        self._priced = len(self.calls), cost
        return cost

    @property
    def memory(self) -> int:
        """Bytes at one party at the peak, beside what it holds already: an estimate."""
        return memory(self.calls, structure(self.calls, top=True), self.scheme)

    @property
    def openings(self) -> list[Call]:
        """The calls that make something public."""
        return [c for c in self.calls if c.op and c.op.ideal.name in OPENINGS]

    def digest(self) -> bytes:
        """Equal at all parties exactly when they are about to run the same plan."""
        return digest("plan 1", self.scheme, self.parties, self.fingerprints())

    def fingerprints(self) -> list[bytes]:
        """Of its calls, in their order."""
        return [fingerprint(c) for c in self.calls]


def fingerprint(call: Call) -> bytes:
    """One call, every field named: what and which way, operands, parameters, shape, kind, bound."""
    operands = [x.number if isinstance(x, Call) else x for x in call.operands]
    name = call.op.name if call.op else "held"
    what = _what(name, tuple(call.params.items()), call.shape, call.kind)
    return digest(what, operands, call.bound, call.handle and tuple(call.handle))


def form(call: Call) -> bytes:
    """The fingerprint without public values: of those only type and shape count."""
    operands = [x.number if isinstance(x, Call) else (x.dtype.str, x.shape) for x in call.operands]
    name = call.op.name if call.op else "held"
    params = {"calls": call.op.form} if isinstance(call.op, RecordedOp) else call.params
    what = _what(name, tuple(params.items()), call.shape, call.kind)
    return digest("form", what, operands)


@lru_cache(256)
def _what(name: str, params: tuple[Any, ...], shape: Shape, kind: str) -> bytes:
    """The part of a fingerprint that calls of a loop have in common."""
    return digest("name", name, "params", dict(params), "shape", shape, "kind", kind)


@lru_cache(256)
def _recorded(
    scheme: str, what: Lanewise, leaves: tuple[Leaf, ...], params: tuple[Any, ...], lanes: int
) -> LanewiseOp:
    """A composed function's calls on one chunk of lanes; once for all plans."""
    return record_lanes(Plan(scheme, (), inside=True), what, leaves, params, lanes)


def _depth(operands: tuple[Operand, ...]) -> int:
    """Rounds until all of them exist."""
    return max([x.depth for x in operands if isinstance(x, Call)], default=0)


def _bound(x: Operand) -> int:
    """The largest absolute value an operand can have, as a Python integer."""
    if isinstance(x, Call):
        return x.bound
    if x.dtype not in (np.bool_, np.uint64):
        raise Bug(f"a public operand of type {x.dtype}")
    bound = largest(x)
    if bound >= LIMIT:
        raise OutOfRange("a public value does not fit the ring (2^62 at this scale)")
    return bound
