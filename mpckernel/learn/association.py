"""Whether two variables have to do with each other: Pearson's correlation, Student's t test.

What is computed in secret is one correlation. The t of two groups with one variance follows from
that of their numbers with flags of the first group, and p values from t, in the clear.
Source: scipy.stats for names; t = r sqrt((n - 2) / (1 - r^2)), a textbook identity.
"""

from math import copysign, inf, sqrt
from typing import Any

import numpy as np

from mpckernel.array.opened import Opened, Withheld
from mpckernel.array.operators import here
from mpckernel.array.publics import operand
from mpckernel.array.reveal import reveal
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.significance import two_sided


class Association:
    """A secret correlation of n pairs, and what follows from it once it is opened.

    correlation: a secret number. df: degrees of freedom of t, n - 2.
    """

    def __init__(self, correlation: SecretArray, n: int) -> None:
        self.correlation, self.df = correlation, n - 2

    def reveal(self, to: Any = None) -> "Tested":
        """Open the correlation, one number, to all or to one party."""
        return Tested(reveal(self.correlation, to=to), self.df)

    def _revealed(self, to: Any) -> "Tested":
        """What reveal(association) gives."""
        return self.reveal(to)

    def __repr__(self) -> str:
        return (
            f"<a correlation of {self.df + 2} pairs, secret; reveal(...) opens it and its p value>"
        )


class Tested:
    """An opened correlation: `correlation`, `statistic` (t), `df`, `pvalue` (two-sided)."""

    def __init__(self, opened: Opened, df: int) -> None:
        self._opened, self.df = opened, df

    @property
    def correlation(self) -> float:
        """Between -1 and 1."""
        return min(1.0, max(-1.0, float(self._opened)))

    @property
    def statistic(self) -> float:
        """Student's t; infinite for a correlation of 1 or -1."""
        r = self.correlation
        return r * sqrt(self.df / (1 - r * r)) if abs(r) < 1 else copysign(inf, r)

    @property
    def pvalue(self) -> float:
        """How likely a t at least this far from 0 is, if there is no correlation."""
        return two_sided(self.statistic, self.df)

    def __str__(self) -> str:
        """Printed in its cell it runs the plan so far, as a revealed array does."""
        str(self._opened)
        return repr(self)

    def __repr__(self) -> str:
        if not self._opened.ready():
            return "<a correlation, to be revealed when the cell runs>"
        if isinstance(value := self._opened.value(), Withheld):
            return repr(value)
        return (
            f"correlation={self.correlation:.6g}, statistic={self.statistic:.6g}, df={self.df}, "
            f"pvalue={self.pvalue:.3g}"
        )


def pearsonr(x: Any, y: Any) -> Association:
    """Pearson's correlation of x and y (n,), n >= 3, at least one of them secret.

    Leaks nothing until revealed, and then one number. 0 where one of them is constant (SciPy: nan).
    Error of the correlation: that of np.corrcoef, e = 2^-19.7 + sqrt(n) 2^-26.5 and a step; of t,
    e sqrt(n) (1 - r^2)^-1.5. Raises UsageError for other shapes.
    """
    a, b = _line("pearsonr", x), _line("pearsonr", y)
    if a.shape != b.shape or a.size < 3:
        raise UsageError(f"{here()}pearsonr takes two arrays (n,) of 3 numbers or more")
    return Association(np.corrcoef(a, b)[0, 1], a.size)


def ttest_ind(a: Any, b: Any = None, *, where: Any = None, equal_var: bool = True) -> Association:
    """Student's t test of two groups: a (n,) and b (m,), or a[where] and the rest of a.

    where: flags (n,), secret or public; how many there are stays as secret as they are. t has the
    sign of mean(a) - mean(b), and n + m - 2 degrees of freedom. Leaks nothing until revealed, and
    then the correlation of numbers and groups, one number, from which t and p follow. t is 0 where
    all numbers are equal or one group is empty (SciPy: nan). Error: as pearsonr.
    Raises UsageError for other shapes, and for equal_var=False.
    """
    if not equal_var:
        raise UsageError(
            f"{here()}ttest_ind: groups have one variance here; for Welch's test reveal "
            "np.mean(x, where=g), np.var(x, where=g, ddof=1) and g.sum() of both groups, and "
            "scipy.stats.ttest_ind_from_stats does the rest"
        )
    if (b is None) == (where is None):
        raise UsageError(f"{here()}ttest_ind takes two arrays, or one and where=flags")
    numbers = _line("ttest_ind", a)
    if b is None:
        return pearsonr(numbers, _line("ttest_ind", where))
    other = _line("ttest_ind", b)
    flags = np.arange(numbers.size + other.size) < numbers.size
    return pearsonr(np.concatenate([numbers, other]), flags.astype(np.float64))


def _line(name: str, x: Any) -> Any:
    values = operand(x)
    if values.ndim != 1:
        raise UsageError(f"{here()}{name} takes arrays (n,), and not {values.shape}")
    return values.astype(float) if values.dtype == np.bool_ else values
