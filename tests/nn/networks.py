"""A small network, its data, and the same steps in NumPy."""

from typing import Any

import numpy as np

import mpckernel
from mpckernel import nn
from mpckernel.array import OwnerName, share
from tests.rooms import NAMES

SIZES, BATCH, RATE = (64, 64, 10), 32, 0.5
ALICE, BOB = (OwnerName(NAMES[k], k) for k in range(2))


def digits(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixels as multiples of 1/16, and which digit it is."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return x[:rows] / 16, y[:rows].astype(np.int64)


def network() -> nn.Sequential:
    nn.manual_seed(5)
    first, middle, last = SIZES
    return nn.Sequential(nn.Linear(first, middle), nn.ReLU(), nn.Linear(middle, last))


def clear_weights() -> list[np.ndarray]:
    """Those of network(), as the words say: rounded to sfix16."""
    return [np.round(p._raw * 2.0**16) / 2.0**16 for p in network().parameters()]


def clear_step(w: list[np.ndarray], x: np.ndarray, y: np.ndarray, rate: float) -> list[np.ndarray]:
    """One step of the network in float64."""
    w1, b1, w2, b2 = w
    a = x @ w1.T + b1
    h = np.maximum(a, 0)
    z = h @ w2.T + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    d = e / e.sum(axis=1, keepdims=True) - np.eye(w2.shape[0])[y]
    back = (d @ w2) * (a > 0)
    r = rate / len(x)
    return [w1 - r * back.T @ x, b1 - r * back.sum(0), w2 - r * d.T @ h, b2 - r * d.sum(0)]


def shared(rows: int) -> tuple[Any, Any]:
    """The digits as secrets: pixels of alice, one-hot labels of bob."""
    x = share(ALICE.x, bound=1.0, dtype=mpckernel.sfix(8))
    return x[:rows], mpckernel.one_hot(share(BOB.y, bound=9), 10)[:rows]
