"""Dropout: secret elements set to 0, the others enlarged.

Which elements are kept is decided by random bits that no party knows; they are new in every
repetition of a recorded step.
Source: Srivastava et al. 2014; random bits without messages by pseudo-random secret sharing.
"""

from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sbool
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray, ask
from mpckernel.nn import norms
from mpckernel.nn.pending import combined, rounded
from mpckernel.nn.tape import Scaled
from mpckernel.nn.tensor import differentiable
from mpckernel.protocols import ideal
from mpckernel.ring.words import Shape

PARTS = 256  # a probability is a whole number of them


def whole(p: float) -> Fraction:
    """The probability, rounded to parts of 256."""
    return Fraction(round(p * PARTS), PARTS)


def kept(p: Fraction, shape: Shape) -> SecretArray:
    """Secret bits that are 0 with probability p, a fraction k / 2^b: one AND for each bit of p but
    the lowest, as many rounds.

    A number of b random bits is less than 2^b - k; bit by bit, from the lowest.
    """
    b, least = p.denominator.bit_length() - 1, p.denominator - p.numerator
    bits = ask(ideal.random_bits, dtype=sbool, shape=(b, *shape))
    found: Any = ~bits[0]  # the lowest bit of what is left is 1
    for k in range(1, b):
        zero = ~bits[k]
        found = (zero | found) if least >> k & 1 else (zero & found)
    return found


@differentiable
def dropout(x: Any, p: float = 0.5, training: bool = True) -> Any:
    """Every element of x is 0 with probability p, secretly and by itself, or 1/(1-p) of itself.

    p: public, rounded to a multiple of 1/256. training: nothing is done if it is False. Nothing is
    sent for p = 1/2 but a choice for each element; otherwise up to 7 bits and a cut more. 1/(1-p)
    is rounded to 8 bits, relative 2^-9. Leaks nothing. In the scheme `plain`, whose random bits
    are 0, every element is kept.
    """
    share = whole(p)
    if not training or not share:
        return x, (lambda g: g,)
    values = secret(operand(x))
    if share == 1:
        return values * 0, (lambda g: g * 0,)
    on, times = kept(share, values.shape), rounded(1 / (1 - share))
    z = _chosen(on, values)
    length, total = (float(times) * n for n in (norms.row(z), norms.whole(z)))
    y = combined(z, values.dtype, times)
    cuts = sqrt(y.size) * 2.0**-y.dtype.f
    norms.knows(y, length + cuts, total + cuts)
    return y, (lambda g: Scaled(_chosen(on, operand(g)), times),)


def _chosen(on: SecretArray, x: Any) -> Any:
    return norms.like(np.where(on, x, 0), x)
