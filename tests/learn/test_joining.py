"""Rows brought together by secret ids, beside a dictionary."""

import numpy as np
import pytest

from mpckernel.array import reveal
from mpckernel.errors import UsageError
from mpckernel.learn.joining import align
from mpckernel.learn.selection import order_of
from tests.learn.pooled import ALICE, one, three


def program(_):
    return reveal(*align(ALICE.left, ALICE.right, ALICE.table, ALICE.flags))


def check(found: tuple[np.ndarray, ...], left: np.ndarray, right: np.ndarray, table: np.ndarray):
    rows, flags, known = found
    assert (known == np.isin(left, right)).all()
    at = {key: k for k, key in enumerate(right)}
    for k, key in enumerate(left):
        want = table[at[key]] if key in at else np.zeros(table.shape[1])
        assert (rows[k] == want).all()
        assert flags[k] == (key in at and table[at[key], 0] > 0)


@pytest.mark.parametrize("seed", range(6))
def test_as_a_dictionary(seed: int) -> None:
    m, n = 1 + order_of(29, seed)[:2]
    left, right = order_of(40, seed + 1)[:m] - 20, order_of(40, seed + 2)[:n] - 20
    table = (order_of(3 * n, seed + 3).reshape(n, 3) - n) / 64
    data = {"left": left, "right": right, "table": table, "flags": table[:, 0] > 0}
    check(one(program, **data), left, right, table)


def test_results_come_from_both_owners() -> None:
    def program(_):
        return tuple(v.owners for v in align(ALICE.left, ALICE.right, ALICE.right))

    ids = np.arange(3)
    assert one(program, left=ids, right=ids) == ({"alice"}, {"alice"})


def test_three_parties() -> None:
    left, right = np.array([5, 3, 9, 0]), np.array([9, 7, 5, -1, 0])
    table = np.arange(15.0).reshape(5, 3) - 7
    data = {"left": left, "right": right, "table": table, "flags": table[:, 0] > 0}
    check(three(program, **data), left, right, table)


def test_ids_are_whole_numbers_and_tables_have_their_rows() -> None:
    ids, table = np.arange(3), np.ones((2, 2))
    with pytest.raises(UsageError, match="whole numbers"):
        one(lambda _: align(ALICE.ids * 0.5, ALICE.ids), ids=ids)
    with pytest.raises(UsageError, match="row for each"):
        one(lambda _: align(ALICE.ids, ALICE.ids, ALICE.table), ids=ids, table=table)
