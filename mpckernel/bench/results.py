"""Results kept in files of JSON lines, one file a section, and the tables made from them.

`FIGURES.md` has a pair of markers for each table; what stands between them is always made here.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mpckernel.errors import UsageError

FILES = "results"
PAGE = "FIGURES.md"
_BLOCK = re.compile(r"(<!-- table: ([a-z ]+) -->\n)(.*?)(<!-- end -->)", re.S)

Result = dict[str, Any]


def load(folder: Path, section: str) -> dict[str, Result]:
    """The results of a section by name, in the order of the file; none if there is no file."""
    path = folder / FILES / f"{section}.jsonl"
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {row["name"]: row for row in rows}


def keep(folder: Path, section: str, rows: Iterable[Result]) -> None:
    """Add results; those of the same name are replaced where they stand."""
    known = load(folder, section)
    known |= {row["name"]: row for row in rows}
    path = folder / FILES / f"{section}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in known.values()))


def rewrite(folder: Path, tables: dict[str, str]) -> None:
    """Put the tables between their markers."""
    page = folder / PAGE
    if not page.exists():
        raise UsageError(f"there is no {page}; give the folder that has it")
    page.write_text(filled(page.read_text(), tables))


def filled(text: str, tables: dict[str, str]) -> str:
    """The page with every table that has a pair of markers replaced."""

    def one(found: re.Match[str]) -> str:
        table = tables.get(found[2])
        return found[0] if table is None else f"{found[1]}{table.strip()}\n{found[4]}"

    return _BLOCK.sub(one, text)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    cells = [tuple(head)]
    lines = [*cells, ("---",) * len(cells[0]), *map(tuple, rows)]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )
