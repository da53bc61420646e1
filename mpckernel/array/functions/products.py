"""Products of secrets with secrets and with public numbers: elementwise, dot, matrix product.

The product of words at scales f and g has scale f + g and is cut back by the smaller of them;
where it does not fit the ring before the cut, limbs do (protocols/composed/wide.py). Public
integers are free. A public real factor is its nearest whole number, free, plus the rest, rounded
to as many bits as matter or fit.
Source: fixed-point products as in SecureML and ABY3.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, frexp
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mpckernel.array.dtypes import DEFAULT, SecretType, number, promote
from mpckernel.array.publics import words
from mpckernel.array.secret import SecretArray
from mpckernel.errors import OutOfRange
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import wide
from mpckernel.protocols.composed.limbs import matmul_parts
from mpckernel.protocols.ideal import LIMIT
from mpckernel.ring.words import Words, as_words
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current

Reals: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bilinear:
    """mul, dot (over the last axis) or matmul (of two matrices); each result adds up n terms."""

    name: str
    n: int = 1

    def exact(self, x: "Call | Words", y: "Call | Words") -> Call:
        """The product as it is; at most one operand is public."""
        do, n = current().record, {"n": self.n}
        if self.name == "matmul":
            if isinstance(x, np.ndarray):
                return do(ideal.public_matmul, x, y, **n)
            return do(ideal.matmul_public if isinstance(y, np.ndarray) else ideal.matmul, x, y, **n)
        if isinstance(x, np.ndarray):
            x, y = y, x
        if self.name == "dot":
            if not isinstance(y, np.ndarray):
                return do(ideal.dot, x, y, **n)
            scaled = do(ideal.scale, x, y)
            return do(ideal.total, scaled, axis=(len(scaled.shape) - 1,), **n)
        return do(ideal.scale if isinstance(y, np.ndarray) else ideal.mul, x, y)

    def cut(self, x: "Call | Words", y: "Call | Words", f: int) -> Call:
        """The product over 2^f, floor or floor + 1, in limbs where it must."""
        if f == 0:
            return self.exact(x, y)
        do = current().record
        if self.name == "mul":
            return wide.mul_trunc(do, x, y, f)
        return (wide.dot_trunc if self.name == "dot" else wide.matmul_trunc)(do, x, y, self.n, f)


TIMES = Bilinear("mul")


def product(
    kind: Bilinear, x: "SecretArray | np.ndarray", y: "SecretArray | np.ndarray"
) -> SecretArray:
    """x by y, at least one of them secret.

    Exact for integers, an integer by fixed point, and whole public numbers. Two fixed-point
    secrets: |error| < 2^-f (1 + 2^-10 where limbs are needed), f of the finer scale. A public real
    over n terms: |error| <= (n |x| / 2 + 2) 2^-f; an integer secret becomes fixed point then.
    OutOfRange if the result might not fit.
    """
    if isinstance(x, SecretArray) and isinstance(y, SecretArray):
        if kind.n > 1 and x.bound * y.bound * kind.n >> min(x.dtype.f, y.dtype.f) >= LIMIT:
            return _in_parts(kind, x, y)
        call = kind.cut(x.word, y.word, min(x.dtype.f, y.dtype.f))
        return SecretArray(call, product_type(x.dtype, y.dtype))
    secret, c = (x, y) if isinstance(x, SecretArray) else (y, x)
    assert isinstance(secret, SecretArray)
    assert isinstance(c, np.ndarray)
    if c.dtype.kind != "f":
        pair = (secret.word, words(c, 0)) if secret is x else (words(c, 0), secret.word)
        return SecretArray(kind.exact(*pair), number(secret.dtype))
    if not np.isfinite(c).all():
        raise OutOfRange("a public factor is not finite")
    if secret.dtype.f == 0:
        return SecretArray(_integer(kind, secret.word, c, secret is x), DEFAULT)
    return SecretArray(_fixed(kind, secret, c, secret is x), secret.dtype)


def _in_parts(kind: Bilinear, x: SecretArray, y: SecretArray) -> SecretArray:
    """A product whose sum of terms might not fit, as swide: the sum of parts that fit."""
    from mpckernel.array.widening import widened

    most = x.bound * y.bound * kind.n >> min(x.dtype.f, y.dtype.f)
    parts = matmul_parts(kind.n, most)
    ends = [kind.n * k // parts for k in range(parts + 1)]
    result: Any = None
    for i, j in pairwise(ends):
        rows = y[..., i:j] if kind.name == "dot" else y[i:j]
        part = widened(product(Bilinear(kind.name, j - i), x[..., i:j], rows))
        result = part if result is None else result + part
    return result  # type: ignore[no-any-return]


def product_type(*types: SecretType) -> SecretType:
    """The type of a product: a number at the finer scale."""
    return promote(*(number(t) for t in types))


def _integer(kind: Bilinear, x: Call, c: Reals, first: bool) -> Call:
    """An integer by c at the default scale f: c at g >= f bits, then a cut of g - f."""
    f, reach = DEFAULT.f, max(kind.n, 1) * x.bound
    g = max(f, min(exact_bits(c), _room(reach, _largest(c)), f + reach.bit_length()))
    pair = (x, words(c, g)) if first else (words(c, g), x)
    call = kind.exact(*pair)
    return current().record(ideal.trunc, call, f=g - f) if g > f else call


def _fixed(kind: Bilinear, x: SecretArray, c: Reals, first: bool) -> Call:
    """Fixed point by c: whole numbers at no cost, and what is left at g bits, cut by g."""

    def ordered(w: Words) -> Any:
        return (x.call, w) if first else (w, x.call)

    whole = np.asarray(np.rint(c))
    rest = np.asarray(c - whole)
    if not rest.any():
        return kind.exact(*ordered(words(whole, 0)))
    reach = max(kind.n, 1) * x.bound
    useful = max(x.dtype.f, _room(reach, _largest(rest)))
    g = max(1, min(exact_bits(rest), reach.bit_length(), useful))
    call = kind.cut(*ordered(words(rest, g)), g)
    if whole.any():
        call = current().record(ideal.add, kind.exact(*ordered(words(whole, 0))), call)
    most = reach * Fraction(_largest(c)) + Fraction(reach, 1 << g + 1) + 3
    call.bound = min(call.bound, ceil(most))
    return call


def exact_bits(c: Reals) -> int:
    """The least g >= 0 for which every c 2^g is whole."""
    mantissa, exponent = np.frexp(c[c != 0])
    if mantissa.size == 0:
        return 0
    m = np.ldexp(mantissa, 53).astype(np.int64)
    zeros = np.log2((m & -m).astype(np.float64)).astype(np.int64)  # at the low end
    return max(0, int((53 - exponent - zeros).max()))


def _room(reach: int, largest: float) -> int:
    """The most bits g <= 60 for which reach * round(largest 2^g) < 2^62, at least 1."""
    if reach == 0 or largest == 0.0:
        return 60
    g = min(60, 64 - reach.bit_length() - frexp(largest)[1])
    while g > 1 and reach * round(Fraction(largest) * Fraction(2) ** g) >= LIMIT:
        g -= 1
    return max(1, g)


def _largest(c: Reals) -> float:
    return float(np.abs(c).max()) if c.size else 0.0


def times_power(x: Call, k: int) -> Call:
    """2^k x, exactly and free."""
    return x if k == 0 else current().record(ideal.scale, x, as_words(1 << k))
