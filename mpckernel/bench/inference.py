"""Predictions of a convolutional network on secret images, with secret weights (W10)."""

from typing import Any

import numpy as np

import mpckernel
from mpckernel.array import sfix16
from mpckernel.array.functions.fused import matmul_to
from mpckernel.bench.cases import Allowed, Case, Column

IMAGES = 100
SHAPES = ((20, 1, 5, 5), (50, 20, 5, 5), (800, 500), (500, 10))


def halved(x: Any, larger: Any) -> Any:
    """The largest of each square of four: of two rows, then of two columns."""
    x = larger(x[:, :, ::2], x[:, :, 1::2])
    return larger(x[..., ::2], x[..., 1::2])


def lenet(x: Any, c1: Any, c2: Any, w1: Any, w2: Any) -> Any:
    """20 filters 5 x 5, pool, 50 filters 5 x 5, pool, 500, 10; ReLU after pools and 500."""
    h1 = np.maximum(halved(mpckernel.conv2d(x, c1), np.maximum), 0)
    h2 = np.maximum(halved(mpckernel.conv2d(h1, c2), np.maximum), 0)
    h3 = np.maximum(matmul_to(np.reshape(h2, (IMAGES, -1)), w1, sfix16), 0)
    return matmul_to(h3, w2, sfix16)


def _convolved(x: Any, c: Any) -> Any:
    rows = np.lib.stride_tricks.sliding_window_view(x, c.shape[2:], axis=(2, 3))
    return np.einsum("nchwij,ocij->nohw", rows, c, optimize=True)


def _plain(x: Any, c1: Any, c2: Any, w1: Any, w2: Any) -> Any:
    h1 = np.maximum(halved(_convolved(x, c1), np.maximum), 0)
    h2 = np.maximum(halved(_convolved(h1, c2), np.maximum), 0)
    return np.maximum(h2.reshape(IMAGES, -1) @ w1, 0) @ w2


def _columns() -> tuple[Column, ...]:
    """Images of alice, weights of carol, as large as PyTorch begins with."""
    entering = [s[0] if len(s) == 2 else int(np.prod(s[1:])) for s in SHAPES]
    tops = [1 / float(np.sqrt(n)) for n in entering]
    weights = [Column(2, s, top, "sfix16") for s, top in zip(SHAPES, tops, strict=True)]
    return Column(0, (IMAGES, 1, 28, 28), 1.0, "sfix16", 0.0), *weights


INFERENCE = (
    Case("W10", f"LeNet, {IMAGES} images of 28 x 28", IMAGES, _columns(), lenet, _plain,
         Allowed(2.0**-10), 5),
)  # fmt: skip
