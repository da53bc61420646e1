"""What a workload is: private columns, a program on secrets, the same on arrays, and a bound.

A case times one joint cell from the moment its text is entered to the moment its result is
committed: waiting for the others, recording, agreement, run and vote included. Inputs are shared
in an earlier cell. Names W1 to W11 are those that comparisons with other engines use.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from mpckernel.ring import fixed
from mpckernel.ring.prg import Prg

DEFAULT = 20  # fraction bits of sfix20, the type that floats get by default


@dataclass(frozen=True, slots=True)
class Column:
    """One private input: its owner, shape, range of values, and type."""

    owner: int
    shape: tuple[int, ...]
    top: float  # declared as its bound
    kind: str = "sint"  # or sbool, sfix16, sfix20
    low: float | None = None  # -top

    def values(self, seed: int) -> np.ndarray:
        """The same at every call, so that every party and NumPy see one workload."""
        words = Prg(seed.to_bytes(16, "big")).words(self.shape, 0, 0)
        unit = words.astype(np.float64) / 2.0**64
        low = -self.top if self.low is None else self.low
        reals = low + unit * (self.top - low)
        if self.kind == "sbool":
            return reals > (low + self.top) / 2
        return reals.astype(np.int64) if self.kind == "sint" else reals

    def shared(self, seed: int) -> np.ndarray:
        """The values as they are once shared: rounded to the type's fraction bits."""
        values = self.values(seed)
        if not self.kind.startswith("sfix"):
            return values
        f = int(self.kind.removeprefix("sfix"))
        return fixed.decode(fixed.encode(values, f), f).reshape(self.shape)


class Allowed(NamedTuple):
    """The error that a result may have: |got - want| <= absolute + relative * |want|."""

    absolute: float = 0.0
    relative: float = 0.0

    def used(self, got: np.ndarray, want: np.ndarray) -> float:
        """The largest error as a share of what is allowed: above 1 is wrong."""
        got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
        if got.shape != want.shape:
            return float("inf")
        allowed = self.absolute + self.relative * np.abs(want)
        wrong = np.abs(got - want)
        if not wrong.size:
            return 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(wrong == 0, 0.0, wrong / allowed)
        return float(np.max(np.where(np.isnan(share), np.inf, share)))


EXACT = Allowed()


class Reference(NamedTuple):
    """What the literature gives for the same step: bits of all parties an element, and rounds."""

    bits: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Case:
    """A workload. per: the elements that bits and seconds are divided by."""

    name: str
    what: str
    n: int
    columns: tuple[Column, ...]
    secret: Callable[..., Any]
    plain: Callable[..., Any]
    allowed: Allowed = EXACT
    repeats: int = 7
    reference: Reference | None = None

    def beginning(self, n: int) -> "Case":
        """The same workload on the first n elements of its columns, for elementwise ones."""
        return replace(self, n=n, columns=tuple(replace(c, shape=(n,)) for c in self.columns))


def pair(shape: tuple[int, ...], top: float, kind: str) -> tuple[Column, Column]:
    """One column of alice's and one of bob's."""
    return Column(0, shape, top, kind), Column(1, shape, top, kind)
