"""What a party allows a cell: rounds, bytes, and how long to wait for the others."""

from dataclasses import dataclass

from mpckernel.errors import OverLimit
from mpckernel.protocols.op import Cost


@dataclass(frozen=True, slots=True)
class Limits:
    """What this party allows a cell. dry: record and price only; no share moves."""

    dry: bool = False
    max_rounds: int | None = None
    max_bytes: int | None = None  # sent by all parties together
    seconds: float = 600.0  # how long to wait for the others to run this cell

    def check(self, cost: Cost) -> None:
        """Raises OverLimit for a cell that costs more."""
        rounds, bits = cost
        if self.max_rounds is not None and rounds > self.max_rounds:
            raise OverLimit(
                f"this cell needs {rounds} rounds, over --max-rounds {self.max_rounds}; "
                "nothing was sent"
            )
        if self.max_bytes is not None and bits // 8 > self.max_bytes:
            raise OverLimit(
                f"this cell needs {bits // 8} bytes, over --max-bytes {self.max_bytes}; "
                "nothing was sent"
            )
