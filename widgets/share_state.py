"""What the share inspector may show of one secret variable, checked before anything is drawn.

Source: the replicated and additive sharings of this package; a value is the sum (or the bitwise
xor) of its shares, so a group of parties can open it exactly if it holds every share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from mpckernel.errors import Bug, UsageError

MOST_PARTIES = 6
MOST_ELEMENTS = 4


@dataclass(frozen=True, slots=True)
class Holder:
    """One party: the numbers of the shares it holds; its words where this kernel knows them."""

    name: str
    holds: tuple[int, ...]
    words: Mapping[int, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One secret variable, as one kernel may see it."""

    name: str
    type: str
    shape: tuple[int, ...]
    room: str
    scheme: str
    simulation: bool
    me: str
    parties: tuple[Holder, ...]
    shares: int
    index: tuple[int, ...]
    value: tuple[str, ...] | None
    threshold: int
    trust: str
    scale: int
    combine: str


def share_state(
    name: str,
    dtype: str,
    shape: Sequence[int],
    *,
    room: str,
    scheme: str,
    me: str,
    holds: Mapping[str, Sequence[int]],
    shares: int,
    threshold: int,
    trust: str,
    simulation: bool = False,
    index: Sequence[int] = (),
    words: Mapping[str, Mapping[int, Sequence[int]]] | None = None,
    value: Sequence[object] | None = None,
    scale: int = 0,
    combine: str = "sum",
) -> dict[str, Any]:
    """The state as plain data, from what a runtime has at hand.

    holds: share numbers by party, in party order. index: flat positions shown, at most 4.
    words: by party and share, one word per position; in a real room only those of `me`.
    value: one text per position, in a simulation only. scale: fraction bits of the type.
    combine: "sum" mod 2^64, or "xor" for bits.
    """
    known = words or {}
    parties = [
        {
            "name": party,
            "holds": [int(s) for s in held],
            "words": _hex_words(known[party]) if party in known else None,
        }
        for party, held in holds.items()
    ]
    return {
        "name": name,
        "type": dtype,
        "shape": [int(n) for n in shape],
        "room": room,
        "scheme": scheme,
        "simulation": simulation,
        "me": me,
        "parties": parties,
        "shares": shares,
        "index": [int(k) for k in index],
        "value": None if value is None else [str(v) for v in value],
        "threshold": threshold,
        "trust": trust,
        "scale": scale,
        "combine": combine,
    }


def _hex_words(words: Mapping[int, Sequence[int]]) -> dict[str, list[str]]:
    return {str(s): [f"{int(w) % 2**64:016x}" for w in ws] for s, ws in words.items()}


def checked(state: Mapping[str, Any] | State) -> State:
    """The state as data classes; refuses one that shows more than this kernel may show."""
    if isinstance(state, State):
        return state
    made = State(
        name=str(state["name"]),
        type=str(state["type"]),
        shape=tuple(state["shape"]),
        room=str(state["room"]),
        scheme=str(state["scheme"]),
        simulation=bool(state["simulation"]),
        me=str(state["me"]),
        parties=tuple(_holder(p) for p in state["parties"]),
        shares=int(state["shares"]),
        index=tuple(state["index"]),
        value=None if state.get("value") is None else tuple(map(str, state["value"])),
        threshold=int(state["threshold"]),
        trust=str(state["trust"]),
        scale=int(state.get("scale", 0)),
        combine=str(state.get("combine", "sum")),
    )
    _check_shape(made)
    _check_secrecy(made)
    return made


def _holder(party: Mapping[str, Any]) -> Holder:
    words = party.get("words")
    if words is not None:
        words = {int(s): tuple(map(str, ws)) for s, ws in words.items()}
    return Holder(str(party["name"]), tuple(int(s) for s in party["holds"]), words)


def _check_shape(state: State) -> None:
    if not 1 <= len(state.parties) <= MOST_PARTIES:
        raise UsageError(
            f"the share inspector draws 1 to {MOST_PARTIES} parties; this room has "
            f"{len(state.parties)}"
        )
    count, every = len(state.index), range(state.shares)
    broken = count > MOST_ELEMENTS or state.combine not in ("sum", "xor")
    broken = broken or (state.value is not None and len(state.value) != count)
    for party in state.parties:
        broken = broken or not set(party.holds) <= set(every)
        for share, words in (party.words or {}).items():
            broken = broken or share not in party.holds or len(words) != count
    if broken:
        raise Bug("a state for the share inspector contradicts itself; nothing was shown")


def _check_secrecy(state: State) -> None:
    if not state.simulation:
        others = any(p.words is not None and p.name != state.me for p in state.parties)
        if others or state.value is not None:
            raise Bug("a real room's state holds what this party may not see; nothing was shown")
    smallest = min((len(g) for g in opening_groups(state)), default=0)
    if smallest != state.threshold:
        raise Bug("the stated threshold is not the one the shares give; nothing was shown")


def missing(state: State, group: Sequence[int]) -> tuple[int, ...]:
    """Numbers of the shares that nobody in the group holds."""
    held = {share for p in group for share in state.parties[p].holds}
    return tuple(share for share in range(state.shares) if share not in held)


def groups(state: State) -> list[tuple[int, ...]]:
    """Every group of parties by number, the empty one first, smaller ones before larger."""
    n = len(state.parties)
    return [g for size in range(n + 1) for g in combinations(range(n), size)]


def opening_groups(state: State) -> list[tuple[int, ...]]:
    """The smallest groups of parties that together hold every share."""
    opening: list[tuple[int, ...]] = []
    for group in groups(state):
        if not missing(state, group) and not any(set(g) <= set(group) for g in opening):
            opening.append(group)
    return opening
