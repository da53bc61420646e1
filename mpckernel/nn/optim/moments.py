"""Running means of a gradient and of its square, and where they say to go: what Adam remembers.

    m += (1 - b1) (g - m)      v += (1 - b2) (g^2 - v)      m / sqrt(v + e)

v has the more bits the slower it moves, 33 for a b2 of 0.999: what a step adds to it is a small
part of g^2, and g^2 of small gradients is small.
Source: Kingma, Ba 2015. Departs from it in: see adam.py.
"""

from fractions import Fraction
from math import ceil, floor, log2, sqrt
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType, sfix
from mpckernel.array.functions.fused import declared
from mpckernel.array.secret import SecretArray, ask
from mpckernel.nn import norms
from mpckernel.nn.derivatives.standardising import times_to
from mpckernel.nn.parameter import Parameter
from mpckernel.nn.pending import combined, less, rounded
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import roots
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.runtime.cell import current

MEAN, POWER, ROOT = sfix(20), sfix(30), sfix(28)
SQUARE, FINER = 27, 6  # fraction bits of v at least, and how many more at most
WHOLE = SecretType("sfix45", "f", 45)  # of 1 - b2^t, for a small part of it
LARGEST = 13  # |g| <= 2^13, so that g^2 fits at all these bits
LEAST = 16  # steps of v that are added at least
SMALLEST = 2.0**-13.5  # eps at least, in the unit of g: what roundings of errors add up to
ROOM = 62  # bits of a word


class Rates:
    """The public numbers of a group; first, second: 1 - b1 and 1 - b2 to 8 bits; square: the type
    of v."""

    def __init__(self, group: dict[str, Any], *, apart: bool) -> None:
        self.lr, self.eps = float(group["lr"]), float(group["eps"])
        decay = Fraction(group["weight_decay"])
        self.with_gradient = Fraction(0) if apart else rounded(decay)
        self.alone = decay * Fraction(self.lr) if apart else Fraction(0)
        self.first, self.second = (rounded(1 - Fraction(b)) for b in group["betas"])
        self.square = square_type(self.second)
        self.betas = np.array([float(1 - self.first), float(1 - self.second)])
        b1, b2 = self.betas
        start = sqrt(1 - b2) / (1 - b1)
        self.largest = self.lr * max(1.0, start) * 1.01 + 2.0**-POWER.f
        self.ratio = (1 - b1) / sqrt(1 - b2) / sqrt(1 - b1 * b1 / b2)

    def beside(self, p: Parameter) -> float:
        """No element that decay adds to the gradient of p is larger."""
        most = norms.largest(p.data) if p.norm is None else p.norm
        return float(self.with_gradient) * most

    def kept(self, w: Any) -> Any:
        """Weights that have decayed by themselves."""
        return less(w, self.alone) if self.alone else w

    def powers(self, old: SecretArray) -> SecretArray:
        """b1^t and b2^t, one step on."""
        new = declared(old.astype(POWER) * self.betas, 1.0)
        new.owners = old.owners
        return new

    def go_on(self, powers: SecretArray) -> None:
        """To the step with these powers: rest, 1 - b2^t; size, lr sqrt(1 - b2^t) / (1 - b1^t)."""
        rest = declared(1.0 - powers, 1.0)
        part: Any = np.divide(np.sqrt(rest[1]), rest[0])
        part = declared(part, self.largest / max(self.lr, 2.0**-40))
        self.rest = rest[1]
        self.size = declared((part * self.lr).astype(POWER), self.largest)

    def direction(self, m: Any, v: Any, unit: int) -> tuple[SecretArray, float]:
        """m / sqrt(v + e), and the most that it can be; e is eps, squared, times 1 - b2^t.

        |m| <= ratio sqrt(v) by Cauchy's inequality, for exact m and v. v is never negative and at
        most 3/2 (1 - b2^t) / (1 - b2) + 2 steps too small, which matters where it is about as small
        as that. Of e, which is as much smaller in early steps, a step at least is left.
        """
        t = self.square
        least = max(LEAST, round(max(self.eps * 2.0**unit, SMALLEST) ** 2 * 2**t.f))
        lost = 1.51 / (float(self.second) * least) + 2  # over e
        steep = 2.0 ** (t.f / 2)
        far = self.ratio * sqrt(max(1.0, lost)) * 1.01
        far += (1 / float(self.first) + 3) * 2.0**-MEAN.f * steep + 2.0**-MEAN.f
        e = (self.rest.astype(WHOLE) * (least * 2.0**-t.f)).astype(t) + 2 * 2.0**-t.f
        word = (v + e).word
        root = current().record(lanewise(roots.rsqrt), word, c=2 * ROOT.f + t.f)
        r = declared(SecretArray(root, ROOT, v.owners), steep * 1.001 + 2.0**-ROOT.f)
        return times_to(m, r, MEAN, far), far


def square_type(part: Fraction) -> SecretType:
    """Of v, for 1 - b2: of a part of the way that is cut before its factor, no more than half a
    step is lost, so that v is never negative."""
    finer = min(FINER, floor(-log2(part)) - 3) if part else FINER
    return _bits(SQUARE + max(0, finer))


def moved(old: SecretArray, new: SecretArray, part: Fraction, t: SecretType) -> SecretArray:
    """A running mean, a part of the way further. It stays within what both are, since a part of
    what is between `new` and its bound is more than a step. Where words times the part's 8 bits
    might not fit, they are cut before; see square_type."""
    apart: Any = new - old
    reach = apart.word.bound * part.numerator
    if (over := reach.bit_length() - ROOM) > 0:
        apart = ask(ideal.trunc, apart, f=over, dtype=_bits(t.f - over))
    z = old + combined(apart, t, part)
    most = max(norms.largest(old), 2.0 ** ceil(log2(1.01 * norms.largest(new) + 1)))
    bound = declared(z, most)
    bound.owners = old.owners | new.owners
    return bound


def _bits(f: int) -> SecretType:
    return SecretType(f"sfix{f}", "f", f)
