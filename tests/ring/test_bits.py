"""Packing and planes against Python's own reading of the bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mpckernel.errors import Bug
from mpckernel.ring import bits
from tests.ring.strategies import SIZES, draw_words, words

lengths = st.sampled_from([0, 1, 63, 64, 65]) | st.integers(0, 300)
widths = st.sampled_from([0, 1, 20, 31, 32, 33, 63, 64]) | st.integers(0, 64)


def as_integer(packed):
    """Flat words as one long number, bit 0 first."""
    return sum(int(w) << 64 * k for k, w in enumerate(packed))


@given(hnp.arrays(np.bool_, lengths))
def test_bit_k_of_the_packed_words_is_element_k(flags):
    packed = bits.pack(flags)
    assert (packed.dtype, packed.shape) == (np.uint64, (bits.packed_len(flags.size),))
    assert as_integer(packed) == sum(int(flag) << k for k, flag in enumerate(flags))
    np.testing.assert_array_equal(bits.unpack(packed, flags.size), flags)


def test_pack_reads_any_shape_in_order():
    flags = draw_words((5, 30), 1) % 2 == 1
    np.testing.assert_array_equal(bits.pack(flags.T), bits.pack(flags.T.ravel()))
    assert bits.pack(True).tolist() == [1]
    assert bits.unpack(bits.pack(flags), 150).dtype == np.bool_


@given(lengths)
def test_pad_mask_marks_the_real_lanes(n):
    assert as_integer(bits.pad_mask(n)) == 2**n - 1
    np.testing.assert_array_equal(bits.pad_mask(n), bits.pack(np.ones(n, np.bool_)))


@given(words(lengths), widths)
def test_plane_j_is_bit_j_of_every_element(w, width):
    planes = bits.planes(w, width)
    assert planes.shape == (width, bits.packed_len(w.size))
    for j, plane in enumerate(planes):
        expected = sum((int(x) >> j & 1) << k for k, x in enumerate(w))
        assert as_integer(plane) == expected


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("width", [0, 1, 7, 32, 64])
def test_planes_and_back_keep_the_low_bits(n, width):
    w = draw_words(n, n)
    back = bits.from_planes(bits.planes(w, width), n)
    np.testing.assert_array_equal(back, w & np.uint64((1 << width) - 1))


@pytest.mark.parametrize("n", SIZES)
def test_padding_lanes_are_zero_and_ignored(n):
    planes = bits.planes(draw_words(n, n) | np.uint64(2**63))
    assert not (planes & ~bits.pad_mask(n)).any()
    dirty = planes | ~bits.pad_mask(n)
    np.testing.assert_array_equal(bits.from_planes(dirty, n), bits.from_planes(planes, n))


@given(words(lengths), widths)
def test_pack_low_leaves_no_gaps(w, width):
    packed = bits.pack_low(w, width)
    assert packed.shape == (-(-w.size * width // 64),)
    low = [int(x) % 2**width for x in w]
    assert as_integer(packed) == sum(x << width * k for k, x in enumerate(low))
    assert bits.unpack_low(packed, width, w.size).tolist() == low


@pytest.mark.parametrize(
    "call",
    [
        lambda w: bits.planes(w, 65),
        lambda w: bits.planes(w, -1),
        lambda w: bits.from_planes(w[None, :1], 65),
        lambda w: bits.from_planes(w[None, :2], 64),
        lambda w: bits.from_planes(w[:65, None], 64),
        lambda w: bits.pack_low(w, 65),
        lambda w: bits.unpack_low(w[:10], 64, 11),
        lambda w: bits.unpack_low(w, 65, 70),
    ],
)
def test_sizes_that_do_not_fit_are_refused(call):
    with pytest.raises(Bug):
        call(draw_words(70, 1))


def test_views_and_read_only_words_are_taken():
    w = draw_words(400, 3)
    w.flags.writeable = False
    np.testing.assert_array_equal(bits.planes(w[::2]), bits.planes(w[::2].copy()))
    np.testing.assert_array_equal(bits.pack_low(w[::2], 20), bits.pack_low(w[::2].copy(), 20))
    planes = bits.planes(w)
    planes.flags.writeable = False
    np.testing.assert_array_equal(bits.from_planes(planes, 400), w)
    np.testing.assert_array_equal(bits.from_planes(planes[::2], 400)[:3] >> 32, [0, 0, 0])
    odd = w.view(np.uint8)[3 : 3 + 800].view(np.uint64)
    np.testing.assert_array_equal(bits.planes(odd), bits.planes(odd.copy()))


@pytest.mark.parametrize("shape", [(), (0,), (1,), (65,), (3, 4)], ids=str)
def test_cross_and_is_the_formula(shape):
    x_i, x_j, y_i, y_j, a, b = operands = list(draw_words((6, *shape), 5))
    operands = [np.asarray(x) for x in operands]
    got = bits.cross_and(*operands)
    assert isinstance(got, np.ndarray)
    assert got.shape == shape
    np.testing.assert_array_equal(got, (x_i & (y_i ^ y_j)) ^ (x_j & y_i) ^ a ^ b)
