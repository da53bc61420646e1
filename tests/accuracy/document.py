"""The measured errors beside the claimed ones, as Markdown."""

from collections.abc import Iterator, Sequence
from inspect import getdoc
from math import log2
from pathlib import Path
from typing import NamedTuple

import mpckernel
import mpckernel.array
from mpckernel.array.dtypes import SecretType
from mpckernel.array.rules import RULES, name_of
from tests.accuracy.claim import Claim
from tests.accuracy.claims import CLAIMS
from tests.accuracy.measure import Found, loose_room, measure

FILE = Path(mpckernel.__file__).parent / "array" / "ACCURACY.md"

_HEAD = """# How accurate the functions are

Each function against its true value, at the edges of its domain (0, powers of two, ends of
segments and of the type, each with its neighbours) and at {points} random points: half of them
spread evenly, half over all orders of magnitude. Truncations round up or down at random as in
the protocols, then always down, then always up. *Claimed* is the error line of SUPPORTED.md; a
step is 2^-f. *Error* is the largest one found and where; *of the claim* is the largest share of
what is allowed at a point: never above 1.

This file is written by `python -m tests.accuracy --write`; a test holds that each function with an
error has a row.

| function | type | domain | claimed | error | at | of the claim |
|---|---|---|---|---|---|---|
"""


class Row(NamedTuple):
    """A claim, for one type, and what was found."""

    claim: Claim
    t: SecretType
    found: Found


def rows(points: int, names: Sequence[str] = ()) -> Iterator[Row]:
    """Every claim (of these names) measured, one after the other."""
    with loose_room() as rooms:
        for claim in CLAIMS:
            if not names or claim.name in names:
                for t in claim.types:
                    yield Row(claim, t, measure(claim, t, points, rooms))


def claimed() -> dict[str, str]:
    """Function -> the "Error:" line of its rule."""
    said = {}
    for function, rule in RULES.items():
        lines = (getdoc(rule.run) or "").splitlines()
        errors = [x.removeprefix("Error:").strip() for x in lines if x.startswith("Error:")]
        if errors:
            said[name_of(function)] = errors[0]
    return said


def line(row: Row) -> str:
    """One row of the table."""
    claim, found = row.claim, row.found
    domain = " and ".join(f"[{_short(a)}, {_short(b)}]" for a, b in claim.domain)
    said = claimed().get(claim.name, "exact").replace("|", "\\|")
    size = f"2^{log2(found.error):.1f}" if found.error else "0"
    at = ", ".join(f"{v:.6g}" for v in found.at) if found.error else ""
    return f"| {claim.label} | `{row.t}` | {domain} | {said} | {size} | {at} | {found.share:.2f} |"


def document(measured: Sequence[Row], points: int) -> str:
    """The whole file."""
    return _HEAD.format(points=f"{points:,}") + "".join(line(r) + "\n" for r in measured)


def _short(end: float) -> str:
    power = log2(abs(end)) if end else 0.5
    return f"{'-' if end < 0 else ''}2^{int(power)}" if power == int(power) > 9 else f"{end:g}"
