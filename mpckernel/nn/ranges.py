"""The range contract of a training: which norms are declared, and that they hold at its start.

Each weight has a declared Euclidean norm R (`limit=` of its layer; by default 4 times the norm of
its initial values, at least 16). What follows from it is public and free: |x W| <= |x| R
(norms.py). Each step compares the sum of squares of its new weights with R^2 (limits.py); the
conjunction of all these comparisons is one secret bit, which a commit opens: false is RangeLeft.

Sound: let t be the first check that fails. Everything before it kept the contract, so what t
adds up is below the norm that a step can reach from R, and its square fits the ring: the
comparison is right, and the bit is false from then on, whatever comes after. What wraps around
harms values, not privacy: messages are uniform whatever they mask. Decision 0024 has the figures.
Source: Cauchy and Schwarz; the contract is ours.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from mpckernel.array.functions.fused import declared
from mpckernel.array.functions.ranges import within
from mpckernel.array.operators import here
from mpckernel.errors import OutOfRange, UsageError
from mpckernel.nn import limits, norms
from mpckernel.nn.flows import ACTIVATION, ERROR, declaring
from mpckernel.nn.linear import limit_for
from mpckernel.nn.module import Module
from mpckernel.nn.optim.optimizer import Optimizer
from mpckernel.nn.state import learned

LOOKING = ("Conv2d", "BatchNorm1d", "BatchNorm2d", "LayerNorm")  # at rows; see flows.py
TOLD = 8  # weights that a message names
GROWING = {"velocity"}  # what is remembered and not an average of what has a bound


@dataclass(frozen=True, slots=True)
class Ranges:
    """Declared norms of a training, where layers do not say it themselves.

    weights: of every weight; None: what its layer declares. memory: of each array that an
    optimiser remembers (a velocity), 1024. activations, errors: of those of one row, where filters
    and normalising layers look at them, since nothing else bounds them; 512 and 16. Raises
    UsageError for what is not positive.
    """

    weights: float | None = None
    memory: float = 1024.0
    activations: float = ACTIVATION
    errors: float = ERROR

    def __post_init__(self) -> None:
        declared = (self.weights, self.memory, self.activations, self.errors)
        if not all(x is None or 0 < x < inf for x in declared):
            raise UsageError("Ranges: norms are positive numbers")

    def flowing(self) -> AbstractContextManager[None]:
        """Inside, rows are held to these norms."""
        return declaring(self.activations, self.errors)

    def declare(self, model: Module) -> None:
        """Give every learned parameter its norm; predictions hold rows to the same ones."""
        model._ranges = self
        for p in learned(model):
            if self.weights is not None:
                p.norm = float(self.weights)
            elif p.norm is None:
                public = isinstance(p._raw, np.ndarray)
                p.norm = limit_for(p._raw) if public else norms.whole(p.data)

    def told(self, model: Module, optimizer: Optimizer) -> str:
        """Which norms a training checks: "0.weight (16), 0.bias (16)"; public, all of it."""
        named = [(name, p.norm) for name, p in model.named_parameters() if p.requires_grad]
        parts = [f"{name} ({norm:g})" for name, norm in named[:TOLD] if norm is not None]
        parts += [f"{len(named) - TOLD} more weights"] if len(named) > TOLD else []
        growing = sorted(GROWING & optimizer.remembered.keys())
        parts += [f"{name} ({self.memory:g})" for name in growing]
        parts += [f"gradients ({norm:g})" for norm in sorted({*optimizer.held.values()})]
        if any(_may_look(module) for module in model.modules()):
            rows = f"activations ({self.activations:g}) and errors ({self.errors:g}) of a row"
            parts.append(rows)
        return ", ".join(parts)

    def remembered(self, state: dict[str, Any], *, checked: bool) -> dict[str, Any]:
        """What an optimiser remembers, with its norm: declared, and checked where it is new."""
        kept = {
            k: [self._kept(v, checked) for v in vs] if k in GROWING else vs
            for k, vs in state["optimizer"].items()
        }
        return {**state, "optimizer": kept}

    def _kept(self, x: Any, checked: bool) -> Any:
        before = norms.whole(x)
        if checked and before > self.memory:
            says = f"what an optimiser remembers stays below a norm of {self.memory:g}"
            return limits.kept_coarsely(x, self.memory, before, says)
        return norms.knows(declared(x, self.memory), whole=self.memory)


def _may_look(module: Module) -> bool:
    """Whether this layer, or one with a forward of its own, may hold rows to norms."""
    kind = type(module)
    return kind.__name__ in LOOKING or not kind.__module__.startswith("mpckernel.nn.")


def assure(model: Module) -> None:
    """Every parameter of the model keeps its declared norm: because its public values do, because
    it was checked before, or by a check that the cell's next commit looks at."""
    for name, p in model.named_parameters():
        known = norms.whole(p.data)
        if p.norm is None or known <= p.norm:
            continue
        try:
            says = f"the norm of {name} {p.shape} stays below its limit {p.norm:g}"
            p.put(within(p.data, norm=p.norm, before=known, says=says)[0])
        except OutOfRange:
            raise OutOfRange(
                f"{here()}the norm of {name} may be {known:.4g}, too much to be compared with its "
                f"declared limit {p.norm:.4g}: share it with a smaller bound="
            ) from None
        norms.knows(p.data, whole=p.norm)
