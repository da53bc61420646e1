"""Rows brought together by secret ids, beside a dictionary."""

import numpy as np
import pytest

from mpckernel import learn
from mpckernel.array import compress, recorded, reveal, share
from mpckernel.errors import RangeLeft, UsageError
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


def test_a_model_of_the_rows_that_both_have() -> None:
    left, right = np.array([5, 3, 9, 0, 2, 8]), np.array([9, 7, 5, -1, 0, 8])
    near, far = np.arange(6.0), np.array([2.0, 9, 1, 9, 4, 8])
    y = np.array([3.0, 50, 1, 9, 60, 14])

    def program(_):
        more, found = align(ALICE.left, ALICE.right, ALICE.far)
        x = np.stack([share(ALICE.near), more], axis=1)
        x, y, _ = compress(found, x, ALICE.y, reveal_count=True)
        model = learn.LinearRegression().fit(x, y)
        return reveal(model.coef_, model.intercept_)

    known = np.isin(left, right)
    columns = np.stack([near, [1, 0, 2, 4, 0, 8], np.ones(6)], axis=1)[known]
    want = np.linalg.lstsq(columns, y[known], rcond=None)[0]
    data = {"left": left, "right": right, "near": near, "far": far, "y": y}
    slopes, constant = one(program, **data)
    assert np.abs([*slopes, constant] - want).max() < 1e-3


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


def test_right_ids_that_are_not_distinct() -> None:
    data = {"left": np.arange(4), "right": np.array([3, 2, 4, 3]), "far": np.arange(4.0)}
    with pytest.raises(RangeLeft, match=r"right ids of align are distinct .drop_dupl"):
        one(lambda _: reveal(*align(ALICE.left, ALICE.right, ALICE.far)), **data)


def test_left_ids_may_come_again() -> None:
    data = {"left": np.array([1, 2, 2, 3]), "right": np.array([3, 2]), "far": np.array([300, 200])}
    rows, found = one(lambda _: reveal(*align(ALICE.left, ALICE.right, ALICE.far)), **data)
    assert list(rows) == [0, 200, 200, 300]
    assert list(found) == [False, True, True, True]


def test_a_recorded_function_cannot_promise() -> None:
    @recorded
    def step(left, right):
        return align(left, right, right)[0]

    data = {"left": np.arange(4), "right": np.arange(4)}
    with pytest.raises(UsageError, match="does not see whether the right ids of align"):
        one(lambda _: step(share(ALICE.left), share(ALICE.right)), **data)
