"""Whole quotients and what they leave, exactly: // and %, divmod, fmod.

With x // 0 = 0 and x % 0 = x where the zero is secret, x == x // y * y + x % y always; a public
zero is refused. Fixed-point numbers are divided as the whole numbers of steps they are, so that
their quotients are exact, too; a public real divisor is first rounded to a step. How it is done:
protocols/composed/integers.py.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType, number
from mpckernel.array.functions.products import times_power
from mpckernel.array.publics import as_number, at_scale, common, operand, secret, words
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, narrowed
from mpckernel.errors import OutOfRange, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import integers
from mpckernel.protocols.composed.claims import proven
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.ring.words import Words, as_words, signed
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current


@dataclass(frozen=True, slots=True)
class Parts:
    """x, y as words of one type (y public or not), and floor(x / y), a whole number."""

    x: Call
    y: "Call | Words"
    q: Call
    t: SecretType

    def quotient(self) -> SecretArray:
        """floor(x / y) in the type of x and y."""
        return SecretArray(times_power(self.q, self.t.f), self.t)

    def rest(self) -> SecretArray:
        """x - q y: smaller than y, of its sign."""
        do = current().record
        if isinstance(self.y, np.ndarray):
            back = do(ideal.scale, self.q, as_words(np.negative(self.y)))
            s = signed(self.y)
            most = max(int(s.max(initial=0)), -int(s.min(initial=0)))
            return narrowed(ask(ideal.add, self.x, back, dtype=self.t), max(most - 1, 0))
        back = do(proven(ideal.mul, self.x.bound + self.y.bound), self.q, self.y)  # |x| + |rest|
        most = max(self.x.bound, self.y.bound)
        return narrowed(ask(ideal.sub, self.x, back, dtype=self.t), most)


def _parts(x1: Any, x2: Any) -> Parts:
    x, y = operand(x1), operand(x2)
    t = number(common(x, y))
    if isinstance(y, SecretArray):
        pair = np.broadcast_arrays(as_number(secret(x)), as_number(y))
        a, b = (v for v in (at_scale(v, t.f) for v in pair))
        q = current().record(lanewise(integers.floor_divide), a, b)
        return Parts(a, b, q, t)
    a = at_scale(as_number(secret(x)), t.f)
    d = words(y, t.f)
    return Parts(a, d, _by_public(a, d), t)


def _by_public(x: Call, d: Words) -> Call:
    """floor(x / d); by one power of two without an estimate."""
    if not d.all():
        raise UsageError("division by a public number that is zero, or rounds to zero")
    k = int(signed(d).flat[0]) if d.size == 1 else 0
    if k <= 0 or k & (k - 1):
        return integers.floor_divide_public(current().record, x, signed(d))
    shape = np.broadcast_shapes(x.shape, d.shape)
    if shape != x.shape:
        raise OutOfRange("a public divisor has no more axes than what it divides")
    return current().record(ideal.floor, x, f=k.bit_length() - 1) if k > 1 else x


@implements(np.floor_divide)
def floor_divide(x: Any, y: Any) -> SecretArray:
    """x // y by secret or public numbers, rounded down; 0 where a secret y is 0; exact.

    Two secrets: x in steps below 2^58. By a public number: x below 2^47 times it.

    Error: exact; a public float divisor is first rounded to 2^-f
    """
    return _parts(x, y).quotient()


@implements(np.remainder)
def remainder(x: Any, y: Any) -> SecretArray:
    """x % y by secret or public numbers, of the sign of y; x where a secret y is 0; exact.

    Error: exact; a public float divisor is first rounded to 2^-f
    """
    return _parts(x, y).rest()


@implements(np.divmod)
def divmod_(x: Any, y: Any) -> tuple[SecretArray, SecretArray]:
    """x // y and x % y, for the price of one of them and a product; exact.

    Error: exact; a public float divisor is first rounded to 2^-f
    """
    parts = _parts(x, y)
    return parts.quotient(), parts.rest()


@implements(np.fmod)
def fmod(x: Any, y: Any) -> SecretArray:
    """What division towards zero leaves: as remainder, but of the sign of x; exact.

    Error: exact; a public float divisor is first rounded to 2^-f
    """
    x, y = operand(x), operand(y)
    left = _parts(np.abs(x), np.abs(y)).rest()
    return np.where(x < 0, -left, left)
