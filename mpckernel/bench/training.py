"""Training steps as array code: logistic regression (W8) and a small network (W9)."""

from collections.abc import Callable
from typing import Any

import numpy as np

import mpckernel
from mpckernel.bench.cases import Allowed, Case, Column

BATCH = 128
STEPS = 78  # one epoch of 10 000 rows
FEATURES = 100
RATE = 0.1


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


def step(softmax: Callable[[Any], Any]) -> Callable[..., Any]:
    """One step of a network 784-128-128-10: ReLU, softmax, cross-entropy."""

    def run(x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any) -> Any:
        a1 = x @ w1 + b1
        on1 = a1 > 0
        h1 = a1 * on1
        a2 = h1 @ w2 + b2
        on2 = a2 > 0
        h2 = a2 * on2
        d3 = softmax(h2 @ w3 + b3) - y
        d2 = (d3 @ w3.T) * on2
        d1 = (d2 @ w2.T) * on1
        rate = RATE / BATCH
        return (
            w1 - rate * (x.T @ d1), b1 - rate * np.sum(d1, axis=0),
            w2 - rate * (h1.T @ d2), b2 - rate * np.sum(d2, axis=0),
            w3 - rate * (h2.T @ d3), b3 - rate * np.sum(d3, axis=0),
        )  # fmt: skip

    return run


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
        Column(0, (BATCH, 784), 1.0, "sfix16", 0.0),
        Column(1, (BATCH, 10), 1.0, "sfix16", 0.0),
        *weights,
    )


def _rows(n: int) -> tuple[Column, ...]:
    return Column(0, (n, FEATURES), 1.0, "sfix16"), Column(1, (n,), 1.0, "sbool", 0.0)


def _softmax(x: Any) -> Any:
    return mpckernel.softmax(x)


def _plain_softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


TRAINING = (
    Case("W8", f"logistic regression, 10 000 x {FEATURES}, batch {BATCH}, {STEPS} steps", STEPS,
         _rows(10_000), logistic(descent), logistic(_plain_descent),
         Allowed(2.0**-8), 5),
    Case("W9", f"network 784-128-128-10, batch {BATCH}, one step", 1, _network(), step(_softmax),
         step(_plain_softmax), Allowed(2.0**-10), 5),
)  # fmt: skip
