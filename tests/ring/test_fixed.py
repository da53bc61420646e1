"""Encoding holds its bounds and refuses what does not fit, without saying what it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mpckernel.errors import OutOfRange
from mpckernel.ring.fixed import decode, encode
from tests.ring.strategies import shapes, word, words

scales = st.sampled_from([0, 1, 16, 20, 32, 61])


@st.composite
def reals_that_fit(draw):
    f = draw(scales)
    top = np.nextafter(2.0 ** (62 - f), 0)
    return f, draw(hnp.arrays(np.float64, draw(shapes), elements=st.floats(-top, top)))


@given(reals_that_fit())
def test_encode_rounds_half_to_even_like_python(pair):
    f, x = pair
    got = encode(x, f)
    assert (got.shape, got.dtype) == (x.shape, np.uint64)
    for real, w in zip(x.ravel().tolist(), got.ravel().tolist(), strict=True):
        assert w == round(real * 2**f) % 2**64


@given(reals_that_fit())
def test_encode_then_decode_is_within_half_a_unit(pair):
    f, x = pair
    error = np.abs(decode(encode(x, f), f) - x)
    assert (error <= 2.0 ** -(f + 1)).all()


@given(words(shapes), scales)
def test_decode_is_exact_up_to_53_bits_and_relative_beyond(w, f):
    got = decode(w, f)
    assert isinstance(got, np.ndarray)
    assert (got.shape, got.dtype) == (w.shape, np.float64)
    for real, u in zip(got.ravel().tolist(), w.ravel().tolist(), strict=True):
        exact = u - 2**64 if u >= 2**63 else u
        assert real == exact / 2**f


@given(word, scales)
def test_small_words_survive_the_round_trip(u, f):
    w = np.array((u % 2**53 - 2**52) % 2**64, np.uint64)
    np.testing.assert_array_equal(encode(decode(w, f), f), w)


def test_ties_go_to_even():
    assert encode([0.5, 1.5, 2.5, -0.5], 0).view(np.int64).tolist() == [0, 2, 2, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 2.0**42, -(2.0**42), 1e308])
def test_what_does_not_fit_is_refused_by_place_not_by_value(bad):
    x = np.full((3, 4), 123456.789)
    x[1, 2] = x[2, 0] = bad
    with pytest.raises(OutOfRange) as caught:
        encode(x, 20)
    text = str(caught.value)
    assert "2 of 12" in text
    assert "index 6" in text
    assert "123456" not in text
    assert repr(bad) not in text


def test_just_below_the_bound_fits():
    x = np.nextafter(2.0**42, 0)
    assert int(encode(x, 20)) == int(x * 2**20)


@pytest.mark.parametrize("x", [1.5, 3, [1, 2], np.float32(0.1), np.zeros((2, 3)).T, []])
def test_anything_real_is_encoded_to_contiguous_words(x):
    got = encode(x, 16)
    assert isinstance(got, np.ndarray)
    assert got.flags.c_contiguous
    np.testing.assert_array_equal(decode(got, 16), np.round(np.asarray(x) * 2.0**16) / 2.0**16)
