"""The same work at growing sizes: seconds an element and memory against n."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import mpckernel
from mpckernel.bench.basic import ULP, less, product
from mpckernel.bench.cases import EXACT, Allowed, Case, Column

SIZES = (10**3, 10**4, 10**5, 10**6, 10**7, 10**8)


def _repeats(n: int) -> int:
    """Many where a cell is short: its median is to be that of a quiet machine."""
    return 101 if n <= 10**5 else 41 if n <= 10**6 else 5 if n <= 10**7 else 1


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x)) if isinstance(x, np.ndarray) else mpckernel.sigmoid(x)


class _Kind(NamedTuple):
    """What is measured at every size. top, kind, owners: of its columns."""

    what: str
    function: Callable[..., Any]
    top: float
    kind: str = "sfix16"
    owners: int = 2
    allowed: Allowed = EXACT


_KINDS = {
    "product": _Kind("fixed-point products", product, 2**12, allowed=ULP),
    "comparison": _Kind("x < y, proven 32 bit", less, 2**29, "sint"),
    "sigmoid": _Kind("sigmoid", _sigmoid, 8.0, owners=1, allowed=Allowed(2.0**-13)),
    "mean": _Kind("mean", np.mean, 2**12, owners=1, allowed=Allowed(2.0**-13)),
}


def growing(name: str, n: int, times: int = 1) -> Case:
    """`times` such operations on n elements each, which do not wait for each other, in one cell."""
    kind = _KINDS[name]
    operands = tuple(Column(k, (n,), kind.top, kind.kind) for k in range(kind.owners))

    def several(*columns: Any) -> Any:
        each = zip(*[iter(columns)] * kind.owners, strict=True)
        return tuple(kind.function(*operands) for operands in each)

    run = kind.function if times == 1 else several
    size = f"{n}" if times == 1 else f"{n}x{times}"
    return Case(f"{name}@{size}", kind.what, n * times, operands * times, run, run, kind.allowed,
                _repeats(n))  # fmt: skip


def parse(name: str) -> tuple[str, int, int] | None:
    """Kind, n and times of `NAME@n` or `NAME@nxTIMES`; None if it is no such name."""
    kind, _, size = name.partition("@")
    n, by, times = size.partition("x")
    if kind not in _KINDS or not n.isdigit() or (by and not times.isdigit()):
        return None
    return kind, int(n), int(times or 1)


GROWING = tuple(_KINDS)
