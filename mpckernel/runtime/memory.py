"""How much memory a plan needs at one party, at its peak, before it runs; and how much there is.

Counted: results, from the start of their call until nobody can ask for them any more, and what
calls need on their way, for as many elements as may be on their way at a time. Not counted: what
is held already, and some MiB of queues. What is needed on the way is fitted to measurements, and
true within a factor of three or so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from mpckernel.ring.words import Shape

_BASE, _PER_BIT = 32, 1 / 12  # bytes an element on its way: for words, and for each bit sent


@dataclass(frozen=True, slots=True)
class Need:
    """One call: rounds after which it starts and ends, bytes of its result and on its way,
    which calls' results it takes in, and whether its own is kept to the end."""

    start: int
    end: int
    result: int
    on_the_way: int
    operands: tuple[int, ...]
    kept: bool


def result_bytes(shape: Shape, kind: str, scheme: str) -> int:
    """What one party holds of a value."""
    if kind == "public":
        return 8 * prod(shape)
    if scheme == "plain":
        return (8 if kind == "word" else 1) * prod(shape)
    return 16 * (prod(shape) if kind == "word" else -(-prod(shape) // 64))


def on_the_way(words: int, bits: int, at_once: float = 1.0) -> int:
    """What a call that sends needs beside operands and result. words: the most elements that a
    word among its operands or its result has; at_once: the part that is on its way at a time."""
    return int(at_once * (_BASE * words + bits * _PER_BIT)) if bits else 0


def peak(needs: Sequence[Need]) -> int:
    """The most bytes at one time, over calls that start as soon as their operands exist."""
    uses = [0] * len(needs)
    for need in needs:
        for x in need.operands:
            uses[x] += 1
    events = []  # at one moment: what ends, then what needs no round, then what begins
    for k, need in enumerate(needs):
        if need.start == need.end:
            events.append((need.start, 1, k))
        else:
            events += [(need.end, 0, k), (need.start, 2, k)]
    now = most = 0
    for _, what, k in sorted(events):
        need = needs[k]
        if what > 0:
            now += need.result + need.on_the_way
            most = max(most, now)
        if what < 2:
            now -= need.on_the_way
            now -= 0 if uses[k] or need.kept else need.result
            for x in need.operands:
                uses[x] -= 1
                now -= 0 if uses[x] or needs[x].kept else needs[x].result
    return most


def available() -> int | None:
    """Bytes that this machine can still give; None where it does not say."""
    try:
        import psutil
    except ImportError:
        return None
    return int(psutil.virtual_memory().available)


def shortage(needed: int) -> str:
    """A warning if a plan needs more than there is, for its price; else empty."""
    there = available()
    if there is None or needed <= there:
        return ""
    return (
        f"This cell needs about {needed / 2**30:.1f} GiB of memory at each party, and this "
        f"machine has {there / 2**30:.1f} GiB left. Cut the arrays into parts, a cell for each."
    )
