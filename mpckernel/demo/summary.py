"""Joint results beside pooled ones: the comparison, and its text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from mpckernel.demo.health import Expected
from mpckernel.demo.kernels import Executed


@dataclass(frozen=True, slots=True)
class Line:
    """One number, or the worst of several: joint, pooled, error, bound."""

    label: str
    joint: str
    pooled: str
    error: float
    bound: float

    @property
    def good(self) -> bool:
        """Within the bound; NaN is not."""
        return bool(self.error <= self.bound)

    def cells(self) -> tuple[str, str, str, str, str]:
        """As text, for any table."""
        error = "exact" if self.error == 0 else f"{self.error:.1e}"
        bound = "" if self.bound == 0 else f"{self.bound:.1e}"
        return (
            self.label if self.good else f"WRONG: {self.label}",
            self.joint,
            self.pooled,
            error,
            bound,
        )


def compare(values: dict[str, Any], expected: Sequence[Expected]) -> list[Line]:
    """One line per number of a named row, one per table with its worst entry."""
    return [line for item in expected for line in _lines(np.asarray(values[item.name]), item)]


def _lines(joint: Any, item: Expected) -> Iterator[Line]:
    if joint.shape != item.value.shape:
        shapes = f"shape {joint.shape}", f"shape {item.value.shape}"
        yield Line(item.what, *shapes, float("nan"), 0.0)
        return
    errors = np.abs(joint - item.value)
    if item.labels:
        for k, label in enumerate(item.labels):
            numbers = _number(joint[k]), _number(item.value[k])
            yield Line(f"{item.what}, {label}", *numbers, float(errors[k]), float(item.bound[k]))
        return
    if joint.size > 1 and not errors.any():
        same = f"{joint.size} numbers"
        yield Line(item.what, same, same, 0.0, 0.0)
        return
    over = errors - item.bound
    worst = np.unravel_index(np.argmax(np.where(np.isnan(over), np.inf, over)), over.shape)
    numbers = _number(joint[worst]), _number(item.value[worst])
    label = item.what if joint.size == 1 else f"{item.what}, worst of {joint.size}"
    yield Line(label, *numbers, float(errors[worst]), float(item.bound[worst]))


def _number(x: Any) -> str:
    return f"{x:.0f}" if float(x).is_integer() else f"{x:.6g}"


def failures(runs: Sequence[Executed], expected: Sequence[Expected]) -> list[str]:
    """What is wrong, in words; empty if every result of every kernel is within its bound."""
    wrong = [f"{run.name}: {run.error}" for run in runs if run.error]
    for run in (r for r in runs if not r.error):
        bad = [line for line in compare(run.facts["values"], expected) if not line.good]
        wrong += [f"{run.name}: {b.label}: {b.joint}, pooled {b.pooled}" for b in bad]
    return wrong


def results_table(run: Executed, expected: Sequence[Expected]) -> list[tuple[str, ...]]:
    """Head and rows."""
    head = ("result", "joint", "pooled", "error", "allowed")
    return [head, *(line.cells() for line in compare(run.facts["values"], expected))]


def cost_table(runs: Sequence[Executed]) -> list[tuple[str, ...]]:
    """Head, a row for each joint cell (under the heading it stands), and the total."""
    cells = [run.facts["cells"] for run in runs]
    names = [f"{run.name} sends" for run in runs]
    headings = joint_headings(runs[0].path)
    if len(headings) != len(cells[0]):  # a cell that commits in parts is several in the log
        headings = [f"part {k + 1}" for k in range(len(cells[0]))]
    rows = [_cost_row(h, own) for h, *own in zip(headings, *cells, strict=True)]
    total = [
        {key: sum(c[key] for c in own) for key in ("rounds", "sent", "seconds")} for own in cells
    ]
    return [("", "rounds", *names, "seconds"), *rows, _cost_row("together", total)]


def joint_headings(path: Path) -> list[str]:
    """For each joint cell of a notebook the heading above it, without its number."""
    heading, found = "", []
    for cell in nbformat.read(path, as_version=4).cells:
        for line in cell.source.splitlines() if cell.cell_type == "markdown" else ():
            if line.startswith("#"):
                heading = line.lstrip("#0123456789. ")
        if cell.source.startswith("%%mpc") and "--dry" not in cell.source.splitlines()[0]:
            found.append(heading)
    return found


def _cost_row(label: str, own: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    seconds = max(c["seconds"] for c in own)
    sent = (f"{c['sent'] / 1000:.1f} kB" for c in own)
    return (label, str(own[0]["rounds"]), *sent, f"{seconds:.2f}")


def text(rows: Sequence[tuple[str, ...]]) -> str:
    """Columns aligned: the first to the left, numbers to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = []
    for first, *rest in rows:
        line = [first.ljust(widths[0])]
        line += [word.rjust(w) for word, w in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join(line).rstrip())
    rule = "-" * max(map(len, lines))
    return "\n".join([lines[0], rule, *lines[1:]])
