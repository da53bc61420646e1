"""Cases as in cases.py: losses, smooth functions, choices, filters."""

from math import erf, sqrt
from typing import Any

import numpy as np

from mpckernel.nn import functional
from mpckernel.nn.derivatives import standardising
from tests.nn.cases import case


def _softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


ONE_HOT = np.eye(4)[[2, 0, 3]]
LOSSES = [
    case(
        functional.cross_entropy,
        lambda x, how=how, target=target: functional.cross_entropy(x, target, reduction=how),
        (3, 4), clear=lambda x, sum_=sum_: sum_(-np.log(_softmax(x))[ONE_HOT == 1]),
        error=2.0**-9,
    )
    for how, sum_ in (("mean", np.mean), ("sum", np.sum), ("none", lambda v: v))
    for target in (np.array([2, 0, 3]), ONE_HOT)
] + [
    case(
        functional.binary_cross_entropy_with_logits,
        lambda x, how=how: functional.binary_cross_entropy_with_logits(x, ONE_HOT, reduction=how),
        (3, 4), clear=lambda x, sum_=sum_: sum_(np.log1p(np.exp(x)) - x * ONE_HOT),
        error=2.0**-10,
    )
    for how, sum_ in (("mean", np.mean), ("sum", np.sum), ("none", lambda v: v))
] + [
    case(
        functional.nll_loss,
        lambda x, how=how, target=target: functional.nll_loss(x, target, reduction=how),
        (3, 4), clear=lambda x, sum_=sum_: sum_(-x[ONE_HOT == 1]),
    )
    for how, sum_ in (("mean", np.mean), ("sum", np.sum), ("none", lambda v: v))
    for target in (np.array([2, 0, 3]), ONE_HOT)
] + [
    case(
        functional.l1_loss,
        lambda x, y, how=how: functional.l1_loss(x, y, reduction=how),
        (3, 4), (3, 4), clear=lambda x, y, sum_=sum_: sum_(np.abs(x - y)),
    )
    for how, sum_ in (("mean", np.mean), ("sum", np.sum), ("none", lambda v: v))
] + [
    case(
        functional.mse_loss,
        lambda x, y, how=how: functional.mse_loss(x, y, reduction=how),
        (3, 4), (3, 4), clear=lambda x, y, sum_=sum_: sum_((x - y) ** 2),
    )
    for how, sum_ in (("mean", np.mean), ("sum", np.sum), ("none", lambda v: v))
]  # fmt: skip


def _gaussian(x: Any) -> Any:
    return x * (1 + np.vectorize(erf)(x / sqrt(2))) / 2


SMOOTH = [
    case(functional.sigmoid, functional.sigmoid, (2, 3), clear=lambda x: 1 / (1 + np.exp(-x))),
    case(functional.gelu, functional.gelu, (2, 3), clear=_gaussian),
    case(functional.softplus, functional.softplus, (2, 3), clear=lambda x: np.log1p(np.exp(x))),
    case(np.tanh, np.tanh, (2, 3)),
    case(np.exp, np.exp, (2, 3)),
    case(np.log, np.log, (2, 3), low=0.5, f=16),
    case(np.sqrt, np.sqrt, (2, 3), low=0.5, f=16),
    case(functional.softmax, functional.softmax, (2, 3), clear=_softmax),
    case(functional.softmax, lambda x: functional.softmax(x, dim=1), (2, 3), clear=_softmax),
    case(
        functional.log_softmax, functional.log_softmax, (2, 3), clear=lambda x: np.log(_softmax(x))
    ),
    case(
        functional.log_softmax,
        lambda x: functional.log_softmax(x, dim=0),
        (2, 3),
        clear=lambda x: np.log(_softmax(x.T)).T,
    ),
]
SMOOTH = [one._replace(error=2.0**-9) for one in SMOOTH]

CHOICES = [
    case(np.where, lambda x, y: np.where([True, False, True], x, y), (2, 3), (3,)),
    case(np.where, lambda x: np.where(x > 0, x, 0), (2, 3)),
    case(np.maximum, np.maximum, (2, 3), (3,)),
    case(np.fmax, lambda x: np.fmax(x, 0.5), (2, 3)),
    case(np.minimum, np.minimum, (2, 3), (2, 1)),
    case(np.fmin, lambda x: np.fmin(x, 0.5), (2, 3)),
    case(np.clip, lambda x: np.clip(x, -1, 1), (2, 3)),
]


def _filtered(x: Any, w: Any) -> Any:
    view = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], (2, 3))
    return np.einsum("nchwij,ocij->nohw", view, w)


def _windows(x: Any) -> Any:
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2)


FILTERS = [
    case(functional.conv2d, functional.conv2d, (2, 2, 4, 4), (3, 2, 3, 3), clear=_filtered),
    case(
        functional.max_pool2d, lambda x: functional.max_pool2d(x, 2), (1, 2, 4, 4),
        clear=lambda x: _windows(x).max((3, 5)),
    ),
    case(
        functional.avg_pool2d, lambda x: functional.avg_pool2d(x, 2), (1, 2, 4, 4),
        clear=lambda x: _windows(x).mean((3, 5)),
    ),
]  # fmt: skip


def _standard(x: Any, axis: int) -> Any:
    apart = x - x.mean(axis=axis, keepdims=True)
    return apart / np.sqrt((apart**2).mean(axis=axis, keepdims=True) + 1e-5)


NORMS = [
    case(
        standardising.batch_norm, standardising.batch_norm, (5, 3), (3,), (3,), f=16,
        clear=lambda x, w, b: _standard(x, 0) * w + b, error=2.0**-10,
    ),
    case(
        standardising.fixed_norm,
        lambda x, w, b: standardising.fixed_norm(x, np.ones(3), 2 * np.ones(3), w, b),
        (5, 3), (3,), (3,), clear=lambda x, w, b: (x - 1) / np.sqrt(2 + 1e-5) * w + b,
    ),
    case(
        standardising.layer_norm, lambda x, w, b: standardising.layer_norm(x, 3, w, b),
        (5, 3), (3,), (3,), f=16,
        clear=lambda x, w, b: _standard(x, 1) * w + b, error=2.0**-10,
    ),
]  # fmt: skip

DROPS = [
    case(
        functional.dropout, functional.dropout, (2, 3), clear=lambda x: 2 * x
    )  # nothing is dropped
]

CURVES = [
    case(np.sin, np.sin, (2, 3)),
    case(np.cos, np.cos, (2, 3)),
    case(np.tan, np.tan, (3,), low=-1.0, high=1.0, f=16, error=2.0**-8),
    case(np.arctan, np.arctan, (2, 3), f=16),
    case(np.sinh, np.sinh, (2, 3), error=2.0**-8),
    case(np.cosh, np.cosh, (2, 3), error=2.0**-8),
    case(np.exp2, np.exp2, (2, 3)),
    case(np.expm1, np.expm1, (2, 3)),
    case(np.log1p, np.log1p, (2, 3), low=-0.5, f=16),
    case(np.log2, np.log2, (2, 3), low=0.5, f=16),
    case(np.log10, np.log10, (2, 3), low=0.5, f=16),
    case(np.logaddexp, np.logaddexp, (2, 3), (3,)),
    case(np.hypot, np.hypot, (2, 3), (3,), low=0.5, f=16),
    case(np.linalg.norm, np.linalg.norm, (3,), low=0.5, f=16),
    case(np.linalg.norm, lambda x: np.linalg.norm(x, axis=1, keepdims=True), (2, 3), f=16),
    case(np.linalg.norm, lambda x: np.linalg.norm(x, 1), (3,)),
]
CURVES = [one._replace(error=max(one.error, 2.0**-10)) for one in CURVES]

EXTREMES = [
    case(f, how, (2, 3))
    for f in (np.max, np.min)
    for how in (
        f,
        lambda x, f=f: f(x, axis=0),
        lambda x, f=f: f(x, axis=1, keepdims=True),
    )
]

READS = [
    case(
        functional.embedding, lambda w: functional.embedding(np.array([2, 0, 2]), w), (4, 3),
        clear=lambda w: w[[2, 0, 2]],
    )
]  # fmt: skip

CASES = [*READS, *CURVES, *EXTREMES, *DROPS, *NORMS, *LOSSES, *SMOOTH, *CHOICES, *FILTERS]
