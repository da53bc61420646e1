"""How long a plan will take, from what it declares: a model with measured constants.

    seconds = begin and end + rounds * handling + delays * delay + work and wire

Work: every call has units (bits it sends, elements it goes over, multiply-adds), each of which
takes so long; wire: bytes of one party over the rate of its network card. The larger of the two
counts whole and the smaller for OVERLAP of it: a chunk travels while the next is computed, in part.
More calls, rounds, bytes or units never make an estimate smaller, and plans add up.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from mpckernel.protocols.moving import SAME_ORDER
from mpckernel.protocols.op import Op
from mpckernel.runtime.body import PICK, RecordedOp
from mpckernel.runtime.lanes import LanewiseOp
from mpckernel.runtime.plan import Call, Plan, pieces, price
from mpckernel.runtime.speeds import FITTED, SPEEDS

Speeds: TypeAlias = dict[str, float]
"""Seconds a unit takes on a core of one's own: 'cell', 'call', 'kept call' of a function
recorded before, 'step' of a composed function, 'round', and of every operation
'NAME bits' it sends, 'NAME elements' if it sends nothing, 'NAME products' (multiply-adds),
'factors elements', the operands of those, and 'NAME rounds' where a round is a long way."""

OVERLAP = 0.9
ALONE, FEW = 1.4, 3  # bits of so few chunks take longer: little is computed while they travel
MEETINGS = 2  # delays for which a cell waits beside its rounds: enter, vote
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


class Link(NamedTuple):
    """delay: seconds one way. rate: bytes a second of each party's network card, either way.
    crowd: parties that share a core."""

    name: str
    delay: float
    rate: float
    crowd: float = 1.0


class Work(NamedTuple):
    """What a cell asks of a party. agreements: segments of the cell; delays: messages that wait
    for each other; bits: through the busiest network card, one way."""

    agreements: int
    rounds: int
    delays: float
    bits: float
    units: dict[str, float]


LAN = Link("local network", 0.0001, 125e6)
WAN = Link("internet", 0.025, 12.5e6)


def crowd(parties: int) -> float:
    """Parties that share a core if all of them are on this machine."""
    return max(1.0, parties / (os.cpu_count() or 1))


def loopback(parties: int) -> Link:
    """All parties on this machine: what links cost is part of the measured work."""
    return Link("this machine", 0.0, float("inf"), crowd(parties))


def work(plans: Iterable[Plan]) -> Work:
    """Of one cell, whose segments these are."""
    agreements, rounds, delays, bits, total = 0, 0, 0.0, 0.0, dict[str, float]()
    for plan in plans:
        if plan.calls:
            cost = plan.cost
            agreements, rounds = agreements + 1, rounds + cost.rounds
            delays += _delays(plan)
            for call in plan.calls:
                bits += _busiest(call, max(1, len(plan.parties)))
                for key, count in units(call):
                    total[key] = total.get(key, 0.0) + count
    return Work(agreements, rounds, delays, bits, total)


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


def _busiest(call: Call, parties: int) -> float:
    """Bits through the busiest card: roles turn from chunk to chunk, and one chunk has no turn."""
    if call.op is None:
        return 0.0
    if isinstance(call.op, RecordedOp):
        return _busiest_inside(call.op, parties)
    chunks = pieces(call).count
    lopsided = (3 * -(-chunks // 3) / chunks - 1) / 2  # 1 for one chunk, 0 for three
    more = UNEVEN.get(call.op.name, TYPICAL) - 1
    return price(call).bits / parties * (1 + more * lopsided)


def seconds(of: Work, link: Link, speeds: Speeds | None = None, pace: float = 1.0) -> float:
    """By the clock. pace: of this machine, seconds for one of the speeds'."""
    speeds, slow = known() if speeds is None else speeds, link.crowd * pace
    meetings = MEETINGS + (not of.agreements)  # that a cell without rounds is over is said, too
    begin = speeds["cell"] * slow + meetings * link.delay
    handling = (of.rounds + of.agreements) * slow * speeds["round"]
    waiting = (of.delays + of.agreements) * link.delay
    local = slow * sum(count * _takes(key, speeds) for key, count in of.units.items())
    wire = of.bits / 8 / link.rate
    return begin + handling + waiting + max(local, wire) + OVERLAP * min(local, wire)


def _takes(key: str, speeds: Speeds) -> float:
    """Seconds of a unit; that of operations that were not measured is a typical one."""
    return speeds[key] if key in speeds else speeds[f"other {key.rpartition(' ')[2]}"]


def units(call: Call, kept: bool = False) -> Iterator[tuple[str, float]]:
    """Name of the unit and how many, of one call. kept: of a function recorded before."""
    if call.op is None or call.op is PICK:
        return
    if isinstance(call.op, RecordedOp):
        yield from _units_inside(call.op)
        return
    chunks = pieces(call).count
    if not kept:
        yield "call", chunks
    elif call.op.ideal.name not in AT_ONCE:
        yield "kept call", chunks
    if isinstance(call.op, LanewiseOp):
        yield "step", chunks * len(call.op.inner.steps)
    bits, name = price(call).bits, call.op.ideal.name
    sizes = [x.size for x in call.operands]
    if name in PRODUCTS:
        yield f"{name} products", prod(call.shape) * call.params["n"]
        yield "factors elements", sum(sizes)
    if name in FAR:
        yield f"{name} rounds", chunks * call.op.rounds_of(**call.params)
    if bits:
        alone = ALONE if chunks <= FEW and call.op.ideal.elementwise else 1.0
        yield f"{_family(call.op)} bits", bits * alone
    elif name not in PRODUCTS and not (name in MOVES and call.params["how"][0] in SAME_ORDER):
        reads = [] if name in MOVES else sizes
        yield f"{name} elements", max(call.size, *reads, 0)


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
        for key, count in units(call, kept=True):
            total[key] = total.get(key, 0.0) + count
    return tuple(total.items())


def _family(op: Op) -> str:
    return "lanewise" if isinstance(op, LanewiseOp) else op.ideal.name


@lru_cache(1)
def known() -> Speeds:
    """The user's own measurements on top of those that ship."""
    try:
        own = json.loads(own_file().read_text())
    except (OSError, ValueError):
        return SPEEDS
    if not isinstance(own, dict):
        return SPEEDS
    return SPEEDS | {k: float(v) for k, v in own.items() if isinstance(v, int | float) and v > 0}


def fitted() -> float:
    """When the constants that count here were measured, in seconds since 1970."""
    try:
        return own_file().stat().st_mtime
    except OSError:
        return FITTED


def own_file() -> Path:
    """Where the user's own measurements are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mpckernel" / "speeds.json"
