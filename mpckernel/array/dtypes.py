"""Secret types: integers, fixed point with f fraction bits, booleans; and their promotion.

A word at scale f stands for word / 2^f. Every word satisfies |word| < 2^62, and every call of a
plan carries a public bound on it, so that nothing ever wraps. Booleans next to numbers count as
integers, an integer next to fixed point becomes fixed point, and of two fixed types the finer one
is taken. A sum (or a product summed over many terms) whose bound is beyond one word becomes `swide`
of the same scale, two words an element; everything else that does not fit is refused.
Source: fixed-point parameters as in SPU and MP-SPDZ; 20 bits for statistics, 16 for training.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mpckernel.errors import Unsupported

MOST_BITS = 30  # a product carries 2f bits and must leave room for its integer part


@dataclass(frozen=True, slots=True)
class SecretType:
    """The type of a secret array. kind: "b", "i" or "f" as in NumPy, "w" of two words; f: fraction
    bits."""

    name: str
    kind: str
    f: int = 0

    def __repr__(self) -> str:
        return self.name

    @property
    def numpy(self) -> np.dtype[Any]:
        """What it becomes when it is revealed."""
        if self.kind == "w":
            return np.dtype(np.float64 if self.f else np.object_)
        return np.dtype({"b": np.bool_, "i": np.int64, "f": np.float64}[self.kind])


sint = SecretType("sint", "i")
sbool = SecretType("sbool", "b")
swide = SecretType("swide", "w")  # two words, at any scale: what sums become that one cannot hold


def sfix(f: int) -> SecretType:
    """Fixed point with f fraction bits, 1 <= f <= 30: steps of 2^-f, |x| < 2^(62-f)."""
    if not isinstance(f, int | np.integer) or not 1 <= f <= MOST_BITS:
        raise Unsupported(f"fixed point has 1 to {MOST_BITS} fraction bits")
    f = int(f)
    return SecretType(f"sfix{f}", "f", f)


sfix16 = sfix(16)
sfix20 = sfix(20)
sfix24 = sfix(24)
DEFAULT = sfix20  # what floats become


def promote(*types: SecretType) -> SecretType:
    """The common type of an operation: booleans count as integers unless all are booleans;
    an integer next to fixed point becomes fixed point; of two fixed types the finer one."""
    best = sbool
    for t in types:
        if t.kind == "f":
            best = t if best.kind != "f" or t.f > best.f else best
        elif t.kind == "i" and best.kind == "b":
            best = t
    return best


def number(t: SecretType) -> SecretType:
    """The type in arithmetic: a boolean counts as the integer 0 or 1."""
    return sint if t.kind == "b" else t


def type_from(request: Any, current: SecretType | None = None) -> SecretType:
    """The secret type somebody means: a SecretType, "sfix16", or any NumPy type.

    A NumPy float keeps the fraction bits of `current` if it has some. Raises Unsupported.
    """
    if isinstance(request, SecretType):
        return request
    if isinstance(request, str) and request in _NAMED:
        return _NAMED[request]
    if isinstance(request, str) and request.startswith("sfix") and request[4:].isdigit():
        return sfix(int(request[4:]))
    try:
        kind = np.dtype(request).kind
    except TypeError:
        kind = "O"
    if kind == "f":
        return current if current is not None and current.kind == "f" else DEFAULT
    if kind in "iu":
        return sint
    if kind == "b":
        return sbool
    raise Unsupported("a secret has type sint, sbool, sfix16, sfix20, sfix24 or sfix(f)")


_NAMED = {"sint": sint, "sbool": sbool, "swide": swide}
