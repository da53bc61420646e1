"""The product with a sum and a placement: against its parts, for images and for words that wrap."""

# ruff: noqa: TID251 (tests bring their own generator)

import numpy as np
import pytest

from mpckernel.protocols import ideal, moving
from tests.protocols.running import REP3, run

WINDOWS = [((1, 1), (0, 0)), ((1, 1), (2, 2)), ((2, 2), (1, 1)), ((2, 1), (0, 1))]


def _words(shape, bits, seed):
    w = np.random.default_rng(seed).integers(-(2**bits), 2**bits, shape)
    return w.astype(np.int64).view(np.uint64)


def check_windows(window):
    """The product placed as images, by both ways of cutting."""
    stride, padding = window
    image, kernel = (2, 3, 6, 7), (3, 2)
    spread = ("placed_windows", image, kernel, stride, padding)
    places = moving.apply(("windows", kernel, stride, padding), np.zeros(image)).shape
    x, y = _words((places[0], 4), 20, 1), _words((4, places[1]), 20, 2)
    c = _words(image, 40, 3)
    params = {"n": 4 * 6, "f": 16, "spread": spread}
    placed = moving.apply(spread, x @ y).sum(0, dtype=np.uint64)
    want = (placed + c).view(np.int64) >> 16
    np.testing.assert_array_equal(ideal.matmul_plus.compute(x, y, c, **params).view(np.int64), want)
    for name in ("matmul_plus", "matmul_plus few"):
        got = run(name, x, y, c, **params)
        up = got.value.view(np.int64) - want
        assert ((up == 0) | (up == 1)).all()
        assert got.cost == REP3[name].cost(image, x.shape, y.shape, c.shape, **params)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_rows_of_windows_are_added_up_at_their_places(window):
    check_windows(window)


def test_a_sum_may_bring_back_a_product_that_wraps():
    x, y = np.full((1, 8), 2**31, np.uint64), np.full((8, 1), 2**31, np.uint64)
    c = np.uint64(2**64 - 5 * 2**20).reshape(1)
    got = run("matmul_plus", x, y, c, n=8, f=20).value.view(np.int64)
    assert got[0, 0] + 5 in (0, 1)


def test_a_sum_of_another_shape_is_refused():
    with pytest.raises(ideal.Unsupported):
        ideal.matmul_plus.shape((2, 3), (3, 4), (3, 2, 4), n=3, f=1)
