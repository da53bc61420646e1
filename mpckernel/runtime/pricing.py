"""What calls cost, before anything is sent: rounds, bits, and memory at the peak."""

from dataclasses import replace

from mpckernel.protocols.op import Cost
from mpckernel.runtime.body import PICK, SEVERAL, Body, RecordedOp
from mpckernel.runtime.call import Call
from mpckernel.runtime.chunks import is_small, pieces
from mpckernel.runtime.lanes import LanewiseOp
from mpckernel.runtime.memory import Need, on_the_way, peak, result_bytes


def price(call: Call) -> Cost:
    """Rounds and bits of one call."""
    if call.op is None:
        return Cost(0, 0)
    rounds, bits = call.op.cost(call.shape, *[x.shape for x in call.operands], **call.params)
    return Cost(rounds if is_small(call.shape) else rounds * pieces(call).waves, bits)


def memory(calls: list[Call], body: Body, scheme: str) -> int:
    """Bytes at one party at the peak for these calls, beside what they are given."""
    needs = [need_of(call, scheme) for call in calls]
    for k in range(len(calls) - 1, -1, -1):
        if body.lazy[k]:
            start = min(needs[user].start for user in body.users[k])
            needs[k] = replace(needs[k], start=start, end=start)
    for k, call in enumerate(calls):
        if k in body.results or not (body.users[k] or call.op is PICK):
            needs[k] = replace(needs[k], kept=True)
    return peak(needs)


def need_of(call: Call, scheme: str) -> Need:
    operands = tuple(x.number for x in call.operands if isinstance(x, Call))
    if call.op is None:
        return Need(0, 0, 0, 0, operands, kept=True)
    rounds, bits = price(call)
    size = 0 if call.kind == SEVERAL else result_bytes(call.shape, call.kind, scheme)
    if isinstance(call.op, RecordedOp):
        extra = max(0, call.op.memory - size)
        return Need(call.depth - rounds, call.depth, size, extra, operands, call.kept())
    cut = pieces(call)
    if isinstance(call.op, LanewiseOp):
        extra = call.op.inner.memory * min(cut.window, cut.count)
    else:
        part = min(cut.window * cut.step / max(call.size, 1), 1.0)
        words = [x.size for x in (call, *call.operands) if isinstance(x, Call) and x.kind == "word"]
        extra = on_the_way(max(words, default=0), bits, part)
    return Need(call.depth - rounds, call.depth, size, extra, operands, call.kept())
