"""Losses: cross-entropy, logistic, squared and absolute error, as in torch.nn.

The value of a loss is computed when somebody looks at it (`.data`); a backward needs only its
gradient, whose 1/n goes beside it as a public factor. Gradients are those of the exact loss:
softmax minus one-hot, sigmoid minus target, twice the difference, its sign.
Source: PyTorch's definitions.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from mpckernel.array.functions.activations import sigmoid, softplus
from mpckernel.array.functions.distributions import logsumexp, softmax
from mpckernel.array.functions.fused import declared
from mpckernel.array.operators import here
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.nn import norms
from mpckernel.nn.derivatives.broadcasting import weighted
from mpckernel.nn.derivatives.elementwise import fitted
from mpckernel.nn.later import Later
from mpckernel.nn.module import Module
from mpckernel.nn.tape import Scaled
from mpckernel.nn.targets import as_flags, numbers, shares_of, shares_of_one, totals
from mpckernel.nn.tensor import differentiable

REDUCTIONS = ("mean", "sum", "none")
ROW = 1.43  # of softmax minus one-hot: sqrt(2), and what softmax may be off


def _reduced(values: Callable[[], Any], shape: Any, reduction: str, n: int) -> Any:
    """The loss from those of all samples, once somebody looks."""
    match reduction:
        case "mean":
            return Later((), lambda: np.sum(values()) / n)
        case "sum":
            return Later((), lambda: np.sum(values()))
        case "none":
            return Later(tuple(shape), values)
    raise UsageError(f"reduction= is one of {', '.join(REDUCTIONS)}")


def _over(reduction: str, n: int) -> Fraction:
    return Fraction(1, max(1, n)) if reduction == "mean" else Fraction(1)


@differentiable
def cross_entropy(input: Any, target: Any, *, reduction: str = "mean") -> Any:  # noqa: A002
    """-log softmax(input) at the right class, over rows of logits (n, k), of 2 classes or more.

    target: classes (n,), whole numbers from 0 to k - 1, secret or public; or (n, k), of each row
    the shares t of the classes: whole numbers, of which one is 1 and the others are 0, or real ones
    of any size, as PyTorch has it: logsumexp(x) sum(t) - sum(x t). Secret classes are made one-hot
    here: pass mpckernel.one_hot(y, k), made once, in a training. Secret whole numbers promise to be
    classes or flags: one bit of a cell, RangeLeft if they are not. Error of the gradient:
    2^-11.1 softmax + 3 steps, for shares with a sum of 1. Raises UsageError for public classes
    that are none, and shapes that do not fit.
    """
    shares, one = as_flags(shares_of("cross_entropy", input, target), "cross_entropy")
    n, total = input.shape[0], None if one else totals(shares)

    def of(x: Any) -> Any:
        return x if total is None else fitted(x * total)

    def values() -> Any:
        logits = np.sum(fitted(input * shares), axis=1)
        return np.ravel(of(np.reshape(logsumexp(input, axis=1), (n, 1)))) - logits

    def back(g: Any) -> Any:
        d = of(softmax(input, axis=1)) - shares
        most = 1.0 if total is None else norms.largest(total)
        row = ROW if one else 1.01 * most + norms.row(shares)
        if reduction == "none":
            return fitted(np.reshape(g, (n, 1)) * d)
        return Scaled(fitted(weighted(g, norms.knows(d, row))), _over(reduction, n))

    return _reduced(values, (n,), reduction, n), (back, None)


@differentiable
def nll_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:  # noqa: A002
    """-input at the right class, over rows of log_softmax (n, k); exact, and so is its gradient.

    target: as for cross_entropy, which does the same with logits for less; shares (n, k) of any
    kind.
    """
    shares = shares_of("nll_loss", input, target)
    n = input.shape[0]

    def values() -> Any:
        return -np.sum(fitted(input * shares), axis=1)

    def back(g: Any) -> Any:
        if reduction == "none":
            return Scaled(fitted(np.reshape(g, (n, 1)) * shares), Fraction(-1))
        d = norms.like(_real(shares, input), shares)
        return Scaled(fitted(weighted(g, d)), -_over(reduction, n))

    return _reduced(values, (n,), reduction, n), (back, None)


@differentiable
def binary_cross_entropy_with_logits(input: Any, target: Any, *, reduction: str = "mean") -> Any:  # noqa: A002
    """log(1 + e^x) - x y of logits x and targets y (0, 1, or between), of one shape.

    Secret targets that could lie elsewhere promise not to: one bit of a cell, RangeLeft if they do.
    Error of the gradient: 2^-13.3 + a step.
    """
    n = _alike("binary_cross_entropy_with_logits", input, target)
    y = shares_of_one(target)

    def values() -> Any:
        return softplus(input) - fitted(input * y)

    def back(g: Any) -> Any:
        d = sigmoid(input) - y
        return Scaled(fitted(weighted(g, d)), _over(reduction, n))

    return _reduced(values, input.shape, reduction, n), (back, None)


@differentiable
def mse_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:  # noqa: A002
    """(x - y)^2 of two arrays of one shape."""
    n = _alike("mse_loss", input, target)

    def values() -> Any:
        return fitted(np.square(input - target))

    def to(sign: int) -> Any:
        def back(g: Any) -> Any:
            d = fitted(weighted(g, input - target))
            return Scaled(d, sign * 2 * _over(reduction, n))

        return back

    return _reduced(values, input.shape, reduction, n), (to(1), to(-1))


@differentiable
def l1_loss(input: Any, target: Any, *, reduction: str = "mean") -> Any:  # noqa: A002
    """|x - y| of two arrays of one shape; exact. One comparison for both directions.

    The gradient is 1 where x > y, -1 elsewhere, also where they are equal (PyTorch: 0).
    """
    n, y = _alike("l1_loss", input, target), numbers(target)
    kept: list[Any] = []

    def above() -> Any:
        if not kept:
            kept.append(input > y)
        return kept[0]

    def values() -> Any:
        d = input - y
        return np.where(above(), d, -d)

    def to(sign: int) -> Any:
        def back(g: Any) -> Any:
            up = 2 * above() - 1
            up = declared(up, 1.0) if isinstance(up, SecretArray) else up
            return Scaled(_real(weighted(g, up), input), sign * _over(reduction, n))

        return back

    return _reduced(values, input.shape, reduction, n), (to(1), to(-1))


def _alike(name: str, x: Any, y: Any) -> int:
    mine, theirs = tuple(x.shape), tuple(y.shape)
    size = int(np.prod(mine, dtype=object))
    if mine != theirs:
        same = size == np.prod(theirs, dtype=object)
        cure = f"; give the targets as y.reshape({(-1, *mine[1:])})" if same else ""
        raise UsageError(f"{here()}{name}: outputs have shape {mine}, targets {theirs}{cure}")
    return size


def _real(x: Any, other: Any) -> Any:
    """Whole secret numbers as real ones, of the type of the other array if that is one; exact."""
    if not isinstance(x, SecretArray) or x.dtype.kind == "f":
        return x
    real = isinstance(other, SecretArray) and other.dtype.kind == "f"
    return x.astype(other.dtype if real else float)


class _Loss(Module):
    """A loss with its reduction: "mean", "sum" or "none"."""

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in REDUCTIONS:
            raise UsageError(f"reduction= is one of {', '.join(REDUCTIONS)}")
        self.reduction = reduction

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """In the type of what goes in."""
        return self.forward(*args, **kwargs)


class CrossEntropyLoss(_Loss):
    """See functional.cross_entropy: logits (n, k), targets as numbers or shares of classes."""

    def forward(self, *args: Any) -> Any:
        return cross_entropy(*args, reduction=self.reduction)


class NLLLoss(_Loss):
    """See functional.nll_loss: what LogSoftmax gives (n, k), targets as for CrossEntropyLoss."""

    def forward(self, *args: Any) -> Any:
        return nll_loss(*args, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """See functional.binary_cross_entropy_with_logits."""

    def forward(self, *args: Any) -> Any:
        return binary_cross_entropy_with_logits(*args, reduction=self.reduction)


class MSELoss(_Loss):
    """See functional.mse_loss."""

    def forward(self, *args: Any) -> Any:
        return mse_loss(*args, reduction=self.reduction)


class L1Loss(_Loss):
    """See functional.l1_loss."""

    def forward(self, *args: Any) -> Any:
        return l1_loss(*args, reduction=self.reduction)
