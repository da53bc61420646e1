"""What plans ask of a party, counted: rounds, delays, bits, and units of work.

Every call has units: bits it sends, elements it goes over, multiply-adds (estimate.py says how long
each takes). More calls, rounds or bits never make a count smaller, and plans add up.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

from mpckernel.protocols.moving import SAME_ORDER
from mpckernel.protocols.op import Op
from mpckernel.runtime.body import PICK, RecordedOp
from mpckernel.runtime.call import Call
from mpckernel.runtime.chunks import is_small, pieces
from mpckernel.runtime.lanes import LanewiseOp
from mpckernel.runtime.plan import Plan
from mpckernel.runtime.pricing import price

ALONE, FEW = 1.4, 3  # bits of so few chunks take longer: little is computed while they travel
SHORT = 3e7  # multiply-adds: nobody makes way in so short a time, see Work.lone
EARLY = {  # of an operation's rounds: a party that has nothing to wait for goes ahead
    "shuffle": 2 / 3, "permute": 2 / 3, "permute_bits": 2 / 3, "unpermute": 2 / 3, "places": 2 / 3,
    "mul_trunc": 2 / 3, "dot_trunc": 2 / 3, "matmul_trunc": 2 / 3, "matmul_plus": 2 / 3,
    "blend": 2 / 3,
}  # fmt: skip
TYPICAL = 1.7
UNEVEN = {  # bits through the busiest card over the mean, where one chunk is all
    "mul": 1.0, "dot": 1.0, "matmul": 1.0, "and": 1.0, "or": 1.0, "bit_to_word": 1.0,
    "select": 1.25, "coin": 1.0, "open_words": 1.0, "open_bits": 1.0, "headroom": 1.06,
    "weigh": 1.09, "lookup": 1.29, "to_bits": 1.37, "is_zero": 1.51, "floor": 1.61,
    "mul_trunc": 1.76, "dot_trunc": 1.76, "matmul_trunc": 1.76, "blend": 1.76, "trunc": 2.03,
    "mul_trunc few": 1.87, "dot_trunc few": 1.87, "matmul_trunc few": 1.87, "blend few": 1.87,
    "matmul_plus": 1.76, "matmul_plus few": 1.87,
    "msb": 2.15, "rough_sign": 2.3, "spline": 2.4, "one_hot": 2.0,
    "input_words": 3.0, "input_bits": 3.0, "open_words_to": 3.0, "open_bits_to": 3.0,
}  # fmt: skip
MOVES = {"move", "move_bits"}  # take what they need
AT_ONCE = {"mul", "and", "or"}  # recorded before, their round is all there is of a call
FAR = {"places"}  # of many steps a round, however few the elements
PRODUCTS = {
    "matmul", "matmul_trunc", "matmul_plus", "matmul_public", "public_matmul", "dot", "dot_trunc",
}  # fmt: skip


class Work(NamedTuple):
    """What a cell asks of a party. agreements: segments of the cell; delays: messages that wait
    for each other; bits: through the busiest network card, one way. lone: those of the units that
    are in one piece, and short: of three parties on two cores one begins when another is done."""

    agreements: int
    rounds: int
    delays: float
    bits: float
    units: dict[str, float]
    lone: dict[str, float] = {}  # noqa: RUF012


def work(plans: Iterable[Plan]) -> Work:
    """Of one cell, whose segments these are."""
    agreements, rounds, delays, bits = 0, 0, 0.0, 0.0
    total, lone = dict[str, float](), dict[str, float]()
    for plan in plans:
        if plan.calls:
            cost = plan.cost
            agreements, rounds = agreements + 1, rounds + cost.rounds
            delays += _delays(plan)
            for call in plan.calls:
                bits += _busiest(call, max(1, len(plan.parties)))
                _add(total, units(call))
                _add(lone, _lone(call))
    return Work(agreements, rounds, delays, bits, total, lone)


def _add(total: dict[str, float], more: Iterable[tuple[str, float]]) -> None:
    for key, count in more:
        total[key] = total.get(key, 0.0) + count


def _delays(plan: Plan) -> float:
    """Messages on the longest path, of which each waits for the one before."""
    return min(max(_ends(plan.calls), default=0.0) + 1, plan.cost.rounds)


def _ends(calls: Sequence[Call]) -> list[float]:
    """After how many of them each call has its result."""
    ends = list[float]()
    for call in calls:
        before = max((ends[x.number] for x in call.operands if isinstance(x, Call)), default=0.0)
        ends.append(before + (pieces(call).waves * _within(call.op, call.params) if call.op else 0))
    return ends


def _within(op: Op, params: dict[str, Any]) -> float:
    """The same for one operation, after another one and before the next."""
    if isinstance(op, RecordedOp):
        return _delays_inside(op)
    if not isinstance(op, LanewiseOp):
        return op.rounds_of(**params) * EARLY.get(op.name, 1.0)
    inner, ends = op.inner, [0.0] * op.inner.inputs
    for step in inner.steps:
        before = max((ends[x] for x in step.operands if isinstance(x, int)), default=0.0)
        ends.append(before + _within(step.op, step.params))
    return ends[inner.result]


def _turns(call: Call) -> bool:
    """Whether roles turn within each chunk of a call."""
    return call.op is not None and call.op.turns and not is_small(call.shape)


def _busiest(call: Call, parties: int) -> float:
    """Bits through the busiest card: roles turn from chunk to chunk, not within one, except where
    a call of many elements turns by itself."""
    if call.op is None:
        return 0.0
    if isinstance(call.op, RecordedOp):
        return _busiest_inside(call.op, parties)
    chunks = pieces(call).count
    lopsided = (3 * -(-chunks // 3) / chunks - 1) / 2  # 1 for one chunk, 0 for three
    if _turns(call):
        lopsided = 0.0
    more = UNEVEN.get(call.op.name, TYPICAL) - 1
    return price(call).bits / parties * (1 + more * lopsided)


def units(call: Call, kept: bool = False) -> Iterator[tuple[str, float]]:
    """Name of the unit and how many, of one call. kept: of a function recorded before."""
    if call.op is None or call.op is PICK:
        return
    if isinstance(call.op, RecordedOp):
        yield from _units_inside(call.op)
        return
    chunks = pieces(call).count
    if _turns(call):
        chunks *= 3  # in three roles each
    if not kept:
        yield "call", chunks
    elif call.op.ideal.name not in AT_ONCE:
        yield "kept call", chunks
    if isinstance(call.op, LanewiseOp):
        yield "step", chunks * len(call.op.inner.steps)
    bits, name = price(call).bits, call.op.ideal.name
    sizes = [x.size for x in call.operands]
    if name in PRODUCTS:
        yield from _products(call)
    if name in FAR:
        yield f"{name} rounds", chunks * call.op.rounds_of(**call.params)
    if bits:
        alone = ALONE if chunks <= FEW and call.op.ideal.elementwise else 1.0
        yield f"{_family(call.op)} bits", bits * alone
    elif name not in PRODUCTS and not (name in MOVES and call.params["how"][0] in SAME_ORDER):
        reads = [] if name in MOVES else sizes
        yield f"{name} elements", max(call.size, *reads, 0)


def _products(call: Call) -> Iterator[tuple[str, float]]:
    assert call.op is not None
    yield f"{call.op.ideal.name} products", prod(call.shape) * call.params["n"]
    yield "factors elements", sum(x.size for x in call.operands)


def _lone(call: Call) -> Iterator[tuple[str, float]]:
    """Those of its units that count for Work.lone."""
    if isinstance(call.op, RecordedOp):
        yield from _lone_inside(call.op)
    elif call.op is not None and call.op.ideal.name in PRODUCTS and _is_short(call):
        yield from _products(call)


def _is_short(call: Call) -> bool:
    return prod(call.shape) * int(call.params["n"]) < SHORT


# Of a recorded function, which a plan repeats: gone over once.


@lru_cache(64)
def _delays_inside(op: RecordedOp) -> float:
    return max(_ends(op.calls), default=0.0)


@lru_cache(64)
def _busiest_inside(op: RecordedOp, parties: int) -> float:
    return sum(_busiest(call, parties) for call in op.calls)


@lru_cache(64)
def _units_inside(op: RecordedOp) -> tuple[tuple[str, float], ...]:
    total = dict[str, float]()
    for call in op.calls:
        _add(total, units(call, kept=True))
    return tuple(total.items())


@lru_cache(64)
def _lone_inside(op: RecordedOp) -> tuple[tuple[str, float], ...]:
    total = dict[str, float]()
    for call in op.calls:
        _add(total, _lone(call))
    return tuple(total.items())


def _family(op: Op) -> str:
    return "lanewise" if isinstance(op, LanewiseOp) else op.ideal.name
