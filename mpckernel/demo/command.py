"""`mpckernel demo --run [--demo 02] --out DIR`: execute a demo, compare, say what came out.

Exit code 0 only if every notebook ran and every joint result is within its documented error.
"""

# ruff: noqa: T201 (a command line prints)

import asyncio
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mpckernel.demo import kernels, page, summary
from mpckernel.demo.catalogue import DEMOS, Demo
from mpckernel.demo.folders import PARTIES, lay_out
from mpckernel.demo.health import Expected
from mpckernel.demo.kernels import Executed

SHOWN = 12  # differences


def main(argv: Sequence[str]) -> int:
    """Run it all; print a summary; leave notebooks and pages under --out."""
    parser = ArgumentParser("mpckernel demo --run")
    parser.add_argument("--out", type=Path, default=Path("build/demo"), metavar="DIR")
    parser.add_argument("--demo", choices=sorted(DEMOS), default="01")
    args = parser.parse_args(argv)
    out, demo = args.out.resolve(), DEMOS[args.demo]
    began = time.monotonic()
    folders = lay_out(out, demo.folder)
    expected = demo.expected(folders["slides"])
    names = [item.name for item in expected]
    print("Three parties start: three kernels, own keys, encrypted links on this machine.")
    runs = asyncio.run(_execute(folders, names))
    wrong = summary.failures(runs, expected)
    _write_pages(out, demo, (runs, expected, wrong))
    _report(runs, expected)
    print(_verdict(wrong))
    for line in wrong[:SHOWN]:
        print(f"  {line}")
    if len(wrong) > SHOWN:
        print(f"  and {len(wrong) - SHOWN} more")
    print(f"\n{time.monotonic() - began:.0f} s. Notebooks and pages: {out / 'index.html'}")
    return 1 if wrong else 0


async def _execute(folders: dict[str, Path], names: Sequence[str]) -> list[Executed]:
    three = await kernels.parties(folders, names)
    return [*three, await kernels.slides(folders["slides"], names)]


def _report(runs: Sequence[Executed], expected: Sequence[Expected]) -> None:
    three = [run for run in runs if run.name in PARTIES and not run.error]
    if len(three) < len(PARTIES):
        return
    told = three[0].facts
    print(f"Trust: {told['trust']}.\n")
    print(summary.text(summary.results_table(three[0], expected)))
    print(
        f"\nRevealed: {told['opened']} numbers, the same to all three{_to_one(told)}. Nothing else "
        "was opened.\n"
    )
    print(summary.text(summary.cost_table(three)), "\n")


def _to_one(told: dict[str, Any]) -> str:
    return f", and {told['withheld']} to one party alone" if told["withheld"] else ""


def _verdict(wrong: Sequence[str]) -> str:
    if wrong:
        return "NOT as the pooled data:"
    return "Every result at every party is what the pooled data give, within its documented error."


def _write_pages(
    out: Path,
    demo: Demo,
    found: tuple[Sequence[Executed], Sequence[Expected], Sequence[str]],
) -> None:
    """index.html with the summary and the slides; one page for each party."""
    runs, expected, wrong = found
    links = {"index": "summary", "slides": "slides", **{name: name for name in PARTIES}}
    for run in runs:
        html = page.page(f"{demo.title}: {run.name}", _nav(links, run.name), page.cells(run.path))
        (out / f"{run.name}.html").write_text(html, encoding="utf-8")
    three = [run for run in runs if run.name in PARTIES and not run.error]
    parts = [_nav(links, "index"), f"<h1>{demo.title}</h1>"]
    parts.append(f'<p class="verdict{" wrong" * bool(wrong)}">{_verdict(wrong)}</p>')
    if len(three) == len(PARTIES):
        parts.append(f"<p>{demo.about} Trust: {three[0].facts['trust']}.</p>")
        rows = summary.results_table(three[0], expected)
        parts.append(page.table("Joint results beside the pooled data", rows))
        parts.append(page.table("What it cost", summary.cost_table(three)))
    (out / "index.html").write_text(page.page(demo.title, *parts), encoding="utf-8")


def _nav(links: dict[str, str], here: str) -> str:
    words = (
        f"<b>{label}</b>" if name == here else f'<a href="{name}.html">{label}</a>'
        for name, label in links.items()
    )
    return f"<nav>{' '.join(words)}</nav>"
