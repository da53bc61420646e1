"""What is claimed to be exact, and what rounds once."""

from typing import Any

import numpy as np

from mpckernel.array import relu
from mpckernel.array.dtypes import sfix16, sfix20, sfix24, sint
from tests.accuracy.claim import FIXED, Claim, Reals, both, nothing_at_zero

LARGE = both(2.0**16)
TYPES = (*FIXED, sint)
DECIMALS = 100


def _nothing(*_: Any) -> float:
    return 0.0


def _rest(x: Reals, y: Reals) -> Reals:
    """The remainder; x where y is 0."""
    return np.where(y == 0, x, np.remainder(x, np.where(y == 0, 1, y)))


def _near_cents(z: Reals, s: float, x: Reals) -> float:
    return (1.2 if LARGE[1] ** 2 * DECIMALS > 2**60 * s else 0.75) * s


EXACT = (
    *(Claim(f"np.{f.__name__}", f, f, (LARGE,), _nothing, types=TYPES)
      for f in (np.floor, np.ceil, np.trunc, np.rint, np.sign, np.absolute, np.negative)),
    Claim("mpckernel.relu", relu, lambda x: np.maximum(x, 0), (LARGE,), _nothing, types=TYPES),
    Claim("np.clip", lambda x: np.clip(x, -1.5, 100), lambda x: np.clip(x, -1.5, 100), (LARGE,),
          _nothing, types=FIXED, how="from -1.5 to 100"),
    *(Claim(f"np.{f.__name__}", f, f, (LARGE, LARGE), _nothing, types=TYPES)
      for f in (np.maximum, np.minimum, np.heaviside, np.add, np.less, np.equal, np.logical_and)),
    Claim("np.remainder", np.remainder, _rest, (LARGE, LARGE), _nothing, types=TYPES),
    Claim("np.floor_divide", np.floor_divide, nothing_at_zero(np.floor_divide), (LARGE, LARGE),
          _nothing, types=(sfix16, sfix20, sint)),
    Claim("np.floor_divide", np.floor_divide, nothing_at_zero(np.floor_divide),
          (both(2.0**12), both(2.0**12)), _nothing, types=(sfix24,)),
    Claim("np.round", np.round, np.round, (LARGE,), _nothing, types=TYPES),
    Claim("np.round", lambda x: np.round(x, 2), lambda x: np.rint(x * DECIMALS) / DECIMALS,
          (LARGE,), _near_cents, types=FIXED, how="2 decimals"),
    Claim("x.astype", lambda x: x.astype(sfix16), lambda x: x, (LARGE,), lambda z, s, x: 2**-16,
          types=(sfix20, sfix24), how="to sfix16"),
    Claim("x.astype", lambda x: x.astype(sint), np.trunc, (LARGE,), _nothing, types=FIXED,
          how="to sint"),
)  # fmt: skip
