"""Points and turned tables, against their meaning."""

import numpy as np
import pytest

from mpckernel.ring.tables import chosen, point
from tests.ring.strategies import draw_words


@pytest.mark.parametrize("bits", [1, 2, 3, 5])
@pytest.mark.parametrize("n", [0, 1, 65])
def test_two_shares_of_a_point_read_the_table(bits: int, n: int) -> None:
    table, mask = draw_words((3, 2**bits), 1), draw_words((n, 2**bits - 1), 2)
    c, r = (draw_words((n,), seed) % np.uint64(2**bits) for seed in (3, 4))
    shown = point(c, mask)
    np.testing.assert_array_equal((shown + mask).sum(1), c != 0)
    got = chosen(shown, r, table, 1) + chosen(mask, r, table, 0)
    np.testing.assert_array_equal(got, table[:, c ^ r])
