"""pandas objects as public operands: they let the secret answer, and shapes follow NumPy."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpckernel.errors import ImplicitReveal
from tests.array.clear import near, same

SERIES = pd.Series([1, 2, 3])
FRAME = pd.DataFrame({"a": [1.0, 0.5], "b": [0.25, 4.0]})


def test_series(clear: Any) -> None:
    x = np.array([5, 7, 9])
    got = clear(lambda x: (x + SERIES, SERIES * x, SERIES - x, x > SERIES, x >= SERIES), x=x)
    s = SERIES.to_numpy()
    for one, want in zip(got, (x + s, s * x, s - x, x > s, s <= x), strict=True):
        same(one, want)


def test_frames(clear: Any) -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    f = FRAME.to_numpy()
    got = clear(lambda x: (x * FRAME, FRAME + x, x @ FRAME, np.minimum(FRAME, x)), x=x)
    for one, want in zip(got, (x * f, f + x, x @ f, np.minimum(f, x)), strict=True):
        near(one, want, 2.0**-18)


def test_scalars_of_numpy(clear: Any) -> None:
    x = np.array([5, 7, 9])
    got = clear(lambda x: (np.int64(3) * x, x - np.uint8(1), np.True_ & (x > 6)), x=x)
    for one, want in zip(got, (3 * x, x - 1, x > 6), strict=True):
        same(one, want)
    near(clear(lambda x: np.float32(0.5) + x, x=x), x + 0.5, 0)


def test_arguments_that_say_nothing(clear: Any) -> None:
    x = np.array([5, 7, 9])
    same(clear(lambda x: x.sum(axis=None, dtype=None, out=None), x=x), x.sum())
    same(clear(lambda x: np.add(x, 1, out=None), x=x), x + 1)


def test_lists_that_hold_secrets(clear: Any) -> None:
    x = np.array([5, 7, 9])
    same(clear(lambda x: x * [x[0], 1, x[2]], x=x), x * [5, 1, 9])
    same(clear(lambda x: np.sum(np.stack([x, x]), axis=0), x=x), x * 2)
    with pytest.raises(ImplicitReveal, match=r"np\.stack"):  # NumPy does not look into lists
        clear(lambda x: np.sum([x, x], axis=0), x=x)
