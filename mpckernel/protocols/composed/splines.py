"""Smooth functions of few elements by a cubic between each two edges, as one call.

The pieces are those of a fit with edges of its own (spline_fit.py); what is exact about powers
modulo 2^64 is explained in pieces.py. Comparisons with the edges need not be exact: near an edge
either piece will do, so the low bits of x do not take part.

Source: the operation `spline`; the coefficients around zero are those of pieces.py.
Departs from it in: edges that the bound of x excludes are left out.
Notation: x = v / 2^f; LOOSE, TOTAL, STEP as in spline_fit.py.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, prod
from typing import Any

from mpckernel.protocols import fitting
from mpckernel.protocols.composed.claims import Do, Value, proven
from mpckernel.protocols.composed.pieces import STEP, TOTAL, _around_zero

LOOSE = 4
FEW = 2**11  # elements, up to which this way takes less time than that of pieces.py
_PLACES, _WORD = 48, 63  # the widest comparison, and the widest number


@dataclass(frozen=True)
class Spline:
    """A fitted function: pieces between edges, in units of 2^-LOOSE, the outermost two constant.

    error: the largest one of the fit, and of what `smooth` makes of it. slopes: what multiple of x
    comes on top on each piece (none at all if empty). coefficients: of each piece around its
    centre.
    """

    edges: tuple[int, ...]
    error: float
    slopes: tuple[int, ...]
    coefficients: tuple[tuple[int, ...], ...]

    def centre(self, k: int) -> Fraction:
        """Of what piece k may be asked for; of a constant, any place."""
        low, high = (self.edges[min(max(i, 0), len(self.edges) - 1)] for i in (k - 1, k))
        return Fraction(low - 1 + high, 2 << LOOSE)


def for_few(x: Value, f: int) -> bool:
    """Whether `smooth` is the way for so many elements of such a size."""
    width, skip = _width(_rounded(x), f)
    return prod(x.shape) <= FEW and width <= _WORD and width - skip <= _PLACES


def smooth(
    do: Do, x: Value, f: int, spline: Spline, g: int | None = None, most: int | None = None,
    *, top: int | None = None,
) -> Any:  # fmt: skip
    """The function of x at scale f, within its error and one unit; at scale g if given (and the
    function has no slopes). most: of the result, if the caller knows that it can pass 1. top: the
    largest x, if the caller knows it to be less than its bound.

    A piece is chosen by x + rho, 0 <= rho < 2^-LOOSE, where its fit still holds. Where f > 16,
    the cubic is taken at x cut to 16 bits, and what was cut, at most 2^-16 either way, counts by
    the slope at the centre. The sum before the cut is 2^TOTAL times the value, at most 1 + 2^-10
    in absolute value: below 2^62.
    """
    width, skip = _width(_rounded(x), f)
    edges, table, slopes = _within(spline, f, _rounded(x), top)
    g = f if g is None else g
    most = most or (1 << g) + (1 << g >> 10) + 1 + (x.bound if any(slopes) else 0)
    return do(
        proven(fitting.spline, most),
        x, table=table, edges=edges, slopes=slopes, skip=skip, width=width,
        fine=max(f - STEP, 0), f=TOTAL - g,
    )  # fmt: skip


def _rounded(x: Value) -> int:
    """The bound of x up to a power of two, so that steps of a training have one table."""
    return 1 << max(x.bound - 1, 0).bit_length()


def _width(bound: int, f: int) -> tuple[int, int]:
    """The bits of x + rho with its sign, and how many of them do not take part."""
    skip = max(f - LOOSE, 0)
    return max((bound + (1 << skip) - 1).bit_length(), skip) + 1, skip


@lru_cache(64)
def _within(spline: Spline, f: int, bound: int, top: int | None = None) -> tuple[Any, Any, Any]:
    """Edges, polynomials and slopes of those pieces that x can be in, -bound <= x <= top."""
    top = bound if top is None else top
    at = [ceil(Fraction(edge << f, 1 << LOOSE)) for edge in spline.edges]
    first = sum(edge <= -bound for edge in at)
    kept = slice(first, first + sum(-bound < edge <= top for edge in at))
    pieces = range(kept.start, kept.stop + 1)
    slopes = tuple(spline.slopes[k] for k in pieces) if spline.slopes else ()
    return tuple(at[kept]), tuple(_row(spline, k, f) for k in pieces), slopes


def _row(spline: Spline, k: int, f: int) -> tuple[int, ...]:
    """The coefficients of piece k for v at min(f, 16) bits and, if f > 16, for what was cut."""
    real = [Fraction(v, 1 << TOTAL - STEP * j) for j, v in enumerate(spline.coefficients[k])]
    around = _around_zero(real, spline.centre(k), min(f, STEP))
    return (*around, round(real[1] * 2 ** (TOTAL - f)) % 2**64) if f > STEP else around
