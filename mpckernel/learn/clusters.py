"""KMeans: centres that are the means of the rows nearest to them.

Lloyd's iteration on secrets. The nearest centre minimises |c|^2 / 2 - x c, so one matrix product
compares a row with all centres; membership is a row of flags, and sums over clusters are another
product. One iteration is recorded once and repeated.
Source: Lloyd, Least squares quantization in PCM, 1982; Arthur and Vassilvitskii, k-means++, 2007.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import sfix
from mpckernel.array.functions.fused import declared
from mpckernel.array.inputs import share
from mpckernel.array.publics import operand
from mpckernel.array.recorded import recorded
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.base import Estimator, check_is_fitted, features
from mpckernel.learn.draws import Draws
from mpckernel.learn.extremes import chosen, first_smallest, positions
from mpckernel.learn.labels import reals

_SUM = 58  # bits of a sum of squared distances


class KMeans(Estimator):
    """Clusters of rows, as sklearn.cluster.KMeans; everything learned stays secret.

    x: (n, p) secret numbers. init: "k-means++", "random" (public rows) or (n_clusters, p) centres,
    public or secret. n_init: starts, of which the one with the least inertia is kept. max_iter:
    iterations, always as many: when to stop would tell. An empty cluster keeps its centre.
    random_state: a public number, the same at every party.

    Attributes: cluster_centers_ (n_clusters, p), labels_ (n,) integers, inertia_, n_iter_.
    Domain: p x^2 below 2^(60 - f) for x as declared (share(alice.x, bound=...)), f fraction bits.
    Error: one iteration gives a centre to 2^-18 of itself and 4 steps; labels are those of the
    nearest centre unless two distances squared differ by less than 2 p |x| + 8 steps; inertia_ has
    n steps, of 2^-f or, for large declared bounds, of n (2 x)^2 p 2^-57.
    Rounds of one iteration: 40 for up to 16 clusters; of one centre of k-means++: about 20.
    Leaks nothing; with "random", which rows are the first centres is public.
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        n_init: int = 1,
        max_iter: int = 20,
        random_state: int = 0,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, x: Any, y: Any = None) -> "KMeans":  # noqa: ARG002  (scikit-learn's signature)
        """Find centres for the rows of x."""
        rows = reals(x)
        self._sensible(len(rows))
        given = not isinstance(self.init, str)
        draws = Draws(self.random_state, "k-means")
        best: tuple[SecretArray, SecretArray] | None = None
        for _ in range(1 if given else self.n_init):
            centres = self._start(rows, draws)
            for _ in range(self.max_iter):
                centres = _iteration(rows, centres)
            best = _better(best, (centres, _total(_distances(rows, centres))))
        assert best is not None
        self.learned(
            cluster_centers_=best[0],
            inertia_=best[1],
            labels_=positions(_nearest(rows, best[0])),
            n_iter_=self.max_iter,
            n_features_in_=rows.shape[1],
        )
        return self

    def predict(self, x: Any) -> SecretArray:
        """(n,) integers: the nearest centre of each row."""
        return positions(_nearest(self._rows(x), self.cluster_centers_))

    def fit_predict(self, x: Any, y: Any = None) -> SecretArray:
        """labels_ after fit(x)."""
        return self.fit(x, y).labels_

    def transform(self, x: Any) -> SecretArray:
        """(n, n_clusters) distances from the centres."""
        rows, centres = self._rows(x), self.cluster_centers_
        apart = np.expand_dims(rows, 1) - np.expand_dims(centres, 0)
        return np.sqrt(np.vecdot(apart, apart))

    def score(self, x: Any, y: Any = None) -> SecretArray:  # noqa: ARG002
        """Minus the sum of squared distances from the nearest centre."""
        return -_total(_distances(self._rows(x), self.cluster_centers_))

    def _rows(self, x: Any) -> SecretArray:
        check_is_fitted(self)
        return features(reals(x), self.n_features_in_)

    def _sensible(self, n: int) -> None:
        known = not isinstance(self.init, str) or self.init in ("k-means++", "random")
        counts = self.n_clusters, self.n_init, self.max_iter
        whole = all(isinstance(k, int | np.integer) for k in counts)
        if not whole or min(counts) < 1 or self.n_clusters > n or not known:
            raise UsageError(
                f"KMeans: n_clusters is from 1 to the number of rows, {n}; n_init and max_iter are "
                'at least 1, all whole numbers; init is "k-means++", "random" or an array of '
                "centres"
            )

    def _start(self, rows: SecretArray, draws: Draws) -> SecretArray:
        """(n_clusters, p) first centres, with the bound that all later ones have."""
        k, shape = self.n_clusters, (self.n_clusters, rows.shape[1])
        if not isinstance(self.init, str):
            centres: Any = operand(self.init)
            if centres.shape != shape:
                raise UsageError(f"KMeans: init has shape {centres.shape}, not {shape}")
            centres = share(centres, rows.dtype)
            return declared(centres, max(_reach(rows), centres.bound * 2.0**-rows.dtype.f))
        if self.init == "random":
            centres = rows[draws.order(len(rows))[:k]]
        else:
            centres = _spread_out(rows, k, draws)
        return declared(centres, _reach(rows))


def _reach(rows: SecretArray) -> float:
    """No centre is larger: a mean, and the error of its quotient."""
    return (rows.bound * (1 + 2.0**-18) + 4) * 2.0**-rows.dtype.f


@recorded
def _iteration(rows: Any, centres: Any) -> Any:
    """The means of the rows nearest to each centre."""
    flags = _nearest(rows, centres)
    counts, sums = np.sum(flags, axis=0)[:, None], flags.T @ rows
    means = np.where(counts > 0, np.divide(sums, counts), centres)
    return declared(means, centres.bound * 2.0**-centres.dtype.f)


def _nearest(rows: SecretArray, centres: SecretArray) -> SecretArray:
    """(n, n_clusters) flags."""
    half = np.vecdot(centres, centres) * 0.5
    return first_smallest(half - rows @ centres.T)


def _distances(rows: SecretArray, centres: SecretArray) -> SecretArray:
    """(n,) squared distances from the nearest centre."""
    near = _nearest(rows, centres)
    apart = rows - near @ centres
    return np.vecdot(apart, apart)


def _total(squares: SecretArray) -> SecretArray:
    """Their sum, with fewer fraction bits where the bounds ask for it."""
    return np.sum(_coarse(squares), axis=0)


def _coarse(squares: SecretArray) -> SecretArray:
    """With so few fraction bits that running sums are sure to fit."""
    whole = (squares.bound * squares.size).bit_length() - squares.dtype.f
    f = max(1, min(squares.dtype.f, _SUM - whole))
    return squares if f == squares.dtype.f else squares.astype(sfix(f))


def _spread_out(rows: SecretArray, k: int, draws: Draws) -> SecretArray:
    """k rows, each drawn with the weight of its squared distance from those before it.

    The first whose running sum exceeds a public fraction of the total; the last if all are 0.
    """
    first = int(draws.below(len(rows), 1)[0])
    centres = [rows[first : first + 1]]
    nearest: Any = None
    for u in draws.uniform(k - 1).tolist():
        apart = rows - centres[-1]
        far = np.vecdot(apart, apart)
        nearest = far if nearest is None else np.minimum(nearest, far)
        running = np.cumsum(_coarse(nearest))
        passed = np.concatenate([(running > running[-1:] * u)[:-1], np.ones(1, bool)])
        flags = np.diff(passed * 1, prepend=0)
        centres.append(chosen(flags, rows.T)[None, :])
    return np.concatenate(centres)


def _better(best: Any, other: tuple[SecretArray, SecretArray]) -> tuple[SecretArray, SecretArray]:
    """The one with less inertia."""
    if best is None:
        return other
    less = other[1] < best[1]
    return np.where(less, other[0], best[0]), np.where(less, other[1], best[1])
