"""One claim about the accuracy of one function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mpckernel.array.dtypes import SecretType, sfix16, sfix20, sfix24

Reals: TypeAlias = NDArray[np.floating[Any]]
FIXED = (sfix16, sfix20, sfix24)
COMMON = (sfix16, sfix20)


@dataclass(frozen=True, slots=True)
class Claim:
    """name: as in SUPPORTED.md. call: on secret arrays. true: on exact floats (long doubles).

    domain: (least, most) of each operand; bound: declared for all (default: the largest end).
    allowed(true value, step, *operands): the largest error anywhere, the "Error:" line of the rule
    as a formula; step: 2^-f of the operands. edges: further points to try, where the function
    changes; f: fraction bits of the result for integer operands. how: which use of the function,
    where it has several. batch: the most elements at once.
    """

    name: str
    call: Callable[..., Any]
    true: Callable[..., Reals]
    domain: tuple[tuple[float, float], ...]
    allowed: Callable[..., Any]
    types: tuple[SecretType, ...] = COMMON
    bound: float | None = None
    edges: tuple[float, ...] = ()
    f: int = 20
    how: str = ""
    batch: int = 2**16

    @property
    def declared(self) -> float:
        """The public bound of every operand."""
        return self.bound or max(abs(end) for ends in self.domain for end in ends)

    @property
    def label(self) -> str:
        """Name and use, as in the table."""
        return f"`{self.name}`{self.how and ', '}{self.how}"


def both(most: float) -> tuple[float, float]:
    """From -most to most."""
    return (-most, most)


def nothing_at_zero(f: Callable[..., Reals]) -> Callable[..., Reals]:
    """f, but 0 where the last operand is 0: the contract of divisions."""

    def guarded(*x: Reals) -> Reals:
        last = np.where(x[-1] == 0, 1, x[-1])
        return np.where(x[-1] == 0, 0, f(*x[:-1], last))

    return guarded
