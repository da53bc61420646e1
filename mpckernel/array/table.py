"""Everything that has a secret version, as Markdown: `python -m mpckernel.array.table`."""

import sys
from inspect import getdoc
from pathlib import Path

import mpckernel.array  # noqa: F401  (fills the table)
from mpckernel.array.nearest import NEAREST
from mpckernel.array.rules import RULES, Rule, name_of, supported

FILE = Path(__file__).with_name("SUPPORTED.md")

_HEAD = """# NumPy on secrets

What the functions of NumPy do to secret arrays. Shapes, axes and broadcasting are NumPy's. Nothing
leaks until `reveal`; a result that might not fit the ring is refused before anything is sent
(`OutOfRange`). *f* is the number of fraction bits of the result, a step is 2^-f; *n* is how many
terms are added up. Operators (`+ - * @ ** // % < <= == != >= > & | ^ ~`) and methods (`x.sum()`)
are the functions of the same meaning.

## Types

| type | holds | comes from | bound of an input by default |
|---|---|---|---|
| `sbool` | true, false | booleans | |
| `sint` | whole numbers below 2^62 | integers | that of the type; 2^20 from 32 bits on |
| `sfix16` | steps of 2^-16 below 2^46 | `share(x, dtype=sfix16)` | 2^16 |
| `sfix20` | steps of 2^-20 below 2^42 | floats | 2^16 |
| `sfix24` | steps of 2^-24 below 2^38 | `share(x, dtype=sfix24)` | 2^16 |
| `swide` | sums in the steps of their terms, below 2^92 steps | sums, matrix products | |

`share(alice.x, dtype=..., bound=...)` declares others; a value beyond its bound is refused at its
owner. Bounds are public and follow every operation: they decide how wide a comparison is and
whether a product or a sum is sure to fit. In arithmetic booleans count as 0 and 1 (the sum of two
booleans is an integer), an integer next to fixed point becomes fixed point, and of two fixed types
the finer one is taken; a public float next to an integer gives `sfix20`.

What might not fit is refused while the cell is recorded, but for sums: `np.sum`, `np.mean`, `@`
and the other products that add up give `swide` where the bound of a result is 2^62 steps or more:
exact, two words an element (`np.sum(x, dtype=swide)` gives it always). It can be added to and
subtracted from, multiplied by public whole numbers, summed, indexed, divided by public numbers
(which gives an ordinary secret, within 2.4 steps), revealed, and made an ordinary secret by
`astype` where its bound allows.

This file is written by `python -m mpckernel.array.table --write`; a test holds it current.
"""


def table() -> str:
    """The whole document."""
    chapters: dict[str, dict[Rule, list[str]]] = {}
    for function, rule in RULES.items():
        chapters.setdefault(rule.chapter, {}).setdefault(rule, []).append(name_of(function))
    parts = [_HEAD]
    for chapter in sorted(chapters):
        parts.append(f"\n## {chapter.capitalize()}\n")
        parts.append("| function | on secrets | error |\n|---|---|---|")
        rows = [_row(sorted(names), rule) for rule, names in chapters[chapter].items()]
        parts += sorted(rows)
    parts.append("\n## Not there, and what to use instead\n\n| function | instead |\n|---|---|")
    missing = sorted(set(map(_as_written, NEAREST)) - set(supported()))
    parts += [f"| `{name}` | {_cell(NEAREST[name.removeprefix('np.')])} |" for name in missing]
    return "\n".join(parts) + "\n"


def _row(names: list[str], rule: Rule) -> str:
    lines = (getdoc(rule.run) or "").splitlines()
    errors = [line.removeprefix("Error:").strip() for line in lines if line.startswith("Error:")]
    said = f"| {', '.join(f'`{n}`' for n in names)} | {_cell(lines[0] if lines else '')} |"
    return f"{said} {_cell(errors[0] if errors else 'exact')} |"


def _as_written(name: str) -> str:
    return name if name.startswith("x.") else f"np.{name}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    if "--write" in sys.argv:
        FILE.write_text(table())
    else:
        sys.stdout.write(table())
