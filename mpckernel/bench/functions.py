"""Functions of 1e5 values (W5) and sorting (W6), at f = 16 and at the default type.

Ranges are those on which other engines are measured, declared as their owner would declare them.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import mpckernel
from mpckernel.bench.cases import DEFAULT, Allowed, Case, Column

M = 10**5
KEYS = 2.0**31 - 1


def _sigmoid(x: Any) -> Any:
    return mpckernel.sigmoid(x)


def _plain_sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _rsqrt(x: Any) -> Any:
    return mpckernel.rsqrt(x)


def _plain_rsqrt(x: Any) -> Any:
    return 1 / np.sqrt(x)


TARGET = Allowed(2.0**-13, 2.0**-13)
EXP = Allowed(2.0**-13, 2.0**-10)
SIGNED = (8.0, None)
POSITIVE = (100.0, 0.01)
# name, range of x, on secrets, on arrays, error allowed
ONE: tuple[tuple[str, tuple[float, float | None], Callable[..., Any], Any, Allowed], ...] = (
    ("exp", SIGNED, np.exp, np.exp, EXP),
    ("sigmoid", SIGNED, _sigmoid, _plain_sigmoid, TARGET),
    ("tanh", SIGNED, np.tanh, np.tanh, TARGET),
    ("reciprocal", POSITIVE, np.reciprocal, np.reciprocal, TARGET),
    ("sqrt", POSITIVE, np.sqrt, np.sqrt, TARGET),
    ("rsqrt", POSITIVE, _rsqrt, _plain_rsqrt, TARGET),
    ("log", POSITIVE, np.log, np.log, TARGET),
)


def _functions(f: int) -> Iterator[Case]:
    kind, tail = f"sfix{f}", "" if f != DEFAULT else str(f)
    for name, (top, low), secret, plain, allowed in ONE:
        column = Column(0, (M,), top, kind, low)
        where = f"[{column.low or -top:g}, {top:g}]"
        yield Case(
            f"W5{name}{tail}", f"{name} on {where}, f = {f}", M, (column,), secret, plain, allowed
        )
    columns = (Column(1, (M,), 8.0, kind), Column(0, (M,), 100.0, kind, 0.01))
    yield Case(
        f"W5division{tail}", f"x / y, y on [0.01, 100], f = {f}", M, columns, np.divide,
        np.divide, TARGET,
    )  # fmt: skip


def _sort(name: str, n: int, repeats: int) -> Case:
    columns = (Column(0, (n,), KEYS),)
    return Case(name, "sort of 32-bit keys", n, columns, np.sort, np.sort, repeats=repeats)


FUNCTIONS = (*_functions(16), *_functions(DEFAULT), _sort("W6a", M // 10, 5), _sort("W6b", M, 3))
