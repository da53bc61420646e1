"""One party of a measurement: a process of its own, told what to do in lines of JSON."""

import json
import sys
import time
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


def one_cell(room: Room, program: Any, space: dict[str, Any]) -> tuple[Any, float]:
    """The result of one joint cell, and its seconds."""
    began = time.perf_counter()
    cell = room.enter("measure", Limits(seconds=60), space)
    with cell.recording():
        result = program()
    cell.finish()
    return result, time.perf_counter() - began


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
    seconds, wire = [], 0
    for k in range(repeats + 1):
        _, took = one_cell(room, lambda: case.secret(*secrets), space)
        seconds += [took] if k else []
    ran = room.ledger.last_cell
    wire, rounds = (ran.wire_bytes, ran.rounds) if ran else (0, 0)
    return {"seconds": seconds, "sent_bytes": wire, "rounds": rounds}


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
