"""`mpckernel bench [NAME...]`: measure this machine; with --write, make the tables anew.

Without names: all workloads on loopback, and how long kernels and rooms take to start.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import product
from pathlib import Path

from mpckernel.bench import calibrate, declared, digits, growing, kernels, peers, results, tables
from mpckernel.bench.estimates import Guess, guesses, judged, predicted, shares
from mpckernel.bench.network import NETWORKS, check
from mpckernel.bench.run import Line, measure, merged, parties
from mpckernel.bench.workloads import CASES, find, known

STARTS = {"room": kernels.room, "kernel": kernels.kernel}
HEAD = (
    "name", "what", "n", "median s", "range s", "MB/party", "rounds", "x NumPy", "work s", "wire s",
    "waiting s", "predicted", "error", "load",
)  # fmt: skip
PASSES = 3
LONG = {("wan", name) for name in ("W8", "W9", "W11", "W11f")}  # once, without a run before
WIDTHS = (13, 45, 8, 9, 16, 18, 6, 8, 8, 8, 9, 9, 6, 5)


def lines(names: list[str], repeats: int, network: str = "loopback") -> Iterator[Line]:
    """The results in the order asked for; parties are started once. In several passes, where that
    takes no hours: the speed of a machine changes within seconds if it has company."""
    inside = [name for name in names if name not in STARTS]
    passes = 1 if network == "wan" else PASSES
    if inside:
        with parties(network) as procs:
            found = defaultdict[str, list[Line]](list)
            for last, name in product(range(1 - passes, 1), inside):
                patient = (network, name) in LONG
                each = -(-(repeats or find(name).repeats) // passes)
                runs = 1 if patient else each
                found[name].append(measure(procs, name, runs, network, heat=not patient))
                if not last:
                    yield merged(found[name])
    for name in names:
        if name in STARTS:
            yield STARTS[name](repeats)


def row(line: Line) -> list[str]:
    """One result as text."""
    if line.failed:
        return [line.name, line.what, "", "failed", line.failed, *[""] * (len(HEAD) - 5)]
    low, high = line.range
    sent = "/".join(f"{b / 1e6:.2f}" for b in line.sent_bytes)
    ratio = f"{line.seconds / line.numpy_seconds:.1f}" if line.numpy_seconds > 1e-6 else "-"
    guess = predicted(asdict(line))
    return [
        line.name, line.what, str(line.n), f"{line.seconds:.4f}", f"{low:.4f}-{high:.4f}", sent,
        str(line.rounds), ratio, f"{line.work_seconds:.4f}", f"{line.wire_seconds:.4f}",
        f"{line.waiting_seconds:.4f}", guess, f"{line.error:.2f}", f"{line.load:.1f}",
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Measure and print; 1 if a result was wrong or a cost was not the declared one."""
    args = _parser().parse_args(argv)
    if args.data is not None:
        return _trainings(args)
    names = args.names or [*CASES, *(STARTS if args.network == "loopback" else ())]
    if unknown := [n for n in names if not known(n) and n not in STARTS]:
        there = ", ".join([*CASES, *STARTS])
        _parser().error(f"no such case: {', '.join(unknown)}; there are {there}")
    folder = args.write
    if args.old:
        section = "growth" if args.growth else args.network
        names = args.names = declared.old(results.load(folder or Path("bench"), section).values())
        if not names:
            return 0
    if args.calibrate:
        return _calibrate(args.names, args.repeats, ship=args.ship)
    if args.tables:
        results.rewrite(folder or Path("bench"), tables.all_tables(folder or Path("bench")))
        return 0
    if args.predictions:
        return _predictions(args.predictions)
    if args.growth:
        made = growing.measured(args.names, args.repeats)
    elif args.peers:
        made = peers.beside(args.peers, args.names, args.repeats)
    else:
        return _measure(names, args)
    return _rows(made, "growth" if args.growth else "beside", folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mpckernel bench", description=__doc__)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help=", ".join([*CASES, *STARTS]))
    add("--data", type=Path, metavar="DIR", help="train MNIST or LENET on the files in DIR")
    add("--epochs", type=int, default=0, help="of a training")
    add("--rows", type=int, default=60_000, help="of a training, shared by three owners")
    add("--json", action="store_true", help="one JSON object a line")
    add("--repeats", type=int, default=0, help="counted runs of each case")
    add(
        "--network",
        choices=["loopback", *NETWORKS],
        default="loopback",
        help="through a relay: lan 1 Gbit/s and 0.2 ms, wan 100 Mbit/s and 50 ms round trip",
    )
    add("--write", type=Path, metavar="DIR", help="keep results in DIR and make its tables anew")
    add("--tables", action="store_true", help="make the tables of --write DIR (bench) anew")
    add("--old", action="store_true", help="what took other rounds or bits when it was measured")
    add("--growth", action="store_true", help="some operations at 1e3 to 1e8 elements")
    add(
        "--peers",
        type=Path,
        metavar="DIR",
        help="in turn with other engines; DIR has their scripts",
    )
    add("--predictions", type=Path, metavar="DIR", help="kept results beside what --dry predicts")
    add("--calibrate", action="store_true", help="fit what --dry predicts with, and judge it")
    add("--ship", action="store_true", help="with --calibrate: as the package's defaults")
    return parser  # fmt: skip


def _measure(names: list[str], args: argparse.Namespace) -> int:
    failed = False
    if args.network != "loopback":
        found = {"name": args.network, **_nominal(args.network)}
        _say(json.dumps(found))
        if args.write:
            results.keep(args.write, "network", [found])
    if not args.json:
        _print(HEAD)
    seen: list[Guess] = []
    for line in lines(names, args.repeats, args.network):
        failed |= bool(line.failed)
        seen += judged([asdict(line)])
        if args.json:
            _say(line.json())
        else:
            _print(row(line))
        if args.write:
            section = "starts" if line.name in STARTS else args.network
            results.keep(args.write, section, [asdict(line)])
            results.rewrite(args.write, tables.all_tables(args.write))
    if not args.json:
        _say(*shares(seen))
    return int(failed)


def _nominal(name: str) -> dict[str, float]:
    network, found = NETWORKS[name], check(NETWORKS[name])
    return {
        "round_trip": network.round_trip, "measured_round_trip": found["round_trip"],
        "rate": network.rate, "measured_rate": found["rate"],
    }  # fmt: skip


def _trainings(args: argparse.Namespace) -> int:
    names = args.names or list(digits.TRAININGS)
    if any(name not in digits.TRAININGS for name in names):
        _parser().error(f"--data goes with {' and '.join(digits.TRAININGS)}")
    made = digits.measured(
        names, args.data, epochs=args.epochs, rows=args.rows, network=args.network
    )
    return _rows(made, "training", args.write)


def _rows(made: Iterable[results.Result], section: str, folder: Path | None) -> int:
    """Print results as they come, keep them, and make the tables anew."""
    failed = False
    for found in made:
        _say(json.dumps(found))
        failed |= bool(found.get("failed"))
        if folder:
            results.keep(folder, found.get("section", section), [found])
            results.rewrite(folder, tables.all_tables(folder))
    return int(failed)


def _predictions(folder: Path) -> int:
    found = list(guesses(folder))
    for text in (*map(str, found), *shares(found)):
        _say(text)
    return 0


def _calibrate(names: list[str], repeats: int, *, ship: bool) -> int:
    """Fit on one run, judge on another."""
    found = calibrate.calibrate()
    _say(calibrate.summary(found))
    _say(f"written to {calibrate.ship(found) if ship else calibrate.own(found)}")
    run = (asdict(line) for line in lines(names or list(CASES), repeats))
    seen = []
    for guess in judged(run, found, fitted=0.0):
        seen.append(guess)
        _say(str(guess))
    _say(*shares(seen))
    return 0


def _say(*lines: str) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)
    sys.stdout.flush()


def _print(cells: Iterable[str]) -> None:
    _say("  ".join(c.ljust(w) for c, w in zip(cells, WIDTHS, strict=True)).rstrip())
