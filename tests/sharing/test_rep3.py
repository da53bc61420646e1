"""Dealing, reconstructing and the free algebra of parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mpckernel.ring import bits
from mpckernel.sharing.rep3 import (
    Bits3,
    Rep3,
    deal,
    deal_bits,
    join_planes,
    reconstruct,
    reconstruct_bits,
    spread,
)
from tests.protocols.running import Stream

SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=9)


@given(hnp.arrays(np.uint64, SHAPES), st.integers(0, 2**32))
def test_words_come_back(x, seed):
    parts = deal(x, Stream(seed))
    np.testing.assert_array_equal(reconstruct(parts), x)
    assert all(p.shape == x.shape for p in parts)


@given(hnp.arrays(np.bool_, SHAPES), st.integers(0, 2**32))
def test_bits_come_back(b, seed):
    parts = deal_bits(b, Stream(seed))
    np.testing.assert_array_equal(reconstruct_bits(parts), b)
    assert all(not (s & ~bits.pad_mask(b.size)).any() for p in parts for s in p)


@given(hnp.arrays(np.uint64, (3,)), st.integers(0, 2**32))
def test_parts_add_and_map(x, seed):
    parts, other = deal(x, Stream(seed)), deal(x[::-1].copy(), Stream(seed + 1))
    pairs = list(zip(parts, other, strict=True))
    np.testing.assert_array_equal(reconstruct([a + b for a, b in pairs]), x + x[::-1])
    np.testing.assert_array_equal(reconstruct([a - b for a, b in pairs]), x - x[::-1])
    doubled = [p.map(lambda s: s * np.uint64(2)) for p in parts]
    np.testing.assert_array_equal(reconstruct(doubled), x * np.uint64(2))


def test_arithmetic_without_axes_keeps_arrays():
    top = np.array(2**64 - 1, np.uint64)
    part = Rep3(top, top) + Rep3(top, top)
    assert isinstance(part.i, np.ndarray)
    assert part.shape == ()


def test_replicas_that_differ_are_noticed():
    parts = deal(np.arange(4, dtype=np.uint64), Stream(0))
    with pytest.raises(AssertionError):
        reconstruct([parts[0], parts[1], parts[1]])


@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 128])
def test_planes_join(n):
    b = Stream(n).integers(0, 2, (5, n)) == 1
    planes = np.stack([bits.pack(row) for row in b])
    np.testing.assert_array_equal(join_planes(planes, n), bits.pack(b))


@pytest.mark.parametrize(("before", "after"), [((), (3, 2)), ((1, 2), (3, 2)), ((65,), (2, 65))])
def test_bits_spread_like_numpy(before, after):
    b = Stream(1).integers(0, 2, before) == 1
    parts = [spread(p, after) for p in deal_bits(b, Stream(2))]
    np.testing.assert_array_equal(reconstruct_bits(parts), np.broadcast_to(b, after))


def test_a_part_shows_its_shape_and_nothing_else():
    part = deal(np.full((2, 3), 77, np.uint64), Stream(0))[0]
    assert repr(part) == "<Rep3 part, shape (2, 3)>"
    assert repr(Bits3(part.i, part.j, (6,))) == "<Bits3 part, shape (6,)>"
    assert part != deal(np.full((2, 3), 77, np.uint64), Stream(0))[0]
