"""Joint cells as text: which cells they are, their options, and the line IPython runs instead.

Source: IPython's input transformers. `%%mpc` becomes one top-level `await`, so the kernel's loop
stays free while the parties compute.
"""

import re
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from mpckernel.errors import UsageError

_HEAD = re.compile(r"%%(mpc|party)(?:[ \t]+(?!\?)(.*))?\s*$")
_TIMED = ("time", "timeit")
_ABOVE = re.compile(rf"%%({'|'.join(_TIMED)}|capture|prun|debug)\b")  # they run the rest as Python
_SIZES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


@dataclass(frozen=True, slots=True)
class Options:
    """What stands behind `%%mpc`."""

    dry: bool = False
    max_rounds: int | None = None
    max_bytes: int | None = None
    timeout: float = 120.0


class Words(ArgumentParser):
    """An argument parser whose complaint is one sentence of ours."""

    def error(self, message: str) -> NoReturn:
        """Refuse, with the usage."""
        usage = " ".join(self.format_usage().removeprefix("usage: ").split())
        raise UsageError(f"{message}; write {usage}")


def transform(lines: Sequence[str]) -> list[str]:
    """A cell that begins with `%%mpc` or `%%party`, as one await; any other cell as it is.

    Comments above stay where they are, so that lines count as they are seen.
    """
    above = _ABOVE.match(lines[0]) if lines else None
    at = next((k for k, line in enumerate(lines) if k >= bool(above) and not _idle(line)), 0)
    head = _HEAD.match(lines[at]) if lines else None
    if head is None:
        return list(lines)
    name, line = head[1], (head[2] or "").strip()
    if above is not None:
        return [f"get_ipython().mpc.not_first({name!r}, {above[1]!r})\n"]
    body = "".join([*lines[:at], *lines[at + 1 :]])
    return [f"await get_ipython().mpc.{name}({line!r}, {body!r})\n"]


def _idle(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


transform.has_side_effects = True  # keep it out of is_complete, where cell magics have a rule


def not_first(name: str, above: str = "") -> NoReturn:
    """Refuse a cell that has something above its `%%mpc`."""
    way = f"leave out %%{above}" if above else "move what is above it to a cell of its own"
    if above in _TIMED:
        way += ": a joint cell says how long it took, and %mpc cost says more"
    raise UsageError(f"only comments stand above %%{name}; {way}")


def options(line: str) -> Options:
    """Read `--dry --max-rounds N --max-bytes N --timeout S`."""
    return Options(**vars(option_words().parse_args(line.split())))


def option_words() -> Words:
    """The parser behind `options`; its help is what `%%mpc?` shows."""
    words = Words("%%mpc", add_help=False)
    words.add_argument(
        "--dry", action="store_true", help="show the price, send no share (all parties run it)"
    )
    words.add_argument("--max-rounds", type=_count, metavar="N", help="refuse more rounds")
    words.add_argument("--max-bytes", type=_size, metavar="N", help="refuse more bytes (10K, 3M)")
    words.add_argument(
        "--timeout", type=_seconds, metavar="S", default=120.0, help="wait S seconds for the others"
    )
    return words


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError
    return int(text)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 86_400:
        raise ValueError
    return seconds


def _size(text: str) -> int:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([KMG]?)B?", text.upper())
    if found is None:
        raise ValueError
    number, unit = found.groups()
    return int(float(number) * _SIZES[unit])
