"""Seconds an element and memory against n, measured, and the table of it.

What an operation adds to a cell, without the cell's fixed part: the time of a cell with TIMES of
them less that of a cell with one, over TIMES - 1. From 1e7 on the fixed part is below 2 %.
Small cells and a run come before the counted ones: a process needs some until it is as fast as it
will be. Pages go from run to run (ring/memory.py): a machine that is itself a guest may give the
pages of freed memory back to its host, and a new one then costs as much as all the work on its
elements. What is left of that is in the column of the system's share.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

from mpckernel.bench.declared import named, with_note
from mpckernel.bench.growth import GROWING, SIZES
from mpckernel.bench.results import Result, table
from mpckernel.bench.run import measure, parties

FROM, FLAT = (10**5, 10**6), 1.5
TIMES, SEVERAL = 5, 10**6  # operations in a cell, at sizes up to this
HELD = {"product": 48, "comparison": 32.25, "sigmoid": 32, "mean": 16}
"""Bytes an element that a party holds: two words of 8 bytes for each operand and result."""
BASE = 300 << 20  # an idle party with all code loaded, and the pages it keeps
HEAD = (
    "operation", "n", "seconds", "ns an element", "one more adds, ns an element",
    "of a processor, ns", "the system's, ns", "shares held, MiB", "peak, MiB",
    "(peak - 300 MiB) / held", "load",
)  # fmt: skip


def measured(names: Iterable[str], repeats: int) -> Iterator[Result]:
    """Every operation at every size; or `NAME@n` alone. New parties each time, for their memory."""
    wanted = list(names) or [f"{kind}@{n}" for kind in GROWING for n in SIZES]
    for name in wanted:
        with parties() as procs:
            measure(procs, f"{name.split('@')[0]}@{SIZES[0]}", numpy=False)
            line = measure(procs, name, repeats, numpy=False, keep=True)
            row = asdict(line) | {"section": "growth", "adds": line.seconds}
            if line.n <= SEVERAL and not line.failed:
                several = measure(procs, f"{name}x{TIMES}", repeats, numpy=False)
                adds = (several.seconds - line.seconds) / (TIMES - 1)
                row |= {"adds": adds, "failed": several.failed}
            yield row


def growth(rows: dict[str, Result]) -> str:
    """A row for every operation and size, then how flat each operation is."""
    if not rows:
        return ""
    ordered = sorted(rows.values(), key=lambda r: (_kind(r), r["n"]))
    lines = with_note(table(HEAD, map(_row, ordered)))
    return f"{lines}\n\n{flatness(ordered)}"


def flatness(rows: Iterable[Result]) -> str:
    """For every operation: the most over the least time of an element, from each of FROM up: of
    what it adds to a cell, of a cell with nothing else, and of a processor."""
    found: dict[str, list[Result]] = {}
    for r in rows:
        if not r["failed"]:
            found.setdefault(_kind(r), []).append(r)
    head = ["operation", "up to"]
    for what in ("seconds it adds", "seconds of a cell of its own", "of a processor"):
        head += [f"{what}: most / least from {least:.0e}" for least in FROM]
    lines = [
        (
            kind,
            f"{max(r['n'] for r in mine):.0e}",
            *(
                _spread(mine, seconds, least)
                for seconds in (added, lambda r: float(r["seconds"]), processor)
                for least in FROM
            ),
        )
        for kind, mine in found.items()
    ]
    return table(head, lines)


def _spread(rows: Iterable[Result], seconds: Callable[[Result], float], least: int) -> str:
    each = [seconds(r) / r["n"] for r in rows if r["n"] >= least]
    if len(each) < 2:
        return ""
    ratio = max(each) / min(each)
    return f"{ratio:.2f}{' (!)' if ratio > FLAT else ''}"


def added(row: Result) -> float:
    """Seconds that one more such operation adds to a cell."""
    return max(float(row["adds"]), 1e-9)  # less than what the clock tells apart


def processor(row: Result) -> float:
    """Processor seconds of a party, all threads."""
    return float(row["work_seconds"] + row["wire_seconds"])


def _kind(row: Result) -> str:
    return str(row["name"].split("@")[0])


def _row(r: Result) -> tuple[str, ...]:
    kind, n = _kind(r), r["n"]
    if r["failed"]:
        return (kind, r["name"].split("@")[1], r["failed"], *[""] * (len(HEAD) - 3))
    held, most = HELD[kind] * n, max(r["peak_bytes"])
    return (
        named(r).replace(f"@{n}", ""), f"{n:.0e}", f"{r['seconds']:.4g}",
        f"{1e9 * r['seconds'] / n:,.1f}", f"{1e9 * added(r) / n:,.1f}",
        f"{1e9 * processor(r) / n:,.1f}",
        f"{1e9 * r['system_seconds'] / n:,.1f}" if "system_seconds" in r else "",
        f"{held / 2**20:,.1f}", f"{most / 2**20:,.0f}",
        f"{(most - BASE) / held:.2f}" if n > FROM[0] else "", f"{r['load']:.1f}",
    )  # fmt: skip
