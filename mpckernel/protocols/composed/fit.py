"""Fits the tables of smooth functions: `python -m mpckernel.protocols.composed.fit [--write]`.

Each function is cut into equal pieces, and on each piece a cubic is the best one in the largest
error (Remez). The cubic coefficient is rounded first and the others are fitted again to what is
left, so that they make up for it.

Source: Remez 1934; piecewise fits for MPC as in NFGen (CCS 2022).
Departs from it in: the pieces are equal, because the top bits of a number then say which one.
Notation: piece k is [k w, (k + 1) w], w = 2^e / a, and reaches a little further up.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, erf, log, log2, pi, sqrt
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Reals: TypeAlias = NDArray[np.float64]
Function: TypeAlias = Callable[[Reals], Reals]

DEGREE = 3
EXP_HALF = log(2) / 2 * (1 + 1 / 16)
FAR = 40.0  # where all these functions are as good as constant
TOTAL, STEP = 61, 16  # coefficient j is an integer over 2^(TOTAL - STEP j)
BITS = 9  # of a number that say its piece: n for the place, the others against a rough cut
TURN_BITS, TURN_STEP = 4, 20
HALF_TURN = (1 + 2.0 ** (TURN_BITS - BITS)) / 2 ** (TURN_BITS + 1)
FILE = Path(__file__).with_name("tables.py")


@dataclass(frozen=True, slots=True)
class Target:
    """What to fit: 2^n pieces of width 2^e / a around 0, the outermost two constant.

    slopes: multiples of x that are taken off before, left and right of 0. within: where it is
    asked for, if not everywhere; the outermost pieces are not then.
    """

    name: str
    function: Function
    n: int
    a: int
    e: int
    slopes: tuple[int, int] = (0, 0)
    within: float | None = None

    @property
    def width(self) -> float:
        """Of a piece."""
        return 2.0**self.e / self.a

    @property
    def half(self) -> float:
        """Half the range for which a piece may be asked: it is 2^(n - BITS) longer at its end."""
        return self.width * (1 + 2.0 ** (self.n - BITS)) / 2

    def places(self) -> range:
        """The pieces in the order of their top bits."""
        return range(-(2 ** (self.n - 1)), 2 ** (self.n - 1))

    def slope(self, k: int) -> int:
        """Of piece k."""
        return self.slopes[k >= 0]

    def without_slope(self, k: int) -> Function:
        """The function less the slope of piece k times x."""
        return lambda x: self.function(x) - self.slope(k) * x


def sigmoid(x: Reals) -> Reals:
    """1 / (1 + e^-x)."""
    return 0.5 + 0.5 * np.tanh(x / 2)


def softplus(x: Reals) -> Reals:
    """log(1 + e^x)."""
    return np.logaddexp(x, 0)


erf_of = np.vectorize(erf, otypes=[float])


def gelu(x: Reals) -> Reals:
    """x times the normal distribution function."""
    return x * (0.5 + 0.5 * erf_of(x / sqrt(2)))


def gelu_turn(x: Reals) -> Reals:
    """The slope of gelu, less the half that it has at 0."""
    return erf_of(x / sqrt(2)) / 2 + x * np.exp(-x * x / 2) / sqrt(2 * pi)


TARGETS = (
    Target("SIGMOID", sigmoid, 4, 13, 4),
    Target("FINE_SIGMOID", sigmoid, 7, 4, 0),
    Target("TANH", np.tanh, 5, 45, 4),
    Target("SOFTPLUS", softplus, 4, 25, 5, (0, 1)),
    Target("GELU", gelu, 4, 27, 4, (0, 1)),
    Target("GELU_TURN", gelu_turn, 5, 50, 4),
    Target("ERF", erf_of, 4, 5, 1),
    Target("ARCTAN", np.arctan, 4, 13, 1, within=1.0),
)


def centre(target: Target, k: int) -> float:
    """Of what piece k may be asked for."""
    return k * target.width + target.half


def remez(f: Function, degree: int, half: float, unit: Function = np.ones_like) -> Reals:
    """Coefficients of the polynomial nearest to f on [-half, half], lowest first; errors are
    counted in units that may differ from place to place."""
    grid = half * np.cos(np.linspace(np.pi, 0, 801))
    points = half * np.cos(np.linspace(np.pi, 0, degree + 2))
    signs = (-1.0) ** np.arange(degree + 2)
    values, units = f(grid), unit(grid)
    c: Reals = np.zeros(degree + 1)
    for _ in range(12):
        powers = np.vander(points, degree + 1, increasing=True)
        system = np.column_stack([powers, signs * unit(points)])
        c = np.asarray(np.linalg.solve(system, f(points))[:-1], np.float64)
        error = (values - np.polynomial.polynomial.polyval(grid, c)) / units
        points = _alternation(grid, error, degree + 2) if np.ptp(error) > 0 else points
    return c


def _alternation(grid: Reals, error: Reals, count: int) -> Reals:
    """Where the error is largest between changes of its sign; the `count` best in a row."""
    cuts = np.flatnonzero(np.diff(np.signbit(error))) + 1
    best = [grid[s][np.abs(error[s]).argmax()] for s in _spans(cuts, grid.size)]
    if len(best) < count:
        return np.linspace(grid[0], grid[-1], count, dtype=np.float64)
    sizes = np.interp(best, grid, np.abs(error))
    starts = [sizes[k : k + count].min() for k in range(len(best) - count + 1)]
    k = int(np.argmax(starts))
    return np.array(best[k : k + count], np.float64)


def _spans(cuts: NDArray[np.int64], size: int) -> list[slice]:
    ends = [0, *cuts.tolist(), size]
    return [slice(a, b) for a, b in pairwise(ends)]


def fit_exponential() -> tuple[tuple[int, ...], float]:
    """e^t for |t| <= EXP_HALF: integer coefficients as those of a piece, and the relative error."""
    half, left = EXP_HALF, np.exp
    out: list[int] = []
    for degree in range(DEGREE, -1, -1):
        scale = 2.0 ** (TOTAL - STEP * degree)
        out.append(round(remez(left, degree, half, np.exp)[-1] * scale))
        left = _less(left, out[-1] / scale, degree)
    t = half * np.linspace(-1, 1, 8001)
    return tuple(reversed(out)), float((np.abs(left(t)) / np.exp(t)).max())


def fit_circle() -> tuple[tuple[tuple[int, ...], ...], float]:
    """sin(2 pi (k w + HALF_TURN + t)) for |t| <= HALF_TURN, w = 2^-TURN_BITS of a turn: integer
    coefficients j over 2^(TOTAL - TURN_STEP j) for each k, and the largest error."""
    pieces, worst = [], 0.0
    grid = HALF_TURN * np.linspace(-1, 1, 4001)
    for k in range(2**TURN_BITS):
        m = k / 2**TURN_BITS + HALF_TURN
        left: Function = lambda t, m=m: np.sin(2 * np.pi * (t + m))  # noqa: E731
        out: list[int] = []
        for degree in range(DEGREE, -1, -1):
            scale = 2.0 ** (TOTAL - TURN_STEP * degree)
            out.append(round(remez(left, degree, HALF_TURN)[-1] * scale))
            left = _less(left, out[-1] / scale, degree)
        pieces.append(tuple(reversed(out)))
        worst = max(worst, float(np.abs(left(grid)).max()))
    return tuple(pieces), worst


def fit_piece(target: Target, k: int) -> tuple[int, ...]:
    """The integer coefficients of piece k around its centre."""
    m, f = centre(target, k), target.without_slope(k)
    if k in (target.places()[0], target.places()[-1]):
        near = k * target.width if k > 0 else k * target.width + 2 * target.half
        ends = f(np.array([near, FAR if k > 0 else -FAR]))
        return (round((ends[0] + ends[1]) / 2 * 2**TOTAL), *[0] * DEGREE)
    return cubic(lambda t: f(t + m), target.half)


def cubic(left: Function, half: float) -> tuple[int, ...]:
    """The one nearest on [-half, half]: integer coefficients j over 2^(TOTAL - STEP j)."""
    out: list[int] = []
    for degree in range(DEGREE, -1, -1):
        c = remez(left, degree, half)[-1]
        scale = 2.0 ** (TOTAL - STEP * degree)
        out.append(round(c * scale))
        left = _less(left, out[-1] / scale, degree)
    return tuple(reversed(out))


def _less(f: Function, c: float, degree: int) -> Function:
    return lambda t: f(t) - c * t**degree


def error_of(target: Target, pieces: tuple[tuple[int, ...], ...]) -> float:
    """The largest error of the fit wherever its pieces may be asked for."""
    worst = 0.0
    for k, c in zip(target.places(), pieces, strict=True):
        if target.within is not None and k in (target.places()[0], target.places()[-1]):
            continue
        t = target.half * np.linspace(-1, 1, 4001)
        if k == target.places()[0]:
            t = np.concatenate([t, np.linspace(-FAR, 0, 4001)])
        if k == target.places()[-1]:
            t = np.concatenate([t, np.linspace(0, FAR, 4001)])
        real = [v / 2.0 ** (TOTAL - STEP * j) for j, v in enumerate(c)]
        got = np.polynomial.polynomial.polyval(t, real)
        worst = max(worst, np.abs(got - target.without_slope(k)(t + centre(target, k))).max())
    return worst


def source() -> str:
    """The text of tables.py."""
    text = [_HEAD.format(total=TOTAL, step=STEP, turn=TURN_STEP).rstrip()]
    for target in TARGETS:
        pieces = tuple(fit_piece(target, k) for k in target.places())
        error = ceil(error_of(target, pieces) * 2**30 * 1.001) / 2**30
        slopes = tuple(target.slope(k) for k in target.places()) if any(target.slopes) else ()
        text.append(f"\n{target.name} = Pieces(")
        text.append(f"    {target.n},\n    {target.a},\n    {target.e},")
        text.append(f"    error={error!r},  # 2^{log2(error):.2f}")
        text.append(f"    slopes={slopes!r}," if slopes else "    slopes=(),")
        text += ["    coefficients=(", *(f"        {c!r}," for c in pieces), "    ),\n)"]
    coefficients, error = fit_exponential()
    text.append(f"\nEXPONENTIAL = {coefficients!r}  # relative error 2^{log2(error):.2f}")
    text.append(f"EXPONENTIAL_ERROR = {ceil(error * 2**30 * 1.001) / 2**30!r}")
    circle, error = fit_circle()
    text.append(f"\nCIRCLE_ERROR = {ceil(error * 2**30 * 1.001) / 2**30!r}  # 2^{log2(error):.2f}")
    text += ["CIRCLE = (", *(f"    {c!r}," for c in circle), ")"]
    return "\n".join(text) + "\n"


_HEAD = '''"""Smooth functions in pieces, as fit.py has fitted them. Do not edit: run fit.py.

Coefficient j of a piece is an integer over 2^({total} - {step} j), around the centre of the piece;
pieces in the order of their places, the lowest first. error: the largest one of the fit.
CIRCLE has the sine over 16 pieces of a turn, coefficient j over 2^({total} - {turn} j).
Source: `python -m mpckernel.protocols.composed.fit --write`.
"""

# fmt: off
from mpckernel.protocols.composed.pieces import Pieces
'''


if __name__ == "__main__":
    if "--write" in sys.argv:
        FILE.write_text(source())
    else:
        sys.stdout.write(source())
