"""Standardised columns with a constant beside them, their moments, and inverses of these.

A column of n standardised values has norm sqrt(n), so any sum of n products of two of them, with
weights of at most 1, is at most n: products of moments fit one word where intervals would not
allow it. Moments are kept divided by `scale`, the power of two from n on.
Without an intercept, columns are taken over their root mean square, which makes them as long; the
first column is 0 then, and so is its coefficient.
Source: Schulz 1933 for an inverse that is improved; Cauchy and Schwarz for the ranges.
Notation: A (n, p + 1) a column of ones and the standardised ones; H = A' W A / scale + Q.
"""

from fractions import Fraction
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from mpckernel.array.dtypes import SecretType, sfix, sfix20, sfix24
from mpckernel.array.functions.fused import declared, matmul_to
from mpckernel.array.functions.standardising import (
    APART,
    LEAST,
    OFF,
    Standard,
    numbers,
    others,
    own,
    quotient,
    standard,
)
from mpckernel.array.publics import secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import OutOfRange

FINE = sfix(30)  # moments
INVERSE = sfix20  # inverses of moments, up to
LARGEST = 2.0**17
FAR = 256.0  # standard deviations: other values farther out are taken to be there


class Design(NamedTuple):
    """Columns as a model sees them: ones, and the standardised ones (n, p + 1)."""

    a: SecretArray
    by: Standard
    intercept: bool


def design(x: Any, intercept: bool = True) -> Design:
    """Standardise x (n, p). Raises OutOfRange for more rows than moments have room for."""
    x = numbers(x)
    by = units(x, intercept)
    z = own(x, by, fitting(x.shape[0]))
    return Design(beside_constant(z, 1 if intercept else 0), by, intercept)


def units(x: SecretArray, intercept: bool) -> Standard:
    """What columns are standardised by; without an intercept 0 and the root mean square."""
    by = standard(x)
    if intercept:
        return by
    root = np.hypot(np.std(x, axis=0), np.mean(x, axis=0))
    varies = root >= LEAST
    return Standard(secret(np.zeros(root.shape), sfix24), np.where(varies, root, 0), varies)


def fitting(n: int) -> SecretType:
    """The finest type whose moments of n rows fit: sfix24 up to 15 000, sfix20 up to 4 million."""
    f = (61 - int(1.02 * n + 1).bit_length()) // 2
    if f < 16:
        raise OutOfRange("so many rows are not supported")
    return sfix(min(f, 24))


def rows_of(x: Any, by: Standard, t: SecretType) -> SecretArray:
    """Other rows on the same scale, with the constant."""
    return beside_constant(others(x, by, t, FAR), 1)


def beside_constant(z: SecretArray, value: int) -> SecretArray:
    """A column of one number before the others."""
    first = secret(np.full((z.shape[0], 1), float(value)), z.dtype)
    return np.concatenate([first, z], axis=1)  # type: ignore[no-any-return]


def scale(n: int) -> int:
    """The power of two from n on."""
    return 1 << (n - 1).bit_length()


def norm(n: int) -> float:
    """No standardised column of n values is longer."""
    return sqrt(n) * OFF + 2.0**-16


def moments(a: SecretArray, right: SecretArray, longest: float) -> SecretArray:
    """a' right / scale; longest: no column of `right` is longer."""
    n = a.shape[0]
    most = norm(n) * longest / scale(n)
    return matmul_to(a.T, right, FINE, times=Fraction(1, scale(n)), most=most)


def gram(a: SecretArray, weights: SecretArray | None = None, largest: float = 1.0) -> SecretArray:
    """a' W a / scale for weights (n,) in [0, largest], or 1."""
    n = a.shape[0]
    if weights is None:
        return moments(a, a, norm(n))
    return moments(a, np.reshape(weights, (n, 1)) * a, norm(n) * largest + 2.0**-10)


def room_beside(a: SecretArray, reach: float) -> SecretType:
    """The finest type, at most sfix24, whose products with a fit one word up to `reach`."""
    return sfix(min(24, 61 - a.dtype.f - int(reach).bit_length()))


def penalties(alpha: float, d: Design) -> SecretArray:
    """Q (p + 1,): alpha / (std^2 scale), what alpha on raw coefficients is on standardised ones.

    1 for constant columns, whose coefficient is 0 then; 0 for the constant itself if there is one.
    """
    q = np.where(d.by.varies, 0, 1).astype(sfix24)
    if alpha:
        one = secret(np.ones(q.shape), sfix24)
        inverse = quotient(one, d.by.std, sfix24, 1 / LEAST)
        q = inverse * inverse * float(alpha / scale(d.a.shape[0])) + q
    first = secret(np.full(1, 0.0 if d.intercept else 1.0), sfix24)
    return np.concatenate([first, q])  # type: ignore[no-any-return]


def with_penalty(gram: SecretArray, q: SecretArray) -> SecretArray:
    """gram + diag(q), at a scale that has room for it."""
    f = min(gram.dtype.f, 84 - (q.bound + (2 << 24)).bit_length())
    return gram.astype(sfix(f)) + np.diag(q.astype(sfix(f)))


def inverse(h: SecretArray) -> SecretArray:
    """The inverse, where it is at most 2^17; 0 or wrong otherwise, as `inverts` tells."""
    return limited(np.linalg.inv(h), LARGEST).astype(INVERSE)


def improved(v: SecretArray, h: SecretArray, steps: int = 2) -> SecretArray:
    """V (2 - H V), some times: the inverse of H, from one of a matrix near it.

    Ranges hold where V is near enough for this to converge; `inverts` tells afterwards.
    """
    two = 2 * np.eye(h.shape[0])
    for _ in range(steps):
        rest = two - matmul_to(h, v, sfix24, most=16)
        v = declared(matmul_to(v, rest, INVERSE, most=LARGEST / 2), LARGEST)
    return v


def inverts(v: SecretArray, h: SecretArray) -> SecretArray:
    """A secret bit: whether V is the inverse of H to within half of it in every direction, and in
    its range, which `improved` only hopes: whatever went in, what a product cut by 24 bits gives
    is below 2^41 steps."""
    p = h.shape[0]
    rest, most = np.eye(p) - matmul_to(h, v, sfix24, most=16), 1 / (2 * p)
    near, v = (rest < most) & (rest > -most), declared(v, 2.0**21)
    return np.all(near & (v < LARGEST) & (v > -LARGEST))  # type: ignore[no-any-return]


def raw(b: SecretArray, d: Design) -> tuple[SecretArray, SecretArray]:
    """(coefficients (p,) in units of the columns as they were given, intercept) of standardised
    coefficients b (p + 1,), the constant first."""
    slopes = unscaled(b[1:], d.by)
    if not d.intercept:
        return slopes, secret(np.zeros(()), b.dtype)
    return slopes, b[0] - (shifts(d.by) * b[1:]).sum()


def unscaled(b: SecretArray, by: Standard) -> SecretArray:
    """b / std (p,), 0 for constant columns, in steps of 2^-28 where the ring has room for them."""
    most = b.bound / 2**b.dtype.f / LEAST
    return quotient(b, by.std, sfix(min(28, 60 - int(most).bit_length())), most)


def shifts(by: Standard) -> SecretArray:
    """mean / std (p,); 0 for constant columns."""
    return quotient(by.mean, by.std, sfix20, APART * OFF)


def limited(x: SecretArray, most: float) -> SecretArray:
    """x between -most and most: np.clip in half of the rounds."""
    above, below = x > most, x < -most
    return declared(np.where(above, most, np.where(below, -most, x)), most)
