"""The tables are what fit.py fits, and their errors are true, by 30 digits."""

from typing import Any

import mpmath
import pytest

from mpckernel.protocols.composed import fit, tables

mpmath.mp.dps = 30
TRUE = {
    "SIGMOID": lambda x: 1 / (1 + mpmath.exp(-x)),
    "FINE_SIGMOID": lambda x: 1 / (1 + mpmath.exp(-x)),
    "TANH": mpmath.tanh,
    "SOFTPLUS": lambda x: mpmath.log1p(mpmath.exp(x)),
    "GELU": lambda x: x * mpmath.ncdf(x),
    "GELU_TURN": lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x) - mpmath.mpf(1) / 2,
    "ERF": mpmath.erf,
    "ARCTAN": mpmath.atan,
}


def value(c: list[Any], t: Any) -> Any:
    """The polynomial with coefficients ``c``, lowest power first."""
    return mpmath.fsum(k * t**i for i, k in enumerate(c))


def test_the_tables_are_fitted_anew() -> None:
    assert fit.FILE.read_text() == fit.source(), (
        "python -m mpckernel.protocols.composed.fit --write"
    )


@pytest.mark.parametrize("target", fit.TARGETS, ids=lambda t: t.name)
def test_no_piece_errs_beyond_the_stated_error(target: fit.Target) -> None:
    stored = getattr(tables, target.name)
    for k, c in zip(target.places(), stored.coefficients, strict=True):
        if target.within is not None and k in (target.places()[0], target.places()[-1]):
            continue
        centre = stored.centre(k)
        for j in range(-30, 31):
            t = mpmath.mpf(target.half) * j / 30
            x = mpmath.mpf(centre.numerator) / centre.denominator + t
            real = [mpmath.ldexp(v, 16 * i - 61) for i, v in enumerate(c)]
            got = value(real, t)
            got += target.slope(k) * x
            assert abs(got - TRUE[target.name](x)) <= stored.error, (k, j)


def test_the_exponential() -> None:
    c = [mpmath.ldexp(v, 16 * i - 61) for i, v in enumerate(tables.EXPONENTIAL)]
    for j in range(-1000, 1001):
        t = mpmath.mpf(fit.EXP_HALF) * j / 1000
        assert abs(value(c, t) / mpmath.exp(t) - 1) <= tables.EXPONENTIAL_ERROR


def test_the_circle() -> None:
    for k, c in enumerate(tables.CIRCLE):
        for j in range(-100, 101):
            t = mpmath.mpf(fit.HALF_TURN) * j / 100
            at = mpmath.mpf(k) / 16 + mpmath.mpf(fit.HALF_TURN) + t
            real = [mpmath.ldexp(v, 20 * i - 61) for i, v in enumerate(c)]
            error = value(real, t) - mpmath.sin(2 * mpmath.pi * at)
            assert abs(error) <= tables.CIRCLE_ERROR


def test_the_best_polynomial_errs_equally_often_on_both_sides() -> None:
    c = fit.remez(fit.np.exp, 3, 1.0)
    x = fit.np.linspace(-1, 1, 2001)
    error = fit.np.polynomial.polynomial.polyval(x, c) - fit.np.exp(x)
    largest = fit.np.abs(error).max()
    turns = fit.np.flatnonzero(fit.np.abs(error) > 0.999 * largest)
    signs = fit.np.sign(error[turns])
    assert (fit.np.diff(signs) != 0).sum() == 4
