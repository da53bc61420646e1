"""What the tests of recorded functions share: data of one party, steps of a training."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel.array import OwnerName, share
from mpckernel.runtime.limits import Limits
from tests.rooms import NAMES

ROWS, FEATURES = 48, 5
ALICE, BOB = (OwnerName(NAMES[k], k) for k in range(2))
RATE = 0.25


def data() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)  # noqa: TID251  (test data)
    x = np.rint(rng.uniform(-1, 1, (ROWS, FEATURES)) * 256) / 256
    return {"x": x, "y": x.sum(1) > 0, "n": np.arange(ROWS)}


def run(rooms: Any, program: Any, **limits: Any) -> list[Any]:
    spaces = [data(), *({} for _ in rooms.rooms[1:])]
    return rooms.run(program, spaces, limits=Limits(seconds=20, **limits))


def refused(rooms: Any, program: Any, error: type[Exception], match: str) -> None:
    """By every party, and the next cell works."""
    spaces = [data(), *({} for _ in rooms.rooms[1:])]
    for future in rooms.start(program, spaces):
        with pytest.raises(error, match=match):
            future.result(20)


def columns() -> tuple[Any, Any]:
    return share(ALICE.x, bound=1.0), share(ALICE.y)


def step(w: Any, x: Any, y: Any) -> Any:
    return w - (RATE / 12) * (x.T @ (mpckernel.sigmoid(x @ w) - y))


def training(one: Any, steps: int = 8) -> Any:
    """Steps of batches of twelve, each of them another one."""
    x, y = columns()
    w = np.zeros(FEATURES)
    for k in range(steps):
        rows = (np.arange(12) * 5 + 7 * k) % ROWS
        w = one(w, x[rows], y[rows])
    return w


def trained(steps: int = 8) -> np.ndarray:
    x, y = data()["x"], data()["y"]
    w = np.zeros(FEATURES)
    for k in range(steps):
        rows = (np.arange(12) * 5 + 7 * k) % ROWS
        w = w - RATE / 12 * (x[rows].T @ (1 / (1 + np.exp(-x[rows] @ w)) - y[rows]))
    return w


def mixed(a: Any, b: Any) -> Any:
    return np.minimum(a * b, 3), (b / 2 + a) * (a > b)


def repeated(f: Any, steps: int = 6) -> Any:
    a, b = share(ALICE.x, bound=1.0), share(ALICE.x, bound=1.0)[::-1] * 2
    for _ in range(steps):
        a, b = f(a, b)
    return a, b
