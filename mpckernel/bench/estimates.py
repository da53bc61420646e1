"""Predicted against measured: the estimate of a dry run on the networks of the figures.

A figure that was measured after the constants of the model were fitted is a forecast that came true
or did not; the others say how well the model can be made to fit.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from mpckernel.bench.network import NETWORKS
from mpckernel.bench.results import Result, load, table
from mpckernel.bench.workloads import CASES
from mpckernel.runtime import estimate
from mpckernel.runtime.speeds import FITTED, SPEEDS
from mpckernel.runtime.work import Work

WITHIN = 0.25


class Guess(NamedTuple):
    """One workload on one network, in seconds. after: measured when the constants were fitted."""

    name: str
    network: str
    predicted: float
    measured: float
    after: bool = False

    @property
    def off(self) -> float:
        """Relative error of the prediction."""
        return self.predicted / self.measured - 1

    def __str__(self) -> str:
        kind = "forecast" if self.after else "fit"
        return (
            f"{self.network:10}{self.name:14}{self.predicted:10.4g} s {self.measured:10.4g} s "
            f"{self.off:+8.0%}  {kind}"
        )


def link(network: str, parties: int, cores: int) -> estimate.Link:
    """A network of the figures as the model sees it; all parties were on one machine."""
    crowd = max(1.0, parties / cores)
    if network not in NETWORKS:
        return estimate.loopback(parties)._replace(crowd=crowd)
    _, round_trip, rate = NETWORKS[network]
    return estimate.Link(network, round_trip / 2, rate, crowd)


def guesses(
    folder: Path, speeds: estimate.Speeds | None = None, fitted: float | None = None
) -> Iterator[Guess]:
    """For every kept result that came out right."""
    for network in ("loopback", *NETWORKS):
        rows = load(folder, network)
        yield from judged((rows[name] for name in CASES if name in rows), speeds, fitted)


def judged(
    rows: Iterable[Result], speeds: estimate.Speeds | None = None, fitted: float | None = None
) -> Iterator[Guess]:
    """These results beside what the constants `speeds`, fitted at that time, predict."""
    since = estimate.fitted() if fitted is None else fitted
    for row in rows:
        if not row["failed"] and row["asks"]:
            network, after = row["network"], row.get("when", 0.0) > since
            predicted = predict(row, network, speeds)
            yield Guess(row["name"], network, predicted, row["seconds"], after)


def shares(found: Iterable[Guess]) -> Iterator[str]:
    """For every network, how many are within the aim: of the forecasts, and of all."""
    found = list(found)
    for network in dict.fromkeys(g.network for g in found):
        mine = [g for g in found if g.network == network]
        later = [g for g in mine if g.after]
        yield (
            f"{network}: within {WITHIN:.0%}: {_near(later)} of {len(later)} forecasts, "
            f"{_near(mine)} of {len(mine)} in all"
        )


def _near(found: Iterable[Guess]) -> int:
    return sum(abs(g.off) <= WITHIN for g in found)


def predict(row: Result, network: str, speeds: estimate.Speeds | None = None) -> float:
    """Seconds by the model, from what the row's plan asked for, at the pace of those before it."""
    work, pace = Work(*row["asks"]), row.get("pace", 1.0)
    return estimate.seconds(work, link(network, row["parties"], row["cores"]), speeds, pace)


def step(row: Result) -> float:
    """Seconds of a training step by the model: what its dry run of three asks for beside that of
    one."""
    network = link(row["network"], row["parties"], row["cores"])
    few, many = (estimate.seconds(Work(*w), network) for w in row["asks"])
    return (many - few) / 2


def predicted(row: Result) -> str:
    """The same as text."""
    return f"{predict(row, row['network']):.4f}" if row["asks"] else "-"


def estimates(folder: Path) -> str:
    """A table: a row for each workload, a column for each network."""
    found = {(g.name, g.network): g for g in guesses(folder, SPEEDS, FITTED)}
    networks = [n for n in ("loopback", *NETWORKS) if any(key[1] == n for key in found)]
    names = [name for name in CASES if any(key[0] == name for key in found)]
    if not names:
        return ""
    rows = [(name, *(_cell(found.get((name, network))) for network in networks)) for name in names]
    last = []
    for what, counts in (("all", (True, False)), ("forecasts", (True,))):
        each = [[g for g in found.values() if g.network == n and g.after in counts]
                for n in networks]  # fmt: skip
        last.append((f"within {WITHIN:.0%}, {what}", *(f"{_near(g)} of {len(g)}" for g in each)))
    head = ("name", *(f"{n}: predicted, measured, s" for n in networks))
    return table(head, [*rows, *last])


def _cell(guess: Guess | None) -> str:
    if guess is None:
        return ""
    return f"{guess.predicted:.3g}, {guess.measured:.3g} ({guess.off:+.0%})"
