"""What workloads cost by today's plans, without running them; which kept results are older.

Rounds and bits are exact and known before the first byte: a workload is recorded on inputs that
are nowhere, and its plan priced. A result that was measured when the plan cost something else is
marked in the tables until it is measured anew: `mpckernel bench --old --write bench`.
"""

from collections.abc import Iterable
from functools import lru_cache
from math import ceil
from typing import Any

from mpckernel.array.dtypes import type_from
from mpckernel.array.secret import SecretArray
from mpckernel.bench.cases import Case, Column
from mpckernel.bench.results import Result
from mpckernel.bench.timing import NAMES
from mpckernel.bench.workloads import find, known
from mpckernel.protocols.op import Cost
from mpckernel.runtime.call import Call, Handle
from mpckernel.runtime.cell import Cell
from mpckernel.runtime.flags import one_bit
from mpckernel.runtime.limits import Limits

MARK = " †"
NOTE = "† measured when this took other rounds or bits than it does now."


class _Paper:
    """What a cell that is only recorded asks of a room."""

    me, parties, scheme = 0, NAMES, "rep3"

    def wire_bytes(self) -> int:
        return 0

    def check_alive(self) -> None:
        pass


def recorded(case: Case) -> Cell:
    """The case in one cell that nobody runs."""
    room: Any = _Paper()
    cell = Cell(room, 1, "priced", {}, Limits(dry=True), {})
    with cell.recording():
        case.secret(*(_held(c, k) for k, c in enumerate(case.columns)))
        if cell.checks:
            one_bit(cell, cell.checks)
    return cell


@lru_cache(256)
def declared(name: str) -> Cost:
    """Rounds, and bits of all parties."""
    return recorded(find(name)).cost


def is_old(row: Result) -> bool:
    """Whether the result was measured at another cost than today's."""
    if row.get("failed") or not known(row["name"]):
        return False
    return declared(row["name"]) != (row["rounds"], row["planned_bits"])


def named(row: Result) -> str:
    """The name for a table, marked if the result is old."""
    return row["name"] + (MARK if is_old(row) else "")


def with_note(table: str) -> str:
    """The table, and what the mark means if it is there."""
    return f"{table}\n\n{NOTE}" if MARK in table else table


def old(rows: Iterable[Result]) -> list[str]:
    """Names of the results to measure anew."""
    return [row["name"] for row in rows if is_old(row)]


def _held(column: Column, k: int) -> SecretArray:
    """An input as if an earlier cell had shared it."""
    t = type_from(column.kind)
    bound, kind = (1, "bit") if t.kind == "b" else (ceil(column.top * 2**t.f), "word")
    call = Call(None, (), {}, column.shape, kind, bound, handle=Handle("inputs", k))
    call.result = ()
    return SecretArray(call, t)
