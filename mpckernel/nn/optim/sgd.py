"""SGD with momentum, weight decay and Nesterov's step, as torch.optim.SGD.

A step of a weight is one operation with one cut: product, mean over the batch, rate, decay and the
subtraction. Momentum needs a second cut, or none where the rate is a power of two 2^-k and the
weight has k bits more than the momentum.
Source: Sutskever et al. 2013 for momentum, as PyTorch has it.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import inf, sqrt
from typing import Any

from mpckernel.array.dtypes import sfix16
from mpckernel.array.operators import here
from mpckernel.errors import Unsupported, UsageError
from mpckernel.nn import norms
from mpckernel.nn.limits import limited
from mpckernel.nn.optim.optimizer import Optimizer, length, tallest
from mpckernel.nn.parameter import Parameter
from mpckernel.nn.pending import BITS, combined, exactly, less, rounded
from mpckernel.nn.tape import Scaled

_ROUNDED = 1 + 2.0**-8  # by how much rounding a public factor to 8 bits makes it larger, at most


class SGD(Optimizer):
    """Stochastic gradient descent: w - lr g, or with momentum v = momentum v + g, w - lr v.

    params: model.parameters(), or dicts with "params" and their own options. g: the gradient plus
    weight_decay w. nesterov: w - lr (g + momentum v). dampening: 0, in PyTorch's place.
    Rate, momentum and decay are public and rounded to 8 significant bits (2^-8 relative; repr shows
    them); lr weight_decay also to whole 2^-28.
    Error: a step of the weight's type, two with momentum. Leaks nothing.
    Raises UsageError for a negative rate, momentum or decay, and for options that it does not have.
    """

    names = ("velocity",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
        )

    def check(self, group: dict[str, Any]) -> None:
        if not all(0 <= group[name] < inf for name in ("lr", "momentum", "weight_decay")):
            raise UsageError(f"{here()}SGD: lr, momentum and weight_decay are 0 or more")
        if group["dampening"]:
            raise Unsupported(
                f"{here()}SGD has no dampening: v = momentum v + g, whole; leave it out, or take a "
                "smaller lr"
            )
        if group["nesterov"] and not group["momentum"]:
            raise UsageError(f"{here()}SGD: nesterov=True needs a momentum")

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
    kept = less(w, rate * Fraction(decay)) if decay else w
    times = -rate * g.times
    length_of_step = abs(float(times)) * _ROUNDED * length(g.data)
    reach = norms.whole(w) + length_of_step + sqrt(w.size) * 2.0 ** (1 - p.dtype.f)
    plain = norms.largest(w) + abs(float(times)) * _ROUNDED * tallest(g.data)
    new = combined(g.data, p.dtype, times, kept, most=reach if reach < plain else None)
    return limited(p, new, reach)
