"""Figures of groups of rows, beside pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpckernel.array import reveal, share
from mpckernel.errors import Unsupported, UsageError
from mpckernel.learn.selection import order_of
from tests.learn.pooled import ALICE, one, price, three

WARDS = ["north", "south", "west", "east"]


def people(n: int) -> pd.DataFrame:
    at = order_of(n, 1)
    return pd.DataFrame(
        {
            "ward": [WARDS[k % 3] for k in at],
            "stage": order_of(n, 2) * order_of(n, 3) % 4,
            "ill": order_of(n, 4) % 5 < 2,
            "bp": 130 + (order_of(n, 5) - n / 2) / 3,
            "visits": order_of(n, 6) % 12 - 3,
        }
    )


T = people(60)


def against(got: Any, want: Any, **near: Any) -> None:
    want = want.fillna(0)
    assert list(got.index) == [tuple(v) if isinstance(v, tuple) else v for v in want.index]
    np.testing.assert_allclose(np.asarray(got), want.to_numpy(float), **near)


@pytest.mark.parametrize("run", [one, three])
def test_one_column_by_text(run: Any) -> None:
    def program(_: Any) -> Any:
        g = share(ALICE.t).groupby("ward", groups=WARDS)
        bp = g["bp"]
        return reveal(g.size(), bp.mean(), bp.sum(), bp.std(), bp.min(), bp.max())

    size, mean, total, std, least, most = run(program, t=T)
    g = T.groupby("ward")
    against(size, g.size().reindex(WARDS))
    against(mean, g.bp.mean().reindex(WARDS), atol=1e-4)
    against(total, g.bp.sum().reindex(WARDS), atol=1e-4)
    against(std, g.bp.std().reindex(WARDS), atol=1e-3)
    against(least, g.bp.min().reindex(WARDS), atol=2**-20)
    against(most, g.bp.max().reindex(WARDS), atol=2**-20)
    assert mean["north"] == pytest.approx(T[T.ward == "north"].bp.mean(), abs=1e-4)
    assert size["east"] == 0


def test_all_columns_by_numbers_and_booleans() -> None:
    def program(_: Any) -> Any:
        t = share(ALICE.t).drop(columns="ward")
        by = t.groupby("stage", groups=4)
        some = t.groupby("stage", groups=[3, 1])
        return reveal(by.mean(), by.var(), some.max(), t.groupby("ill").min(), by.count())

    mean, var, some, ill, count = one(program, t=T)
    numbers = T.drop(columns="ward")
    g = numbers.groupby("stage")
    against(mean, g.mean(), atol=1e-4)
    against(var, g.var(), atol=0.05)
    against(some, g.max().loc[[3, 1]], atol=2**-20)
    against(ill, numbers.groupby("ill").min(), atol=2**-20)
    against(count, g.count())
    assert mean.columns == ["ill", "bp", "visits"]
    pd.testing.assert_frame_equal(
        mean.to_pandas(), g.mean(), check_names=False, check_index_type=False, atol=1e-4
    )


def test_two_columns() -> None:
    groups = {"ward": ["west", "north"], "stage": 3}

    def program(_: Any) -> Any:
        g = share(ALICE.t).groupby(["ward", "stage", "ill"], groups=groups)
        return reveal(g.size(), g[["visits"]].sum())

    size, visits = one(program, t=T)
    index = pd.MultiIndex.from_product([["west", "north"], range(3), [False, True]])
    g = T.groupby(["ward", "stage", "ill"])
    against(size, g.size().reindex(index))
    against(visits, g[["visits"]].sum().reindex(index))
    assert size.to_pandas().loc[("north", 2, True)] == size[("north", 2, True)]


def test_small_groups_count_as_empty() -> None:
    least = int(T.groupby(["ward", "stage"]).size().median())

    def program(_: Any) -> Any:
        groups = {"ward": WARDS[:3], "stage": 4}
        g = share(ALICE.t).groupby(["ward", "stage"], groups=groups, at_least=least)
        return reveal(g.size(), g["bp"].mean(), g["visits"].max())

    size, mean, most = one(program, t=T)
    g = T.groupby(["ward", "stage"])
    index = pd.MultiIndex.from_product([WARDS[:3], range(4)])
    kept = g.size().reindex(index) >= least
    assert 0 < kept.sum() < 12
    against(size, g.size().reindex(index).where(kept))
    against(mean, g.bp.mean().reindex(index).where(kept), atol=1e-4)
    against(most, g.visits.max().reindex(index).where(kept))


def test_rows_of_no_group_are_left_out() -> None:
    def program(_: Any) -> Any:
        t = share(ALICE.t)
        return reveal(t.groupby("stage", groups=2).size(), t.groupby("ward", groups=["no"]).mean())

    size, none = one(program, t=T)
    np.testing.assert_array_equal(np.asarray(size), [(T.stage == k).sum() for k in (0, 1)])
    assert not np.asarray(none).any()


def test_many_columns_share_one_membership() -> None:
    """Sums of more columns send what they are, groups times columns, and no more per row."""
    wide = {f"c{k}": np.ones(2000) for k in range(8)} | {"key": np.arange(2000) % 5}
    table = pd.DataFrame(wide)

    def sums(columns: int) -> Any:
        names = ["key", *(f"c{k}" for k in range(columns))]
        return lambda _: reveal(share(ALICE.t[names]).groupby("key", groups=5).sum())

    bits = [price(sums(k), t=table)[1] for k in (1, 8)]
    inputs = [
        price(lambda _, n=n: share(ALICE.t[[f"c{k}" for k in range(n)]]).mean(), t=table)[1]
        for n in (1, 8)
    ]
    assert bits[1] - bits[0] < inputs[1] - inputs[0] + 8 * 5 * 1000


WRONG: list[Any] = [
    (lambda t: t.groupby("no"), UsageError, "no column 'no'"),
    (lambda t: t.groupby("stage"), UsageError, r"groups=\[...\] lists the values of 'stage'"),
    (lambda t: t.groupby("ward", groups=3), UsageError, "different values, each str"),
    (lambda t: t.groupby("stage", groups=[1, 1]), UsageError, "different values, each int"),
    (lambda t: t.groupby("stage", groups=[]), UsageError, "different values"),
    (lambda t: t.groupby("bp", groups=3), UsageError, "np.digitize"),
    (lambda t: t.groupby([]), UsageError, "different columns"),
    (lambda t: t.groupby("ill", at_least=0), UsageError, "at_least= from 1"),
    (lambda t: t.groupby(["ill", "stage"], groups=4), UsageError, "by name"),
    (lambda t: t.groupby(["ill", "stage"]), UsageError, "values of 'stage'"),
    (lambda t: t.groupby("stage", groups=5000), Unsupported, "more than 4096"),
    (lambda t: t.groupby("ill")["no"], UsageError, "no column 'no'"),
    (lambda t: t.groupby("ill").median(), AttributeError, "size, count, sum"),
    (lambda t: t.groupby("ill")["ward"].mean(), UsageError, "no column of numbers"),
]


@pytest.mark.parametrize(("wrong", "error", "says"), WRONG, ids=range(len(WRONG)))
def test_ways_out(wrong: Any, error: Any, says: str) -> None:
    with pytest.raises(error, match=says):
        one(lambda _: wrong(share(ALICE.t)), t=T)
