"""The face of a secret array: shape, type, owners, where its shares are. Never a value."""

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mpckernel.array.secret import SecretArray

CELL = "padding:2px 10px;text-align:left;border:1px solid #767676"  # the style of one


def text(x: "SecretArray") -> str:
    """One line for print and repr."""
    return f"<secret {x.dtype} {shape_of(x)}{_from(x)}; {_where(x)}>"


def html(x: "SecretArray") -> str:
    """A small table for notebooks; readable without any styling."""
    rows = (
        ("type", f"{x.dtype} ({_meaning(x)})"),
        ("shape", shape_of(x)),
        ("contributed by", names(x.owners) or "public values only"),
        ("where", _where(x)),
        ("values", "reveal(x) opens them"),
    )
    body = "".join(
        f'<tr><th scope="row" style="{CELL};font-weight:600">{escape(label)}</th>'
        f'<td style="{CELL}">{escape(value)}</td></tr>'
        for label, value in rows
    )
    return framed("secret array", body)


def framed(caption: str, body: str) -> str:
    """A table of these rows; they and the caption are HTML by now."""
    top = f'<caption style="text-align:left;font-weight:600;white-space:nowrap">{caption}</caption>'
    return f'<table style="border-collapse:collapse;border:1px solid #767676">{top}{body}</table>'


def shape_of(x: "SecretArray") -> str:
    """(3, 2), or "single value"."""
    return str(x.shape) if x.shape else "single value"


def names(people: Iterable[str]) -> str:
    """alice, bob and carol; in alphabetical order unless it is a tuple."""
    ordered = list(people) if isinstance(people, tuple) else sorted(people)
    if len(ordered) < 2:
        return "".join(ordered)
    return ", ".join(ordered[:-1]) + " and " + ordered[-1]


def _from(x: "SecretArray") -> str:
    return f" from {names(x.owners)}" if x.owners else ""


def _where(x: "SecretArray") -> str:
    """Plain means plain, and must not look like anything else."""
    if x.scheme == "plain":
        return f"NO PROTECTION, in the clear at {names(x.parties)}"
    return f"shares at {names(x.parties)}; one party's shares tell nothing"


def _meaning(x: "SecretArray") -> str:
    match x.dtype.kind:
        case "b":
            return "true or false"
        case "i":
            return "whole numbers"
    return f"fixed point, steps of 2^-{x.dtype.f}"
