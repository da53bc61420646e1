"""Adam, AdamW and AMSGrad, as in torch.optim.

    m += (1 - b1) (g - m)      v += (1 - b2) (g^2 - v)      w -= lr c m / sqrt(v + e)

with c = sqrt(1 - b2^t) / (1 - b1^t). Adam does not depend on the size of gradients, so g is the
gradient times a power of two, about the sum over the batch, whose squares keep their bits. b1^t and
b2^t are words of the state, or every step would have to be recorded anew.
Source: Kingma, Ba 2015; Reddi et al. 2018 for AMSGrad; Loshchilov, Hutter 2019 for AdamW.
Departs from it in: eps is added to v, squared, and is 2^-13.5 of the unit of g at least; v has
27 to 33 bits, cut down; 1 - b1 and 1 - b2 are rounded to 8 bits, and c is that of the rounded ones.
"""

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, inf, log2, sqrt
from typing import Any

import numpy as np

from mpckernel.array.operators import here
from mpckernel.array.publics import secret
from mpckernel.errors import UsageError
from mpckernel.nn import norms
from mpckernel.nn.derivatives.standardising import times_to
from mpckernel.nn.limits import CURE, kept_coarsely, limited
from mpckernel.nn.optim.moments import LARGEST, MEAN, POWER, Rates, moved
from mpckernel.nn.optim.optimizer import Optimizer, length, tallest
from mpckernel.nn.parameter import Parameter
from mpckernel.nn.pending import combined, exactly
from mpckernel.nn.tape import Scaled

COARSER = 4  # bits that a unit has less than the sum over a batch, where bounds ask for it


class Adam(Optimizer):
    """w - lr m / sqrt(v), for running means m of the gradient and v of its square.

    params: model.parameters(), or dicts with "params" and their own options. lr, betas, eps: as in
    PyTorch; public. g: the gradient plus weight_decay w, of which weight_decay is rounded to 8
    bits. amsgrad: v is the largest one so far. One inverse root an element and step:
    5.0 kbit, 5.6 with amsgrad, where SGD sends 240 bits. Error of a step: 2^-9 of it, and a step of
    the weight's type, for gradients whose sum over the batch is 2^-7 or more. Smaller ones meet an
    eps of 2^-13.5 and the bits of v: of 2^-10 the first step is a tenth shorter; of 2^-12 it is
    half as long, and later ones up to 3 times longer. Bounds that ask for coarser words shift
    these numbers by up to 2^4. Steps are counted by group, those with a gradient: a weight that is
    learned later than others has a group of its own, or its first steps are up to 3 times too long.
    Weights of layers are taken to be anywhere within their limit, which every step checks; a
    gradient that could be far larger than ordinary ones, by what is known of data and weights, is
    held to a norm (2^11 for the mean over 64 rows), which costs a cut and a check more.
    Leaks nothing. Raises UsageError for options out of range.
    """

    names = ("exp_avg", "exp_avg_sq", "powers")
    decay_apart = False  # of weights by themselves, not of gradients

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)
        self.amsgrad = amsgrad
        self._units: dict[int, int] = {}
        for p in self.parameters:
            p.to_limit = True  # the first gradient is bounded like all others, and so is the unit

    def check(self, group: dict[str, Any]) -> None:
        b1, b2 = group["betas"]
        if not all(0 <= group[name] < inf for name in ("lr", "eps", "weight_decay")):
            raise UsageError(f"{here()}Adam: lr, eps and weight_decay are 0 or more")
        if not 0 <= b1 < 1 or not 0 <= b2 < 1:
            raise UsageError(f"{here()}Adam: betas are from 0 to below 1")
        if b1 * b1 >= b2:
            raise UsageError(f"{here()}Adam: the square of the first of betas is below the second")

    def step(self) -> None:
        """Change every parameter that has a gradient."""
        old = self.state()
        new: dict[str, list[Any]] = {name: list(values) for name, values in old.items()}
        place = 0
        for k, group in enumerate(self.param_groups):
            if all(p.gradient is None for p in group["params"]):
                place += len(group["params"])
                continue
            rates = Rates(group, apart=self.decay_apart)
            new["powers"][k] = rates.powers(old["powers"][k])
            rates.go_on(new["powers"][k])
            for p in group["params"]:
                if p.gradient is not None:
                    self._change(p, p.gradient, rates, new, place)
                place += 1
        self.load_state(new)

    def _change(self, p: Parameter, g: Scaled, rates: "Rates", new: Any, place: int) -> None:
        decay = rates.beside(p)
        unit, sign = self._unit(g, place, decay), -1 if g.times < 0 else 1
        times = abs(g.times) * Fraction(2) ** unit
        most = _most(g, float(times)) + decay * 2.0**unit
        part = sign * rates.with_gradient * Fraction(2) ** unit
        plus = exactly(p.data, part) if part else None
        gradient = combined(g.data, MEAN, times, plus, most)
        if most > 2.0**LARGEST:
            self.held[place] = 2.0 ** (LARGEST - unit)
            says = f"the gradient of a weight {p.shape} stays below a norm of {self.held[place]:g}"
            reach = _long(g, float(times), p.size) + decay * 2.0**unit
            gradient = kept_coarsely(gradient, 2.0**LARGEST, reach, f"{says} ({CURE})")
            most = 2.0**LARGEST
        m = moved(new["exp_avg"][place].astype(MEAN), gradient, rates.first, MEAN)
        t = rates.square
        square = times_to(gradient, gradient, t, most * most)
        v = moved(new["exp_avg_sq"][place].astype(t), square, rates.second, t)
        new["exp_avg"][place], new["exp_avg_sq"][place] = m, v
        if self.amsgrad:
            v = np.maximum(new["max_exp_avg_sq"][place].astype(t), v)
            new["max_exp_avg_sq"][place] = v
        u, far = rates.direction(m, v, unit)
        step = times_to(u, rates.size, p.dtype, far * rates.largest)
        w = p.data
        steps = 2 if rates.alone else 1  # of the weight's type that a change is off by
        reach = norms.whole(w) + far * rates.largest * sqrt(w.size)
        reach += steps * 2.0**-p.dtype.f * w.size
        p.data = limited(p, (rates.kept(w) - sign * step).astype(p.dtype), reach)

    def _unit(self, g: Scaled, place: int, decay: float) -> int:
        """k, where the gradient times 2^k is averaged; the same in every step."""
        if place not in self._units:
            sums = round(-log2(abs(g.times))) if g.times else 0
            most = _most(g, abs(float(g.times))) + decay
            known = LARGEST - 1 - ceil(log2(most))
            self._units[place] = min(sums, max(known, sums - COARSER))
        return self._units[place]

    def _wanted(self) -> tuple[str, ...]:
        return (*self.names, "max_exp_avg_sq") if self.amsgrad else self.names

    def _slot(self, name: str) -> list[Any]:
        if name in self.remembered:
            return self.remembered[name]
        if name == "powers":
            return [secret(np.ones(2), POWER) for _ in self.param_groups]
        return [
            secret(np.zeros(p.shape), MEAN if name == "exp_avg" else t)
            for group in self.param_groups
            for t in [Rates(group, apart=self.decay_apart).square]
            for p in group["params"]
        ]

    def __repr__(self) -> str:
        shown = "; ".join(
            f"lr={g['lr']:.6g}, betas={tuple(g['betas'])}, eps={g['eps']:g}, "
            f"weight_decay={g['weight_decay']:g}"
            for g in self.param_groups
        )
        return f"{type(self).__name__}({shown}, amsgrad={self.amsgrad})"


class AdamW(Adam):
    """Adam whose weight decay is no part of the gradient: w - lr weight_decay w, then Adam's step.

    As in PyTorch, and all else as Adam has it. lr weight_decay is rounded to 8 significant bits
    and to whole 2^-28. Error of a step: Adam's and one more step of the weight's type; two rounds
    and 0.2 kbit an element more.
    """

    decay_apart = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)


def _most(g: Scaled, times: float) -> float:
    """No element of the gradient times a factor is larger, rounding included."""
    return min(length(g.data), tallest(g.data)) * times * (1 + 2.0**-7) + 2.0**-10


def _long(g: Scaled, times: float, n: int) -> float:
    """The norm of all n elements of it is not larger, rounding included."""
    return min(length(g.data), tallest(g.data) * sqrt(n)) * times * (1 + 2.0**-7) + sqrt(n) * 2**-10
