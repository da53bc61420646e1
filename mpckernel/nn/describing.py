"""What an owner says of a model: its layers, their arguments, and arrays with public bounds.

Runs where the model is, and looks at attributes alone: a module of PyTorch, of mpckernel.nn, or
anything with the same attributes. What cannot be taken over is refused here, all of it at once.
Source: the attributes of torch.nn's modules.
"""

import re
from collections.abc import Iterator
from math import ceil, log2, prod, sqrt
from typing import Any

import numpy as np

from mpckernel.array.describing import Part
from mpckernel.array.dtypes import SecretType
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError
from mpckernel.nn.layers import (
    LAYERS,
    MOST,
    arguments_of,
    arrays_of,
    differences,
    fits,
    is_running,
    made,
)
from mpckernel.nn.running import finest
from mpckernel.nn.tensor import Tensor

NAME = re.compile("[A-Za-z0-9_]{1,64}")  # of a layer among others
_APART = "which would be trained apart here: write one model class, and give into=model"
COUNTS = "num_batches_tracked"  # of PyTorch's normalising layers; nothing depends on it


def to_share(
    thing: Any, text: str, t: SecretType, bound: float | None
) -> tuple[dict[str, Any], list[Part]]:
    layers, found = described(thing, text)
    parts = [part(text, name, x, t, bound) for name, x in found]
    lengths = [_exponent(sqrt(float(np.sum(np.square(x)))) + _rounding(x)) for _, x in found]
    return {"layers": layers, "norms": lengths}, parts


def part(text: str, name: str, x: np.ndarray, t: SecretType, bound: float | None) -> Part:
    """One array as it is shared, as t; what is running with all the bits there is room for."""
    most = bound_of(x, bound)
    return Part(f"{text}, {name}", x, most, dtype=finest(most) if is_running(name) else t)


def described(model: Any, text: str) -> tuple[list[dict[str, Any]], list[tuple[str, Any]]]:
    """All layers, each before those inside it, and all arrays by name."""
    refuse_unknown(model, text)
    layers, arrays = list[dict[str, Any]](), list[tuple[str, Any]]()
    for path, name, module in _walk(model):
        kind = type(module).__name__
        children, arguments = len(_inside(module)), arguments_of(module)
        what = {"name": name, "class": kind, "children": children, "arguments": arguments}
        layers.append({**what, "training": training(module), "frozen": frozen(module)})
        arrays += [(f"{path}.{k}".strip("."), values_of(x)) for k, x in arrays_of(module).items()]
    return layers, arrays


def refuse_unknown(model: Any, text: str) -> None:
    """Unsupported, with everything that stands in the way."""
    if not hasattr(model, "_modules"):
        raise Unsupported(f"{text} is no module of PyTorch or of mpckernel.nn")
    wrong, owners = [], dict[int, str]()
    for path, name, module in _walk(model):
        layer = f"layer {path}" if path else "it"
        if path and not NAME.fullmatch(name):
            wrong.append(f"{layer} has a name that is not letters, digits and _")
        elif what := _obstacle(module, top=not path):
            wrong.append(f"{layer} {what}")
        else:
            found = arrays_of(module).items()
            twice = [(k, owners[id(x)]) for k, x in found if id(x) in owners]
            wrong += [f"{layer} shares its {k} with layer {first}, {_APART}" for k, first in twice]
            owners |= {id(x): path for _, x in found}
    if wrong:
        raise Unsupported(f"{text}: {'; '.join(wrong)}. Known: {', '.join(sorted(LAYERS))}")


def _obstacle(module: Any, *, top: bool) -> str:
    """Why this one cannot be taken over; "" if it can."""
    kind = type(module).__name__
    if kind not in LAYERS:
        if top and _inside(module):
            return (
                f"is {kind}, with a forward of its own, which the others cannot see: write it as "
                "nn.Sequential, or give an equal model of mpckernel.nn, into=model"
            )
        return f"is {kind}, which has no secret version"
    if different := differences(module):
        return f"is {kind} with {' and '.join(different)}"
    arrays = arrays_of(module).values()
    if any(x is None for x in arrays):
        return f"is {kind} without some of its arrays"
    if any(prod(x.shape) > MOST for x in arrays):
        return f"is {kind} with more than 2^28 weights"
    if getattr(module, "_forward_hooks", None) or getattr(module, "_forward_pre_hooks", None):
        return f"is {kind} with hooks, which the others cannot see"
    if not fits(kind, arguments_of(module)):
        return f"is {kind} with arguments that have no equivalent here"
    try:
        made(kind, arguments_of(module))
    except UsageError as why:
        return f"is refused: {why}"
    except (TypeError, ValueError):
        return f"is {kind} with arguments that have no equivalent here"
    return ""


def _walk(model: Any, path: str = "", name: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every module before those inside it; not into layers that are not known."""
    yield path, name, model
    if type(model).__name__ == "Sequential":
        for child, module in _inside(model):
            yield from _walk(module, f"{path}.{child}".strip("."), str(child))


def _inside(module: Any) -> list[tuple[str, Any]]:
    """What is inside it by name, also what is there twice; named_children() lists that once."""
    return [(str(name), child) for name, child in module._modules.items() if child is not None]


def values_of(x: Any) -> np.ndarray:
    """The numbers of a parameter or buffer of either library."""
    if isinstance(x, Tensor):
        x = x._raw
    if isinstance(x, SecretArray):
        raise Unsupported("this model's values are secret already; use it as it is")
    for step in ("detach", "cpu", "numpy"):
        x = getattr(x, step)() if hasattr(x, step) else x
    return np.asarray(x, np.float64)


def bound_of(x: np.ndarray, bound: float | None) -> float:
    """A public one: the next power of two above the largest number."""
    if bound is not None:
        return bound
    finite = np.abs(x[np.isfinite(x)])
    return 2.0 ** _exponent(float(finite.max(initial=0.0)))


def _exponent(x: float) -> int:
    """Of the next power of two, at least 2^-16. What is not finite is refused later, by name."""
    return ceil(log2(max(x, 2.0**-16))) if np.isfinite(x) else 0


def _rounding(x: np.ndarray) -> float:
    """How much longer rounding can make a vector, at 8 fraction bits or more."""
    return sqrt(x.size) * 2.0**-9


def training(module: Any) -> bool:
    return bool(getattr(module, "training", False))


def learned(x: Any) -> bool:
    """Whether steps change this parameter."""
    return bool(getattr(x, "requires_grad", True))


def frozen(module: Any) -> list[str]:
    """Those of its own parameters that steps do not change."""
    buffers = getattr(module, "_buffers", {})
    own = arrays_of(module).items()
    return [name for name, x in own if name not in buffers and not learned(x)]


def raw_state(module: Any) -> list[tuple[str, Any]]:
    """Parameters, then buffers, as the module holds them."""
    found = [*module.named_parameters(), *module.named_buffers()]
    return [(name, x) for name, x in found if not name.endswith(COUNTS)]
