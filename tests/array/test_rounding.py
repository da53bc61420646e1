"""Whole numbers near secrets: as NumPy, halves to even."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.array import sfix, share
from mpckernel.errors import UsageError
from tests.array.clear import alice, bools, few, ints, near, reals, same

STEP = 2.0**-20


@few
@given(x=reals(most=9, f=1) | reals(most=40, f=3) | reals())
def test_to_whole_numbers(clear: Any, x: np.ndarray) -> None:
    functions = [np.floor, np.ceil, np.trunc, np.rint, np.round, lambda x: x.round()]
    for f, one in zip(functions, clear(lambda x: [g(x) for g in functions], x=x), strict=True):
        near(one, f(x), 0)
    for one, want in zip(clear(np.modf, x=x), np.modf(x), strict=True):
        near(one, want, 0)


@few
@given(x=reals(most=9, f=2) | reals(), k=st.integers(1, 9))
def test_to_decimals(clear: Any, x: np.ndarray, k: int) -> None:
    got = clear(lambda x: np.round(x, k), x=x)
    rounded = np.rint(x * 10**k) / 10**k  # x 10^k is exact: 31 bits by 30
    fine = 10**k >= 2**20
    near(got, x if fine else rounded, 0 if fine else STEP * (0.76 if k < 3 else 1.2))


@few
@given(x=reals(most=9, f=9), f=st.sampled_from([9, 16, 24, 30]))
def test_other_scales(clear: Any, x: np.ndarray, f: int) -> None:
    got = clear.cell(lambda: np.round(share(alice.x, dtype=sfix(f), bound=9), 1), {"x": x})
    near(got, np.round(x, 1), 2.0**-f * 0.501 + 1e-12)


@few
@given(n=ints(), b=bools())
def test_integers_stay(clear: Any, n: np.ndarray, b: np.ndarray) -> None:
    for f in (np.floor, np.ceil, np.trunc, np.rint, np.round, lambda x: np.round(x, 2)):
        same(clear(f, n=n), n)
        same(clear(f, b=b), b.astype(int))


def test_decimals_are_public_and_few(clear: Any) -> None:
    for decimals in (19, -19):
        with pytest.raises(UsageError, match="decimals"):
            clear(lambda x, d=decimals: np.round(x, d), x=np.ones(2))
    with pytest.raises(UsageError, match="decimals"):
        clear(lambda x: np.round(x, x[0]), x=np.ones(2))
