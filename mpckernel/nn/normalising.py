"""Normalising layers: BatchNorm1d, BatchNorm2d, LayerNorm."""

from math import prod
from typing import Any

import numpy as np

from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.nn.derivatives.standardising import batch_norm, fixed_norm, layer_norm
from mpckernel.nn.linear import limit_for
from mpckernel.nn.module import Module
from mpckernel.nn.parameter import Parameter
from mpckernel.nn.running import mixed
from mpckernel.nn.undoing import undoing


class _BatchNorm(Module):
    axes: tuple[int, ...] = ()

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True
    ) -> None:
        super().__init__()
        if not 0 < momentum <= 1:
            raise UsageError(f"{type(self).__name__}: 0 < momentum <= 1")
        _check_eps(self, eps)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine = affine
        ones, zeros = np.ones(num_features), np.zeros(num_features)
        self.weight: Any = Parameter(ones, norm=limit_for(ones)) if affine else None
        self.bias: Any = Parameter(zeros, norm=limit_for(zeros)) if affine else None
        self.register_buffer("running_mean", zeros)
        self.register_buffer("running_var", ones)

    def forward(self, *args: Any) -> Any:
        (x,) = args
        if x.ndim not in self.axes or x.shape[1] != self.num_features:
            raise UsageError(
                f"{type(self).__name__}({self.num_features}) takes {self.num_features} channels on "
                f"the second of {' or '.join(map(str, self.axes))} axes, not {tuple(x.shape)}"
            )
        if not self.training:
            known = (self.running_mean, self.running_var)
            return fixed_norm(x, *known, self.weight, self.bias, self.eps)
        n = prod(x.shape) // self.num_features
        if n < 2:
            raise UsageError(f"{type(self).__name__} in training takes 2 values a channel or more")

        def seen(mean: SecretArray, variance: SecretArray) -> None:
            self._mix("running_mean", mean)
            self._mix("running_var", variance * (n / (n - 1)))

        return batch_norm(x, self.weight, self.bias, self.eps, seen)

    def _mix(self, name: str, new: SecretArray) -> None:
        """A running mean goes a part of the way to a new value. A cell that ends without a commit
        puts the old one back, at every party."""
        before = self._buffers[name]
        undoing(lambda: self._buffers.__setitem__(name, before))
        self._buffers[name] = mixed(before, new, self.momentum)

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}"
        )


class BatchNorm1d(_BatchNorm):
    """Every feature standardised over the batch: (n, c) or (n, c, length), times weight plus bias.

    num_features: c. eps: public, added to the variance. momentum: how far running mean and
    variance go to those of a batch; they are secret state, and what counts after eval(). affine:
    whether there are weights and biases, kept as sfix16. Three cuts an element and direction, one
    of each after eval(); one inverse root a feature. Error: 2^-17 of the result and a few steps;
    after eval() also about d / (2 (variance + eps)) of the result, where d, what the running
    variance and eps are off, is 2^-28 / momentum learned here, and 2^-30 taken over by from_torch:
    2^-14 of the result at most, for an eps of 1e-5. (Variances whose bound is 2^k beyond 2^30 have
    k bits less.) And what was learned as the mean is off by a step of x. Leaks nothing. Raises
    UsageError for other shapes and a batch of one value a feature, OutOfRange for values whose
    squares cannot be added up.
    """

    axes = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Every channel of images (n, c, h, w) standardised over batch and places; see BatchNorm1d."""

    axes = (4,)


class LayerNorm(Module):
    """Every row standardised over its last axes, times weight plus bias of their shape.

    normalized_shape: of these axes, or a number for the last one. eps: public, added to the
    variance. elementwise_affine: whether there are weights and biases, kept as sfix16. One inverse
    root a row, three cuts an element forward and four back. Error: 2^-17 of the result and a few
    steps. Leaks nothing. Raises UsageError for other shapes.
    """

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True
    ) -> None:
        super().__init__()
        _check_eps(self, eps)
        one = isinstance(normalized_shape, int)
        self.normalized_shape = (normalized_shape,) if one else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        ones, zeros = np.ones(self.normalized_shape), np.zeros(self.normalized_shape)
        self.weight: Any = Parameter(ones, norm=limit_for(ones)) if elementwise_affine else None
        self.bias: Any = Parameter(zeros, norm=limit_for(zeros)) if elementwise_affine else None

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        affine = self.elementwise_affine
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}"


def _check_eps(layer: Module, eps: float) -> None:
    if not 0 < eps <= 1:
        raise UsageError(f"{type(layer).__name__}: 0 < eps <= 1")
