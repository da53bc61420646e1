"""How long a plan will take, from what it declares: a model with measured constants.

    seconds = begin and end + rounds * handling + delays * delay + work and wire

Work: every call has units (bits it sends, elements it goes over, multiply-adds), each of which
takes so long; wire: bytes of one party over the rate of its network card. The larger of the two
counts whole and the smaller for OVERLAP of it: a chunk travels while the next is computed, in part.
More calls, rounds, bytes or units never make an estimate smaller, and plans add up.
"""

import json
import os
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import NamedTuple, TypeAlias

from mpckernel.runtime.speeds import FITTED, SPEEDS
from mpckernel.runtime.work import Work

Speeds: TypeAlias = dict[str, float]
"""Seconds a unit takes on a core of one's own: 'cell', 'call', 'kept call' of a function
recorded before, 'step' of a composed function, 'round', 'far round' by TCP, and of every operation
'NAME bits' it sends, 'NAME elements' if it sends nothing, 'NAME products' (multiply-adds),
'factors elements', the operands of those, and 'NAME rounds' where a round is a long way."""

OVERLAP = 0.9
MEETINGS = 2  # delays for which a cell waits beside its rounds: enter, vote


class Link(NamedTuple):
    """delay: seconds one way. rate: bytes a second of each party's network card, either way.
    crowd: parties that share a core. near: all are on one machine, and no round takes TCP."""

    name: str
    delay: float
    rate: float
    crowd: float = 1.0
    near: bool = False


LAN = Link("local network", 0.0001, 125e6)
WAN = Link("internet", 0.025, 12.5e6)


def crowd(parties: int) -> float:
    """Parties that share a core if all of them are on this machine."""
    return max(1.0, parties / (os.cpu_count() or 1))


def loopback(parties: int) -> Link:
    """All parties on this machine: what links cost is part of the measured work."""
    return Link("this machine", 0.0, float("inf"), crowd(parties), near=True)


def seconds(of: Work, link: Link, speeds: Speeds | None = None, pace: float = 1.0) -> float:
    """By the clock. pace: of this machine, seconds for one of the speeds'."""
    speeds, slow = known() if speeds is None else speeds, link.crowd * pace
    meetings = MEETINGS + (not of.agreements)  # that a cell without rounds is over is said, too
    begin = speeds["cell"] * slow + meetings * link.delay
    handling = (of.rounds + of.agreements) * slow * speeds["round" if link.near else "far round"]
    waiting = (of.delays + of.agreements) * link.delay
    local = slow * _takes(of.units, speeds) + turns(link) * slow * _takes(of.lone, speeds)
    wire = of.bits / 8 / link.rate
    return begin + handling + waiting + max(local, wire) + OVERLAP * min(local, wire)


def turns(link: Link) -> float:
    """How much longer a lone stretch of work takes where parties take turns: as a share."""
    return ceil(link.crowd) / link.crowd - 1


def _takes(units: dict[str, float], speeds: Speeds) -> float:
    """Seconds of these units; those of operations that were not measured are typical ones."""
    return sum(
        count * (speeds[key] if key in speeds else speeds[f"other {key.rpartition(' ')[2]}"])
        for key, count in units.items()
    )


@lru_cache(1)
def known() -> Speeds:
    """The user's own measurements on top of those that ship."""
    try:
        own = json.loads(own_file().read_text())
    except (OSError, ValueError):
        return SPEEDS
    if not isinstance(own, dict):
        return SPEEDS
    return SPEEDS | {k: float(v) for k, v in own.items() if isinstance(v, int | float) and v > 0}


def fitted() -> float:
    """When the constants that count here were measured, in seconds since 1970."""
    try:
        return own_file().stat().st_mtime
    except OSError:
        return FITTED


def own_file() -> Path:
    """Where the user's own measurements are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mpckernel" / "speeds.json"
