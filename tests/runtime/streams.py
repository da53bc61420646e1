"""Plans run in one thread, without links: every event of every party's schedule, counted."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Any

from mpckernel.protocols.op import Cost
from mpckernel.protocols.party import Party
from mpckernel.protocols.rounds import Round
from mpckernel.runtime.lockstep import three_parties
from mpckernel.runtime.plan import Plan
from mpckernel.runtime.schedule import Schedule


def run_plans(plans: list[Plan], parties: Sequence[Party | None] | None = None) -> Cost:
    """Every call of every party's plan gets its result; the cost is what was measured."""
    queues: dict[tuple[int, int], deque[Any]] = defaultdict(deque)
    sent, moved = [0], [0]
    schedules = [
        Schedule(plan, party) for plan, party in zip(plans, parties or three_parties(), strict=True)
    ]
    runs = [_run(me, s, queues, sent, moved) for me, s in enumerate(schedules)]
    while runs:
        before = moved[0]
        runs = [r for r in runs if next(r, None) is not None]
        assert not runs or moved[0] > before, "every party waits for another"
    assert len({s.rounds for s in schedules}) == 1
    assert not any(queues.values())
    return Cost(schedules[0].rounds, sent[0])


def _run(
    me: int, schedule: Schedule, queues: Any, sent: list[int], moved: list[int]
) -> Iterator[bool]:
    """One party, yielding when it has to wait; `moved` counts its events."""

    def post(asked: Round) -> None:
        moved[0] += 1
        for peer, arrays in asked.send.items():
            queues[me, peer].extend(arrays)
            sent[0] += sum(64 * a.size for a in arrays)

    def flush() -> None:
        moved[0] += 1

    steps, mail = schedule.run(post, flush), None
    while True:
        try:
            hear = steps.send(mail)
        except StopIteration:
            return
        moved[0] += 1
        mail = {}
        for peer, sizes in hear.items():
            while len(queues[peer, me]) < len(sizes):
                yield True
            mail[peer] = tuple(queues[peer, me].popleft() for _ in sizes)
            assert tuple(a.size for a in mail[peer]) == tuple(sizes)
