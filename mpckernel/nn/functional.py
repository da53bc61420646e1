"""Functions of tensors under the names of torch.nn.functional.

They take secret arrays as well, and give tensors.
"""

from math import prod
from typing import Any

import numpy as np

from mpckernel.array.operators import here
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.nn import norms
from mpckernel.nn.derivatives.activations import gelu, log_softmax, sigmoid, softmax, softplus
from mpckernel.nn.derivatives.convolving import avg_pool2d, conv2d, max_pool2d
from mpckernel.nn.derivatives.dropping import dropout
from mpckernel.nn.derivatives.products import later, matrices
from mpckernel.nn.derivatives.reading import embedding
from mpckernel.nn.derivatives.standardising import layer_norm
from mpckernel.nn.losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    l1_loss,
    mse_loss,
    nll_loss,
)
from mpckernel.nn.modes import product_type
from mpckernel.nn.targets import flags_of
from mpckernel.nn.tensor import Tensor, as_tensor, differentiable, plain


@differentiable
def relu(x: Any) -> Any:
    """x where it is positive, else 0; exact. The derivative at 0 is 0.

    The bit is kept: one comparison for both directions.
    """
    if not isinstance(x, SecretArray):
        return np.maximum(x, 0), (lambda g: np.where(x > 0, g, 0),)
    on = x > 0
    z = norms.like(np.where(on, x, 0), x)
    return z, (lambda g: norms.like(np.where(on, g, 0), g),)


@differentiable
def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    """x where it is positive, else x times a public slope. Error there: (|x|/2 + 2) steps.

    One comparison for both directions. Raises UsageError for a slope outside 0 to 1.
    """
    if not 0 <= negative_slope <= 1:
        raise UsageError("leaky_relu: negative_slope is a public number from 0 to 1")
    on = x > 0

    def sloping(a: Any) -> Any:
        return norms.like(np.where(on, a, a * negative_slope), a)

    return sloping(x), (sloping,)


@differentiable
def linear(x: Any, weight: Any, bias: Any = None) -> Any:
    """x @ weight.T + bias, with one cut: x (..., n), weight (m, n), bias (m,); gives (..., m).

    Error: a step of the result's type.
    """
    if x.ndim < 1 or weight.ndim != 2 or x.shape[-1] != weight.shape[1]:
        raise UsageError(
            f"a layer with weights of shape {weight.shape} takes rows of {weight.shape[-1]} "
            f"numbers, not an array of shape {x.shape}"
        )
    t = product_type(x, weight)
    flat, shape = (prod(x.shape[:-1]), x.shape[-1]), (*x.shape[:-1], weight.shape[0])
    rows = norms.like(np.reshape(x, flat), x) if x.ndim <= 2 else np.reshape(x, flat)
    turned = norms.knows(np.transpose(weight), whole=norms.whole(weight))
    z = matrices(rows, turned, t, bias)

    def errors(g: Any) -> Any:
        return np.reshape(g, (flat[0], shape[-1])) if len(shape) != 2 else g

    def to_x(g: Any) -> Any:
        return norms.reshaped(matrices(errors(g), weight, t), x.shape)

    def to_weight(g: Any) -> Any:
        d = errors(g)
        return later(norms.knows(np.transpose(d), whole=norms.whole(d)), rows, t)

    def to_bias(g: Any) -> Any:
        d = errors(g)
        return norms.knows(np.sum(d, axis=0), whole=norms.row(d) * d.shape[0])

    pulls = (to_x, to_weight, to_bias)
    return (z if len(shape) == 2 else np.reshape(z, shape)), pulls


def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Axes from start_dim to end_dim as one; free. UsageError for axes that are not there."""
    axes = max(1, x.ndim)
    first, last = start_dim % axes, end_dim % axes
    if not all(-axes <= k < axes for k in (start_dim, end_dim)) or first > last:
        raise UsageError(
            f"{here()}flatten: axes {start_dim} to {end_dim} of an array of shape {tuple(x.shape)}"
        )
    if not x.ndim:
        return np.reshape(x, (1,))
    return np.reshape(x, (*x.shape[:first], prod(x.shape[first : last + 1]), *x.shape[last + 1 :]))


def one_hot(target: Any, num_classes: int) -> Tensor:
    """Flags of classes, whole numbers (...) from 0 to k - 1, on a new last axis: (..., k).

    num_classes: k, public, and to be given, since the largest class is as secret as the others.
    Exact, as mpckernel.one_hot, which has no flag for other numbers; here secret ones promise to be
    classes (one bit of a cell, RangeLeft if one is none), and public ones raise UsageError.
    """
    return as_tensor(flags_of(plain(target), num_classes, "one_hot"))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent as a tensor. Error: as for np.tanh."""
    return np.tanh(as_tensor(x))


__all__ = [
    "avg_pool2d", "binary_cross_entropy_with_logits", "conv2d", "cross_entropy", "dropout",
    "embedding", "flatten", "gelu", "l1_loss", "layer_norm", "leaky_relu", "linear",
    "log_softmax", "max_pool2d", "mse_loss", "nll_loss", "one_hot", "relu", "sigmoid", "softmax",
    "softplus", "tanh",
]  # fmt: skip
