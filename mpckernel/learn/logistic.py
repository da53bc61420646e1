"""Logistic regression.

Newton's steps on standardised columns. The inverse of the second derivatives is found once, at the
start, and improved in each step, which takes a tenth of the rounds of solving equations.
Source: iteratively reweighted least squares as in statsmodels; Schulz 1933 for the inverse.
Notation: b coefficients, the constant first; p probabilities; g and H derivatives, over `scale`.
"""

from math import inf, sqrt
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sfix24
from mpckernel.array.functions.activations import sigmoid
from mpckernel.array.functions.fused import declared, matmul_to
from mpckernel.array.publics import secret
from mpckernel.array.recorded import recorded
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn import moments
from mpckernel.learn.base import Estimator, check_is_fitted, features, names_of, table, vector
from mpckernel.learn.classes import flags_of, labels_of, ones_of
from mpckernel.learn.descent import descend
from mpckernel.learn.summary import Summary, beside, named, standard_errors

MOST = 32.0  # of a standardised coefficient; those beyond are cut, and do not count as converged
CLOSE = 2.0**-10  # the last step of a fit that has converged is smaller
ENOUGH = 50  # steps of newton: one that is CLOSE is followed by one of 2^-20, and then by none


class LogisticRegression(Estimator):
    """Probabilities of two classes, 0 and 1, from columns of secret numbers.

        model = LogisticRegression(C=1.0).fit(x, y)
        p = reveal(model.predict_proba(x)[:, 1])
        model.summary(["age", "dose"]).reveal()

    penalty: "l2" (1 / (2 C) times the sum of squared coefficients, the intercept left out, as in
    scikit-learn) or None. solver: "newton", or "sgd" for many columns: batch_size rows a step, in
    an order drawn from random_state (public), at learning_rate, on standardised columns.
    max_iter: so many steps or, of sgd, passes over all rows, always: when to stop would tell. Of
    newton at most 50: each step squares the error, so a fit that has converged by then would stay
    as it is, and of one that has not converged_ says so.
    fit_intercept: False for coefficients alone; intercept_ is 0 then.
    Attributes, secret: coef_ (1, p) and intercept_ (1,) in units of the columns as given;
    converged_, a bit: false where the numbers mean nothing (of sgd, where one went astray).
    A column whose standard deviation is below 2^-12, or below a thousandth of its mean, counts as
    constant; without an intercept, one whose root mean square is below 2^-12 counts as 0.
    Leaks nothing until something is revealed, but one bit of a cell where y are numbers: that its
    promises hold, here that they are 0 and 1. Booleans spare it.
    Error of newton: coefficients of standardised columns within 1e-3 of the exact ones with a
    penalty, within 2e-3 of their standard error without one, where converged_ is true.
    """

    def __init__(
        self,
        penalty: str | None = "l2",
        *,
        C: float = 1.0,  # noqa: N803  (scikit-learn's)
        fit_intercept: bool = True,
        solver: str = "newton",
        max_iter: int = 10,
        learning_rate: float = 0.5,
        batch_size: int = 32,
        random_state: int = 0,
    ) -> None:
        self.penalty, self.C, self.solver, self.max_iter = penalty, C, solver, max_iter
        self.learning_rate, self.batch_size = learning_rate, batch_size
        self.fit_intercept, self.random_state = fit_intercept, random_state

    def fit(self, x: Any, y: Any) -> "LogisticRegression":
        """Learn from rows x (n, p) and classes y (n,), booleans or 0 and 1.

        Raises RangeLeft at the end of the cell if secret numbers are others: y > 0 makes 1 and -1,
        y == 3 makes 3 and others, booleans.
        """
        names, x = names_of(x), table(x)
        y = ones_of(vector(y, len(x)), labels_of(self, "fit")).astype(sfix24)
        self._check()
        d = moments.design(x, bool(self.fit_intercept))
        q = moments.penalties(0.0 if self.penalty is None else 1 / self.C, d)
        if self.solver == "newton":
            b, v, converged = newton(d, y, q, min(self.max_iter, ENOUGH))
        else:
            plan = self.max_iter, self.batch_size, self.learning_rate, self.random_state
            b, v = descend(d, y, q, plan, MOST), None
            converged = np.all((b < MOST) & (b > -MOST))
        coefficients, intercept = moments.raw(b, d)
        self.learned(
            coef_=np.reshape(coefficients, (1, -1)),
            intercept_=np.reshape(intercept, (1,)),
            converged_=converged,
            classes_=np.array([0, 1]),
            n_features_in_=x.shape[1],
            feature_names_in_=names,
            _b_=b,
            _v_=v,
            _by_=d.by,
            _rows_=len(x),
            _constant_=int(d.intercept),
        )
        return self

    def _check(self) -> None:
        known = self.penalty in ("l2", None) and self.solver in ("newton", "sgd")
        if not known or not self.C > 0 or self.max_iter < 1:
            raise UsageError(
                'LogisticRegression: penalty is "l2" or None, solver is "newton" or "sgd", '
                "C > 0, max_iter >= 1"
            )

    def decision_function(self, x: Any) -> SecretArray:
        """Log-odds (n,) of class 1. Error: 2^-15, and 2^-25 of each term."""
        check_is_fitted(self)
        x = features(table(x), self.n_features_in_)
        t = moments.room_beside(self._b_, moments.FAR * MOST * (x.shape[1] + 1))
        z = moments.rows_of(x, self._by_, t)
        return np.ravel(matmul_to(z, self._b_[:, None], sfix24))

    def predict_proba(self, x: Any) -> SecretArray:
        """Probabilities (n, 2) of the classes 0 and 1."""
        p = probability(self.decision_function(x))
        return np.stack([1 - p, p], axis=1)  # type: ignore[no-any-return]

    def predict(self, x: Any) -> SecretArray:
        """The likelier class (n,), a secret boolean."""
        return self.decision_function(x) > 0  # type: ignore[no-any-return]

    def score(self, x: Any, y: Any) -> SecretArray:
        """The accuracy. Labels, leaks and errors as in fit."""
        known = flags_of(vector(y, len(table(x))), labels_of(self, "score"))
        return np.mean((self.predict(x) == known).astype(sfix24))  # type: ignore[no-any-return]

    def summary(self, names: Any = None) -> Summary:
        """Coefficients with standard errors, z and p, to be revealed: model.summary().reveal().

        names: public words for the columns, written in the cell; by default those of a joint table.
        """
        check_is_fitted(self)
        if self._v_ is None:
            raise UsageError('standard errors need solver="newton"')
        errors = standard_errors(self._v_, self._by_, self._rows_)
        first = 1 - self._constant_
        both = beside(self.intercept_, self.coef_[0])[first:], errors[first:], self.converged_
        columns = named(names, self.n_features_in_, self.feature_names_in_)
        return Summary(columns[first:], both, inf, self._rows_)


def probability(z: SecretArray) -> SecretArray:
    """1 / (1 + e^-z), and at most 2^-20 beyond 0 and 1."""
    return sigmoid(z, fine=True)


def newton(
    d: moments.Design, y: SecretArray, q: SecretArray, steps: int
) -> tuple[SecretArray, SecretArray, SecretArray]:
    """(standardised coefficients, inverse of H or 0, whether this converged)."""
    start = moments.with_penalty(moments.gram(d.a) * 0.25, q)
    v = declared(moments.inverse(start), moments.LARGEST)
    n, width = d.a.shape
    t = moments.room_beside(d.a, log_odds(n, width))
    b = declared(secret(np.zeros((width, 1)), t), MOST)
    for _ in range(steps):
        b, v, h, still = _step(d.a, y, q, b, v)
    good = moments.inverts(v, h)
    return np.ravel(b), np.where(good, v, 0), still & good


def log_odds(n: int, width: int) -> float:
    """No row of n has larger ones: all rows together have norm sqrt(n width), b has MOST
    sqrt(width)."""
    return moments.norm(n) * sqrt(width) * MOST * sqrt(width) + 1


@recorded
def _step(
    a: SecretArray, y: SecretArray, q: SecretArray, b: SecretArray, v: SecretArray
) -> tuple[SecretArray, SecretArray, SecretArray, SecretArray]:
    """(b, V, H, whether b hardly moved) one step on. All ranges are those of `declared`: V may be
    wrong, and then the check at the end says so."""
    n, width = a.shape
    odds = matmul_to(a, b, sfix24, most=log_odds(n, width))
    p = declared(np.ravel(probability(odds)), 1 + 2.0**-16)
    w = declared(p * (1 - p), 0.25 + 2.0**-20)
    away = np.reshape(y - p, (n, 1))
    g = moments.moments(a, away, moments.norm(n) * 1.01) - np.reshape(q, (width, 1)) * b
    h = moments.with_penalty(moments.gram(a, w, 0.26), q)
    v = moments.improved(v, h)
    move = matmul_to(v, g, b.dtype, most=2 * MOST)
    still = np.all((move < CLOSE) & (move > -CLOSE))
    return moments.limited(b + move, MOST), v, h, still
