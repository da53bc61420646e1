"""Fits the functions of a mantissa: `python -m mpckernel.protocols.composed.octave_fit [--write]`.

On [1/2, 1) each function is the polynomial of degree six with the least largest error (Remez).
The highest coefficient is rounded first, and the lower ones are fitted again to what is left, so
that they make up for it.

Source: Remez 1934. Departs from it in: nothing.
Notation: as in octave.py; t = u - 3/4 in [-1/4, 1/4].
"""

import sys
from math import ceil, log2
from pathlib import Path

import numpy as np

from mpckernel.protocols.composed.fit import Function, Reals, remez
from mpckernel.protocols.composed.octave import SCALES

HALF = 0.25
FILE = Path(__file__).with_name("octave_tables.py")
TARGETS: dict[str, Function] = {
    "SQRT": np.sqrt,
    "RSQRT": lambda u: u**-0.5,
    "CBRT": np.cbrt,
    "LN": np.log,
    "LOG2": np.log2,
    "LOG10": np.log10,
}


def fit(f: Function) -> tuple[int, ...]:
    """The integer coefficients, lowest first."""
    left: Function = lambda t: f(t + 0.75)  # noqa: E731
    out: list[int] = []
    for degree in range(len(SCALES) - 1, -1, -1):
        scale = 2.0 ** SCALES[degree]
        out.append(round(remez(left, degree, HALF)[-1] * scale))
        left = _less(left, out[-1] / scale, degree)
    return tuple(reversed(out))


def _less(f: Function, c: float, degree: int) -> Function:
    return lambda t: f(t) - c * t**degree


def value(c: tuple[int, ...], t: Reals) -> Reals:
    """What the coefficients give."""
    real = [v / 2.0**scale for v, scale in zip(c, SCALES, strict=True)]
    return np.asarray(np.polynomial.polynomial.polyval(t, real), np.float64)


def error_of(f: Function, c: tuple[int, ...]) -> float:
    """The largest error on the octave."""
    t = np.linspace(-HALF, HALF, 100_001)
    return float(np.abs(value(c, t) - f(t + 0.75)).max())


def source() -> str:
    """The text of octave_tables.py."""
    text = [_HEAD]
    for name, f in TARGETS.items():
        c = fit(f)
        error = ceil(error_of(f, c) * 2**40 * 1.001) / 2**40
        most = float(np.abs(f(np.array([0.5, 1.0]))).max())
        text.append(f"\n{name} = Octave(\n    error={error!r},  # 2^{log2(error):.2f}")
        text.append(f"    most={most!r},\n    coefficients=(")
        text.append("".join(f"        {v!r},\n" for v in c) + "    ),\n)")
    return "\n".join(text) + "\n"


_HEAD = '''"""Functions of a mantissa, as octave_fit.py has fitted them. Do not edit: run it.

Source: `python -m mpckernel.protocols.composed.octave_fit --write`.
"""

# fmt: off
from mpckernel.protocols.composed.octave import Octave'''


if __name__ == "__main__":
    if "--write" in sys.argv:
        FILE.write_text(source())
    else:
        sys.stdout.write(source())
