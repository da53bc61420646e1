"""One call of an operation among three parties in lockstep, and what to call each one with."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mpckernel.protocols.ideal import INPUTS
from mpckernel.protocols.op import OPS, Cost, Op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rounds import Round
from mpckernel.ring.prg import Prg
from mpckernel.runtime.lockstep import Tap, run_lockstep, three_parties
from mpckernel.sharing.rep3 import (
    Bits3,
    Rep3,
    deal,
    deal_bits,
    reconstruct,
    reconstruct_bits,
)

REP3 = {name.removeprefix("rep3."): op for name, op in OPS.items() if op.scheme == "rep3"}
"""By the name of the functionality; those with two ways also as "mul_trunc few"."""
OPERANDS = {"move": 2, "move_bits": 2, "blend": 2}  # of those that take any number


def functionality(name: str) -> str:
    """What an operation does, without the way."""
    return REP3[name].ideal.name


class Stream:
    """As much of NumPy's Generator as dealing needs, the same with every NumPy for ever."""

    def __init__(self, seed: int) -> None:
        self.prg, self.draws = Prg(seed.to_bytes(16, "little")), 0

    def integers(self, low: int, high: int, shape: Any = (), dtype: Any = np.uint64) -> np.ndarray:
        self.draws += 1
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        w = self.prg.words(shape, 0, self.draws)
        if high - low == 2**64:
            return w
        return np.asarray(np.asarray(w % np.uint64(high - low)) + np.uint64(low % 2**64))


def kinds(op: Op) -> list[Any]:
    """What each operand is: Rep3, Bits3, or something public."""
    out = []
    for p in list(inspect.signature(op.run).parameters.values())[1:]:
        if p.kind is inspect.Parameter.VAR_POSITIONAL:
            out += [p.annotation] * OPERANDS[op.ideal.name]
        elif p.kind is not inspect.Parameter.KEYWORD_ONLY:
            out.append(p.annotation)
    return out


@dataclass
class Run:
    """What came out: at each party, as one value, and on the way."""

    parts: list[Any]
    cost: Cost
    transcript: list[list[Round]]
    parties: list[Party] = field(repr=False)

    @property
    def value(self) -> Any:
        """The secret put together, or the public value; None where nobody learns it."""
        if isinstance(self.parts[0], Rep3):
            return reconstruct(self.parts)
        if isinstance(self.parts[0], Bits3):
            return reconstruct_bits(self.parts)
        told = [x for x in self.parts if x is not None]
        for x in told[1:]:
            np.testing.assert_array_equal(x, told[0])
        return told[0]

    def heard_by(self, i: int) -> list[np.ndarray]:
        """Every array that party i received, in order."""
        return [a for r in self.transcript for sent in r for a in sent.send.get(i, ())]

    def sent(self) -> list[np.ndarray]:
        """Every array of the run."""
        return [a for r in self.transcript for s in r for sent in s.send.values() for a in sent]


def share(op: Op, values: list[Any], rng: Any) -> list[list[Any]]:
    """For each operand what each party passes: a part, a public array, or its own input."""
    out = []
    for kind, value in zip(kinds(op), values, strict=True):
        if kind is Rep3 or kind is Bits3:
            out.append((deal if kind is Rep3 else deal_bits)(value, rng))
        else:
            out.append([value] * 3)
    return out


def run_parts(
    op: Op,
    parts: list[list[Any]],
    params: dict[str, Any],
    parties: list[Party] | None = None,
    tap: Tap | None = None,
) -> Run:
    """Run on operands shared already."""
    parties = parties or [p.at(7) for p in three_parties()]
    if op.ideal.name in INPUTS:
        owner = params["owner"]
        parts = [[x if i == owner else None for i, x in enumerate(parts[0])]]
    started = [op(p, *(x[p.number] for x in parts), **params) for p in parties]
    if not inspect.iscoroutinefunction(op.run):
        return Run(started, Cost(0, 0), [], parties)
    outputs, cost, transcript = run_lockstep(started, tap)
    return Run(outputs, cost, transcript, parties)


def run(name: str, *values: Any, turn: int = 0, call: int = 7, seed: int = 1, **params: Any) -> Run:
    """Deal the secrets among `values` and run; the roles rotate by `turn`."""
    op = REP3[name]
    parts = share(op, list(values), Stream(seed))
    return run_parts(op, parts, params, [p.at(call, turn) for p in three_parties()])


Maker = Callable[..., Any]
