"""What the magics show, as text and as HTML that reads well without any styling. Never a value."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import prod
from typing import TYPE_CHECKING, Any

from mpckernel.kernel.listing import is_left
from mpckernel.kernel.progress import amount, listed, rounds

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell
    from mpckernel.runtime.ledger import Entry
    from mpckernel.runtime.room import Room

CODE = 48  # characters of a line of code in a table
CELL_ENDS = {
    "interrupted": "stopped",
    "failed": "an error here",
    "followed": "another party ended it",
    "timeout": "waited too long",
    "lost": "a link was lost",
    "range": "a value left its declared range",
    "differs": "the parties' cells were not the same",
}

_LEFT = 'style="text-align: left"'


@dataclass(frozen=True, slots=True)
class Table:
    """A title, a head and rows of text."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    empty: str = ""

    def text(self) -> str:
        """Columns aligned by blanks."""
        if not self.rows:
            return f"{self.title}: {self.empty}"
        lines = [self.head, *self.rows] if any(self.head) else list(self.rows)
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        body = ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) for r in lines]
        return "\n".join([self.title, *("  " + line.rstrip() for line in body)])

    def html(self) -> str:
        """A real table with headings."""
        if not self.rows:
            return f"<p><b>{escape(self.title)}</b>: {escape(self.empty)}</p>"
        head = "".join(f'<th scope="col" {_LEFT}>{escape(c)}</th>' for c in self.head)
        head = f"<thead><tr>{head}</tr></thead>" if any(self.head) else ""
        rows = "".join(
            f'<tr><th scope="row" {_LEFT}>{escape(first)}</th>'
            + "".join(f"<td {_LEFT}>{escape(cell)}</td>" for cell in rest)
            + "</tr>"
            for first, *rest in self.rows
        )
        caption = f"<caption {_LEFT}><b>{escape(self.title)}</b></caption>"
        return f"<table>{caption}{head}<tbody>{rows}</tbody></table>"


@dataclass(frozen=True, slots=True)
class Shown:
    """Tables and sentences that display themselves."""

    parts: tuple[Table | str, ...]

    def __repr__(self) -> str:
        return "\n".join(p if isinstance(p, str) else p.text() for p in self.parts)

    def _repr_html_(self) -> str:
        return "".join(
            f"<p>{escape(p)}</p>" if isinstance(p, str) else p.html() for p in self.parts
        )


def status(room: "Room", words: Sequence[str], secrets: Iterable[tuple[str, Any]]) -> Shown:
    """Room, trust, fingerprint, who is there, and this notebook's secrets by name."""
    from mpckernel.runtime.ledger import Link

    waiting = room.status().waiting_for
    lost = {room.parties[i] for i in room.mesh.lost}
    gone = {e.party for e in room.ledger.entries if isinstance(e, Link) and e.what == "left"}
    parties = tuple(
        (
            name,
            "here" if k == room.me else _presence(name, lost, gone, waiting),
        )
        for k, name in enumerate(room.parties)
    )
    about = [
        ("room", room.name + (" (simulation: all parties on this machine)" * room.simulation)),
        ("you are", room.parties[room.me]),
        ("scheme", room.scheme),
        ("trust", room.trust),
        ("fingerprint", " ".join(words) + " (the same words at every party)"),
        ("joint cells", str(room.committed)),
    ]
    every = [(name, s, is_left(s)) for name, s in secrets]
    held = [(name, str(s.dtype), str(s.shape)) for name, s, left in every if not left]
    others = tuple(name for name, _, left in every if left)
    left = f"Of a room that was left, and of no use in this one: {', '.join(others)}."
    return Shown(
        (
            Table("Room", ("", ""), about),
            Table("Parties", ("party", "state"), parties),
            Table("Secrets", ("name", "type", "shape"), held, "none yet"),
            *([left] if others else []),
        )
    )


def _presence(name: str, lost: set[str], gone: set[str], waiting: Sequence[str]) -> str:
    if name in gone:
        return "has left the room"
    if name in lost:
        return "link lost"
    return "present; we wait for its cell" if name in waiting else "present"


def cost(room: "Room") -> Shown:
    """The last joint cell: planned and measured."""
    ran = room.ledger.last_cell
    if ran is None:
        return Shown(("No joint cell has run in this room yet.",))
    parties = len(room.parties)
    rows = [
        ("rounds", str(ran.planned.rounds), str(ran.rounds)),
        (
            "content sent by this party",
            f"{amount(ran.planned.bits / 8 / parties)} (mean of all)",
            amount(ran.sent_bits / 8),
        ),
        ("bytes on this party's links", "", amount(ran.wire_bytes)),
        ("seconds", "", f"{ran.seconds:.3f}"),
    ]
    return Shown((Table(f"Joint cell {ran.cell}", ("", "planned", "measured"), rows),))


def price(cell: "Cell") -> Shown:
    """What a dry run found: rounds, bytes, memory, what it opens; the same at every party."""
    from mpckernel.runtime.memory import shortage

    price, parties = cell.cost, len(cell.parties)
    plans = [*cell.segments, cell.plan]
    memory = max(plan.memory for plan in plans)
    opened = [
        (f"line {c.line}", _asked(cell, c), "all" if c.params.get("to") is None else _to(cell, c))
        for c in cell.plan.openings
    ]
    total = (
        f"{rounds(price.rounds)}, {amount(price.bits / 8)} sent by all parties together, "
        f"{amount(memory)} of memory at each party at the peak"
    )
    short = shortage(memory * (parties if cell.room.simulation else 1))
    return Shown(
        (
            f"Dry run: nothing was sent and nothing defined. This cell needs {total}.",
            *([short] if short else []),
            Table("Would reveal", ("where", "shape", "to"), opened, "nothing"),
        )
    )


def expected(cell: "Cell") -> Shown:
    """What a dry run found: its time on three kinds of link, at this machine's pace."""
    from mpckernel.runtime import estimate
    from mpckernel.runtime.work import work

    asked = work([*cell.segments, cell.plan])
    links = (estimate.loopback(len(cell.parties)), estimate.LAN, estimate.WAN)
    pace = 1.0 if cell.room.pace is None else cell.room.pace.ratio
    rows = [(link.name, f"{estimate.seconds(asked, link, pace=pace):.2g} s") for link in links]
    return Shown((Table("Expected time", ("between", "about"), rows),))


def _asked(cell: "Cell", call: Any) -> str:
    return "one bit: do all declared ranges hold" if cell.looks_at(call) else str(call.shape)


def _to(cell: "Cell", call: Any) -> str:
    return cell.parties[call.params["to"]]


def log(room: "Room") -> Shown:
    """Everything that was ever revealed here, and how cells ended. No values."""
    opened = [
        (str(e.cell), str(e.line or ""), _cut(e.text), _what(e), listed(e.to), _clock(e.at))
        for e in room.ledger.opened
    ]
    head = ("cell", "line", "code", "what", "to", "at")
    events = [(_clock(e.at), _event(e)) for e in room.ledger.entries]
    return Shown(
        (
            Table("Revealed", head, opened, "nothing so far"),
            Table("What happened", ("", ""), [e for e in events if e[1]], "nothing so far"),
        )
    )


def _cut(text: str) -> str:
    """A line of code, short enough for a table."""
    return text if len(text) <= CODE else text[: CODE - 3] + "..."


def _what(entry: Any) -> str:
    if entry.kind == "range":
        return "whether all declared ranges held (one bit)"
    if not entry.shape:
        return "a single value"
    count = prod(entry.shape)
    return f"{count} value{'' if count == 1 else 's'}, shape {entry.shape}"


def _event(entry: "Entry") -> str:
    from mpckernel.runtime.ledger import CellEnded, CellRan, Link

    if isinstance(entry, CellRan):
        took = f"{rounds(entry.rounds)}, {amount(entry.wire_bytes)} sent, {entry.seconds:.2f} s"
        return f"joint cell {entry.cell} committed: {took}"
    if isinstance(entry, CellEnded):
        reason = CELL_ENDS.get(entry.reason.partition(":")[0], "ended")
        return f"joint cell {entry.cell} ended without a result ({reason})"
    if isinstance(entry, Link):
        return f"{entry.party}: {entry.what}"
    return ""


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
