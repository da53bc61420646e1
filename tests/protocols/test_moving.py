"""Placement: the same as NumPy, from plain values that can be digested and compared."""

import numpy as np
import pytest

from mpckernel.errors import Unsupported
from mpckernel.protocols import moving

X = np.arange(60, dtype=np.uint64).reshape(3, 4, 5)
KEYS = [
    1, -1, slice(None, None, -1), ..., None, (0, ..., 2), ([0, 2], slice(1, 3)),
    np.array([[2, 0], [1, 1]]), np.arange(3, dtype=np.uint8), X % 7 == 0, [True, False, True],
    [], (slice(None), np.array([3, 0]), None, -2), True,
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_indexing_is_numpys(key):
    how = ("index", moving.frozen(key))
    want = X[key] if not isinstance(key, list) else X[np.array(key, None if key else int)]
    got = moving.apply(how, X)
    np.testing.assert_array_equal(got, want)
    assert moving.shape(how, X.shape) == want.shape
    assert hash(how) == hash(("index", moving.frozen(key)))
    assert got.base is None


HOWS = [
    ("reshape", (5, 12)), ("transpose", (2, 0, 1)), ("broadcast_to", (2, 3, 4, 5)),
    ("repeat", 2, 1), ("tile", (1, 2)), ("roll", 2, 1), ("flip", 0), ("expand_dims", 1),
    ("diagonal", 1, 0, 2), ("pad_zero", 1), ("tril", 0), ("triu", 1),
]  # fmt: skip


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_shape_is_foretold(how):
    assert moving.shape(how, X.shape) == moving.apply(how, X).shape


@pytest.mark.parametrize("way", [((2, 3), (1, 1), (0, 0)), ((3, 2), (2, 1), (1, 2))], ids=str)
def test_windows_and_their_places(way):
    x = np.arange(2 * 3 * 5 * 6, dtype=np.uint64).reshape(2, 3, 5, 6)
    there, back = ("windows", *way), ("placed_windows", x.shape, *way)
    rows = moving.apply(there, x)
    placed = moving.apply(back, rows)
    assert moving.shape(there, x.shape) == rows.shape
    assert moving.shape(back, rows.shape) == placed.shape
    times = moving.apply(back, moving.apply(there, np.ones_like(x))).sum(0)
    np.testing.assert_array_equal(placed.sum(0), x * times)
    high, wide = (-(-k // step) for k, step in zip(*way[:2], strict=True))
    assert times.max() == high * wide


def test_lists_of_arrays():
    for how in (("concatenate", 1), ("stack", 0)):
        want = getattr(np, how[0])([X, X], axis=how[1])
        np.testing.assert_array_equal(moving.apply(how, X, X), want)
        assert moving.shape(how, X.shape, X.shape) == want.shape


@pytest.mark.parametrize("key", [["a"], np.array([1.5]), np.array([2**64 - 1], np.uint64)])
def test_an_index_is_whole_numbers_or_booleans(key):
    with pytest.raises(Unsupported):
        moving.frozen(key)


@pytest.mark.parametrize("how", [("index", 3), ("reshape", (7, 7)), ("flip", 5)])
def test_what_does_not_fit_is_refused_before_anything_moves(how):
    with pytest.raises(Unsupported):
        moving.shape(how, X.shape)


def test_a_large_mask_is_frozen_as_bytes():
    assert isinstance(moving.frozen(np.ones(10**6, bool))[3], bytes)
