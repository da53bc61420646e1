"""One party of a measurement: a process of its own, told what to do in lines of JSON."""

import json
import sys
import time
from typing import Any

import numpy as np

from mpckernel.array.inputs import share
from mpckernel.array.opened import settle
from mpckernel.array.owners import OwnerName
from mpckernel.array.reveal import reveal
from mpckernel.bench.cases import Case
from mpckernel.bench.digits import train
from mpckernel.bench.machine import peak, reset_peak
from mpckernel.bench.operations import take
from mpckernel.bench.timing import NAMES, Took, one_cell
from mpckernel.bench.workloads import find
from mpckernel.errors import Bug
from mpckernel.ring import warm
from mpckernel.ring.memory import keep_all_pages
from mpckernel.runtime.room import Room
from mpckernel.transport.zmq import ZmqTransport

SAMPLE = 2 * 10**6  # elements of a larger result that are compared


def say(value: Any) -> None:
    """One line to the process that measures."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def ask() -> Any:
    """One line from it; None when it has ended."""
    line = sys.stdin.readline()
    return json.loads(line) if line else None


def inputs(room: Room, case: Case) -> list[Any]:
    """The case's columns, shared."""
    space = {f"x{k}": c.values(k) for k, c in enumerate(case.columns) if c.owner == room.me}
    owners = [OwnerName(name, k) for k, name in enumerate(NAMES)]

    def program() -> list[Any]:
        return [
            share(getattr(owners[c.owner], f"x{k}"), dtype=c.kind, bound=None if c.kind == "sbool"
                  else c.top)
            for k, c in enumerate(case.columns)
        ]  # fmt: skip

    return one_cell(room, program, space)[0]


def measure(
    room: Room, case: Case, repeats: int, *, heat: bool = True, keep: bool = False
) -> dict[str, Any]:
    """Share the inputs, run once to warm up, then `repeats` times; then look at a result.

    keep: the pages of results go from run to run; see ring/memory.py.
    """
    secrets = inputs(room, case)
    if keep:
        keep_all_pages()
    reset_peak()
    began, pace = peak(), 1.0 if room.pace is None else room.pace.ratio
    program = lambda: case.secret(*secrets)  # noqa: E731  (the cell)
    asks = one_cell(room, program, {}, dry=not heat, priced=True)[1].asks
    took, result = [], None
    for _ in range(repeats):
        result = None
        result, seconds = one_cell(room, program, {})
        took.append(seconds)
    ran = room.ledger.last_cell
    if ran is None:
        raise Bug("a cell that ran has no entry")
    return {
        "seconds": [t.wall for t in took],
        **{k: _median(took, k) for k in ("record", "work", "wire", "system", "waiting")},
        "sent_bytes": ran.wire_bytes,
        "content_bits": ran.sent_bits,
        "planned_bits": ran.planned.bits,
        "rounds": ran.rounds,
        "planned_rounds": ran.planned.rounds,
        "asks": asks,
        "pace": pace,
        "peak_bytes": peak(),
        "error": _error(room, case, result),
        "before_bytes": began,
    }


def _median(took: list[Took], what: str) -> float:
    return float(np.median([getattr(t, what) for t in took]))


def _error(room: Room, case: Case, result: Any) -> float | None:
    """The largest error, as a share of what is allowed; at the first party."""
    if result is None:
        return 0.0
    parts = result if isinstance(result, tuple) else (result,)
    if case.n > SAMPLE and all(p.shape == (case.n,) for p in parts):
        case = case.beginning(SAMPLE)
        parts = tuple(one_cell(room, lambda: [p[:SAMPLE] for p in parts], {})[0])
    opened = settle(one_cell(room, lambda: reveal(list(parts)), {})[0])
    if room.me != 0:
        return None
    wanted = case.plain(*(c.shared(k) for k, c in enumerate(case.columns)))
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    return max(case.allowed.used(g, w) for g, w in zip(opened, wanted, strict=True))


def numpy_seconds(case: Case) -> float:
    """The median of five runs in plain NumPy, in this process."""
    arrays = [c.values(k) for k, c in enumerate(case.columns)]
    took = []
    for _ in range(5):
        began = time.perf_counter()
        case.plain(*arrays)
        took.append(time.perf_counter() - began)
    return float(np.median(took))


def answer(room: Room, job: dict[str, Any]) -> dict[str, Any]:
    """One measurement. What ends it, at every party, is told and does not end the parties."""
    try:
        if "operation" in job:
            return take(room, job["operation"], job["n"], job["repeats"])
        if "digits" in job:
            return train(room, job)
        case = find(job["name"])
        options = {k: job[k] for k in ("heat", "keep") if k in job}
        result = measure(room, case, job["repeats"] or case.repeats, **options)
    except Exception as why:  # noqa: BLE001  (one broken workload does not end the others)
        return {"failed": f"{type(why).__name__}: {why}"}
    if room.me == 0 and job.get("numpy", True):
        result["numpy_seconds"] = numpy_seconds(case)
    return result


def ports(links: ZmqTransport) -> list[int]:
    """Where others reach this party: the links, and the lanes beside them."""
    lanes = getattr(getattr(links, "_door", None), "port", 0)
    return [int(links.endpoint.rpartition(":")[2]), *([lanes] if lanes else [])]


def main() -> None:
    """Open the links, then one measurement a line until there are no more lines."""
    setup = ask()
    links = ZmqTransport(setup["me"], setup["public"], setup["secret"], near=setup["near"])
    say(ports(links))
    links.dial(ask())
    here = setup["simulation"]
    room = Room("bench", NAMES, links, fingerprint=setup["room"], simulation=here).start()
    warm.warm()
    while (job := ask()) is not None:
        say(answer(room, job))
    room.close()


if __name__ == "__main__":
    main()
