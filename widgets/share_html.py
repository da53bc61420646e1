"""The share inspector without a browser's help: static HTML and plain text.

Source: the same state as the live view. The HTML has no style or script element, reads well with
all styling removed, and holds words and values only of a simulation and only when asked for.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from mpckernel.widgets.share_state import State, checked, opening_groups
from mpckernel.widgets.share_story import (
    LOOKS,
    blind_groups,
    listed,
    look,
    position,
    question,
    story,
    why,
)

_CELL = "padding:6px 10px;text-align:left;vertical-align:top;"
_HELD = "border:3px solid {colour};"
_GONE = "border:1px dashed #8a8a8a;"


def html(state: Mapping[str, Any] | State, ticked: Sequence[int] = (), words: bool = False) -> str:
    """The static twin. ticked and words: what a reader of the live view had asked for."""
    s = checked(state)
    asked = look(s, ticked, words) if s.simulation else {}
    parts = [_head(s), _holdings(s, asked.get("words")), _openings(s)]
    if asked.get("value") is not None:
        parts.append(_opened(s, ticked, asked["value"]))
    reasons = "".join(f"<p>{escape(line)}</p>" for line in why(s))
    parts.append(f"<details><summary>{escape(question(s))}</summary>{reasons}</details>")
    parts.append(f"<p>{escape(s.trust)}</p>")
    return f'<div style="max-width:760px">{"".join(parts)}</div>'


def kind(state: State) -> str:
    """Simulation says simulation."""
    return "simulation" if state.simulation else "real room"


def _head(s: State) -> str:
    facts = f"{s.type}, shape {s.shape}, room {s.room}, scheme {s.scheme}"
    return f"<p><strong>{escape(s.name)}</strong> {escape(facts)}, <em>{kind(s)}</em></p>"


def _holdings(s: State, words: list[dict[int, tuple[str, ...]] | None] | None) -> str:
    heads = "".join(
        f'<th scope="col" style="{_CELL}border-bottom:4px solid {LOOKS[k].colour};">'
        f"{LOOKS[k].mark} {escape(_named(s, k))}</th>"
        for k in range(len(s.parties))
    )
    rows = "".join(
        f'<tr style="background:none"><th scope="row" style="{_CELL}">x{share}</th>'
        + "".join(_holding(s, k, share, words) for k in range(len(s.parties)))
        + "</tr>"
        for share in range(s.shares)
    )
    corner = f'<th scope="col" style="{_CELL}">share</th>'
    return (
        '<table style="border-spacing:6px;border-collapse:separate">'
        f'<caption style="text-align:left">Who holds which share of {escape(s.name)}</caption>'
        f"<thead><tr>{corner}{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _named(s: State, party: int) -> str:
    name = s.parties[party].name
    return f"{name} (you)" if name == s.me else name


def _holding(
    s: State, party: int, share: int, words: list[dict[int, tuple[str, ...]] | None] | None
) -> str:
    if share not in s.parties[party].holds:
        return f'<td style="{_CELL}{_GONE}">not here</td>'
    known = (words[party] or {}) if words else {}
    lines = "".join(f"<br><code>{escape(w)}</code>" for w in known.get(share, ()))
    mark = LOOKS[party].mark
    style = _CELL + _HELD.format(colour=LOOKS[party].colour)
    return f'<td style="{style}">{mark} holds x{share}{lines}</td>'


def _openings(s: State) -> str:
    rows = ""
    for group in blind_groups(s) + opening_groups(s):
        told = story(s, group)
        who = escape(listed([s.parties[p].name for p in group]))
        gone = listed([f"x{m}" for m in told.missing]) if told.missing else "nothing"
        rows += (
            f'<tr><th scope="row" style="{_CELL}">{who}</th><td style="{_CELL}">{gone}</td>'
            f'<td style="{_CELL}">{escape(told.text)}</td></tr>'
        )
    heads = "".join(
        f'<th scope="col" style="{_CELL}">{t}</th>' for t in ("who", "missing", "what follows")
    )
    return (
        f'<table><caption style="text-align:left">Who could open it</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _opened(s: State, ticked: Sequence[int], value: Sequence[str]) -> str:
    who = escape(listed([s.parties[p].name for p in ticked]))
    rows = "".join(
        f'<tr><th scope="row" style="{_CELL}">{escape(s.name + position(s, k))}</th>'
        f'<td style="{_CELL}">{escape(v)}</td></tr>'
        for k, v in zip(s.index, value, strict=True)
    )
    left = "text-align:left;white-space:nowrap"
    caption = f'<caption style="{left}">Opened by {who} (simulation)</caption>'
    return f"<table>{caption}<tbody>{rows}</tbody></table>"


def text(state: Mapping[str, Any] | State) -> str:
    """The same story for a terminal, without any word or value."""
    s = checked(state)
    width = max(8, *(len(_named(s, k)) for k in range(len(s.parties)))) + 2
    lines = [
        f"{s.name}: {s.type}, shape {s.shape}, room {s.room}, scheme {s.scheme}, {kind(s)}",
        " " * 6 + "".join(_named(s, k).ljust(width) for k in range(len(s.parties))).rstrip(),
    ]
    for share in range(s.shares):
        cells = ("here" if share in p.holds else "not here" for p in s.parties)
        lines.append(f"  x{share}  " + "".join(c.ljust(width) for c in cells).rstrip())
    lines += [story(s, g).text for g in blind_groups(s) + opening_groups(s)]
    return "\n".join([*lines, s.trust])
