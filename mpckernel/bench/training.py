"""Training steps as array code: logistic regression (W8) and a small network (W9)."""

from collections.abc import Callable
from typing import Any

import numpy as np

import mpckernel
from mpckernel.array import sfix16
from mpckernel.array.functions.fused import matmul_to
from mpckernel.bench.cases import Allowed, Case, Column

BATCH = 128
STEPS = 78  # one epoch of 10 000 rows
FEATURES = 100
RATE = 0.1
SLOPE = 2.0**-10  # of the network: a rate of 1/8, over the batch


@mpckernel.recorded
def descent(w: Any, x: Any, y: Any) -> Any:
    """One step of gradient descent on a batch."""
    return w - mpckernel.scaled_matmul(x.T, mpckernel.sigmoid(x @ w) - y, RATE / BATCH)


def _plain_descent(w: Any, x: Any, y: Any) -> Any:
    return w - (RATE / BATCH) * (x.T @ (1 / (1 + np.exp(-x @ w)) - y))


def logistic(step: Callable[..., Any], steps: int = STEPS) -> Callable[..., Any]:
    """One epoch of stochastic gradient descent from zero weights."""

    def epoch(x: Any, y: Any) -> Any:
        w = np.zeros(FEATURES)
        for k in range(steps):
            rows = slice(BATCH * k, BATCH * (k + 1))
            w = step(w, x[rows], y[rows])
        return w

    return epoch


@mpckernel.recorded
def step(x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Any:
    """One step of a network 784-128-128-10: ReLU, softmax, cross-entropy.

    Each product is cut once, with what is added to it; a sign serves both directions.
    """
    a1 = matmul_to(x, w1, sfix16, plus=b1)
    on1 = a1 > 0
    h1 = np.where(on1, a1, 0)
    a2 = matmul_to(h1, w2, sfix16, plus=b2)
    on2 = a2 > 0
    h2 = np.where(on2, a2, 0)
    d3 = mpckernel.softmax(matmul_to(h2, w3, sfix16, plus=b3)) - y
    d2 = np.where(on2, matmul_to(d3, w3.T, sfix16), 0)
    d1 = np.where(on1, matmul_to(d2, w2.T, sfix16), 0)
    return (
        matmul_to(x.T, d1, sfix16, times=-SLOPE, plus=w1), b1 - SLOPE * np.sum(d1, axis=0),
        matmul_to(h1.T, d2, sfix16, times=-SLOPE, plus=w2), b2 - SLOPE * np.sum(d2, axis=0),
        matmul_to(h2.T, d3, sfix16, times=-SLOPE, plus=w3), b3 - SLOPE * np.sum(d3, axis=0),
    )  # fmt: skip


def _plain_step(
    x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any
) -> tuple[Any, ...]:
    a1 = x @ w1 + b1
    h1 = np.maximum(a1, 0)
    a2 = h1 @ w2 + b2
    h2 = np.maximum(a2, 0)
    d3 = _plain_softmax(h2 @ w3 + b3) - y
    d2 = (d3 @ w3.T) * (a2 > 0)
    d1 = (d2 @ w2.T) * (a1 > 0)
    layers = ((x, d1, w1, b1), (h1, d2, w2, b2), (h2, d3, w3, b3))
    return tuple(
        v for h, d, w, b in layers for v in (w - SLOPE * (h.T @ d), b - SLOPE * np.sum(d, axis=0))
    )


def _network() -> tuple[Column, ...]:
    sizes = ((784, 128), (128, 128), (128, 10))
    weights = [
        c
        for a, b in sizes
        for c in (
            Column(2, (a, b), float(np.sqrt(6 / a)), "sfix16"),
            Column(2, (b,), 0.1, "sfix16"),
        )
    ]
    return (
        Column(0, (BATCH, 784), 1.0, "sfix8", 0.0),  # pixels
        Column(1, (BATCH, 10), 1.0, "sfix16", 0.0),
        *weights,
    )


def _rows(n: int) -> tuple[Column, ...]:
    return Column(0, (n, FEATURES), 1.0, "sfix16"), Column(1, (n,), 1.0, "sbool", 0.0)


def _plain_softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


TRAINING = (
    Case("W8", f"logistic regression, 10 000 x {FEATURES}, batch {BATCH}, {STEPS} steps", STEPS,
         _rows(10_000), logistic(descent), logistic(_plain_descent),
         Allowed(2.0**-8), 5),
    Case("W9", f"network 784-128-128-10, batch {BATCH}, one step", 1, _network(), step,
         _plain_step, Allowed(2.0**-10), 5),
)  # fmt: skip
