"""Shared by the widget tests: the package's path, and one secret variable to look at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mpckernel

try:
    import mpckernel.widgets
except ModuleNotFoundError:  # run from a source tree that is not installed
    mpckernel.__path__.append(str(Path(__file__).resolve().parents[2]))

SALARY = (52100.25, -48000.5)
WORDS = (
    (0x9C41F07A2D83B65E, 0x1F2E3D4C5B6A7988),
    (0x27B5D9E0F1683A4C, 0xC0FFEE0DDBA11AD5),
)
REP3 = {"alice": [0, 1], "bob": [1, 2], "carol": [2, 0]}


@pytest.fixture
def salary() -> Callable[..., dict[str, Any]]:
    """A state as a runtime would make it: rep3, two elements shown."""
    from mpckernel.widgets import share_state

    last = tuple((int(v * 2**20) - a - b) % 2**64 for v, a, b in zip(SALARY, *WORDS, strict=True))
    words = (*WORDS, last)

    def make(simulation: bool = True, **changes: Any) -> dict[str, Any]:
        sees = REP3 if simulation else {"alice": REP3["alice"]}
        given: dict[str, Any] = {
            "room": "clinic",
            "scheme": "rep3",
            "me": "alice",
            "holds": REP3,
            "shares": 3,
            "threshold": 2,
            "trust": "Three parties, semi-honest; two must not collude; not audited.",
            "simulation": simulation,
            "index": [0, 3],
            "words": {p: {s: words[s] for s in held} for p, held in sees.items()},
            "value": list(SALARY) if simulation else None,
            "scale": 20,
        }
        return share_state("salary", "sfix20", (2, 2), **given | changes)

    return make
