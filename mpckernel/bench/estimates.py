"""Predicted against measured: the estimate of a dry run on the networks of the figures."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mpckernel.bench.network import NETWORKS
from mpckernel.bench.results import Result, load, table
from mpckernel.bench.workloads import CASES
from mpckernel.runtime import estimate
from mpckernel.runtime.speeds import SPEEDS

WITHIN = 0.25


class Guess(NamedTuple):
    """One workload on one network, in seconds."""

    name: str
    network: str
    predicted: float
    measured: float

    @property
    def off(self) -> float:
        """Relative error of the prediction."""
        return self.predicted / self.measured - 1


def link(network: str, parties: int, cores: int) -> estimate.Link:
    """A network of the figures as the model sees it; all parties were on one machine."""
    crowd = max(1.0, parties / cores)
    if network not in NETWORKS:
        return estimate.loopback(parties)._replace(crowd=crowd)
    _, round_trip, rate = NETWORKS[network]
    return estimate.Link(network, round_trip / 2, rate, crowd)


def guesses(folder: Path, speeds: estimate.Speeds | None = None) -> Iterator[Guess]:
    """For every kept result that came out right."""
    for network in ("loopback", *NETWORKS):
        rows = load(folder, network)
        for name in CASES:
            row = rows.get(name)
            if row and not row["failed"] and row["asks"]:
                yield Guess(name, network, predict(row, network, speeds), row["seconds"])


def predict(row: Result, network: str, speeds: estimate.Speeds | None = None) -> float:
    """Seconds by the model, from what the row's plan asked for."""
    work = estimate.Work(*row["asks"])
    return estimate.seconds(work, link(network, row["parties"], row["cores"]), speeds)


def predicted(row: Result) -> str:
    """The same as text."""
    return f"{predict(row, row['network']):.4f}" if row["asks"] else "-"


def estimates(folder: Path) -> str:
    """A table: a row for each workload, a column for each network."""
    found = {(g.name, g.network): g for g in guesses(folder, SPEEDS)}
    networks = [n for n in ("loopback", *NETWORKS) if any(key[1] == n for key in found)]
    names = [name for name in CASES if any(key[0] == name for key in found)]
    if not names:
        return ""
    rows = [(name, *(_cell(found.get((name, network))) for network in networks)) for name in names]
    good = [
        f"{sum(abs(g.off) <= WITHIN for g in found.values() if g.network == n)} of "
        f"{sum(g.network == n for g in found.values())}"
        for n in networks
    ]
    head = ("name", *(f"{n}: predicted, measured, s" for n in networks))
    return table(head, [*rows, (f"within {WITHIN:.0%}", *good)])


def _cell(guess: Guess | None) -> str:
    if guess is None:
        return ""
    return f"{guess.predicted:.3g}, {guess.measured:.3g} ({guess.off:+.0%})"
