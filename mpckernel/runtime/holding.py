"""Who holds what of a committed secret, for views: public facts, and this party's own words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpckernel.errors import UsageError
from mpckernel.ring import bits
from mpckernel.runtime.call import Call, lost
from mpckernel.runtime.room import Room
from mpckernel.sharing.rep3 import Bits3, Rep3

SHARES = {"rep3": 3, "plain": 1}
THRESHOLD = {"rep3": 2, "plain": 1}  # so many parties open everything


@dataclass(frozen=True, slots=True)
class Holding:
    """holds: share numbers by party. words: of this party alone, by share, one per position."""

    holds: dict[str, tuple[int, ...]]
    shares: int
    threshold: int
    combine: str  # how the shares make the value: "sum" mod 2^64 or "xor"
    index: tuple[int, ...]
    words: dict[int, tuple[int, ...]]


def holding(room: Room, call: Call, index: Sequence[int] = (), *, own: bool = False) -> Holding:
    """What is public about where the shares of `call` are; with `own`, this party's words too."""
    n = SHARES[room.scheme]
    holds = {name: tuple(sorted({i, (i + 1) % n})) for i, name in enumerate(room.parties)}
    if any(not 0 <= k < call.size for k in index):
        raise UsageError(f"this secret has {call.size} elements; choose positions below that")
    words = _own(room, call, tuple(index)) if own else {}
    combine = "xor" if call.kind == "bit" else "sum"
    return Holding(holds, n, THRESHOLD[room.scheme], combine, tuple(index), words)


def _own(room: Room, call: Call, index: tuple[int, ...]) -> dict[int, tuple[int, ...]]:
    """By share number: for bits 0 or 1, else the word."""
    part = call.result
    if part is None:
        raise UsageError(lost(call))
    if isinstance(part, Rep3 | Bits3):
        numbers = (room.me, (room.me + 1) % 3)
        pairs = zip(numbers, part, strict=True)
        return {k: tuple(_element(part, words, at) for at in index) for k, words in pairs}
    flat = np.asarray(part).reshape(-1)
    return {0: tuple(int(flat[at]) for at in index)}


def _element(part: Rep3 | Bits3, words: np.ndarray, at: int) -> int:
    if isinstance(part, Bits3):
        return int(bits.unpack(words, part.size)[at])
    return int(words.reshape(-1)[at])
