"""The time of one joint cell at one party, and where it went."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpckernel.runtime import work as plans
from mpckernel.runtime.limits import Limits
from mpckernel.runtime.room import Room
from mpckernel.runtime.work import Work

NAMES = ("alice", "bob", "carol")
SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one joint cell at this party: by the clock; of it, recording the plan; processor
    time of the thread that computes on shares; processor time of all other threads (links,
    encryption, recording); of both, what the operating system took for itself, such as for pages
    that are new. asks: what the plan asked for, if that was asked."""

    wall: float
    record: float
    work: float
    wire: float
    system: float
    asks: Work | None = None

    @property
    def waiting(self) -> float:
        """Neither recording nor computing: for the others, for the links, for a processor."""
        return max(0.0, self.wall - self.record - self.work)


def one_cell(
    room: Room,
    program: Callable[[], Any],
    space: dict[str, Any],
    *,
    dry: bool = False,
    priced: bool = False,
) -> tuple[Any, Took]:
    """The result of one joint cell, and what it took. dry: nothing runs. priced: and what it asks
    for; that takes a while, for which the others would wait at the next cell."""
    work, every = room.job(time.thread_time), time.process_time()
    system = _system()
    began = time.perf_counter()
    cell = room.enter("measure", Limits(dry=dry, seconds=SECONDS), space)
    try:
        with cell.recording():
            start = time.perf_counter()
            result = program()
            record = time.perf_counter() - start
        cell.finish()
    except BaseException:
        cell.abort("failed")
        raise
    wall = time.perf_counter() - began
    work = room.job(time.thread_time) - work
    wire = time.process_time() - every - work
    system = _system() - system
    asks = plans.work((*cell.segments, cell.plan)) if priced else None
    return result, Took(wall, record, work, wire, system, asks)


def _system() -> float:
    """Processor seconds that the operating system has spent on this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_stime
