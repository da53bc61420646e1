"""Fits the tables of splines: `python -m mpckernel.protocols.composed.spline_fit [--write]`.

From left to right, each piece is as long as a cubic stays within the error asked for; the outermost
two are constant. An edge lies on a multiple of 2^-LOOSE, and the piece above it is fitted from
2^-LOOSE below it on, because it may be chosen there.

Source: the fits of fit.py; longest pieces first is the usual greedy way, which needs the fewest.
Departs from it in: the pieces differ in length, because a comparison finds each.
Notation: as in fit.py.
"""

import sys
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log2
from pathlib import Path

import numpy as np

from mpckernel.protocols.composed.fit import (
    DEGREE,
    FAR,
    STEP,
    TOTAL,
    Function,
    cubic,
    erf_of,
    gelu,
    remez,
    sigmoid,
    softplus,
)

LOOSE = 4
UNIT = 2.0**-LOOSE
FILE = Path(__file__).with_name("spline_tables.py")


@dataclass(frozen=True, slots=True)
class Target:
    """What to fit: to 2^-bits, and with which multiples of x taken off left and right of 0. last:
    the last edge of a function that nobody asks for beyond it."""

    name: str
    function: Function
    bits: float
    slopes: tuple[int, int] = (0, 0)
    last: int | None = None

    def without_slope(self, edge: int) -> Function:
        """The function less the slope of the piece that begins at an edge."""
        slope = self.slopes[edge >= 0]
        return lambda x: self.function(x) - slope * x


TARGETS = (
    Target("SIGMOID", sigmoid, 13.32),
    Target("TANH", np.tanh, 15.12),
    Target("SOFTPLUS", softplus, 13.52, (0, 1)),
    Target("GELU", gelu, 13.92, (0, 1)),
    Target("ERF", erf_of, 14.42),
)
HALVES = (Target("EXPONENTIAL", np.exp, 16.7, last=1),)  # of 0 and less
LEFT = -int(FAR / UNIT)


@dataclass(frozen=True, slots=True)
class Part:
    """What to fit from edge `first` to edge `last` alone, where it falls and is above 0: to 2^-bits
    of itself. The outermost pieces are not asked for."""

    name: str
    function: Function
    bits: float
    first: int
    last: int

    def least(self, edge: int) -> float:
        """Up to this edge."""
        return float(self.function(np.array(UNIT * edge)))


PARTS = (Part("INVERSE", lambda x: 1 / x, 16.2, 15, 258),)  # of 1, ..., 16 and a little more


def ends(edges: tuple[int, ...]) -> list[tuple[float, float]]:
    """Where each piece may be asked for."""
    return [(UNIT * (a - 1), UNIT * b) for a, b in pairwise((LEFT, *edges, -LEFT))]


def edges_of(target: Target) -> tuple[int, ...]:
    """The edges, in units of 2^-LOOSE."""
    most = 2.0**-target.bits
    first = next(k for k in range(LEFT, 0) if _spread(target, LEFT, k + 1) > most)
    edges = [first]
    while edges[-1] < target.last if target.last else _spread(target, edges[-1], -LEFT) > most:
        edge = _next(target, edges[-1], most)
        edges.append(min(edge, target.last) if target.last else edge)
    return tuple(edges)


def _next(target: Target, edge: int, most: float) -> int:
    """How far a cubic reaches from an edge."""
    f, reach, step = target.without_slope(edge), edge + 1, 64
    while step:
        if _fits(f, UNIT * (edge - 1), UNIT * (reach + step), most):
            reach += step
        step //= 2
    turns = edge < 0 < reach and target.slopes[0] != target.slopes[1]
    return 0 if turns else reach


def _spread(target: Target, a: int, b: int) -> float:
    """The error of the best constant."""
    values = target.without_slope(a)(np.linspace(UNIT * (a - 1), UNIT * b, 4001))
    return float(np.ptp(values)) / 2


def _fits(f: Function, low: float, high: float, most: float) -> bool:
    """Whether a cubic errs by no more, also with whole numbers for coefficients."""
    centre, half = (low + high) / 2, (high - low) / 2
    left: Function = lambda t: f(t + centre)  # noqa: E731
    if _error(remez(left, DEGREE, half), left, half) > most:
        return False
    return _error(_real(cubic(left, half)), left, half) <= most


def _real(c: tuple[int, ...]) -> np.ndarray:
    return np.array([v / 2.0 ** (TOTAL - STEP * j) for j, v in enumerate(c)])


def _error(c: np.ndarray, f: Function, half: float) -> float:
    """Of a polynomial, and of its slope at 0 for what is cut from x, 2^-STEP at most."""
    t, polynomial = half * np.linspace(-1, 1, 2001), np.polynomial.polynomial
    worst = np.abs(polynomial.polyval(t, c) - f(t)).max()
    slopes = np.abs(polynomial.polyval(t, polynomial.polyder(c)) - c[1]).max()
    return float(worst + slopes * 2.0**-STEP)


def fitted_part(part: Part) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...], float]:
    """Edges, coefficients, and the largest error relative to the function."""
    edges, worst = [part.first], 0.0
    pieces: list[tuple[int, ...]] = [(round(part.least(part.first) * 2**TOTAL), 0, 0, 0)]
    while (low := edges[-1]) < part.last:
        high = low + 1
        while high < part.last and _fits(
            part.function, UNIT * (low - 1), UNIT * (high + 1), part.least(high + 1) / 2**part.bits
        ):
            high += 1
        centre, half = UNIT * (low - 1 + high) / 2, UNIT * (high - low + 1) / 2
        f: Function = lambda t, m=centre: part.function(t + m)  # noqa: E731
        pieces.append(cubic(f, half))
        worst = max(worst, _error(_real(pieces[-1]), f, half) / part.least(high))
        edges.append(high)
    return tuple(edges), (*pieces, (round(part.least(part.last) * 2**TOTAL), 0, 0, 0)), worst


def fitted(target: Target, edges: tuple[int, ...]) -> tuple[tuple[tuple[int, ...], ...], float]:
    """Integer coefficients of each piece around its centre, and the largest error of all."""
    pieces, worst = [], 0.0
    for k, (low, high) in enumerate(ends(edges)):
        centre, half = (low + high) / 2, (high - low) / 2
        f: Function = lambda t, k=k, m=centre: target.without_slope((LEFT, *edges)[k])(t + m)  # noqa: E731
        if 0 < k < len(edges):
            pieces.append(cubic(f, half))
        elif k and target.last:
            pieces.append((round(float(f(np.array(-half))) * 2**TOTAL), 0, 0, 0))
            continue
        else:
            values = f(half * np.linspace(-1, 1, 4001))
            pieces.append((round(float(values.max() + values.min()) / 2 * 2**TOTAL), 0, 0, 0))
        worst = max(worst, _error(_real(pieces[-1]), f, half))
    return tuple(pieces), worst


def source() -> str:
    """The text of spline_tables.py."""
    text = [_HEAD.format(total=TOTAL, step=STEP, loose=LOOSE).rstrip()]
    for target in TARGETS + HALVES:
        edges = edges_of(target)
        pieces, worst = fitted(target, edges)
        error = ceil(worst * 2**30 * 1.001) / 2**30
        slopes = tuple(target.slopes[k >= 0] for k in (LEFT, *edges)) if any(target.slopes) else ()
        text += [f"\n{target.name} = Spline(", f"    edges={edges!r},"]
        text += [f"    error={error!r},  # 2^{log2(error):.2f}", f"    slopes={slopes!r},"]
        text += ["    coefficients=(", *(f"        {c!r}," for c in pieces), "    ),\n)"]
    for part in PARTS:
        edges, pieces, worst = fitted_part(part)
        error = ceil(worst * 2**30 * 1.001) / 2**30
        text += [f"\n{part.name} = Spline(", f"    edges={edges!r},  # noqa: E501"]
        text += [f"    error={error!r},  # 2^{log2(error):.2f}, relative", "    slopes=(),"]
        text += ["    coefficients=(", *(f"        {c!r}," for c in pieces), "    ),\n)"]
    return "\n".join(text) + "\n"


_HEAD = '''"""Smooth functions between edges, as spline_fit.py has fitted them. Do not edit: run it.

Edges are in units of 2^-{loose}; coefficient j of a piece is an integer over
2^({total} - {step} j), around its centre. error: the largest one, that of the slope at the
centre included.
Source: `python -m mpckernel.protocols.composed.spline_fit --write`.
"""

# fmt: off
from mpckernel.protocols.composed.splines import Spline
'''


if __name__ == "__main__":
    if "--write" in sys.argv:
        FILE.write_text(source())
    else:
        sys.stdout.write(source())
