"""What work takes on this machine, for the estimate of `%%mpc --dry` (runtime/estimate.py).

Every operation runs on many elements and on few, by three parties on loopback; the difference,
divided by its units and by the parties that share a core, is what one unit takes. What was
measured first is taken off what has it as a part: products before matrix products.
"""

import json
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import Any

from mpckernel.bench.machine import load
from mpckernel.bench.operations import LONG
from mpckernel.bench.run import PARTIES, hear, measure, parties, tell
from mpckernel.runtime import estimate, speeds

MANY, FEW, SIDE = 2**19, 64, 512
REPEATS = 7
LONG_CHAINS = {"adds": "call", "muls": "round"}
REST = {  # workloads, and the units that take what is left once all others are known
    "W5sigmoid": ("lanewise bits",),
    "W5sqrt": ("lanewise bits",),
    "W5exp": ("lanewise bits",),
    "W3c": ("select bits",),
    "W4b": ("factors elements",),
    "W6b": ("places bits", "permute bits"),
}
SENDING = ("mul", "mul_trunc", "trunc", "floor", "msb", "is_zero", "headroom", "to_bits",
           "bit_to_word", "open_words")  # fmt: skip
FREE = ("add", "sub", "scale", "shift")
OTHER = {"bits": SENDING, "elements": ("add", "sub"), "products": ("matmul", "matmul_trunc")}
LEAST = 1e-13

Procs = list[subprocess.Popen[str]]


def calibrate() -> estimate.Speeds:
    """Measure; a minute or so."""
    crowd, rates = estimate.loopback(PARTIES).crowd, dict[tuple[str, ...], list[float]]()
    with parties() as procs:
        found = {"cell": _run(procs, "nothing", FEW)["seconds"] / crowd}
        adds, muls = (_run(procs, name, FEW) for name in LONG_CHAINS)
        found["call"] = max(LEAST, (adds["seconds"] / crowd - found["cell"]) / LONG)
        found["round"] = (muls["seconds"] / crowd - found["cell"]) / LONG - found["call"]
        found["step"] = found["call"]
        for name in SENDING:
            found[f"{name} bits"] = _unit(procs, name, f"{name} bits", MANY, found)
        for name in FREE:
            found[f"{name} elements"] = _unit(procs, name, f"{name} elements", MANY, found)
        for name in ("matmul", "matmul_trunc"):
            found[f"{name} bits"] = found[f"{name.replace('matmul', 'mul')} bits"]
            found[f"{name} products"] = _unit(procs, name, f"{name} products", SIDE**2, found)
        for name, keys in REST.items():
            line = measure(procs, name, REPEATS, numpy=False)
            if not line.failed:
                rate = rest(found, estimate.Work(*line.asks), line.seconds, keys)
                rates.setdefault(keys, []).append(rate)
    found |= {key: median(all_) for keys, all_ in rates.items() for key in keys}
    for kind, those in OTHER.items():
        found[f"other {kind}"] = median(found[f"{name} {kind}"] for name in those)
    return {k: float(f"{v:.3g}") for k, v in found.items()}


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


def rest(
    found: estimate.Speeds, work: estimate.Work, seconds: float, keys: tuple[str, ...]
) -> float:
    """Seconds of a unit of `keys`: what the others leave of a workload's time."""
    link = estimate.loopback(PARTIES)
    others = {k: v for k, v in work.units.items() if k not in keys}
    typical = {"other bits": 1e-10, "other elements": 2e-9, "other products": 1e-10}
    known = estimate.seconds(work._replace(units=others), link, typical | found)
    count = sum(work.units.get(k, 0.0) for k in keys)
    return max(LEAST, (seconds - known) / link.crowd / max(count, 1.0))


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
