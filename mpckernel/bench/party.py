"""One party of a measurement: a process of its own, told what to do in lines of JSON."""

import json
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from mpckernel.array.inputs import share
from mpckernel.array.owners import OwnerName
from mpckernel.bench.cases import CASES, Case
from mpckernel.ring import warm
from mpckernel.runtime.cell import Limits
from mpckernel.runtime.room import Room
from mpckernel.transport.zmq import ZmqTransport

NAMES = ("alice", "bob", "carol")


def say(value: Any) -> None:
    """One line to the process that measures."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def ask() -> Any:
    """One line from it; None when it has ended."""
    line = sys.stdin.readline()
    return json.loads(line) if line else None


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one joint cell at this party: by the clock; processor time of the thread that
    computes on shares; processor time of all other threads (links, encryption, recording)."""

    wall: float
    work: float
    wire: float


def one_cell(room: Room, program: Any, space: dict[str, Any]) -> tuple[Any, Took]:
    """The result of one joint cell, and what it took."""
    work, every = room.job(time.thread_time), time.process_time()
    began = time.perf_counter()
    cell = room.enter("measure", Limits(seconds=60), space)
    with cell.recording():
        result = program()
    cell.finish()
    wall = time.perf_counter() - began
    work = room.job(time.thread_time) - work
    return result, Took(wall, work, time.process_time() - every - work)


def measure(room: Room, case: Case, repeats: int) -> dict[str, Any]:
    """Share the inputs, run once to warm up, then `repeats` times."""
    columns = case.columns
    space = {f"x{k}": c.values(k) for k, c in enumerate(columns) if c.owner == room.me}
    owners = [OwnerName(name, k) for k, name in enumerate(NAMES)]

    def inputs() -> list[Any]:
        return [
            share(getattr(owners[c.owner], f"x{k}"), dtype=c.kind, bound=c.top)
            for k, c in enumerate(columns)
        ]

    secrets, _ = one_cell(room, inputs, space)
    one_cell(room, lambda: case.secret(*secrets), space)
    took = [one_cell(room, lambda: case.secret(*secrets), space)[1] for _ in range(repeats)]
    ran = room.ledger.last_cell
    sent, rounds = (ran.wire_bytes, ran.rounds) if ran else (0, 0)
    return {
        "seconds": [t.wall for t in took],
        "work": float(np.median([t.work for t in took])),
        "wire": float(np.median([t.wire for t in took])),
        "sent_bytes": sent,
        "rounds": rounds,
    }


def numpy_seconds(case: Case) -> float:
    """The median of five runs in plain NumPy, in this process."""
    arrays = [c.values(k) for k, c in enumerate(case.columns)]
    took = []
    for _ in range(5):
        began = time.perf_counter()
        case.plain(*arrays)
        took.append(time.perf_counter() - began)
    return float(np.median(took))


def main() -> None:
    """Open the links, then one measurement a line until there are no more lines."""
    setup = ask()
    links = ZmqTransport(setup["me"], setup["public"], setup["secret"])
    say(links.endpoint)
    links.dial(ask())
    room = Room("bench", NAMES, links, fingerprint=setup["room"]).start()
    warm.warm()
    while (job := ask()) is not None:
        case = CASES[job["name"]]
        result = measure(room, case, job["repeats"] or case.repeats)
        if room.me == 0:
            result["numpy_seconds"] = numpy_seconds(case)
        say(result)
    room.close()


if __name__ == "__main__":
    main()
