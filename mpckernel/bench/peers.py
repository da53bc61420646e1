"""Other engines and this one in turn, on one machine in one run, and the table of ratios.

A folder (bench/peers in the repository) has a script for each engine, which prints a line of JSON
for each workload, and `places.toml`, which says where the engines are installed here.
"""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mpckernel.bench.results import Result, table
from mpckernel.bench.run import Line, measure, parties
from mpckernel.bench.training import FEW
from mpckernel.bench.workloads import CASES
from mpckernel.errors import UsageError

ENGINES = ("SPU", "MP-SPDZ", "CrypTen", "MPyC")
UNSAFE = {"CrypTen"}  # its first party knows the triples
EXTRA = {"W8": ("W8", "W8 five pieces")}  # what an engine runs for a workload
EACH = {"W9": FEW}  # steps, of which the engines tell the seconds of one
ALONE = {"MPyC": {"W11", "W11f"}}  # what an engine is asked for, where it is slow
WRONG = 2.0**-8  # an error beyond it, absolute or relative, is a wrong result
SECONDS = 600
AIMS = {"1": "2", "3": "2", "4": "2", "5": "2", "9": "3", "10": "3", "2": "1", "6": "1", "8": "1",
        "11": "0.67; 2 of Python's"}  # fmt: skip
_NUMBER = re.compile("W(1[01]|[1-9])")  # of a workload
DEFAULT = 20  # workloads at the default type end in it; the engines run f = 16 to 18


def commands(folder: Path) -> dict[str, list[str]]:
    """The command of each engine that is installed, to which names of workloads are added."""
    path = folder / "places.toml"
    try:
        places = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as why:
        raise UsageError(f"{path} does not say where the engines are: {why}") from None
    tails = {
        "SPU": [str(folder / "spu.py")],
        "MP-SPDZ": [str(folder / "mpspdz.py"), places.get("MP-SPDZ", {}).get("checkout", "")],
        "CrypTen": [str(folder / "crypten.py")],
        "MPyC": [str(folder / "mpyc.py"), "-M3", "--no-log"],
    }
    return {e: [places[e]["python"], *tails[e]] for e in ENGINES if e in places}


def beside(folder: Path, names: Iterable[str], rounds: int) -> Iterator[Result]:
    """For each workload: this engine, every other one, and so on `rounds` times (2); medians."""
    there = commands(folder)
    wanted = [n for n in (names or CASES) if CASES[n].n and not n.endswith(str(DEFAULT))]
    with parties() as procs:
        for name in wanted:
            ours: list[Line] = []
            found: dict[str, list[dict[str, Any]]] = {}
            for _ in range(rounds or 2):
                ours.append(measure(procs, name))
                for engine, command in there.items():
                    if name not in ALONE.get(engine, CASES):
                        continue
                    for row in _run(command, EXTRA.get(name, (name,))):
                        key = engine + row["name"].removeprefix(name)
                        found.setdefault(key, []).append(row)
            yield {
                "name": name,
                "ours": float(np.median([line.seconds for line in ours])) / EACH.get(name, 1),
                "ours_range": [
                    min(x.range[0] for x in ours) / EACH.get(name, 1),
                    max(x.range[1] for x in ours) / EACH.get(name, 1),
                ],
                "failed": next((x.failed for x in ours if x.failed), ""),
                "engines": {engine: _median(rows) for engine, rows in found.items()},
                "load": ours[-1].load,
            }


def _run(command: list[str], names: Iterable[str]) -> list[dict[str, Any]]:
    env = os.environ | {"OMP_THREAD_LIMIT": "1"}  # as few threads as cores for three parties
    try:
        done = subprocess.run(  # noqa: S603
            [*command, *names],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env=env,
        )
    except subprocess.TimeoutExpired:
        return []
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _median(rows: list[dict[str, Any]]) -> dict[str, Any]:
    good = [row for row in rows if "seconds" in row]
    if not good:
        return {"failed": rows[-1].get("failed", "no result")}
    errors = [row["error"] for row in good if row.get("error") is not None]
    return {
        "seconds": float(np.median([row["seconds"] for row in good])),
        "error": max(errors, default=None),
    }


def comparison(rows: dict[str, Result]) -> str:
    """A row for each workload: seconds of each engine, and how many times faster this one is."""
    lines = []
    for name in CASES:
        if name in rows and not rows[name]["failed"]:
            row = rows[name]
            best = _best(row)
            ours = row["ours"]
            number = _NUMBER.match(name)
            aim = AIMS.get(number[1], "") if number else ""
            ratio = f"**{best[1] / ours:.2g}**" if best else ""
            lines.append((
                name, CASES[name].what + ", each" * (name in EACH), f"**{ours:.3g}**",
                *(_engine(row["engines"], engine) for engine in ENGINES),
                f"{best[0]}, {best[1]:.3g}" if best else "", ratio, aim,
                f"{row['load']:.1f}",
            ))  # fmt: skip
    head = ("name", "workload", "mpckernel, s", *(f"{e}, s" for e in ENGINES),
            "best correct peer", "times faster", "aim", "load")  # fmt: skip
    return table(head, lines) if lines else ""


def _best(row: Result) -> tuple[str, float] | None:
    """The fastest engine whose results are right and which protects its inputs."""
    right = [
        (found["seconds"], engine)
        for engine, found in row["engines"].items()
        if "seconds" in found and engine.split()[0] not in UNSAFE and not _wrong(found)
    ]
    return (min(right)[1], min(right)[0]) if right else None


def _wrong(found: dict[str, Any]) -> bool:
    return found["error"] is not None and not found["error"] <= WRONG


def _engine(found: dict[str, Any], engine: str) -> str:
    """All that an engine has for a workload."""
    texts = []
    for key, value in found.items():
        if key.startswith(engine) and not value.get("failed", "").startswith("'W"):  # not offered
            what = key.removeprefix(engine).strip()
            text = f"{value['seconds']:.3g}" if "seconds" in value else "failed"
            if "seconds" in value and _wrong(value):
                text += f" (wrong by {value['error']:.2g})"
            texts.append(f"{text}{f' ({what})' if what else ''}")
    return "; ".join(texts)
