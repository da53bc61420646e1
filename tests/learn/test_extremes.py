"""The first largest of a row, as flags."""

import numpy as np
import pytest

from mpckernel.array import reveal, share
from mpckernel.learn.extremes import chosen, first_largest, first_smallest, positions
from tests.learn.pooled import ALICE, one, three


@pytest.mark.parametrize("m", [1, 2, 3, 16, 17, 60, 300])
def test_first_of_equal_ones(m: int) -> None:
    x = np.random.default_rng(m).integers(-3, 4, (7, m))  # noqa: TID251  (test data)

    def program(_):
        y = share(ALICE.x)
        flags = first_largest(y)
        return reveal(flags, positions(flags), chosen(flags, y), positions(first_smallest(y)))

    flags, at, value, least = one(program, x=x)
    assert (flags.sum(1) == 1).all()
    assert (at == x.argmax(1)).all()
    assert (value == x.max(1)).all()
    assert (least == x.argmin(1)).all()


def test_at_the_ends_of_the_range_with_three_parties() -> None:
    x = np.array([[-7.5, 7.5, 7.5], [-8, -8, -8], [8, -8, 8]])
    flags = three(lambda _: reveal(first_largest(share(ALICE.x, bound=8))), x=x)
    assert flags.tolist() == [[0, 1, 0], [1, 0, 0], [1, 0, 0]]
