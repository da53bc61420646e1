"""PCA: the directions in which the rows vary most.

The matrix of covariances over their trace, A, is squared again and again: what is left is the
projection on the first component, and its largest row, made a unit vector, the component. Then
that part is taken from A, and the next one is found. One squaring is recorded once.
Every step keeps the trace between 1/4 and 1/2 by a secret power of two, so that nothing underflows,
and roundings that make it a little larger do not grow.
Source: the power method by repeated squaring, Golub and Van Loan, Matrix Computations, 8.2; the
sign as in scikit-learn: the largest element of a component is positive.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import sfix, sfix24
from mpckernel.array.functions.division import rsqrt
from mpckernel.array.functions.fused import declared, matmul_to
from mpckernel.array.recorded import recorded
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.base import Estimator, check_is_fitted, features, taken
from mpckernel.learn.extremes import first_largest
from mpckernel.learn.labels import reals

FINE = sfix(25)
_ONE = 1.25  # what is at most 1, and room for roundings
_LEAST = 14  # 2^-14 of the variance is the least that is looked into


class PCA(Estimator):
    """Principal components, as sklearn.decomposition.PCA with all of its signs.

    x: (n, p) secret numbers. n_components: public, at most min(n, p). squarings: a component is
    told from the next one to (ratio of their variances)^(2^squarings).

    Attributes: components_ (n_components, p), explained_variance_, explained_variance_ratio_,
    singular_values_ (n_components,), mean_ (p,).
    Domain: columns of any size as shared, together with a standard deviation of 17 steps or more,
    or all is 0; components with less than 2^-14 of the variance are 0.
    Error: 1 - cosine < 2^-24 / r + q^1024, r the variance of the component over that of all, and q
    the larger ratio of variances to its neighbours; variances 2^-16 of themselves / sqrt(r).
    Rounds: 195, and 200 a component: 14 a squaring. Leaks nothing. Where the covariances
    may be public, reveal(np.cov(x, rowvar=False)) and np.linalg.eigh take one cell.
    """

    def __init__(self, n_components: int = 2, *, squarings: int = 10) -> None:
        self.n_components = n_components
        self.squarings = squarings

    def fit(self, x: Any, y: Any = None) -> "PCA":  # noqa: ARG002  (scikit-learn's signature)
        """Find the components of the rows of x."""
        rows = reals(x)
        n, p = rows.shape
        whole = isinstance(self.n_components, int | np.integer)
        if not whole or not 1 <= self.n_components <= min(n, p) or n < 2 or self.squarings < 1:
            raise UsageError(
                f"PCA: n_components is a whole number from 1 to {min(n, p)} for {n} rows (at least "
                f"2) of {p} columns, and squarings at least 1"
            )
        left, size = _relative(rows)
        found, parts = list[SecretArray](), list[SecretArray]()
        for _ in range(self.n_components):
            direction, part = _first(left, self.squarings)
            found.append(direction)
            parts.append(part)
            left = _without(left, direction, part)
        ratios = np.stack(parts) * 2
        total = np.square(size) * (n / (n - 1))
        variances = ratios.astype(rows.dtype) * total
        self.learned(
            mean_=np.mean(rows, axis=0),
            components_=np.stack(found),
            explained_variance_ratio_=ratios,
            explained_variance_=variances,
            singular_values_=np.sqrt(ratios.astype(rows.dtype)) * size * np.sqrt(float(n)),
            n_features_in_=p,
        )
        return self

    def transform(self, x: Any) -> SecretArray:
        """(n, n_components) coordinates of rows."""
        check_is_fitted(self)
        rows = features(reals(x), self.n_features_in_)
        return _product(rows - self.mean_, self.components_.T)

    def fit_transform(self, x: Any, y: Any = None) -> SecretArray:
        """transform(x) after fit(x)."""
        return self.fit(x, y).transform(x)

    def inverse_transform(self, x: Any) -> SecretArray:
        """(n, p) rows that have these coordinates."""
        check_is_fitted(self)
        return _product(taken(x), self.components_) + self.mean_


def _product(x: Any, components: SecretArray) -> SecretArray:
    """x @ components, at the scale of x."""
    return (x @ components).astype(x.dtype)


def _relative(rows: SecretArray) -> tuple[SecretArray, SecretArray]:
    """(p, p) covariances over twice their trace, and the root of the trace. The trace of what is
    given is 1/2, or 0 where the root is so few steps that roundings make it much more."""
    p = rows.shape[1]
    spread = np.std(rows, axis=0)
    size = np.linalg.norm(spread)
    share = np.clip(spread / size, 0.0, 1.0).astype(sfix24)
    alike = np.ones((1, 1), np.int64) if p == 1 else np.corrcoef(rows, rowvar=False).astype(sfix24)
    whole = share[:, None] * share * alike
    parts = SecretArray(whole.call, FINE, whole.owners)  # a fraction bit more: half of it
    return declared(np.where(np.trace(parts) <= _ONE / 2, parts, 0.0), _ONE), size


def _first(left: SecretArray, squarings: int) -> tuple[SecretArray, SecretArray]:
    """The first component of a matrix of trace at most 1/2, and its variance."""
    power = first = _raised(left, _LEAST)
    for _ in range(squarings):
        power = _squared(power)
    flags = first_largest(np.diagonal(power))
    row = _unit(declared((flags[None, :] @ power)[0], _ONE))
    direction = _unit(matmul_to(first, row[:, None], FINE, most=_ONE)[:, 0])
    along = matmul_to(left, direction[:, None], FINE, most=_ONE)
    part = matmul_to(direction[None, :], along, FINE, most=_ONE)[0, 0]
    return direction, part


def _unit(row: SecretArray) -> SecretArray:
    """Of length 1; 0 if it is 0. The second step takes away half of what the square is off by."""
    once = declared(row * rsqrt(_square(row)), _ONE)
    return declared(once * (1.5 - _square(once) * 0.5), _ONE)


def _square(row: SecretArray) -> SecretArray:
    return matmul_to(row[None, :], row[:, None], FINE, most=_ONE**2)[0, 0]


@recorded
def _without(left: Any, direction: Any, part: Any) -> Any:
    """What is left when a component is taken from it."""
    return declared(left - (direction * part)[:, None] * direction, _ONE)


@recorded
def _squared(power: Any) -> Any:
    """The square, its trace between 1/4 and 1/2: that of the square of a positive matrix of such a
    trace is at least 1 / 16p, and no element is larger than it."""
    square = matmul_to(power, power, FINE, most=_ONE)
    return _raised(square, 2 + (len(power) - 1).bit_length())


def _raised(power: SecretArray, most: int) -> SecretArray:
    """Times the power of two, at most 2^most, that brings the trace above 1/4; exact."""
    trace = np.trace(power)
    low = trace <= 2.0 ** -np.arange(2.0, most + 2)
    factor = np.sum(low * 2 ** np.arange(most)) + 1
    return declared(power * factor, _ONE)
