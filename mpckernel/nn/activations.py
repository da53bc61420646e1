"""Activations as modules. inplace= is taken as in PyTorch, and nothing depends on it."""

from typing import Any

from mpckernel.errors import UsageError
from mpckernel.nn import functional
from mpckernel.nn.module import Module


class ReLU(Module):
    """x where it is positive, else 0; exact. One comparison for both directions."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.relu(x)


class LeakyReLU(Module):
    """x where it is positive, else x times a public slope, 0 to 1. See functional.leaky_relu."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= negative_slope <= 1:
            raise UsageError("LeakyReLU: negative_slope is a public number from 0 to 1")
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.leaky_relu(x, self.negative_slope)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}"


class Sigmoid(Module):
    """1 / (1 + e^-x). Error: as for mpckernel.sigmoid, 2^-13.3 and a step. Leaks nothing."""

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.sigmoid(x)


class GELU(Module):
    """x times the normal distribution function of x. Error: as for mpckernel.gelu, 2^-13.9 and a
    step. Leaks nothing."""

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.gelu(x)


class Softplus(Module):
    """log(1 + e^x). Error: as for mpckernel.softplus, 2^-13.5 and a step. Leaks nothing."""

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.softplus(x)


class Tanh(Module):
    """The hyperbolic tangent. Error: as for np.tanh, 2^-15.1 and a step. Leaks nothing."""

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.tanh(x)


class Softmax(Module):
    """e^x over the sum of e^x along dim. Error: as for mpckernel.softmax, 2^-11.1 softmax and 3
    steps. Leaks nothing. dim=None: as in PyTorch, 0 for 1 or 3 axes, else 1.

    For the last layer of a classifier, CrossEntropyLoss takes what comes before it.
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.softmax(x, _axis(self.dim, x.ndim))

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithm of Softmax, for NLLLoss. Error: as for mpckernel.logsumexp, 2^-12.1 and 4
    steps. Leaks nothing. CrossEntropyLoss does the same as both for less."""

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return functional.log_softmax(x, _axis(self.dim, x.ndim))


def _axis(dim: int | None, axes: int) -> int:
    return dim if dim is not None else 0 if axes in (0, 1, 3) else 1
