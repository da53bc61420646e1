"""Linear regression, plain and ridge: normal equations of standardised columns.

Source: normal equations; the inverse as in moments.py, with one refinement of the solution.
Notation: b coefficients of standardised columns for a standardised y; H = A' A / scale + Q.
"""

from math import sqrt
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sfix20, sfix24
from mpckernel.array.functions.fused import declared, matmul_to
from mpckernel.array.functions.standardising import numbers, own
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn import moments
from mpckernel.learn.base import Estimator, check_is_fitted, column, features, names_of, table
from mpckernel.learn.metrics import r2_score
from mpckernel.learn.summary import Summary, beside, named, standard_errors

MOST = 256.0  # of a coefficient between standardised values; a fit beyond has not converged


class _Linear(Estimator):
    """What both have in common."""

    alpha = 0.0
    fit_intercept: bool

    def fit(self, x: Any, y: Any) -> Any:
        """Learn from rows x (n, p) and numbers y (n,)."""
        names, x = names_of(x), table(x)
        y = numbers(column(y, len(x)))
        reach = float(y.bound / 2**y.dtype.f)
        if not self.alpha >= 0:
            raise UsageError("Ridge: alpha is not negative")
        d = moments.design(x, bool(self.fit_intercept))
        by_y = moments.units(y[:, None], d.intercept)
        t = moments.fitting(len(x))
        b, v, solved, left = least_squares(d, own(y[:, None], by_y, t), self.alpha)
        slopes = b[1:] * by_y.std
        intercept = by_y.mean[0]
        if d.intercept:
            intercept = intercept - (moments.shifts(d.by) * slopes.astype(sfix20)).sum()
        self.learned(
            coef_=moments.unscaled(slopes, d.by),
            intercept_=intercept,
            converged_=solved,
            n_features_in_=x.shape[1],
            feature_names_in_=names,
            _b_=b,
            _v_=v,
            _by_=d.by,
            _y_=by_y,
            _left_=left,
            _reach_=reach,
            _rows_=len(x),
            _constant_=int(d.intercept),
        )
        return self

    def predict(self, x: Any) -> SecretArray:
        """Expected values (n,), at most twice as large as what y was declared to be at most.

        A value farther than 256 standard deviations from its column's mean counts as that far.
        """
        check_is_fitted(self)
        x = features(table(x), self.n_features_in_)
        t = moments.room_beside(self._b_, moments.FAR * MOST * (x.shape[1] + 1))
        z = moments.rows_of(x, self._by_, t)
        found = np.ravel(matmul_to(z, self._b_[:, None], sfix20))
        expected = found * self._y_.std[0] + self._y_.mean[0]
        return np.clip(expected, -2 * self._reach_, 2 * self._reach_)  # type: ignore[no-any-return]

    def score(self, x: Any, y: Any) -> SecretArray:
        """R^2, the share of the variance that is explained."""
        return r2_score(y, self.predict(x))


class LinearRegression(_Linear):
    """Least squares with an intercept, or with fit_intercept=False without one.

        model = LinearRegression().fit(x, y)
        model.summary(["age", "dose"]).reveal()

    Attributes, secret: coef_ (p,) and intercept_, in units of the columns as given; converged_, a
    bit: false where columns are nearly multiples of each other, and the numbers mean nothing then.
    A column whose standard deviation is below 2^-12, or below a thousandth of its mean, counts as
    constant; without an intercept, one whose root mean square is below 2^-12 counts as 0.
    Leaks nothing until something is revealed.
    Error: 1e-4 of the largest coefficient, once columns are standardised, where their condition
    number is at most 2^10.
    """

    def __init__(self, *, fit_intercept: bool = True) -> None:
        self.fit_intercept = fit_intercept

    def summary(self, names: Any = None) -> Summary:
        """Coefficients with standard errors, t and p, to be revealed: model.summary().reveal()."""
        check_is_fitted(self)
        freedom = self._rows_ - self.n_features_in_ - self._constant_
        if freedom < 1:
            raise UsageError("so few rows leave nothing to estimate errors from")
        noise = np.sqrt(self._left_ * (self._rows_ / freedom)) * self._y_.std[0]
        errors = standard_errors(self._v_, self._by_, self._rows_, noise)
        both = beside(self.intercept_, self.coef_)
        first = 1 - self._constant_
        return Summary(
            named(names, self.n_features_in_, self.feature_names_in_)[first:],
            (both[first:], errors[first:], self.converged_),
            freedom,
            self._rows_,
        )


class Ridge(_Linear):
    """Least squares with alpha times the sum of squared coefficients, the intercept left out, as in
    scikit-learn.

        model = Ridge(alpha=1.0).fit(x, y)

    Attributes and errors: as for LinearRegression.
    """

    def __init__(self, alpha: float = 1.0, *, fit_intercept: bool = True) -> None:
        self.alpha, self.fit_intercept = alpha, fit_intercept


def least_squares(
    d: moments.Design, y: SecretArray, alpha: float
) -> tuple[SecretArray, SecretArray, SecretArray, SecretArray]:
    """(b (p + 1,), inverse of H or 0, whether this is the solution, mean squared residual)."""
    n, width = d.a.shape
    h = moments.with_penalty(moments.gram(d.a), moments.penalties(alpha, d))
    v = moments.improved(moments.inverse(h), h, 1)
    c = moments.moments(d.a, y, moments.norm(n))
    b = matmul_to(v, c, sfix24, most=MOST)
    rest = c - matmul_to(h, b, moments.FINE, most=16)
    b = b + matmul_to(v, rest, sfix24, most=1)
    good = moments.inverts(v, h)
    solved = good & np.all((b < MOST) & (b > -MOST))
    b = moments.limited(b, MOST)
    reach = moments.norm(n) * width * MOST + 1
    fitted = matmul_to(d.a, b.astype(moments.room_beside(d.a, reach)), sfix24, most=reach)
    away = declared(y - fitted, 2 * sqrt(n) + 1)
    return np.ravel(b), np.where(good, v, 0), solved, np.mean(away * away)
