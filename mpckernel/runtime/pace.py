"""How fast this machine is beside the one that the constants of the estimate are from.

They were measured once and somewhere; a machine is another one, and has company at times. What the
last cells of a room took, beside what was expected of them, says by how much. Source: none.
"""

from collections import OrderedDict
from statistics import median
from typing import Any

from mpckernel.runtime import estimate
from mpckernel.runtime.plan import Plan
from mpckernel.runtime.work import work

LEAST = 0.02  # seconds of a cell that counts: of shorter ones much is chance
CALLS = 64  # of a plan, at most: looking at more would itself take a while
FEWEST, MOST = 3, 7  # cells that are remembered; one that runs again counts once


class Pace:
    """Of one room whose links are known."""

    def __init__(self, link: estimate.Link) -> None:
        self._link = link
        self._ratios: OrderedDict[tuple[Any, ...], float] = OrderedDict()

    def saw(self, plan: Plan, seconds: float) -> None:
        """A cell took so long, from its agreement to its end."""
        if seconds < LEAST or len(plan.calls) > CALLS:
            return
        asked = work([plan])
        alike = asked.rounds, asked.bits, tuple(asked.units.items())  # also on values shared anew
        self._ratios[alike] = seconds / estimate.seconds(asked, self._link)
        self._ratios.move_to_end(alike)
        while len(self._ratios) > MOST:
            self._ratios.popitem(last=False)

    @property
    def ratio(self) -> float:
        """Seconds for one that is expected: the median of the last cells; 1 if they are too few."""
        return median(self._ratios.values()) if len(self._ratios) >= FEWEST else 1.0
