"""Activations as modules."""

from typing import Any

from mpckernel.nn import functional
from mpckernel.nn.module import Module


class ReLU(Module):
    """x where it is positive, else 0; exact. One comparison for both directions."""

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.relu(x)
