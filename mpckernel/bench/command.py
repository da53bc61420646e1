"""`mpckernel bench [NAME...] [--json] [--repeats N]`."""

import argparse
import sys
from collections.abc import Iterator

from mpckernel.bench import kernels
from mpckernel.bench.cases import CASES
from mpckernel.bench.run import Line, measure, parties

STARTS = {"room": kernels.room, "kernel": kernels.kernel}
HEAD = (
    "name", "what", "n", "median s", "range s", "MB/party", "rounds", "x NumPy", "work s", "wire s",
    "load",
)  # fmt: skip


def lines(names: list[str], repeats: int) -> Iterator[Line]:
    """The results in the order asked for; parties are started once."""
    inside = [name for name in names if name in CASES]
    if inside:
        with parties() as procs:
            for name in inside:
                yield measure(procs, name, repeats)
    for name in names:
        if name in STARTS:
            yield STARTS[name](repeats)


def row(line: Line) -> list[str]:
    """One result as text."""
    low, high = line.range
    sent = "/".join(f"{b / 1e6:.2f}" for b in line.sent_bytes)
    ratio = f"{line.seconds / line.numpy_seconds:.1f}" if line.numpy_seconds > 1e-6 else "-"
    return [
        line.name, line.what, str(line.n), f"{line.seconds:.4f}", f"{low:.4f}-{high:.4f}", sent,
        str(line.rounds), ratio, f"{line.work_seconds:.4f}", f"{line.wire_seconds:.4f}",
        f"{line.load:.1f}",
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Print a table, or with --json one object a line."""
    parser = argparse.ArgumentParser(prog="mpckernel bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join([*CASES, *STARTS]))
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--repeats", type=int, default=0, help="counted runs of each case")
    args = parser.parse_args(argv)
    names = args.names or [*CASES, *STARTS]
    if unknown := [n for n in names if n not in CASES and n not in STARTS]:
        parser.error(
            f"no such case: {', '.join(unknown)}; there are {', '.join([*CASES, *STARTS])}"
        )
    widths = (6, 45, 8, 9, 16, 18, 6, 8, 8, 8, 5)
    if not args.json:
        _print(HEAD, widths)
    for line in lines(names, args.repeats):
        if args.json:
            sys.stdout.write(line.json() + "\n")
        else:
            _print(row(line), widths)
        sys.stdout.flush()
    return 0


def _print(cells: list[str] | tuple[str, ...], widths: tuple[int, ...]) -> None:
    text = "  ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True))
    sys.stdout.write(text.rstrip() + "\n")
