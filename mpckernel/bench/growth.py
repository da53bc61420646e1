"""The same work at growing sizes: seconds an element and memory against n."""

from collections.abc import Callable
from typing import Any

import numpy as np

import mpckernel
from mpckernel.bench.basic import ULP, less, product
from mpckernel.bench.cases import Allowed, Case, Column, pair

SIZES = (10**3, 10**4, 10**5, 10**6, 10**7, 10**8)


def _repeats(n: int) -> int:
    """Many where a cell is short: its median is to be that of a quiet machine."""
    return 101 if n <= 10**5 else 41 if n <= 10**6 else 5 if n <= 10**7 else 1


def _product(n: int) -> Case:
    columns = pair((n,), 2**12, "sfix16")
    return Case(f"product@{n}", "fixed-point products", n, columns, product, product, ULP,
                _repeats(n))  # fmt: skip


def _comparison(n: int) -> Case:
    columns = pair((n,), 2**29, "sint")
    return Case(f"comparison@{n}", "x < y, proven 32 bit", n, columns, less, less,
                repeats=_repeats(n))  # fmt: skip


def _sigmoid(n: int) -> Case:
    def secret(x: Any) -> Any:
        return mpckernel.sigmoid(x)

    def plain(x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    column = Column(0, (n,), 8.0, "sfix16")
    return Case(f"sigmoid@{n}", "sigmoid", n, (column,), secret, plain, Allowed(2.0**-13),
                _repeats(n))  # fmt: skip


def _mean(n: int) -> Case:
    column = Column(0, (n,), 2**12, "sfix16")
    return Case(f"mean@{n}", "mean", n, (column,), np.mean, np.mean, Allowed(2.0**-13),
                _repeats(n))  # fmt: skip


GROWING: dict[str, Callable[[int], Case]] = {
    "product": _product, "comparison": _comparison, "sigmoid": _sigmoid, "mean": _mean,
}  # fmt: skip
