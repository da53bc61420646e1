"""Trainings: logistic regression as array code (W8), and a small network of nn's (W9)."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import mpckernel
from mpckernel import nn
from mpckernel.bench.cases import Allowed, Case, Column
from mpckernel.nn.ranges import Ranges
from mpckernel.nn.trainer import Trainer

BATCH = 128
STEPS = 78  # one epoch of 10 000 rows
FEATURES = 100
RATE = 0.1
SIZES, FEW, SLOPE = (784, 128, 128, 10), 10, 1 / 32  # of the network: layers, steps, rate


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


def network(x: Any, y: Any, *weights: Any) -> tuple[Any, ...]:
    """Some steps of a network 784-128-128-10, as nn.fit takes them: ReLU, cross-entropy, SGD."""
    nn.manual_seed(0)  # else the first cell of a room throws a coin
    layers = [nn.Linear(a, b) for a, b in pairwise(SIZES)]
    model = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
    for layer, w, b in zip(layers, weights[::2], weights[1::2], strict=True):
        layer.load_state_dict({"weight": w, "bias": b})
    optimizer = nn.SGD(model.parameters(), lr=SLOPE)
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, Ranges(), flags=True)
    flags = mpckernel.one_hot(y, SIZES[-1])
    for k in range(FEW):
        rows = slice(BATCH * k, BATCH * (k + 1))
        trainer.step(x[rows], flags[rows], report=False)
    trainer.load()
    return tuple(p.data for p in model.parameters())


def _plain_network(x: Any, y: Any, *weights: Any) -> tuple[Any, ...]:
    for k in range(FEW):
        rows = slice(BATCH * k, BATCH * (k + 1))
        weights = _plain_step(x[rows], np.eye(SIZES[-1])[y[rows]], *weights)
    return weights


def _plain_step(
    x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any
) -> tuple[Any, ...]:
    a1 = x @ w1.T + b1
    h1 = np.maximum(a1, 0)
    a2 = h1 @ w2.T + b2
    h2 = np.maximum(a2, 0)
    d3 = _plain_softmax(h2 @ w3.T + b3) - y
    d2 = (d3 @ w3) * (a2 > 0)
    d1 = (d2 @ w2) * (a1 > 0)
    rate, layers = SLOPE / BATCH, ((x, d1, w1, b1), (h1, d2, w2, b2), (h2, d3, w3, b3))
    return tuple(
        v for h, d, w, b in layers for v in (w - rate * (d.T @ h), b - rate * np.sum(d, axis=0))
    )


def _network() -> tuple[Column, ...]:
    weights = [
        c
        for a, b in pairwise(SIZES)
        for c in (
            Column(2, (b, a), float(np.sqrt(6 / a)), "sfix16"),
            Column(2, (b,), 0.1, "sfix16"),
        )
    ]
    return (
        Column(0, (FEW * BATCH, SIZES[0]), 1.0, "sfix8", 0.0),  # pixels
        Column(1, (FEW * BATCH,), SIZES[-1], "sint", 0.0),
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
    Case("W9", f"network 784-128-128-10, batch {BATCH}, {FEW} steps", FEW, _network(), network,
         _plain_network, Allowed(2.0**-10), 5),
)  # fmt: skip
