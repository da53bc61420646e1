"""Optimisers: SGD with momentum, weight decay and Nesterov's step, as torch.optim.SGD.

A step of a weight is one operation with one cut: product, mean over the batch, rate, decay and the
subtraction. Momentum needs a second cut, or none where the rate is a power of two 2^-k and the
weight has k bits more than the momentum.
Source: Sutskever et al. 2013 for momentum, as PyTorch has it.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sfix16
from mpckernel.array.publics import secret
from mpckernel.errors import UsageError
from mpckernel.nn import norms
from mpckernel.nn.limits import limited
from mpckernel.nn.linear import limit_for
from mpckernel.nn.pending import BITS, Pending, combined, exactly, rounded
from mpckernel.nn.tape import Scaled
from mpckernel.nn.tensor import Parameter
from mpckernel.runtime.cell import _current

_ROUNDED = 1 + 2.0**-8  # by how much rounding a public factor to 8 bits makes it larger, at most


class Optimizer:
    """What optimisers share: groups of parameters, and what is remembered for each of them.

    A parameter with public initial values and no declared norm gets that of a layer.

    remembered: name -> a secret array for each parameter; part of `nn.state_of`.
    """

    names: tuple[str, ...] = ()

    def __init__(self, params: Iterable[Any], **defaults: Any) -> None:
        given = list(params)
        if not given:
            raise UsageError("an optimiser takes at least one parameter: model.parameters()")
        groups = given if isinstance(given[0], dict) else [{"params": given}]
        self.param_groups = [{**defaults, **g, "params": list(g["params"])} for g in groups]
        if not all(isinstance(p, Parameter) for p in self.parameters):
            raise UsageError("an optimiser takes parameters: model.parameters()")
        for p in self.parameters:
            if p.norm is None and isinstance(p._raw, np.ndarray):
                p.norm = limit_for(p._raw)
        self.remembered: dict[str, list[Any]] = {}

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

    def zero_grad(self) -> None:
        for p in self.parameters:
            p.zero_grad()

    # What is remembered.

    def state(self) -> dict[str, list[Any]]:
        """As secret arrays; zeros before the first step."""
        return {name: list(self._slot(name)) for name in self._wanted()}

    def load_state(self, state: dict[str, list[Any]]) -> None:
        """Take over what `state` gave. A cell that does not commit puts the old back."""
        old, undo = self.remembered, getattr(_current.get(), "undo", None)
        if undo is not None:
            undo(lambda: setattr(self, "remembered", old))
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


class SGD(Optimizer):
    """Stochastic gradient descent: w - lr g, or with momentum v = momentum v + g, w - lr v.

    params: model.parameters(), or dicts with "params" and their own options. g: the gradient plus
    weight_decay w. nesterov: w - lr (g + momentum v). Rate, momentum and decay are public and
    rounded to 8 significant bits (2^-8 relative; repr shows them).
    Error: a step of the weight's type, two with momentum. Leaks nothing.
    Raises UsageError for a negative rate, momentum or decay.
    """

    names = ("velocity",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        if min(lr, momentum, weight_decay) < 0:
            raise UsageError("SGD: lr, momentum and weight_decay are 0 or more")
        if nesterov and not momentum:
            raise UsageError("SGD: nesterov=True needs a momentum")
        super().__init__(
            params, lr=lr, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov
        )

    def step(self) -> None:
        """Change every parameter that has a gradient."""
        news: list[Any] = list(self._slot("velocity")) if self._wanted() else []
        place = 0
        for group in self.param_groups:
            for p in group["params"]:
                g = p.gradient
                if g is not None and not group["momentum"]:
                    p.data = stepped(p, g, group["lr"], group["weight_decay"])
                elif g is not None:
                    news[place] = self._with_momentum(p, g, news[place], group)
                place += 1
        if news:
            self.load_state({"velocity": news})

    def _with_momentum(self, p: Parameter, g: Scaled, v: Any, group: dict[str, Any]) -> Any:
        mu, decay, lr = group["momentum"], group["weight_decay"], group["lr"]
        new = _added(g, v, mu, p.data, decay)
        if not group["nesterov"]:
            p.data = stepped(p, Scaled(new), lr)
            return new
        p.data = stepped(p, Scaled(_added(g, new, mu, p.data, decay)), lr)
        return new

    def _wanted(self) -> tuple[str, ...]:
        return self.names if any(g["momentum"] for g in self.param_groups) else ()

    def __repr__(self) -> str:
        names = ("lr", "momentum", "weight_decay")
        shown = [
            ", ".join(f"{n}={float(rounded(g[n])):.6g}" for n in names if n == "lr" or g[n])
            for g in self.param_groups
        ]
        return f"SGD({'; '.join(shown)}; rounded to {BITS} bits)"


def _added(g: Scaled, v: Any, mu: float, w: Any, decay: float) -> Any:
    """mu v + g + decay w, with one cut."""
    before = exactly(v, mu)
    reach = mu * norms.whole(v) + abs(float(g.times)) * length(g.data)
    if decay:
        before, reach = before + exactly(w, decay), reach + decay * norms.whole(w)
    reach = reach * _ROUNDED + sqrt(w.size) * 2.0 ** (1 - sfix16.f)
    plain = norms.largest(before) + abs(float(g.times)) * tallest(g.data)
    most = reach if reach < plain else None
    return norms.knows(combined(g.data, sfix16, g.times, before, most), whole=reach)


def stepped(p: Parameter, g: Scaled, lr: float, decay: float = 0.0) -> Any:
    """p - lr (g + decay p) as the type of p, with one cut, within its declared norm."""
    w, rate = p.data, Fraction(lr)
    kept = exactly(w, 1 - rate * Fraction(decay)) if decay else w
    times = -rate * g.times
    length_of_step = abs(float(times)) * _ROUNDED * length(g.data)
    reach = norms.whole(w) + length_of_step + sqrt(w.size) * 2.0 ** (1 - p.dtype.f)
    plain = norms.largest(w) + abs(float(times)) * _ROUNDED * tallest(g.data)
    new = combined(g.data, p.dtype, times, kept, most=reach if reach < plain else None)
    return limited(p, new, reach)


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
