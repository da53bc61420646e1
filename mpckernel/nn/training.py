"""The loop: fit. A step (trainer.py) is recorded once and repeated; epochs are commits.

    history = nn.fit(model, nn.CrossEntropyLoss(), optimizer, x, y, epochs=5, report=100)

Between checkpoints a training can be stopped: the model then has the weights of the last one.
Source: PyTorch's training loop, as its tutorials write it.
"""

import time
from math import floor, prod
from typing import Any

from mpckernel.array.operators import here
from mpckernel.array.owners import OwnerPath
from mpckernel.array.reveal import reveal
from mpckernel.errors import RangeLeft, UsageError
from mpckernel.nn.batches import Batches
from mpckernel.nn.data import rows_and_targets, shared
from mpckernel.nn.history import History
from mpckernel.nn.losses import BCEWithLogitsLoss, L1Loss, MSELoss
from mpckernel.nn.module import Module
from mpckernel.nn.optim.optimizer import Optimizer
from mpckernel.nn.predicting import MANY, evaluate
from mpckernel.nn.ranges import Ranges
from mpckernel.nn.state import OF_STATE
from mpckernel.nn.trainer import Trainer
from mpckernel.runtime.cell import current
from mpckernel.runtime.reports import Report

PART = 50  # steps that are planned together: the next ones are recorded while nothing is lost


def fit(
    model: Module,
    loss: Module,
    optimizer: Optimizer,
    x: Any = None,
    y: Any = None,
    *,
    epochs: int = 1,
    batch_size: int = 128,
    shuffle: str | None = "public",
    schedule: Any = None,
    ranges: Ranges | None = None,
    checkpoint: str | int = "epoch",
    report: int | None = None,
    test: tuple[Any, Any] | None = None,
    metric_above: float | None = None,
) -> History:
    """Train model on rows x and targets y: secrets, or owners' variables.

    loss, optimizer, schedule (a step after each epoch): as in PyTorch; weights that require no
    gradient stay as they are. batch_size: rows of a step; rows that do not fill a batch are left
    out of an epoch (a public order leaves out other ones each time), and fewer rows than batch_size
    are one batch. shuffle: "public" order of rows, "secret" (shuffled once so that nobody knows
    whose row is where), or None. checkpoint: "epoch", or a number of steps: then all parties
    commit, and a later stop or error keeps what the model has by then. report: open the mean loss
    of so many steps, and draw it. test: (x, y) of rows whose classification is counted (as evaluate
    counts it), and opened, after each epoch; with metric_above only whether their accuracy is above
    this number: one bit.
    Leaks nothing but what report and test open, and at each checkpoint one bit: whether all
    values kept their declared ranges (RangeLeft if not). The room's log lists it all.
    Raises UsageError for shapes that do not fit; OutOfRange where norms cannot be checked.
    """
    cell = current()
    _in_order(loss, optimizer, x, y)
    if test is not None and isinstance(loss, MSELoss | L1Loss):
        raise UsageError(
            f"{here()}fit: test= counts rows that are classified right, and {type(loss).__name__} "
            "fits numbers; look at the loss of held-out rows: reveal(loss(model(x), y))"
        )
    if metric_above is not None and test is None:
        raise UsageError("fit: metric_above= says what test= opens; give test=(x, y) as well")
    rows, targets, flags = rows_and_targets(model, loss, x, y, shuffle)
    if test is not None and isinstance(loss, BCEWithLogitsLoss) and prod(targets.shape[1:]) > 1:
        raise UsageError(f"{here()}fit: test= counts rows of one class; {MANY}")
    trainer = Trainer(model, loss, optimizer, ranges or Ranges(), flags=flags)
    batches = Batches(rows.shape[0], batch_size, shuffle=shuffle)
    loop = _Loop(cell, trainer, len(batches) * epochs, epochs, report)
    held_out = None if test is None else (shared(test[0]), shared(test[1]))
    for _ in range(epochs):
        model.train()
        for batch in batches.epoch():
            loop.step(rows[batch], targets[batch])
            if isinstance(checkpoint, int) and loop.history.steps % checkpoint == 0:
                loop.commit()
        if schedule is not None:
            schedule.step()
        loop.end_epoch(held_out, metric_above)
    return loop.history


def _in_order(loss: Any, optimizer: Any, x: Any, y: Any) -> None:
    """Refuse what stands in another's place."""
    is_loss = callable(loss) and not isinstance(loss, type | OwnerPath | Optimizer)
    if not is_loss or not isinstance(optimizer, Optimizer) or x is None or y is None:
        raise UsageError(
            f"{here()}fit: the loss comes second and the optimiser third, then the data: "
            "nn.fit(model, nn.CrossEntropyLoss(), nn.Adam(model.parameters(), lr=0.01), x, y, "
            "epochs=2)"
        )


class _Loop:
    """Where a training is: what it has planned, run and committed."""

    def __init__(self, cell: Any, trainer: Trainer, of: int, epochs: int, report: int | None):
        self.cell, self.trainer, self.of, self.epochs, self.every = (
            cell,
            trainer,
            of,
            epochs,
            report,
        )
        self.history = History()
        self._run = self._committed = self._start = 0
        self._began = self._since = time.monotonic()
        self._tell()

    def step(self, x: Any, y: Any) -> None:
        self.trainer.step(x, y, report=self.every is not None)
        self.history.steps += 1
        if self.every and self.history.steps % self.every == 0:
            mean = self.trainer.mean_loss()
            self._flush()
            if not self.cell.dry:
                self.history.losses.append((self.history.steps, float(mean.value())))
                self._tell()
        elif self.history.steps - self._run >= PART:
            self._flush()

    def end_epoch(self, held_out: Any, above: float | None) -> None:
        """Count what is classified right, and commit."""
        self.history.epochs += 1
        if held_out is not None:
            self.trainer.load()
            right, n = evaluate(self.trainer.model, *held_out), held_out[0].shape[0]
            opened = reveal(right if above is None else right > floor(above * n))
            self._flush()
            if not self.cell.dry and above is None:
                self.history.accuracies.append(int(opened.value()) / n)
            elif not self.cell.dry:
                self.history.reached.append(bool(opened.value()))
        self.commit()

    def commit(self) -> None:
        """A checkpoint: from here on nothing that happens takes these weights away."""
        self.trainer.load()
        steps, history = self.history.steps, self.history
        self._tell()
        epoch = (
            f" (epoch {history.epochs})" if steps == history.epochs * self.of // self.epochs else ""
        )
        try:
            self.cell.checkpoint(f"the weights of step {steps}{epoch} are kept")
        except RangeLeft:
            raise RangeLeft(
                "the weights of a layer, or what flows through it, left the declared range in "
                f"the last {steps - self._committed} steps{self._others()}; {self.cell.kept}. "
                f"Which one nobody learns; checked are the norms of {self.trainer.checks()}. Take "
                "a smaller rate, or layers with a larger limit="
            ) from None
        self._committed = self._run = steps
        history.seconds = time.monotonic() - self._began
        self._tell()

    def _others(self) -> str:
        """What else the cell has promised, for an error."""
        others = [says for says in self.cell.promises if says != OF_STATE]
        return "".join(f", or it does not hold that {says}" for says in others)

    def _flush(self) -> None:
        self._tell()
        self.cell.flush()
        self._run = self.history.steps
        if not self._start:  # what was recorded for the first time does not count for the pace
            self._start, self._since = self._run, time.monotonic()

    def _tell(self) -> None:
        history = self.history
        epoch = min(history.steps * self.epochs // max(self.of, 1) + 1, self.epochs)
        parts = [f"epoch {epoch} of {self.epochs}"]
        parts += [f"loss {history.losses[-1][1]:.3f}"] if history.losses else []
        parts += [f"accuracy {history.accuracies[-1]:.2%}"] if history.accuracies else []
        text, start = ", ".join(parts), self._start
        self.cell.report(
            Report(
                self._run, self.of, history.steps, text, history.points, "loss", start, self._since
            )
        )
