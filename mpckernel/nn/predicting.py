"""What a model gives for rows, as secrets, and how many of them it classifies right."""

from typing import Any

import numpy as np

from mpckernel.array.operators import here
from mpckernel.array.recorded import Recorded
from mpckernel.errors import UsageError
from mpckernel.nn import ranges
from mpckernel.nn.data import shared
from mpckernel.nn.limits import answer_for, held
from mpckernel.nn.modes import no_grad
from mpckernel.nn.module import Module
from mpckernel.nn.ranges import Ranges
from mpckernel.nn.state import state_of, swapped
from mpckernel.nn.targets import as_flags, shares_of_one
from mpckernel.nn.tensor import Tensor

ROWS = 500  # predicted together
FLIGHT = 2  # such parts on their way at a time, so that memory does not grow with the rows
MANY = "of rows with several flags, np.mean((nn.predict(model, x) > 0) == y) is the right part"


def evaluate(model: Module, x: Any, y: Any) -> Any:
    """How many rows of x the model classifies as y says, as a secret number.

    y: whole numbers (n,), or flags (n, k), one 1 in a row, of a model with k outputs a row; of one
    with a single output, as BCEWithLogitsLoss takes it, 0 and 1: an output above 0 says 1. Leaks
    nothing; reveal it to know. Secret flags promise to be flags, and targets of one output to lie
    between 0 and 1. Raises UsageError if the shapes of outputs and targets do not fit, and for
    flags that are real numbers.
    """
    targets, found = shared(y), predict(model, x)
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
            f"axis=1) is the class; {MANY}"
        )
    return as_flags(targets, "evaluate")[0]


def predict(model: Module, x: Any) -> Any:
    """What the model gives for rows x, without gradients and with every layer in eval mode: a
    secret array. Leaks nothing. Weights that were not trained here are checked against
    their declared norms, and so are activations where those of weights say too little, which
    opens one bit when the cell commits."""
    rows = shared(x)
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
