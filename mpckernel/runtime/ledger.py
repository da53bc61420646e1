"""What happened in a room, append-only: cells, what they cost, what they opened. Never a value."""

from dataclasses import dataclass, field
from time import time
from typing import Literal

from mpckernel.protocols.op import Cost


@dataclass(frozen=True, slots=True)
class CellRan:
    """One joint cell that committed. planned: all parties together; sent: by this party."""

    cell: int
    planned: Cost
    rounds: int
    sent_bits: int
    wire_bytes: int
    seconds: float
    at: float = field(default_factory=time)


@dataclass(frozen=True, slots=True)
class Opened:
    """Something became public: which line asked, how many values, for whom. text: of that line, as
    this notebook has it."""

    cell: int
    line: int
    shape: tuple[int, ...]
    kind: str
    to: tuple[str, ...]
    text: str = ""
    at: float = field(default_factory=time)


@dataclass(frozen=True, slots=True)
class CellEnded:
    """A joint cell that did not commit, and the code of the reason."""

    cell: int
    reason: str
    at: float = field(default_factory=time)


@dataclass(frozen=True, slots=True)
class Link:
    """A party came or went."""

    party: str
    what: Literal["joined", "lost", "left"]
    at: float = field(default_factory=time)


Entry = CellRan | Opened | CellEnded | Link


class Ledger:
    """Entries in order; readers get tuples and cannot change them."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def append(self, entry: Entry) -> None:
        """Add one entry at the end."""
        self._entries.append(entry)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything so far, oldest first."""
        return tuple(self._entries)

    @property
    def opened(self) -> tuple[Opened, ...]:
        """Everything that was ever revealed in this room."""
        return tuple(e for e in self._entries if isinstance(e, Opened))

    @property
    def last_cell(self) -> CellRan | None:
        """The cell that committed last."""
        return next((e for e in reversed(self._entries) if isinstance(e, CellRan)), None)
