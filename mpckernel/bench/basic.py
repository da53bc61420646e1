"""Products, comparisons, matrix products and chains of dependent products: W1 to W4 and W11."""

from collections.abc import Callable
from typing import Any

import numpy as np

import mpckernel
from mpckernel.bench.cases import Allowed, Case, Column, Reference, pair

N = 10**6
BIG = 2.0**61 - 2.0**10  # differences need all 64 bits
ULP = Allowed(2.0**-16)  # a truncation gives floor or floor + 1


def product(x: Any, y: Any) -> Any:
    """Elementwise."""
    return x * y


def less(x: Any, y: Any) -> Any:
    """Elementwise."""
    return x < y


def _matmul(x: Any, y: Any) -> Any:
    return x @ y


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


def _chain(n: int) -> Callable[..., Any]:
    def run(x: Any, y: Any) -> Any:
        for _ in range(n):
            y = y * x
        return y

    return run


def _matrices(m: int, p: int, q: int) -> tuple[Column, Column]:
    return Column(0, (m, p), 8.0, "sfix16"), Column(1, (p, q), 8.0, "sfix16")


BASIC = (
    Case("empty", "a joint cell that asks for nothing", 0, (), lambda: None, lambda: None,
         repeats=150),
    Case("W1", "fixed-point products, f = 16", N, pair((N,), 2**12, "sfix16"), product, product,
         ULP, 9, Reference(240, 3)),
    Case("W2", "integer products", N, pair((N,), 2**24, "sint"), product, product,
         repeats=9, reference=Reference(192, 1)),
    Case("W3a", "x < y, 64 bit", N // 10, pair((N // 10,), BIG, "sint"), less, less,
         repeats=60, reference=Reference(544, 8)),
    Case("W3b", "x < y, 64 bit", N, pair((N,), BIG, "sint"), less, less,
         reference=Reference(544, 8)),
    Case("W3n", "x < y, proven 32 bit", N, pair((N,), 2**29, "sint"), less, less,
         reference=Reference(259, 7)),
    Case("W3c", "ReLU, f = 16, |x| <= 8", N, (Column(0, (N,), 8.0, "sfix16"),), _relu, _relu),
    Case("W4a", "matmul 1000 x 1000 x 1000, f = 16", 10**6, _matrices(1000, 1000, 1000), _matmul,
         _matmul, ULP, 5, Reference(240, 3)),
    Case("W4b", "matmul 128 x 784 x 128, f = 16", 128 * 128, _matrices(128, 784, 128), _matmul,
         _matmul, ULP, 40, Reference(240, 3)),
    Case("W11", "dependent scalar products, integer", 1000, pair((), 1.0, "sint"),
         mpckernel.recorded(_chain(1000)), _chain(1000), repeats=11,
         reference=Reference(192, 1000)),
    Case("W11f", "dependent scalar products, f = 16", 1000, pair((), 1.0, "sfix16"),
         mpckernel.recorded(_chain(1000)), _chain(1000), Allowed(1000 * 2.0**-16), 5,
         Reference(240, 3000)),
)  # fmt: skip
