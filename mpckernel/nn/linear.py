"""Linear layers and what stands between them: Linear, Flatten, Identity."""

from math import ceil, log2, sqrt
from typing import Any

import numpy as np

from mpckernel.nn import functional, initial
from mpckernel.nn.module import Module
from mpckernel.nn.parameter import Parameter

ROOM, LEAST = 4, 16  # of a declared norm: so many times the initial one, at least so much


def limit_for(values: Any, limit: float | None = None) -> float:
    """The declared norm of a weight: `limit`, or the next power of two above 4 times what the
    initial values have, at least 16."""
    if limit is not None:
        return float(limit)
    norm = sqrt(float(np.sum(np.square(values))))
    return float(max(LEAST, 2 ** ceil(log2(ROOM * norm)) if norm else 0))


class Linear(Module):
    """x @ weight.T + bias of rows x: (..., in_features) to (..., out_features), with one cut.

    weight: (out_features, in_features), bias: (out_features,), uniform in +-1/sqrt(in_features),
    kept as sfix16. limit: declared norm of the weights (the root of the sum of their squares);
    by default 4 times the initial one, rounded up to a power of two. Error: a step of the model's
    type. Leaks nothing. Raises UsageError for rows of another length.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        limit: float | None = None,
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        end = 1 / sqrt(max(1, in_features))
        values = initial.uniform((out_features, in_features), end)
        self.weight = Parameter(values, norm=limit_for(values, limit))
        self.bias: Any = None
        if bias:
            offsets = initial.uniform((out_features,), end)
            self.bias = Parameter(offsets, norm=limit_for(offsets, limit))

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        has = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={has}"


class Flatten(Module):
    """Axes from start_dim to end_dim as one: (n, c, h, w) to (n, c h w). Free."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.flatten(x, self.start_dim, self.end_dim)


class Identity(Module):
    """What goes in."""

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return x
