"""Codes, what is asked of them, and the polynomials that hold, against their meaning."""

import numpy as np
import pytest

from mpckernel.ring.thresholds import STEPS, P, asked, code, collected
from mpckernel.ring.words import Words
from tests.ring.strategies import draw_words

DIGITS = 3


def two(c: Words, seed: int) -> tuple[Words, Words]:
    """Shares of the code of c."""
    masks = draw_words((DIGITS * STEPS, c.size), seed)
    return code(c, masks), masks % np.uint64(P)


@pytest.mark.parametrize("n", [0, 1, 65])
def test_a_code_has_as_many_ones_as_the_digit_says(n: int) -> None:
    c = draw_words((n,), 1)
    shown, mask = two(c, 2)
    plain = ((shown + mask) % np.uint64(P)).reshape(DIGITS, STEPS, n)
    assert (np.sort(plain, axis=1)[:, ::-1] == plain).all()
    got = sum(plain[d].sum(0) << np.uint64(3 * d) for d in range(DIGITS))
    np.testing.assert_array_equal(got, c % np.uint64(8**DIGITS))


@pytest.mark.parametrize("n", [0, 1, 3000])
def test_one_digit_is_zero_where_the_answer_is_yes(n: int) -> None:
    c = draw_words((n,), 1) % np.uint64(8**DIGITS)
    near = c + draw_words((n,), 2) % np.uint64(3) - np.uint64(1)
    places = np.stack([near, draw_words((n,), 3), c]) % np.uint64(8**DIGITS)
    draws, zeros = draw_words((6, n), 4), draw_words((3 * DIGITS, n), 5)
    shares = two(c, 6)
    total = sum(asked(s, places, draws, zeros, k == 0) for k, s in enumerate(shares)) % np.uint64(P)
    hits = (total.reshape(3, DIGITS, n) == 0).sum(axis=1)
    want = (c >= places) ^ (draws[::2] % np.uint64(2) == 1)
    np.testing.assert_array_equal(hits, want)


@pytest.mark.parametrize("terms", [4, 5])
@pytest.mark.parametrize("m", [0, 1, 3])
def test_the_sum_of_chosen_polynomials(m: int, terms: int) -> None:
    n, span = 50, 2**40
    g, low = draw_words((n,), 1) % np.uint64(span), draw_words((n,), 2)
    left = draw_words((n,), 3)
    answers = draw_words((m + 1, n), 4) % np.uint64(2)
    draws, shift = draw_words((2 * m + 2, n), 5), draw_words((n,), 6)
    jumps, passed = draw_words((m + 3, terms), 7), draw_words((m, n), 8) % np.uint64(2)
    e = np.concatenate((np.ones((1, n), np.uint64), answers ^ draws[::2] % np.uint64(2)))
    powers = np.stack([g**0, g, g * g, g * g * g, left][:terms])
    products = (e[:, None] * powers).reshape(-1, n)
    mask = draw_words(products.shape, 9)
    got = sum(collected(s, jumps, passed, draws, shift, low, span) for s in (products - mask, mask))

    def at(q: Words, s: Words) -> Words:
        return q[0] + s * (q[1] + s * (q[2] + s * q[3])) + (q[4:] * (left + low)[:, None]).sum(1)

    want = at(jumps[0], g + shift) + sum(
        (at(jumps[j + 1], g + shift) * passed[j]
         + at(jumps[j + 1], g + shift - passed[j] * np.uint64(span)) * answers[j]
         for j in range(m)), start=np.zeros(n, np.uint64))  # fmt: skip
    want += (at(jumps[m + 1], g + shift - np.uint64(span)) + at(jumps[m + 2], g + shift)) * answers[
        m
    ]
    np.testing.assert_array_equal(got, want)
