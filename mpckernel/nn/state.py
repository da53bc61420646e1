"""The state of a training step: what goes into a recorded function, and comes out.

`state_of` and `swapped` put a model's values into a recorded step and take them out again.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

from mpckernel.array.functions.fused import declared
from mpckernel.array.secret import SecretArray
from mpckernel.nn import limits, norms
from mpckernel.nn.module import Module
from mpckernel.nn.parameter import Parameter
from mpckernel.nn.running import fine

OF_STATE = f"the weights that steps made keep the limit= of their layers ({limits.CURE})"


def state_of(model: Module, optimizer: Any = None) -> dict[str, Any]:
    """All values that a step changes or reads, as secret arrays in lists and dicts.

    {"weights": [...], "buffers": [...], "optimizer": {name: [...]}, "held": bit}: parameters that
    require a gradient or are secret, in the order of model.parameters(); what the optimiser
    remembers; whether declared norms have held.
    """
    weights = [_declared(p) for p in _carried(model)]
    buffers = [x if isinstance(x, SecretArray) else fine(x) for x in model.buffers()]
    kept = {} if optimizer is None else optimizer.state()
    return {"weights": weights, "buffers": buffers, "optimizer": kept, "held": limits.held()}


def _declared(p: Parameter) -> Any:
    """Its values under the bound that steps give them, so that all steps have one form."""
    if p.norm is None:
        return p.data
    values = limits.limited(p, p.data, norms.whole(p.data))
    return norms.like(declared(values, p.norm), values)


def learned(model: Module) -> list[Parameter]:
    """The parameters that steps change."""
    return [p for p in model.parameters() if p.requires_grad]


def _carried(model: Module) -> list[Parameter]:
    """The parameters that a recorded step takes from its state: also secrets that stay the same,
    since it sees no others."""
    return [p for p in model.parameters() if p.requires_grad or isinstance(p._raw, SecretArray)]


def load_state(model: Module, optimizer: Any, state: dict[str, Any]) -> None:
    """Take over what `state_of` gave, for good: the cell commits only if its bit `held` is 1."""
    if "held" in state:
        limits.answer_for(state["held"], OF_STATE)
    for p, value in zip(_carried(model), state["weights"], strict=True):
        if not p.requires_grad:
            continue
        p.data = value
        if "held" in state:
            norms.knows(p.data, whole=inf if p.norm is None else p.norm)
    _load_buffers(model, state["buffers"])
    if optimizer is not None:
        optimizer.load_state(state["optimizer"])


@contextmanager
def swapped(model: Module, optimizer: Any, state: dict[str, Any]) -> Iterator[None]:
    """Inside, the model and the optimiser have the values of `state`; afterwards their own again.

    For recorded steps: what a recording computes must leave it as a result, `state_of(...)`.
    """
    parameters, before = _carried(model), list(model.buffers())
    own = [p.put(x) for p, x in zip(parameters, state["weights"], strict=True)]
    gradients = [p.gradient for p in parameters]
    kept = None if optimizer is None else optimizer.put(state["optimizer"])
    try:
        for p in parameters:
            norms.knows(p.data, whole=inf if p.norm is None else p.norm)
        _load_buffers(model, state["buffers"])
        with limits.watching(state["held"]):
            yield
    finally:
        for p, value, gradient in zip(parameters, own, gradients, strict=True):
            p.put(value)
            p._gradient = gradient
        _load_buffers(model, before)
        if optimizer is not None:
            optimizer.put(kept)


def _load_buffers(model: Module, values: Iterable[Any]) -> None:
    names = [name for name, _ in model.named_buffers()]
    model._set_buffers(dict(zip(names, values, strict=True)))
