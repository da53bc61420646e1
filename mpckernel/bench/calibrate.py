"""What work takes on this machine, for the estimate of `%%mpc --dry` (runtime/estimate.py).

Every operation runs on many elements and on few, by three parties on loopback; the difference,
divided by its units and by the parties that share a core, is what one unit takes. What was
measured first is taken off what has it as a part: products before matrix products.
"""

import json
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from mpckernel.bench.machine import load
from mpckernel.bench.operations import LONG
from mpckernel.bench.run import PARTIES, Line, Procs, hear, measure, parties, tell
from mpckernel.runtime import estimate, speeds
from mpckernel.runtime.work import Work

MANY, FEW, SIDE = 2**19, 64, 512
REPEATS, PASSES = 7, 5
CHAIN = "W11"  # of products recorded before: a round each
SORTS = ("W6a", "W6b"), ("places rounds", "places bits", "permute bits")
REST = {  # units that take what is left of some workloads' time, those before being known
    ("lanewise bits",): ("W5sigmoid", "W5sqrt", "W5exp"),
    ("select bits",): ("W3c",),
    ("kept call",): ("W8", "W11f"),
    ("factors elements",): ("W10",),
}
SENDING = ("mul", "mul_trunc", "trunc", "floor", "msb", "is_zero", "headroom", "to_bits",
           "bit_to_word", "open_words")  # fmt: skip
FREE = ("add", "sub", "scale", "shift")
OTHER = {"bits": SENDING, "elements": ("add", "sub"), "products": ("matmul", "matmul_trunc")}
LEAST = 1e-13


def calibrate() -> estimate.Speeds:
    """Measure; a minute or so. Medians of several passes: the speed of a machine changes within
    seconds if it has company."""
    with parties() as procs, parties(near=False) as far:
        for name in SORTS[0]:  # the first seconds of processes are slower
            measure(procs, name, numpy=False)
            measure(far, name, numpy=False)
        passes = [_once(procs) | {"far round": _round(far)} for _ in range(PASSES)]
    return {k: float(f"{median(one[k] for one in passes):.3g}") for k in passes[0]}


def _round(procs: Procs) -> float:
    """Seconds of one that waits for the one before."""
    cell, chain = _run(procs, "nothing", FEW), measure(procs, CHAIN, REPEATS, numpy=False)
    crowd = estimate.loopback(PARTIES).crowd
    return max(LEAST, (chain.seconds - cell["seconds"]) / crowd / chain.rounds)


def _once(procs: Procs) -> estimate.Speeds:
    crowd = estimate.loopback(PARTIES).crowd
    found = {"cell": _run(procs, "nothing", FEW)["seconds"] / crowd}
    muls = _run(procs, "muls", FEW)
    found["round"] = _round(procs)
    found["call"] = (muls["seconds"] / crowd - found["cell"]) / LONG - found["round"]
    found["step"] = found["call"] = max(LEAST, found["call"])
    for name in SENDING:
        found[f"{name} bits"] = _unit(procs, name, f"{name} bits", MANY, found)
    for name in FREE:
        found[f"{name} elements"] = _unit(procs, name, f"{name} elements", MANY, found)
    for name in ("matmul", "matmul_trunc"):
        found[f"{name} bits"] = found[f"{name.replace('matmul', 'mul')} bits"]
        found[f"{name} products"] = _unit(procs, name, f"{name} products", SIDE**2, found)
    for keys, names in REST.items():
        lines = [measure(procs, name, REPEATS, numpy=False) for name in names]
        rates = [rest(found, Work(*one.asks), one.seconds, keys)
                 for one in lines if not one.failed]  # fmt: skip
        found |= dict.fromkeys(keys, median(rates)) if rates else {}
    found |= _both(found, *(measure(procs, name, REPEATS, numpy=False) for name in SORTS[0]))
    for kind, those in OTHER.items():
        found[f"other {kind}"] = median(found[f"{name} {kind}"] for name in those)
    return found


def ask(procs: Procs, job: dict[str, Any]) -> dict[str, Any]:
    """The first party's answer to a job for all."""
    for proc in procs:
        tell(proc, job)
    answers: list[dict[str, Any]] = [hear(proc) for proc in procs]
    return answers[0]


def _run(procs: Procs, name: str, n: int) -> dict[str, Any]:
    return ask(procs, {"operation": name, "n": n, "repeats": REPEATS})


def _unit(procs: Procs, name: str, key: str, n: int, found: estimate.Speeds) -> float:
    """Seconds of one unit on a core of its own, the other units being known."""
    crowd = estimate.loopback(PARTIES).crowd
    many, few = _run(procs, name, n), _run(procs, name, FEW)
    took = (many["seconds"] - few["seconds"]) / crowd
    for other, count in many["units"].items():
        if other != key:
            took -= found.get(other, 0.0) * (count - few["units"].get(other, 0))
    return max(LEAST, took / (many["units"][key] - few["units"].get(key, 0)))


def rest(found: estimate.Speeds, work: Work, seconds: float, keys: tuple[str, ...]) -> float:
    """Seconds of a unit of `keys`: what the others leave of a workload's time."""
    more = estimate.turns(estimate.loopback(PARTIES))
    count = sum(work.units.get(k, 0.0) + more * work.lone.get(k, 0.0) for k in keys)
    return max(LEAST, _left(found, work, seconds, keys) / max(count, 1.0))


def _left(found: estimate.Speeds, work: Work, seconds: float, keys: tuple[str, ...]) -> float:
    """Seconds on a core of its own that units other than `keys` do not explain."""
    link = estimate.loopback(PARTIES)
    others, lone = (
        {k: v for k, v in those.items() if k not in keys} for those in (work.units, work.lone)
    )
    typical = {"other bits": 1e-10, "other elements": 2e-9, "other products": 1e-10,
               "factors elements": 5e-9}  # fmt: skip
    known = estimate.seconds(work._replace(units=others, lone=lone), link, typical | found)
    return (seconds - known) / link.crowd


def _both(found: estimate.Speeds, few: Line, many: Line) -> estimate.Speeds:
    """Of sorts, few keys and many: what a round takes and what a bit does, from what is left."""
    if few.failed or many.failed:
        return {}
    _, (rounds, *bits) = SORTS
    works = [Work(*line.asks) for line in (few, many)]
    counts = [(w.units[rounds], sum(w.units.get(k, 0.0) for k in bits)) for w in works]
    left = [
        _left(found, w, line.seconds, SORTS[1]) for w, line in zip(works, (few, many), strict=True)
    ]
    a_round, a_bit = np.linalg.solve(np.array(counts), np.array(left))
    return {rounds: max(LEAST, float(a_round)), **dict.fromkeys(bits, max(LEAST, float(a_bit)))}


def own(found: estimate.Speeds) -> Path:
    """Keep them for this user."""
    path = estimate.own_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1))
    estimate.known.cache_clear()
    return path


def ship(found: estimate.Speeds) -> Path:
    """Put them in the place of those that the package brings along."""
    path = Path(speeds.__file__)
    head = path.read_text().partition("FITTED")[0]
    rows = "".join(f'    "{k}": {v!r},\n' for k, v in found.items())
    when = f"FITTED = {time.time():.0f}.0  # seconds since 1970; results of later runs judge it\n\n"
    path.write_text(f"{head}{when}SPEEDS: dict[str, float] = {{\n{rows}}}\n")
    return path


def summary(found: estimate.Speeds) -> str:
    """As text."""
    lines = [f"{k:24}{v * 1e9:12.4g} ns" for k, v in found.items()]
    return "\n".join([*lines, f"load of the machine: {load():.1f}"])
