"""Transcripts and costs are those that were committed, and those of the published table."""

import numpy as np
import pytest

from tests import golden
from tests.protocols.running import REP3, kinds, run

# Bits in total for each element, and rounds.
TABLE = {
    "mul": ({}, 192, 1),
    "trunc": ({"f": 16}, 64 + 3 * 16, 2),
    "mul_trunc": ({"f": 16}, 192 + 3 * 16, 3),
    "mul_trunc few": ({"f": 16}, 192 + 4 * 16 + 1, 2),
    "msb": ({"width": 64}, 380, 6),
    "is_zero": ({"width": 64}, 253, 7),
    "to_bits": ({"width": 64}, 715, 7),
    "bit_to_word": ({}, 192, 2),
    "select": ({}, 256, 2),
    "and": ({}, 3, 1),
    "or": ({}, 3, 1),
    "open_words": ({}, 192, 1),
    "open_words_to": ({"to": 0}, 64, 1),
    "open_bits": ({}, 3, 1),
    "open_bits_to": ({"to": 0}, 1, 1),
    "input_words": ({"owner": 0, "shape": (128,), "bound": 1}, 64, 1),
    "coin": ({"shape": (128,)}, 384, 1),
    "random_bits": ({"shape": (128,)}, 0, 0),
    "floor": ({"f": 20}, 424, 7),
}


@pytest.mark.parametrize("name", TABLE)
def test_price_list(name):
    params, bits, rounds = TABLE[name]
    op = REP3[name]
    shapes = [(128,)] * len(kinds(op))
    out = op.ideal.shape(*shapes, **params)
    assert op.cost(out, *shapes, **params) == (rounds, 128 * bits)


@pytest.mark.parametrize(("width", "bits", "rounds"), [(32, 183, 5), (16, 86, 4)])
def test_price_of_narrow_signs(width, bits, rounds):
    assert REP3["msb"].cost((64,), (64,), width=width) == (rounds, 64 * bits)


@pytest.mark.parametrize(("width", "bits", "rounds"), [(32, 125, 6), (16, 61, 5)])
def test_price_of_narrow_zero_tests(width, bits, rounds):
    assert REP3["is_zero"].cost((64,), (64,), width=width) == (rounds, 64 * bits)


def test_every_operation_that_sends_is_stored():
    assert set(golden.stored()) == set(golden.entries())


@pytest.mark.parametrize("label", golden.entries())
def test_transcript_and_cost_are_unchanged(label):
    assert golden.measure_one(label) == golden.stored()[label]


def test_the_hash_sees_every_word():
    x = np.arange(65, dtype=np.uint64)
    first, second = run("mul", x, x), run("mul", x, x, call=8)
    assert golden.transcript_hash(first) != golden.transcript_hash(second)
    assert golden.transcript_hash(first) == golden.transcript_hash(run("mul", x, x))
