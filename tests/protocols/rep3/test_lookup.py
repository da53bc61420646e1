"""What the two readers of a table send hides their entry, also from those who know parts of it."""

import numpy as np
import pytest

from mpckernel.ring import tables
from mpckernel.ring.words import as_words
from tests.protocols import statistics
from tests.protocols.views import LANES, parts_for, view

TABLE = ((7, 2**61, -5, 3),)


def check_entries_hidden(i: int) -> None:
    """P_0 and P_2 know s_0, half of the shared point: whatever place they guess for the other
    number, taking away what s_0 adds to the entry leaves a uniform word."""
    rows, p_values = as_words(np.array(TABLE, object)), []
    for secret in (0, 1):
        seen = view("lookup", i, parts_for("lookup", i, secret), {"table": TABLE})
        (mask,) = (d.reshape(LANES, 3) for d in seen.drawn if d.size == 3 * LANES)
        (heard,) = seen.heard
        for guess in range(4):
            part = tables.chosen(mask, np.full(LANES, guess, np.uint64), rows, 0)[0]
            p_values += statistics.uniform(heard - part) + statistics.uniform(heard + part)
    statistics.accept(p_values, "an entry of a table")


@pytest.mark.parametrize("i", [0, 2])
def test_entries_are_hidden_from_who_knows_half_of_the_point(i: int) -> None:
    check_entries_hidden(i)
