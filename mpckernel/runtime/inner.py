"""The inner calls of a composed function, recorded for one chunk of lanes (lanes.py runs them)."""

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mpckernel.errors import Bug
from mpckernel.protocols.composed.lanewise import Lanewise
from mpckernel.protocols.ideal import LIMIT
from mpckernel.ring.words import Shape
from mpckernel.runtime.call import Call, Operand, needed
from mpckernel.runtime.digest import digest
from mpckernel.runtime.lanes import Inner, LanewiseOp, Step, as_op
from mpckernel.runtime.memory import peak
from mpckernel.runtime.pricing import need_of, price

if TYPE_CHECKING:
    from mpckernel.runtime.plan import Plan

Leaf: TypeAlias = "tuple[str, int] | tuple[str, Shape, bytes]"


def leaf_of(x: Operand, rounded: bool) -> Leaf:
    """What the calls of a composed function may depend on: kind and bound, or a public number."""
    if not isinstance(x, Call):
        return (x.dtype.str, x.shape, x.tobytes())
    return (x.kind, rounded_up(x.bound) if rounded else x.bound)


def rounded_up(bound: int) -> int:
    """The next power of two, where that is a bound: what is recorded for one fits many."""
    return 1 << (bound - 1).bit_length() if 0 < bound < LIMIT // 2 else bound


def record_lanes(
    plan: "Plan", what: Lanewise, leaves: tuple[Leaf, ...], params: tuple[Any, ...], lanes: int
) -> LanewiseOp:
    """A composed function's calls on one chunk of lanes, without those nobody needs. plan: an empty
    one, for it alone."""
    operands: list[Operand] = []
    for leaf in leaves:
        if len(leaf) == 3:
            dtype, shape, content = leaf
            operands.append(np.frombuffer(content, dtype).reshape(shape))
        else:
            operands.append(plan.given((lanes,), *leaf))
    inputs = len(plan.calls)
    result = what.program(plan.add, *operands, **dict(params))
    if result.shape != (lanes,) or result.kind == "public":
        raise Bug(f"{what.name} does not give one secret for each lane")
    calls = [c for c in needed(plan.calls, [result]) if c.op is not None]
    place = {c.number: k for k, c in enumerate((*plan.calls[:inputs], *calls))}
    steps = [_step(c, place) for c in calls]
    inner = Inner(
        inputs,
        tuple(steps),
        place[result.number],
        lanes,
        result.depth,
        sum(price(c).bits for c in calls),
        result.bound,
        result.kind,
        peak([need_of(c, plan.scheme) for c in plan.calls]),
        digest("lanes 1", what.name, lanes, inputs, plan.fingerprints()),
    )
    return as_op(what.name, plan.scheme, inner)


def _step(call: Call, place: dict[int, int]) -> Step:
    assert call.op is not None
    operands = tuple(place[x.number] if isinstance(x, Call) else x for x in call.operands)
    return Step(call.op, operands, call.params, call.op.rounds_of(**call.params) == 0)
