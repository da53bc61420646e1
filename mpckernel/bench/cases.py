"""The workloads, each as a user would write it, with the same in plain NumPy.

A case times one joint cell from the moment its text is entered to the moment its result is
committed: waiting for the others, recording, agreement, run and vote included. Inputs are shared
in an earlier cell. Names W1 to W11 are those that comparisons with other engines use.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mpckernel.ring.prg import Prg


@dataclass(frozen=True, slots=True)
class Column:
    """One private input: its owner, shape, values below `top` in absolute value, and type."""

    owner: int
    shape: tuple[int, ...]
    top: float
    kind: str = "sint"  # or sfix16, sfix20

    def values(self, seed: int) -> np.ndarray:
        """The same at every call, so that every party and NumPy see one workload."""
        words = Prg(seed.to_bytes(16, "big")).words(self.shape, 0, 0)
        unit = words.astype(np.float64) / 2.0**63 - 1.0
        return unit * self.top if self.kind != "sint" else (unit * self.top).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Case:
    """A workload: what it computes on secrets, and the same on arrays."""

    name: str
    what: str
    n: int
    columns: tuple[Column, ...]
    secret: Callable[..., Any]
    plain: Callable[..., Any]
    repeats: int = 7
    shape: tuple[int, ...] = field(default=())


def _chain(n: int) -> Callable[..., Any]:
    def run(x: Any, y: Any) -> Any:
        for _ in range(n):
            y = y * x
        return y

    return run


def _product(x: Any, y: Any) -> Any:
    return x * y


def _less(x: Any, y: Any) -> Any:
    return x < y


def _matmul(x: Any, y: Any) -> Any:
    return x @ y


def _pair(shape: tuple[int, ...], top: float, kind: str) -> tuple[Column, Column]:
    return Column(0, shape, top, kind), Column(1, shape, top, kind)


def _matrices(m: int, p: int, q: int) -> tuple[Column, Column]:
    return Column(0, (m, p), 8.0, "sfix16"), Column(1, (p, q), 8.0, "sfix16")


N = 10**6
BIG = 2.0**61 - 2.0**10  # differences need all 64 bits
CASES: dict[str, Case] = {
    c.name: c
    for c in (
        Case("empty", "a joint cell that asks for nothing", 0, (), lambda: None, lambda: None, 15),
        Case("W1", "fixed-point products, f = 16", N, _pair((N,), 2**12, "sfix16"), _product,
             _product),
        Case("W2", "integer products", N, _pair((N,), 2**24, "sint"), _product, _product),
        Case("W3a", "x < y, 64 bit", N // 10, _pair((N // 10,), BIG, "sint"), _less, _less),
        Case("W3b", "x < y, 64 bit", N, _pair((N,), BIG, "sint"), _less, _less),
        Case("W3n", "x < y, proven 32 bit", N, _pair((N,), 2**29, "sint"), _less, _less),
        Case("W4a", "matmul 1000 x 1000 x 1000, f = 16", 1000, _matrices(1000, 1000, 1000),
             _matmul, _matmul, 5),
        Case("W4b", "matmul 128 x 784 x 128, f = 16", 128, _matrices(128, 784, 128), _matmul,
             _matmul, 9),
        Case("W11", "dependent scalar products, integer", 1000, _pair((), 1.0, "sint"),
             _chain(1000), _chain(1000)),
        Case("W11f", "dependent scalar products, f = 16", 1000, _pair((), 1.0, "sfix16"),
             _chain(1000), _chain(1000)),
    )
}  # fmt: skip
