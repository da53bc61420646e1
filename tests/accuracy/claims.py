"""What is claimed of each function: where it is defined, what it should give, how near it comes.

One line of CLAIMS is one claim, measured for each of its types. Powers, exact functions and those
of several elements have modules of their own.
"""

import numpy as np

from mpckernel.array import erf, gelu, rsqrt, sigmoid, softplus
from mpckernel.array.dtypes import sfix16, sfix20, sfix24, sint
from mpckernel.protocols.composed import fit
from mpckernel.protocols.composed.splines import FEW
from tests.accuracy.claim import COMMON, FIXED, Claim, Reals, both, nothing_at_zero
from tests.accuracy.exact import EXACT
from tests.accuracy.powers import POWERS
from tests.accuracy.several import SEVERAL

SMOOTH = (
    ("mpckernel.sigmoid", sigmoid, fit.sigmoid, 13.3), ("np.tanh", np.tanh, np.tanh, 15.1),
    ("mpckernel.softplus", softplus, fit.softplus, 13.5), ("mpckernel.gelu", gelu, fit.gelu, 13.9),
    ("mpckernel.erf", erf, fit.erf_of, 14.4),
)  # fmt: skip


def _root(x: Reals) -> Reals:
    return np.sqrt(np.maximum(x, 0))


def _one_over_root(x: Reals) -> Reals:
    return np.where(x > 0, 1 / np.sqrt(np.where(x > 0, x, 1)), 0)


CLAIMS: tuple[Claim, ...] = (
    Claim("np.multiply", np.multiply, np.multiply, (both(2**12), both(2**12)), lambda z, s, *_: s,
          types=FIXED),
    Claim("np.multiply", lambda x: x * 0.3, lambda x: x * np.longdouble(0.3), (both(2**16),),
          lambda z, s, x: (abs(x) / 2 + 2) * s),
    Claim("np.square", np.square, np.square, (both(2**10),), lambda z, s, x: s, types=FIXED),
    Claim("np.divide", np.divide, nothing_at_zero(np.divide), (both(2**16), both(2**16)),
          lambda z, s, *_: 2**-18.5 * abs(z) + 3 * s),
    Claim("np.divide", lambda x: x / 7, lambda x: x / 7, (both(2**16),), lambda z, s, x: 1.2 * s),
    Claim("np.reciprocal", np.reciprocal, nothing_at_zero(lambda x: 1 / x), (both(2**16),),
          lambda z, s, x: 2**-17.3 * abs(z) + 3 * s, types=(*FIXED, sint)),
    *(Claim("np.exp", np.exp, np.exp, (both(most),), lambda z, s, x: 2**-12.2 * z + 1.1 * s,
            types=types) for most, types in (
        (8, FIXED), (16, (sfix20, sint)), (2.0**-4, COMMON))),
    *(Claim("np.exp", np.exp, np.exp, ((-(2.0**16), most),),
            lambda z, s, x: 2**-12.2 * z + 1.1 * s, types=(t,), edges=(-15, -14, -12, -11, most))
      for t, most in ((sfix16, 21.0), (sfix20, 18.2), (sfix24, 15.5))),
    Claim("np.exp2", np.exp2, np.exp2, ((-(2.0**16), 26),),
          lambda z, s, x: 2**-12.2 * z + 1.1 * s),
    Claim("np.expm1", np.expm1, np.expm1, (both(8),),
          lambda z, s, x: 2**-12.2 * np.exp(x) + 1.1 * s),
    Claim("np.sinh", np.sinh, np.sinh, (both(10),),
          lambda z, s, x: 2**-12.2 * np.cosh(x) + 2.2 * s),
    Claim("np.cosh", np.cosh, np.cosh, (both(18),),
          lambda z, s, x: 2**-12.2 * z + 2.2 * s),
    *(Claim("mpckernel.sigmoid", sigmoid, fit.sigmoid, (both(most),),
            lambda z, s, x: 2**-13.3 + s, types=types)
      for most, types in ((8, COMMON), (2.0**10, (*FIXED, sint)), (2.0**16, COMMON))),
    *(Claim("mpckernel.sigmoid", lambda x: sigmoid(x, fine=True), fit.sigmoid, (both(most),),
            lambda z, s, x: 2**-20.4 + s, types=FIXED, how="fine") for most in (8.0, 2.0**10)),
    *(Claim("np.tanh", np.tanh, np.tanh, (both(most),), lambda z, s, x: 2**-15.1 + s, types=types)
      for most, types in ((8, COMMON), (2.0**16, (*FIXED, sint)))),
    Claim("mpckernel.softplus", softplus, fit.softplus, (both(2.0**16),),
          lambda z, s, x: 2**-13.5 + s, types=FIXED),
    Claim("mpckernel.gelu", gelu, fit.gelu, (both(2.0**16),), lambda z, s, x: 2**-13.9 + s,
          types=FIXED),
    Claim("mpckernel.erf", erf, fit.erf_of, (both(2.0**16),), lambda z, s, x: 2**-14.4 + s,
          types=FIXED),
    *(Claim(name, call, true, (both(most),), lambda z, s, x, e=e: 2**-e + s, batch=FEW, types=FIXED,
            how=f"up to {FEW:,} elements")
      for name, call, true, e in SMOOTH for most in (8.0, 2.0**10)),
    Claim("np.logaddexp", np.logaddexp, np.logaddexp, (both(2.0**10), both(2.0**10)),
          lambda z, s, *_: 2**-13.5 + s),
    *(Claim(f"np.{f.__name__}", f, f, (both(2.0**16),),
            lambda z, s, x: 2**-16.1 + abs(x) * 2.0**-62 / s + s, types=(*FIXED, sint))
      for f in (np.sin, np.cos)),
    Claim("np.tan", np.tan, np.tan, (both(1.57),),
          lambda z, s, x: np.where(abs(z) < 2**10, (2**-15.3 + abs(x) * 2.0**-61 / s + 2 * s)
                                   * (1 + z * z), np.inf)),
    *(Claim("np.arctan", np.arctan, np.arctan, (both(most),), lambda z, s, x: 2**-18 + 3 * s,
            types=types) for most, types in ((1, COMMON), (2.0**16, (*FIXED, sint)))),
    Claim("np.arctan2", np.arctan2, np.arctan2, (both(2.0**16), both(2.0**16)),
          lambda z, s, *_: 2**-18 + 3 * s, types=FIXED),
    *(Claim(f"np.{f.__name__}", f, f, (both(1),), lambda z, s, x: 2**-18 + 4 * s, types=FIXED)
      for f in (np.arcsin, np.arccos)),
    Claim("np.sqrt", np.sqrt, _root, (both(2**16),),
          lambda z, s, x: 2**-18.3 * z + s, types=(*FIXED, sint)),
    Claim("mpckernel.rsqrt", rsqrt, _one_over_root, (both(2**16),),
          lambda z, s, x: 2**-17.9 * z + s, types=(*FIXED, sint)),
    Claim("np.cbrt", np.cbrt, np.cbrt, (both(2**16),),
          lambda z, s, x: 2**-18.3 * abs(z) + s, types=(*FIXED, sint)),
    Claim("np.hypot", np.hypot, np.hypot, (both(2**16), both(2**16)),
          lambda z, s, *_: 2**-18.2 * z + s, types=(*FIXED, sint)),
    Claim("np.log", np.log, np.log, ((2**-24, 2**16),),
          lambda z, s, x: 2**-18.4 + 2.5 * s, types=FIXED),
    Claim("np.log2", np.log2, np.log2, ((2**-24, 2**16),),
          lambda z, s, x: 2**-18 + s, types=FIXED),
    Claim("np.log10", np.log10, np.log10, ((2**-24, 2**16),),
          lambda z, s, x: 2**-19 + 2.5 * s),
    Claim("np.log1p", np.log1p, np.log1p, ((2.0**-10 - 1, 2**15),),
          lambda z, s, x: 2**-18.4 + 2.5 * s),
    Claim("np.arcsinh", np.arcsinh, np.arcsinh, (both(2.0**16),),
          lambda z, s, x: 2**-17 + 8 * s, types=(*FIXED, sint)),
    Claim("np.arccosh", np.arccosh, np.arccosh, ((1, 2.0**16),),
          lambda z, s, x: 2**-17 + 8 * s, types=FIXED),
    Claim("np.arctanh", np.arctanh, np.arctanh, (both(1 - 2.0**-16),),
          lambda z, s, x: 2**-17.4 + 5 * s, types=FIXED),
    *(Claim(f"np.{f.__name__}", f, f, (both(2**16),), lambda z, s, x: (abs(x) / 2 + 2) * s)
      for f in (np.degrees, np.radians)),
    *POWERS,
    *EXACT,
    *SEVERAL,
)  # fmt: skip

ELSEWHERE = {  # what has an error and no row: the tests that hold it, or the row
    "np.percentile": "np.quantile",
    "np.isclose": "tests/array/test_comparing.py",
    "np.matmul": "tests/array/test_linear.py",
    "mpckernel.scaled_matmul": "tests/array/test_scaled.py",
    "np.average": "tests/array/test_statistics.py",
    "np.cov": "tests/array/test_statistics.py",
    "np.corrcoef": "tests/array/test_statistics.py",
    "np.linalg.solve": "tests/array/test_solving.py",
    "np.linalg.inv": "tests/array/test_solving.py",
    "np.linalg.cholesky": "tests/array/test_factoring.py",
    "np.linalg.det": "tests/array/test_determinants.py",
    "np.linalg.slogdet": "tests/protocols/composed/test_determinant.py",
    "np.trapezoid": "tests/array/test_curves.py",
    "np.polyval": "tests/array/test_curves.py",
    "np.gradient": "tests/array/test_curves.py",
    "np.interp": "tests/array/test_curves.py",
}
