"""What is claimed of powers, by the kind of exponent."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType, sfix16, sfix20, sfix24, sint
from tests.accuracy.claim import COMMON, FIXED, Claim, Reals, both


def _general(z: Reals, s: float, y: Any) -> Any:
    size = abs(y)
    return z * (2**-12.1 + size * 2**-18 + (size + 12) * s) + 1.1 * s


def _to(y: float) -> Callable[[Any], Any]:
    return lambda x: x**y


def _real(y: float, least: float, most: float) -> Claim:
    """A public exponent that is neither whole nor a half more: 2^(y log2 x)."""
    return Claim("np.power", _to(y), _to(y), ((least, most),), lambda z, s, x: _general(z, s, y),
                 types=FIXED, how=f"x ** {y}")  # fmt: skip


def _whole(n: int, most: float, types: tuple[SecretType, ...]) -> Claim:
    """Products alone; integers are exact."""
    return Claim(
        "np.power", _to(n), _to(n), (both(most),), how=f"x ** {n}", types=types,
        allowed=lambda z, s, x: n * np.maximum(abs(x), 1) ** (n - 2) * s,
    )  # fmt: skip


def _below(n: int) -> Claim:
    """One reciprocal of a product, whose rounding counts (1 / x^n)^2."""
    return Claim(
        "np.power",
        _to(-n),
        _to(-n),
        ((0.25, 2.0**6),),
        how=f"x ** -{n}",
        allowed=lambda z, s, x: (
            2**-17.3 * z + 3 * s + 1.1 * n * np.maximum(x, 1) ** (n - 2) * s * z * z
        ),
    )


POWERS = (
    _real(0.3, 2.0**-16, 2.0**16),
    _real(-1.7, 2.0**-6, 2.0**16),
    _real(3.14, 2.0**-10, 2.0**6),
    _whole(2, 2.0**10, FIXED),
    _whole(3, 2.0**6, COMMON),
    _whole(10, 4.0, COMMON),
    Claim("np.power", _to(5), _to(5), (both(2**11),), lambda z, s, x: 0, types=(sint,),
          how="x ** 5"),
    _below(1),
    _below(2),
    Claim("np.power", _to(1.5), _to(1.5), ((0, 2.0**10),), how="x ** 1.5", types=FIXED,
          allowed=lambda z, s, x: 2**-18.3 * z + (x + 1) * s),
    Claim("np.power", np.power, np.power, ((2.0**-6, 2.0**6), both(3)), how="x ** y",
          allowed=lambda z, s, _, y: _general(z, s, y), types=(sfix16, sfix20)),
    Claim("np.power", np.power, np.power, ((2.0**-12, 2.0**12), both(1.5)), how="x ** y",
          allowed=lambda z, s, _, y: _general(z, s, y), types=(sfix20, sfix24)),
    Claim("np.power", lambda y: 2.5**y, lambda y: np.longdouble(2.5) ** y, (both(12),), _general,
          types=FIXED, how="2.5 ** y"),
)  # fmt: skip
