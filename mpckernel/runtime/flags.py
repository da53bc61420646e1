"""Bits that must hold when a cell commits: all are made one, which is opened."""

from typing import TYPE_CHECKING

import numpy as np

from mpckernel.errors import RangeLeft
from mpckernel.protocols import ideal
from mpckernel.runtime.call import Call

if TYPE_CHECKING:
    from mpckernel.runtime.cell import Cell

TOLD = 8  # promises that an error lists


def open_flags(cell: "Cell") -> Call | None:
    """The plan now opens whether all flags of the cell hold; None if there are none."""
    flags, cell.checks = cell.checks, []
    if not flags:
        return None
    cell.looked.append(bit := one_bit(cell, flags))
    return bit


def one_bit(cell: "Cell", flags: list[Call]) -> Call:
    """Open whether all of these bits hold, and nothing else about them."""
    level = flags
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        odd = level[-1:] if len(level) % 2 else []
        level = [cell.record(ideal.and_, a, b) for a, b in pairs] + odd
    return cell.record(ideal.open_bits, level[0])


def check_held(cell: "Cell", bit: Call | None) -> None:
    """Raises RangeLeft if the bit that was opened says that not all flags hold."""
    if bit is not None and not cell.dry and not np.all(bit.result):
        raise RangeLeft(f"{not_held(list(cell.promises))}; {cell.kept}")


def not_held(promises: list[str]) -> str:
    """What a cell says whose flags do not all hold."""
    if not promises:
        return "a value left the range that was declared for it"
    if len(promises) == 1:
        return f"what this cell relies on did not hold: {promises[0]}"
    rest = f" and {len(promises) - TOLD} more" if len(promises) > TOLD else ""
    return "one of these did not hold: " + "; ".join(promises[:TOLD]) + rest
