"""Demo 03 in the clear: the same network, from the same seed, in the same batches, on all images.

The joint training rounds every product to 2^-16 up or down at random; small changes grow over 176
steps, as they do between two machines in float32. So the bounds are measured and not proven:
eight joint runs stayed within 0.008 of the losses, and within two images of the accuracy.
Source: the definitions of layers and loss, in float64.
"""

from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mpckernel import nn
from mpckernel.demo.health import Expected, exact
from mpckernel.nn.batches import Batches

Reals: TypeAlias = NDArray[np.float64]
PARTIES = ("alice", "bob", "carol")
SEED, EPOCHS, BATCH, REPORT, RATE = 1, 4, 32, 11, 0.5
LOSS, IMAGES = 0.02, 7  # how far a loss, and a count of test images, may be off
LEAST = 0.9  # of the accuracy, whatever the float network says


def expected(folder: Path) -> list[Expected]:
    """Every revealed result but single pairs of digits, in the order of the notebook. folder: of
    the slides, with all tables."""
    (x, y), (x_test, y_test) = pooled(folder, test=False), pooled(folder, test=True)
    weights, order = start(len(x))
    losses = trained(weights, x, y, order)
    right = (scores(weights, x_test).argmax(axis=1) == y_test).mean()
    share = IMAGES / len(x_test)
    return [
        Expected("losses", "mean loss", losses, np.full(losses.shape, LOSS)),
        exact("accuracy", "test accuracy", max(right, LEAST + share), share),
        exact("of_each_digit", "test images of each digit", np.bincount(y_test, minlength=10)),
    ]


def pooled(folder: Path, *, test: bool) -> tuple[Reals, NDArray[np.int64]]:
    """Images and digits of all offices: every fifth of each for the test, the others to learn."""
    parts = []
    for name in PARTIES:
        table = pd.read_csv(folder / f"{name}.csv")
        parts.append(table[(table.index % 5 == 0) == test])
    table = pd.concat(parts)
    return table.drop(columns="digit").to_numpy(float) / 16, table["digit"].to_numpy()


def start(n: int) -> tuple[list[Reals], list[NDArray[np.int64]]]:
    """Public: the initial weights, and the rows of each batch."""
    nn.manual_seed(SEED)
    layers = nn.Linear(64, 64), nn.Linear(64, 10)
    weights = [np.array(p.data, float) for layer in layers for p in layer.parameters()]
    batches = Batches(n, BATCH)
    return weights, [rows for _ in range(EPOCHS) for rows in batches.epoch()]


def trained(
    w: list[Reals], x: Reals, y: NDArray[np.int64], order: list[NDArray[np.int64]]
) -> Reals:
    """Gradient descent; changes w, and gives the mean loss of every REPORT steps."""
    losses = []
    for rows in order:
        hidden = np.maximum(x[rows] @ w[0].T + w[1], 0)
        z = hidden @ w[2].T + w[3]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        losses.append(-np.log(p[np.arange(len(rows)), y[rows]]).mean())
        d = (p - np.eye(10)[y[rows]]) / len(rows)
        back = (d @ w[2]) * (hidden > 0)
        gradients = back.T @ x[rows], back.sum(axis=0), d.T @ hidden, d.sum(axis=0)
        for k, g in enumerate(gradients):
            w[k] -= RATE * g
    return np.array(losses).reshape(-1, REPORT).mean(axis=1)


def scores(w: list[Reals], x: Reals) -> Reals:
    """Of ten digits for each image."""
    return np.asarray(np.maximum(x @ w[0].T + w[1], 0) @ w[2].T + w[3])
