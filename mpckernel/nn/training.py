"""The loop: fit, evaluate, predict. A step is recorded once and repeated; epochs are commits.

    history = nn.fit(model, nn.CrossEntropyLoss(), optimizer, x, y, epochs=5, report=100)

Between checkpoints a training can be stopped: the model then has the weights of the last one.
Source: PyTorch's training loop, as its tutorials write it.
"""

import time
from math import floor, inf, prod
from typing import Any

import numpy as np

from mpckernel.array.functions.order import shuffle as shuffled
from mpckernel.array.operators import here, plain_parts
from mpckernel.array.owners import OwnerPath
from mpckernel.array.publics import operand, secret
from mpckernel.array.recorded import Recorded
from mpckernel.array.reveal import reveal
from mpckernel.errors import RangeLeft, UsageError
from mpckernel.nn import norms, ranges
from mpckernel.nn.batches import Batches
from mpckernel.nn.history import History
from mpckernel.nn.limits import answer_for, held
from mpckernel.nn.losses import (
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
)
from mpckernel.nn.modes import no_grad
from mpckernel.nn.module import Module
from mpckernel.nn.optim.optimizer import Optimizer
from mpckernel.nn.ranges import Ranges
from mpckernel.nn.state import OF_STATE, learned, load_state, state_of, swapped
from mpckernel.nn.targets import as_flags, flags_of, shares_of_one
from mpckernel.nn.tensor import Tensor
from mpckernel.runtime.cell import current
from mpckernel.runtime.reports import Report

PART = 50  # steps that are planned together: the next ones are recorded while nothing is lost
ROWS = 500  # predicted together
_MANY = "of rows with several flags, np.mean((nn.predict(model, x) > 0) == y) is the right part"
FLIGHT = 2  # such parts on their way at a time, so that memory does not grow with the rows


class Trainer:
    """A model, its loss and its optimiser, with the step that they make."""

    def __init__(
        self, model: Module, loss: Module, optimizer: Optimizer, limits: Ranges, *, flags: bool
    ) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.limits, self._flags = limits, flags
        limits.declare(model)
        ranges.assure(model)
        self.losses: list[Any] = []
        self._recorded = Recorded(self._record)
        self._state = limits.remembered(state_of(model, optimizer), checked=False)

    @property
    def held(self) -> Any:
        """Whether all declared norms held so far: one secret bit."""
        return self._state["held"]

    def step(self, x: Any, y: Any, *, report: bool) -> None:
        """One batch, with the rates that the optimiser has now."""
        found = self._recorded(self._state, x, y, self._form(), report)
        self._state = found["state"]
        if report:
            self.losses.append(found["loss"])

    def load(self) -> None:
        """The model and the optimiser take over what was trained; the cell's next commit looks at
        the bit."""
        load_state(self.model, self.optimizer, self._state)
        for p in learned(self.model):
            norms.knows(p.data, whole=p.norm or inf)

    def checks(self) -> str:
        """What must keep which norm, in words."""
        return self.limits.told(self.model, self.optimizer)

    def mean_loss(self) -> Any:
        """Open the mean loss of the steps since the last time."""
        losses, self.losses = self.losses, []
        return reveal(np.sum(np.stack(losses)) / len(losses))

    def _form(self) -> tuple[Any, ...]:
        """What a recording depends on beside its operands; all of it public."""
        groups = [
            tuple(sorted((k, str(v)) for k, v in g.items() if k != "params"))
            for g in self.optimizer.param_groups
        ]
        modes = [m.training for m in self.model.modules()]
        learns = [p.requires_grad for p in self.model.parameters()]
        return (repr(self.model), tuple(groups), tuple(modes), tuple(learns))

    def _record(self, state: Any, x: Any, y: Any, _: Any, report: Any) -> dict[str, Any]:
        """A step as in PyTorch, and the checks of what it makes."""
        state = self.limits.remembered(state, checked=False)
        if self._flags:
            norms.knows(y, row=1.0)
        with swapped(self.model, self.optimizer, state), self.limits.flowing():
            self.optimizer.zero_grad()
            loss = self.loss(self.model(Tensor(x)), y)
            loss.backward()
            self.optimizer.step()
            self.optimizer.put(
                self.limits.remembered({"optimizer": self.optimizer.state()}, checked=True)[
                    "optimizer"
                ]
            )
            after = state_of(self.model, self.optimizer)
            return {"state": after, **({"loss": loss.data} if report else {})}


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
    rows, targets, flags = _data(model, loss, x, y, shuffle)
    if test is not None and isinstance(loss, BCEWithLogitsLoss) and prod(targets.shape[1:]) > 1:
        raise UsageError(f"{here()}fit: test= counts rows of one class; {_MANY}")
    trainer = Trainer(model, loss, optimizer, ranges or Ranges(), flags=flags)
    batches = Batches(rows.shape[0], batch_size, shuffle=shuffle)
    loop = _Loop(cell, trainer, len(batches) * epochs, epochs, report)
    held_out = None if test is None else (_shared(test[0]), _shared(test[1]))
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


def evaluate(model: Module, x: Any, y: Any) -> Any:
    """How many rows of x the model classifies as y says, as a secret number.

    y: whole numbers (n,), or flags (n, k), one 1 in a row, of a model with k outputs a row; of one
    with a single output, as BCEWithLogitsLoss takes it, 0 and 1: an output above 0 says 1. Leaks
    nothing; reveal it to know. Secret flags promise to be flags, and targets of one output to lie
    between 0 and 1. Raises UsageError if the shapes of outputs and targets do not fit, and for
    flags that are real numbers.
    """
    targets, found = _shared(y), predict(model, x)
    n, one = found.shape[0], found.shape[1:] in ((), (1,))
    fit_together = [(n,), (n, 1)] if one else [(n,), found.shape]
    if found.ndim > 2 or targets.shape not in fit_together:
        raise UsageError(
            f"{here()}evaluate: outputs of shape {found.shape} and targets of shape "
            f"{targets.shape} do not fit together: classes (n,), or flags of the outputs' shape"
        )
    if one:
        wanted = shares_of_one(np.ravel(targets)) > 0.5
        return np.sum((np.ravel(found) > 0) == wanted)
    wanted = np.argmax(_one_class(targets), axis=1) if targets.ndim == 2 else targets
    return np.sum(np.argmax(found, axis=1) == wanted)


def _one_class(targets: Any) -> Any:
    """Flags with one 1 in a row, or a promise that they are."""
    if targets.dtype.kind == "f":
        raise UsageError(
            f"{here()}evaluate: targets (n, k) are flags, one 1 in a row: of shares np.argmax(y, "
            f"axis=1) is the class; {_MANY}"
        )
    return as_flags(targets, "evaluate")[0]


def predict(model: Module, x: Any) -> Any:
    """What the model gives for rows x, without gradients and with every layer in eval mode: a
    secret array. Leaks nothing. Weights that were not trained here are checked against
    their declared norms, and so are activations where those of weights say too little, which
    opens one bit when the cell commits."""
    rows = _shared(x)
    ranges.assure(model)
    modes = [(m, m.training) for m in model.modules()]

    def forward(state: Any, part: Any, _: Any) -> Any:
        declared = getattr(model, "_ranges", Ranges())
        with swapped(model, None, state), no_grad(), declared.flowing():
            found, bit = model(Tensor(part)).data, held()
            return [found] if bit is state["held"] else [found, bit]

    run, state = Recorded(forward), state_of(model)
    model.eval()
    parts = list[Any]()
    try:
        for k in range(0, rows.shape[0], ROWS):
            before = parts[-FLIGHT] if len(parts) >= FLIGHT else None  # wait until it is there
            found, *bits = run(state, rows[k : k + ROWS], before)
            parts.append(found)
            for bit in bits:
                answer_for(bit, "activations that nn.predict looks at stay below their norm")
    finally:
        for module, training in modes:
            module.training = training
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _data(
    model: Module, loss: Module, x: Any, y: Any, shuffle: str | None
) -> tuple[Any, Any, bool]:
    """Rows and targets as secrets, and whether these are flags of classes. What targets promise,
    they promise here, once for all steps."""
    rows, targets = _shared(x), _given(y)
    if not rows.ndim or not targets.ndim or rows.shape[0] != targets.shape[0]:
        raise UsageError(f"fit: {rows.shape} rows and {targets.shape} targets do not fit together")
    flags = isinstance(loss, CrossEntropyLoss | NLLLoss) and targets.ndim == 1
    if flags:
        targets = flags_of(targets, _classes(model), type(loss).__name__)
    elif isinstance(loss, BCEWithLogitsLoss):
        targets = shares_of_one(secret(targets))
    elif isinstance(loss, CrossEntropyLoss) and targets.shape[1:] != (1,):
        targets, flags = as_flags(secret(targets), "CrossEntropyLoss")
    targets = secret(targets)
    if shuffle == "secret":
        rows, targets = shuffled(rows, targets)
    return rows, targets, flags


def _classes(model: Module) -> int:
    wide = [m.out_features for m in model.modules() if hasattr(m, "out_features")]
    if not wide:
        raise UsageError("fit: targets as flags: mpckernel.one_hot(y, classes)")
    return int(wide[-1])


def _shared(x: Any) -> Any:
    """A secret array, of an owner's variable, a tensor or public numbers as well."""
    return secret(_given(x))


def _given(x: Any) -> Any:
    """The array, secret or public, of whatever stands for one."""
    return operand(plain_parts(x.data if isinstance(x, Tensor) else x))
