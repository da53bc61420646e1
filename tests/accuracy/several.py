"""What is claimed of functions of several elements: of each element and two of its neighbours."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mpckernel.array import logsumexp, softmax
from mpckernel.array.dtypes import sfix20, sint
from tests.accuracy.claim import COMMON, FIXED, Claim, Reals, both

N = 3
WEIGHTS = np.array([0.5, 2, 1])
LARGE = both(2.0**16)


def _three(x: Any) -> Any:
    return np.stack([x, np.roll(x, 1), np.roll(x, 5)])


def _of(f: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda x: f(_three(x), axis=0)


def _softmax(x: Reals) -> Reals:
    e = np.exp(_three(x) - _three(x).max(axis=0))
    return e[0] / e.sum(axis=0)


def _logsumexp(x: Reals) -> Reals:
    most = _three(x).max(axis=0)
    return most + np.log(np.exp(_three(x) - most).sum(axis=0))


def _spread_error(z: Reals) -> Reals:
    return (2**-20.7 + N**0.5 * 2**-28) * z


def _variance_error(z: Reals, s: float, _: Reals) -> Reals:
    return 2 * _spread_error(z) + (2.5 * np.sqrt(z) + 1) * s


def _product_error(z: Reals, s: float, x: Reals) -> Reals:
    a, b, c = abs(_three(x))
    return (np.maximum(np.maximum(a, b), c) + 1) * s


def _half(z: Reals, s: float, x: Reals) -> Reals:
    return (abs(_three(x)).max(axis=0) / 2 + 2) * s


def _weighted(f: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda x: f(_three(x), axis=0, weights=WEIGHTS)


SEVERAL = (
    Claim("mpckernel.softmax", lambda x: softmax(_three(x), axis=0)[0], _softmax, (both(16),),
          lambda z, s, x: 2**-11.1 * z + 3 * s, types=FIXED, how="of three"),
    Claim("mpckernel.softmax", lambda x: softmax(_three(x), axis=0)[0], _softmax, (LARGE,),
          lambda z, s, x: 2**-11.1 * z + 3 * s, how="of three"),
    Claim("mpckernel.logsumexp", _of(logsumexp), _logsumexp, (LARGE,),
          lambda z, s, x: 2**-12.1 + 4 * s, types=FIXED, how="of three"),
    Claim("np.sum", _of(np.sum), _of(np.sum), (LARGE,), lambda z, s, x: 0, types=(*FIXED, sint),
          how="of three"),
    Claim("np.mean", _of(np.mean), _of(np.mean), (LARGE,), lambda z, s, x: 1.2 * s,
          types=(*FIXED, sint), how="of three"),
    Claim("np.std", _of(np.std), _of(np.std), (LARGE,),
          lambda z, s, x: _spread_error(z) + 1.2 * s, types=FIXED, how="of three"),
    Claim("np.var", _of(np.var), _of(np.var), (both(2.0**9),), _variance_error, how="of three"),
    Claim("np.prod", _of(np.prod), _of(np.prod), (both(2.0**7),), _product_error,
          types=(sfix20,), how="of three"),
    Claim("np.max", _of(np.max), _of(np.max), (LARGE,), lambda z, s, x: 0, types=(*FIXED, sint),
          how="of three"),
    Claim("np.median", _of(np.median), _of(np.median), (LARGE,), lambda z, s, x: 0, how="of three"),
    Claim("np.quantile", lambda x: np.quantile(_three(x), 0.3, axis=0),
          lambda x: np.quantile(_three(x), 0.3, axis=0), (LARGE,), _half, types=COMMON,
          how="0.3 of three"),
    Claim("np.average", _weighted(np.average), _weighted(np.average), (LARGE,),
          lambda z, s, x: 2 * s, how="of three, public weights"),
)  # fmt: skip
