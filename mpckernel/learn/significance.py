"""p values and quantiles of the normal and of Student's distribution, of public numbers.

Source: the incomplete beta function by its continued fraction, Lentz's way (DLMF 8.17.22).
"""

from math import erfc, exp, inf, isfinite, lgamma, log, sqrt
from statistics import NormalDist

_TINY, _EPS, _TERMS = 1e-300, 1e-15, 500


def two_sided(statistic: float, freedom: float = inf) -> float:
    """How likely a value at least this far from 0 is, by Student's distribution with so many
    degrees of freedom; of infinitely many by the normal one."""
    if not isfinite(statistic):
        return 0.0 if abs(statistic) == inf else float("nan")
    if freedom == inf:
        return erfc(abs(statistic) / sqrt(2))
    return _beta(freedom / 2, 0.5, freedom / (freedom + statistic**2))


def quantile(level: float, freedom: float = inf) -> float:
    """How far from 0 a share `level` of all values lies at most."""
    if freedom == inf:
        return NormalDist().inv_cdf((1 + level) / 2)
    low, high = 0.0, 2.0
    while two_sided(high, freedom) > 1 - level:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        if two_sided(middle, freedom) > 1 - level:
            low = middle
        else:
            high = middle
    return high


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)
    return exp(front) / (a * _fraction(a, b, x))


def _fraction(a: float, b: float, x: float) -> float:
    """1 + d1 x / (1 + d2 x / (1 + ...)), from the front."""
    value, c, d = 1.0, 1.0, 0.0
    for k in range(1, _TERMS):
        m = k // 2
        if k % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + term * d or _TINY)
        c = 1 + term / c or _TINY
        value *= c * d
        if abs(c * d - 1) < _EPS:
            break
    return value
