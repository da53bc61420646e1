"""Bits placed otherwise: whole rows of words, and everything else, by the same definition."""

import numpy as np
import pytest

from mpckernel.protocols import moving
from mpckernel.sharing.rep3 import deal_bits, reconstruct_bits
from tests.protocols.running import REP3, Stream

SHAPES = [(5, 64), (4, 128), (3, 2, 64), (6, 70), (64,), (128,), (4,), (4, 0)]
KEYS = [slice(1, 3), slice(0, 3, 2), np.array([2, 0, 0, 1]), 2, slice(1, 1), slice(None, None, -1)]


def movements(shape):
    yield from (("index", moving.frozen(key)) for key in KEYS)
    yield from (("concatenate", 0), ("stack", 0), ("flip", 0), ("expand_dims", 0))
    yield "pad_zero", ((0, 1), *[(0, 0)] * (len(shape) - 1))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_movement_of_rows_and_of_bits(shape):
    rng = Stream(1)
    values = [rng.integers(0, 2, shape) == 1 for _ in range(3)]
    for how in movements(shape):
        taken = values if how[0] in ("concatenate", "stack") else values[:1]
        dealt = [deal_bits(x, rng) for x in taken]
        parts = [REP3["move_bits"](None, *(d[i] for d in dealt), how=how) for i in range(3)]
        want = moving.apply(how, *taken)
        got = reconstruct_bits(parts)
        assert got.shape == want.shape, how
        np.testing.assert_array_equal(got, want, str(how))
