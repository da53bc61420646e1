"""Arithmetic equals that of Python's integers modulo 2^64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpckernel.errors import Bug, Unsupported
from mpckernel.ring.words import as_words, col2im, cross, im2col, matmul, matmul_cross, signed
from tests.ring.strategies import SIZES, draw_words, numbers, shapes, word, words

RING = 2**64


@given(st.integers(-(2**70), 2**70))
def test_a_python_integer_wraps(x):
    got = as_words(x)
    assert isinstance(got, np.ndarray)
    assert (got.shape, got.dtype, int(got)) == ((), np.uint64, x % RING)


@given(words(shapes), st.sampled_from(["u1", "i1", "<i4", ">i8", "u8", "?", "O"]))
def test_integers_of_any_kind_become_words(w, dtype):
    array = w.astype(object) if dtype == "O" else w.astype(dtype)
    got = as_words(array)
    assert isinstance(got, np.ndarray)
    assert (got.shape, got.dtype) == (w.shape, np.uint64)
    assert got.tolist() == np.array(numbers(array) % RING, object).tolist()


def test_layouts_lists_and_mixed_signs():
    assert as_words(np.arange(12).reshape(3, 4).T[::2]).flags.c_contiguous
    assert as_words([2**63, -1, 2**64]).tolist() == [2**63, 2**64 - 1, 0]
    assert as_words([]).shape == (0,)
    assert as_words(np.empty((2, 0), np.int8)).shape == (2, 0)
    w = np.arange(3, dtype=np.uint64)
    assert as_words(w) is w


@pytest.mark.parametrize("x", [1.5, [1.0], "1", ["1"], [None], b"1", 1j, [1, 2.5]], ids=repr)
def test_what_is_not_an_integer_is_refused(x):
    with pytest.raises(Unsupported):
        as_words(x)


@given(word)
def test_signed_is_twos_complement(u):
    w = np.array(u, np.uint64)
    assert int(signed(w)) == (u - RING if u >= 2**63 else u)
    assert np.shares_memory(signed(w), w)


@given(st.data(), shapes)
def test_cross_is_the_formula(data, shape):
    operands = [data.draw(words(shape)) for _ in range(6)]
    x_i, x_j, y_i, y_j, a, b = map(numbers, operands)
    got = cross(*operands)
    assert isinstance(got, np.ndarray)
    assert got.shape == shape
    expected = (x_i * (y_i + y_j) + x_j * y_i + a - b) % RING
    assert got.tolist() == np.array(expected, object).tolist()


@pytest.mark.parametrize("n", SIZES)
def test_cross_of_views_read_only_and_broadcast(n):
    wide = draw_words((6, 2 * n), n)
    views = [row[::2] for row in wide]
    copies = [row.copy() for row in views]
    for copy in copies:
        copy.flags.writeable = False
    np.testing.assert_array_equal(cross(*views), cross(*copies))
    one = np.array(3, np.uint64)
    x_i, x_j, _, y_j, a, b = views
    np.testing.assert_array_equal(
        cross(x_i, x_j, one, y_j, a, b), x_i * (one + y_j) + x_j * one + a - b
    )


def test_cross_of_words_at_odd_addresses():
    octets = draw_words(400, 1).view(np.uint8)
    odd = [octets[k : k + 8 * 65].view(np.uint64) for k in range(1, 7)]
    copies = [x.copy() for x in odd]
    np.testing.assert_array_equal(cross(*odd), cross(*copies))


# Every choice among the three loops, every remainder of the panels
PRODUCTS = [
    *[(0, 3, 2), (3, 0, 2), (3, 2, 0), (9, 0, 64), (0, 0, 0), (1, 1, 1), (5, 6, 7)],
    *[(9, 1, 64), (9, 15, 64), (9, 16, 64), (9, 17, 63), (8, 40, 70), (13, 129, 64)],
    *[(12, 127, 513), (9, 130, 511), (10, 131, 1025), (11, 256, 512), (65, 16, 1), (2, 300, 2)],
]


@pytest.mark.parametrize("shape", PRODUCTS, ids=str)
def test_matmul_is_exact_modulo_the_ring(shape):
    m, p, q = shape
    a, b, c = draw_words((m, p), 1), draw_words((p, q), 2), draw_words((m, q), 3)
    expected = a @ b
    np.testing.assert_array_equal(matmul(a, b), expected)
    out = c.copy()
    assert matmul(a, b, out) is out
    np.testing.assert_array_equal(out, expected)
    out = c.copy()
    matmul(a, b, out, accumulate=True)
    np.testing.assert_array_equal(out, expected + c)


@given(st.data(), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_matmul_equals_integers(data, m, p, q):
    a, b = data.draw(words((m, p))), data.draw(words((p, q)))
    expected = [
        [sum(int(a[i, k]) * int(b[k, j]) for k in range(p)) % RING for j in range(q)]
        for i in range(m)
    ]
    got = matmul(a, b)
    assert got.shape == (m, q)
    assert got.tolist() == expected


@pytest.mark.parametrize("shape", [(20, 30, 80), (20, 30, 10), (4, 30, 80)], ids=str)
def test_matmul_takes_transposes_slices_and_read_only_words(shape):
    m, p, q = shape
    a, b = draw_words((p, 2 * m), 4)[:, ::2].T, draw_words((q, p), 5).T
    c, d = a.copy(), b.copy()
    c.flags.writeable = d.flags.writeable = False
    np.testing.assert_array_equal(matmul(a, b), matmul(c, d))
    np.testing.assert_array_equal(matmul(a, b), c @ d)


@pytest.mark.parametrize("layout", ["F", "strided"])
def test_matmul_writes_to_out_of_any_layout(layout):
    a, b = draw_words((20, 30), 4), draw_words((30, 70), 5)
    out = np.ones((20, 70), np.uint64, order="F")
    if layout == "strided":
        out = np.ones((20, 140), np.uint64)[:, ::2]
    matmul(a, b, out, accumulate=True)
    np.testing.assert_array_equal(out, a @ b + np.uint64(1))


def test_shapes_that_do_not_fit_are_refused():
    a = np.ones((20, 30), np.uint64)
    with pytest.raises(Bug):
        matmul(a, a)
    with pytest.raises(Bug):
        matmul(a, a.T, np.ones((20, 21), np.uint64))
    with pytest.raises(Bug):
        col2im(np.ones((9, 9), np.uint64), (1, 1, 4, 4), 3, 3)
    with pytest.raises(ValueError, match="shape"):
        cross(*[np.ones(n, np.uint64) for n in (2, 2, 2, 2, 2, 3)])


@pytest.mark.parametrize("shape", [(3, 4, 5), (20, 30, 70), (0, 3, 3)], ids=str)
def test_matmul_cross_is_the_formula(shape):
    m, p, q = shape
    x_i, x_j = draw_words((2, m, p), 1)
    y_i, y_j = draw_words((2, p, q), 2)
    a, b = draw_words((2, m, q), 3)
    expected = x_i @ (y_i + y_j) + x_j @ y_i + a - b
    np.testing.assert_array_equal(matmul_cross(x_i, x_j, y_i, y_j, a, b), expected)


WINDOWS = [
    # n, c, h, w, kh, kw, stride, pad
    (1, 1, 1, 1, 1, 1, 1, 0),
    (2, 3, 7, 5, 3, 2, 1, 0),
    (2, 3, 7, 5, 3, 3, 2, 1),
    (1, 2, 4, 4, 5, 5, 1, 2),
    (2, 1, 6, 6, 2, 2, 2, 0),
    (3, 2, 8, 9, 3, 3, 3, 1),
    (0, 2, 4, 4, 3, 3, 1, 0),
]


@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_im2col_rows_are_the_windows(case):
    n, c, h, w, kh, kw, stride, pad = case
    x = draw_words((n, c, h, w), 7)
    rows = iter(im2col(x, kh, kw, stride, pad))
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    for image in padded:
        for top in range(0, h + 2 * pad - kh + 1, stride):
            for left in range(0, w + 2 * pad - kw + 1, stride):
                window = image[:, top : top + kh, left : left + kw]
                np.testing.assert_array_equal(next(rows), window.ravel())
    assert next(rows, None) is None


@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_col2im_is_the_adjoint_of_im2col(case):
    n, c, h, w, kh, kw, stride, pad = case
    x = draw_words((n, c, h, w), 8)
    rows = im2col(x, kh, kw, stride, pad)
    assert rows.flags.c_contiguous
    other = draw_words(rows.shape, 9)
    back = col2im(other, x.shape, kh, kw, stride, pad)
    assert back.shape == x.shape
    assert (rows * other).sum() == (x * back).sum()
