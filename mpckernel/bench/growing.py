"""Seconds an element and memory against n, measured, and the table of it."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from mpckernel.bench.growth import GROWING, SIZES
from mpckernel.bench.results import Result, table
from mpckernel.bench.run import measure, parties
from mpckernel.bench.workloads import find

LARGEST = {"sigmoid": 10**7}  # the others: SIZES
FLAT_FROM = 10**5
HELD = {"product": 48, "comparison": 32.25, "sigmoid": 32, "mean": 16}
"""Bytes an element that a party holds: two words of 8 bytes for each operand and result."""


def measured(names: Iterable[str], repeats: int) -> Iterator[Result]:
    """Every operation at every size; or `NAME@n` alone. New parties each time, for their memory."""
    wanted = list(names) or [
        f"{kind}@{n}" for kind in GROWING for n in SIZES if n <= LARGEST.get(kind, SIZES[-1])
    ]
    for name in wanted:
        large = find(name).n > 10**7
        with parties() as procs:
            line = measure(procs, name, repeats, heat=not large, numpy=False, look=not large)
            yield asdict(line) | {"section": "growth"}


def growth(rows: dict[str, Result]) -> str:
    """A row for every operation and size."""
    lines = []
    for name, r in sorted(rows.items(), key=lambda item: (item[0].split("@")[0], item[1]["n"])):
        kind = name.split("@")[0]
        if r["failed"]:
            lines.append((kind, f"{r['n']:.0e}", "failed", "", "", "", ""))
            continue
        held, most = HELD[kind] * r["n"], max(r["peak_bytes"])
        lines.append((
            kind, f"{r['n']:.0e}", f"{r['seconds']:.4g}", f"{1e9 * r['seconds'] / r['n']:,.1f}",
            f"{held / 2**20:,.1f}", f"{most / 2**20:,.0f}",
            f"{(most - BASE) / held:.2f}" if r["n"] > FLAT_FROM else "",
        ))  # fmt: skip
    head = ("operation", "n", "seconds", "ns an element", "shares held, MiB", "peak, MiB",
            "(peak - 300 MiB) / held")  # fmt: skip
    return table(head, lines) if lines else ""


BASE = 300 << 20  # an idle party with all code loaded, and the pages it keeps
