"""PyTorch's keywords that layers, losses and optimisers on secrets do not have, and what to do
instead.

Source: the constructors of torch.nn and torch.optim.
"""

from collections.abc import Callable
from difflib import get_close_matches
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from mpckernel.array.operators import here
from mpckernel.errors import Unsupported

_ONE_WAY = "there is one way that works on secrets; leave it out"
_ONES = "rows and classes count alike; of some rows, take reduction='none' and weigh what it gives"
_PADDED = "pad with zeros before it, np.pad(x, ...); for a maximum, what ReLU gives"
_PLACE = 'values are shares, wherever the parties compute; leave it out, or model.to("cpu")'
_FILTERS = "filters look at all channels, each element beside the next; leave it out"
_ROWS = "all rows of the table are learned alike; leave it out"

INSTEAD = {
    "capturable": _ONE_WAY,
    "ceil_mode": _PADDED,
    "count_include_pad": _PADDED,
    "decoupled_weight_decay": "nn.AdamW decays weights by themselves",
    "device": _PLACE,
    "differentiable": _ONE_WAY,
    "dilation": _FILTERS,
    "divisor_override": "multiply what it gives",
    "dtype": "model.dtype = mpckernel.sfix24, or another, is the type of products",
    "foreach": _ONE_WAY,
    "fused": _ONE_WAY,
    "groups": _FILTERS,
    "ignore_index": "keep rows with mpckernel.compress(mask, x, y, reveal_count=True)",
    "label_smoothing": "give shares as targets: (1 - s) * mpckernel.one_hot(y, k) + s / k",
    "max_norm": "limit= declares the norm of the table, and steps check it",
    "maximize": "minimise -loss",
    "norm_type": _ROWS,
    "padding": _PADDED,
    "padding_idx": _ROWS,
    "padding_mode": _PADDED,
    "pos_weight": _ONES,
    "reduce": 'reduction= is "mean", "sum" or "none"',
    "return_indices": "which element is the largest stays secret; leave it out",
    "scale_grad_by_freq": _ROWS,
    "size_average": 'reduction= is "mean", "sum" or "none"',
    "sparse": _ONE_WAY,
    "track_running_stats": "they are kept, and used after model.eval(); leave it out",
    "weight": _ONES,
}
F = TypeVar("F", bound=Callable[..., Any])


def explain(cls: type) -> None:
    """Let the constructor of a class of this package say what stands for keywords of PyTorch's that
    it does not have: Unsupported, which is a TypeError as well. Classes of others stay as they are.
    """
    if cls.__module__.startswith("mpckernel.nn.") and "__init__" in vars(cls):
        setattr(cls, "__init__", _explained(vars(cls)["__init__"]))  # noqa: B010


def _explained(init: F) -> F:
    taken = [p for name, p in signature(init).parameters.items() if name != "self"]
    names = [p.name for p in taken]
    in_order = [p.name for p in taken if p.kind is p.POSITIONAL_OR_KEYWORD]
    any_number = any(p.kind is p.VAR_POSITIONAL for p in taken)
    open_ended = any(p.kind is p.VAR_KEYWORD for p in taken)

    @wraps(init)
    def call(self: Any, *args: Any, **keywords: Any) -> None:
        if len(args) > len(in_order) and not any_number:
            order = f"{', '.join(in_order)} in this order, and all else" if in_order else "all"
            raise Unsupported(f"{here()}{type(self).__name__} takes {order} by name")
        for name in [] if open_ended else keywords.keys() - {*names}:
            near = get_close_matches(name, names, 1)
            other = f"did you mean {near[0]}?" if near else f"it has {', '.join(names) or 'none'}"
            way = INSTEAD.get(name, other)
            raise Unsupported(f"{here()}{type(self).__name__} has no {name}: {way}")
        init(self, *args, **keywords)

    return call  # type: ignore[return-value]  # of the same signature
