"""Who could open a secret variable, in words and in the order a page needs them.

Source: the secrecy of replicated and additive sharings: whoever misses one share has seen only
uniform words. Sentences are made here once; the page and the static twin both quote them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mpckernel.widgets.share_state import State, groups, missing, opening_groups


@dataclass(frozen=True, slots=True)
class Look:
    """How a party is told apart: never by colour alone."""

    colour: str
    mark: str
    shape: str


LOOKS = (  # Okabe-Ito, the four with 3:1 against white and against the dark theme; then two more
    Look("#0072b2", "●", "circle"),
    Look("#d55e00", "■", "square"),
    Look("#009e73", "▲", "triangle"),
    Look("#cc79a7", "◆", "diamond"),
    Look("#8b7a1e", "★", "star"),
    Look("#7d7d7d", "✚", "plus"),
)


@dataclass(frozen=True, slots=True)
class Story:
    """What a group of parties could learn if they put their shares together."""

    opens: bool
    missing: tuple[int, ...]
    text: str


def blind_groups(state: State) -> list[tuple[int, ...]]:
    """The largest groups, of one party or more, that still miss a share."""
    blind: list[tuple[int, ...]] = []
    for group in reversed(groups(state)):
        if group and missing(state, group) and not any(set(group) <= set(g) for g in blind):
            blind.append(group)
    return sorted(blind)


def story(state: State, group: Sequence[int]) -> Story:
    """What this group could learn, in one sentence."""
    lost = missing(state, group)
    if not group:
        return Story(opens=False, missing=lost, text="Tick a party to see what it could learn.")
    who = listed([state.parties[p].name for p in group])
    who += " alone" if len(group) == 1 else " together"
    if lost:
        gone = f"{listed([f'x{s}' for s in lost])} {'is' if len(lost) == 1 else 'are'} missing"
        text = f"{who}: still nothing. {gone}, so every value fits equally well."
        return Story(opens=False, missing=lost, text=text)
    verb = "holds" if len(group) == 1 else "hold"
    text = f"{who} {verb} every share: now it opens."
    if not state.simulation:
        text = f"{who} {verb} every share and could open it. Nothing is opened here: this kernel "
        text += f"has only {state.me}'s part."
    return Story(opens=True, missing=(), text=text)


def why(state: State) -> list[str]:
    """Why a party that misses a share learns nothing, in two or three sentences each."""
    names = [f"x{s}" for s in range(state.shares)]
    if state.combine == "xor":
        rule, fits = " xor ".join(names), "bit by bit"
    else:
        rule, fits = " + ".join(names), "counted modulo 2^64"
    first = (
        f"{state.name} was cut into {state.shares} shares: {state.name} = {rule}, {fits}. All but "
        "one were drawn at random and the last makes up the difference, so any "
        f"{max(state.shares - 1, 0)} of them are plain random numbers."
    )
    second = (
        "Whoever misses one share can suppose any value at all: exactly one missing share fits "
        "each guess, and none is likelier than another. (The random numbers come from AES.)"
    )
    opening = [listed([state.parties[p].name for p in g]) for g in opening_groups(state)]
    third = f"Enough to open it: {'; '.join(opening)}."
    if state.threshold == 1:
        return [first, third]
    return [first, second, f"{third} The room's promise rests on them not pooling."]


def question(state: State) -> str:
    """The heading over the explanation."""
    return "Why does one party learn nothing?" if state.threshold > 1 else "Who can read it?"


def position(state: State, flat: int) -> str:
    """A flat index as the reader would type it: `[2]`, `[1, 0]`, or nothing for a scalar."""
    where: list[int] = []
    for size in reversed(state.shape):
        flat, at = divmod(flat, max(size, 1))
        where.append(at)
    return f"[{', '.join(map(str, reversed(where)))}]" if where else ""


def listed(names: Sequence[str]) -> str:
    """`alice`, `alice and bob`, `alice, bob and carol`."""
    head, tail = ", ".join(names[:-1]), names[-1]
    return f"{head} and {tail}" if head else tail


def view(state: State) -> dict[str, Any]:
    """What travels to the page and may be saved with it: no word and no value."""
    stories = {",".join(map(str, g)): asdict(story(state, g)) for g in groups(state)}
    return {
        "name": state.name,
        "type": state.type,
        "shape": str(state.shape),
        "room": state.room,
        "scheme": state.scheme,
        "simulation": state.simulation,
        "me": state.me,
        "parties": [
            {"name": p.name, "holds": list(p.holds), **asdict(LOOKS[k])}
            for k, p in enumerate(state.parties)
        ],
        "shares": state.shares,
        "positions": [position(state, k) for k in state.index],
        "threshold": state.threshold,
        "trust": state.trust,
        "scale": state.scale,
        "combine": state.combine,
        "stories": stories,
        "question": question(state),
        "why": why(state),
        "has_words": any(p.words is not None for p in state.parties),
    }


def look(state: State, ticked: Sequence[int], words: bool) -> dict[str, Any]:
    """The answer to a click: words if asked for, the value if the ticked parties can open it.

    In a simulation: what the ticked parties see, of all if none is ticked. In a real room: this
    party's own words at most, and never a value.
    """
    opens = bool(ticked) and not missing(state, ticked)
    seen = range(len(state.parties)) if not ticked or not state.simulation else ticked
    mine = [dict(p.words) if p.words and k in seen else None for k, p in enumerate(state.parties)]
    return {
        "words": mine if words else None,
        "value": list(state.value) if opens and state.value is not None else None,
    }
