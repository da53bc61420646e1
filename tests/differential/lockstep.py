"""The plans of a cell that ran, run again in one thread: all parties side by side, no links."""

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any

from mpckernel.protocols.rounds import Mail
from mpckernel.runtime.cell import Cell
from mpckernel.runtime.lockstep import three_parties
from mpckernel.runtime.plan import Call, Plan
from mpckernel.runtime.schedule import Post, Schedule, Take


class Recorded:
    """A party's plan with what goes into it, which a cell forgets when it ends."""

    def __init__(self, cell: Cell) -> None:
        self.me: int = cell.me
        self.plan: Plan = cell.plan
        self.private: dict[Call, Any] = {c: c.private for c in cell.plan.calls}
        self.held: dict[Call, Any] = {c: c.result for c in cell.plan.calls}


def run_again(recorded: list[Recorded], seed: bytes = b"again") -> None:
    """Every call of every party's plan gets its result anew, under other masks."""
    queues: dict[tuple[int, int], deque[Any]] = defaultdict(deque)
    runs = []
    for me, (mine, party) in enumerate(zip(recorded, three_parties(seed), strict=True)):
        for call in mine.plan.calls:
            call.private, call.result = mine.private[call], mine.held[call]
        runs.append(_run(me, Schedule(mine.plan, party), queues))
    while runs:
        still = [run for run in runs if next(run, True) is None]
        if len(still) == len(runs) and not queues[-1, -1]:
            raise AssertionError("every party waits for another")
        queues[-1, -1].clear()
        runs = still


def _run(me: int, schedule: Schedule, queues: Any) -> Iterator[None]:
    """One party, yielding whenever it has to wait; marks progress at queue (-1, -1)."""
    events, answer = schedule.run(), None
    while True:
        try:
            event = events.send(answer)
        except StopIteration:
            return
        answer = None
        if isinstance(event, Post):
            for peer, arrays in event.round.send.items():
                queues[me, peer].extend(arrays)
        elif isinstance(event, Take):
            while any(len(queues[p, me]) < len(sizes) for p, sizes in event.hear.items()):
                yield None
            answer = _mail(me, event, queues)
        queues[-1, -1].append(True)


def _mail(me: int, event: Take, queues: Any) -> Mail:
    mail = {}
    for peer, sizes in event.hear.items():
        mail[peer] = tuple(queues[peer, me].popleft() for _ in sizes)
        assert tuple(a.size for a in mail[peer]) == tuple(sizes)
    return mail
