"""Columns on one scale.

Source: scikit-learn's StandardScaler.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import sfix24
from mpckernel.array.functions.standardising import others, own, standard
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.base import Estimator, check_is_fitted, features, table


class StandardScaler(Estimator):
    """(x - mean) / standard deviation of each column, all of them secret.

        x = StandardScaler().fit_transform(x)

    clip: in `transform`, values farther out, in standard deviations, are taken to be there; the
    ring needs to know how large a value can be. Rows that were fitted are never farther out
    than the root of their number, and are left as they are by fit_transform.
    Attributes, secret: mean_, scale_, var_ (p,). A column whose standard deviation is below 2^-12,
    or below a thousandth of its mean, counts as constant: 0 after transform.
    Error: 2^-18 of a value and 2^-20; of inputs that were rounded to f bits, 2^-f / scale_.
    """

    def __init__(self, *, clip: float = 1024.0) -> None:
        self.clip = clip

    def fit(self, x: Any, y: Any = None) -> "StandardScaler":  # noqa: ARG002  (scikit-learn's)
        """Learn the scale of x (n, p)."""
        x = table(x)
        if not 1 <= self.clip <= 2**20:
            raise UsageError("StandardScaler: clip lies between 1 and 2^20")
        by = standard(x)
        scale = np.where(by.varies, by.std, 1)
        self.learned(
            mean_=by.mean,
            scale_=scale,
            n_features_in_=x.shape[1],
            n_samples_seen_=len(x),
            _by_=by,
        )
        return self

    @property
    def var_(self) -> SecretArray:
        """Squares of scale_."""
        check_is_fitted(self)
        return np.square(self.scale_)

    def transform(self, x: Any) -> SecretArray:
        """Rows x (n, p) on the scale that was learned."""
        check_is_fitted(self)
        return others(features(table(x), self.n_features_in_), self._by_, sfix24, self.clip)

    def fit_transform(self, x: Any, y: Any = None) -> SecretArray:
        """fit(x), then x on that scale; with the range that follows from it, without clipping."""
        x = table(x)
        return own(x, self.fit(x, y)._by_, sfix24)

    def inverse_transform(self, z: Any) -> SecretArray:
        """Back from the scale that was learned."""
        check_is_fitted(self)
        z = features(table(z), self.n_features_in_)
        return z * self.scale_ + self.mean_
