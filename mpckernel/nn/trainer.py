"""A step of a training, recorded once: forward, backward, new weights, and checks of them."""

from math import inf
from typing import Any

import numpy as np

from mpckernel.array.recorded import Recorded
from mpckernel.array.reveal import reveal
from mpckernel.nn import norms, ranges
from mpckernel.nn.module import Module
from mpckernel.nn.optim.optimizer import Optimizer
from mpckernel.nn.ranges import Ranges
from mpckernel.nn.state import learned, load_state, state_of, swapped
from mpckernel.nn.tensor import Tensor


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
