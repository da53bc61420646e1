"""What optimisers share: groups of parameters, what is remembered, and how long a gradient can be.

Source: torch.optim.Optimizer.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sfix16
from mpckernel.array.operators import here
from mpckernel.array.publics import secret
from mpckernel.errors import Unsupported, UsageError
from mpckernel.nn import norms
from mpckernel.nn.keywords import explain
from mpckernel.nn.linear import limit_for
from mpckernel.nn.parameter import Parameter
from mpckernel.nn.pending import Pending
from mpckernel.nn.undoing import kept_if_committed


class Optimizer:
    """An optimiser: groups of parameters, and what is remembered for each of them.

    params: parameters, each once; or dicts with "params" and their own values of some defaults.
    Raises UsageError for other keys, a parameter that is given twice, and what `check` refuses.

    A parameter with public initial values and no declared norm gets that of a layer.

    remembered: name -> a secret array for each parameter; part of `nn.state_of`.
    """

    names: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        explain(cls)

    def __init__(self, params: Iterable[Any], **defaults: Any) -> None:
        given = list(params)
        if not given:
            raise UsageError("an optimiser takes at least one parameter: model.parameters()")
        groups = given if isinstance(given[0], dict) else [{"params": given}]
        known = {"params", "initial_lr", *defaults}
        for group in groups:
            if odd := ", ".join(sorted(group.keys() - known)):
                options = ", ".join(defaults)
                raise Unsupported(f"{here()}a group of an optimiser has no {odd}; it has {options}")
        self.param_groups = [{**defaults, **g, "params": _several(g)} for g in groups]
        if not all(isinstance(p, Parameter) for p in self.parameters):
            raise UsageError("an optimiser takes parameters: model.parameters()")
        if len({id(p) for p in self.parameters}) < len(self.parameters):
            raise UsageError(f"{here()}an optimiser takes each parameter once; one is there twice")
        for group in self.param_groups:
            self.check(group)
        for p in self.parameters:
            if p.norm is None and isinstance(p._raw, np.ndarray):
                p.norm = limit_for(p._raw)
        self.remembered: dict[str, list[Any]] = {}
        self.held: dict[int, float] = {}  # norms of gradients that steps check, by parameter

    def check(self, group: dict[str, Any]) -> None:
        """UsageError if the options of a group, with the defaults, make no sense."""

    @property
    def parameters(self) -> list[Parameter]:
        """All of them, in the order of their groups."""
        return [p for group in self.param_groups for p in group["params"]]

    @property
    def lr(self) -> float:
        """The rate of the first group; setting it sets that of all."""
        return float(self.param_groups[0]["lr"])

    @lr.setter
    def lr(self, rate: float) -> None:
        for group in self.param_groups:
            group["lr"] = rate

    def zero_grad(self, set_to_none: bool = True) -> None:  # noqa: ARG002
        """Forget all gradients. set_to_none: as in PyTorch; they are None either way."""
        for p in self.parameters:
            p.zero_grad()

    # What is remembered.

    def state(self) -> dict[str, list[Any]]:
        """As secret arrays; zeros before the first step."""
        return {name: list(self._slot(name)) for name in self._wanted()}

    def load_state(self, state: dict[str, list[Any]]) -> None:
        """Take over what `state` gave. A cell that does not commit puts the old back."""
        kept_if_committed(self, "remembered")
        self.put(state)

    state_dict, load_state_dict = state, load_state

    def put(self, state: dict[str, list[Any]] | None) -> dict[str, list[Any]]:
        """Exchange it for a while (of a recording); what was before."""
        old = self.remembered
        self.remembered = {k: list(v) for k, v in (state or {}).items()}
        return old

    def _wanted(self) -> tuple[str, ...]:
        return self.names

    def _slot(self, name: str) -> list[Any]:
        if name not in self.remembered:
            return [secret(np.zeros(p.shape), sfix16) for p in self.parameters]
        return self.remembered[name]


def _several(group: dict[str, Any]) -> list[Any]:
    """The parameters of a group: several, or one by itself, as in PyTorch."""
    params = group.get("params", ())
    return [params] if isinstance(params, Parameter) else list(params)


def length(g: Any) -> float:
    """The norm of a gradient is not larger."""
    if isinstance(g, Pending):
        return sum(_spread(t) * norms.whole(t.left) * norms.whole(t.right) for t in g.terms)
    return norms.whole(g)


def tallest(g: Any) -> float:
    """No element of a gradient is larger, by the bounds of the plan."""
    if isinstance(g, Pending):
        parts = [norms.largest(t.left) * norms.largest(t.right) * t.left.shape[-1] for t in g.terms]
        return sum(_spread(t) * n for t, n in zip(g.terms, parts, strict=True))
    return norms.largest(g)


def _spread(term: Any) -> float:
    """How many numbers a placement may add up to one."""
    return 1.0 if term.spread is None else float(max(term.left.shape[0], term.right.shape[1]))
