"""Logarithms as NumPy functions: types, and what there is in place of NaN."""

from typing import Any

import numpy as np

from mpckernel.array import sfix16, share
from tests.array.clear import alice, near

STEP = 2.0**-20


def test_logarithms_of_reals(clear: Any) -> None:
    x = np.exp2(np.linspace(-19, 16, 400))
    x = np.rint(x / STEP) * STEP
    for f, allowed in ((np.log, 2**-18.4), (np.log2, 2**-18), (np.log10, 2**-19)):
        near(clear(f, x=x), f(x), allowed + 2.5 * STEP)
    near(clear(np.log1p, x=x), np.log1p(x), 2**-18.4 + 2.5 * STEP)
    y = np.array([-0.5, -0.999, 0.0])
    near(clear(np.log1p, y=y), np.log1p(np.rint(y / STEP) * STEP), 2**-18.4 + 2.5 * STEP)


def test_logarithms_of_integers_and_booleans(clear: Any) -> None:
    n = np.arange(1, 300)
    near(clear(np.log2, n=n), np.log2(n), 2**-18 + STEP)
    near(clear(lambda n: np.log(n > 7), n=n), np.zeros(299), 2**-18.4 + 2.5 * STEP)


def test_nothing_counts_as_one_step(clear: Any) -> None:
    least = np.full(3, np.log(STEP))
    near(clear(np.log, x=np.array([0.0, -1.0, -50.0])), least, 2**-18.4 + 2.5 * STEP)
    near(clear(np.log1p, x=np.array([-1.0, -7.5, -2.0])), least, 2**-18.4 + 2.5 * STEP)
    near(clear(np.log2, n=np.array([0, -4])), np.zeros(2), 2**-18 + STEP)


def test_other_types(clear: Any) -> None:
    x = np.array([0.5, 3.25, 100.0])
    got = clear.cell(lambda: np.log(share(alice.x, dtype=sfix16)), {"x": x})
    near(got, np.log(x), 2**-18.4 + 2.5 * 2.0**-16)
