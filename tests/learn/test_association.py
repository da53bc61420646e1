"""Correlations and t tests beside SciPy's."""

from collections.abc import Callable
from math import inf, sqrt
from typing import Any

import numpy as np
import pytest
from scipy import stats

from mpckernel import learn
from mpckernel.array import OwnerName, reveal, share
from mpckernel.errors import UsageError
from tests.rooms import plain_room, three_rooms

ALICE = OwnerName("alice", 0)


def data(apart: float = 2.0, size: float = 1.0) -> dict[str, Any]:
    rng = np.random.default_rng(1)  # noqa: TID251  (test data)
    a, b = size * rng.normal(25, 4, 60), size * rng.normal(25 + apart, 4, 43)
    a, b = (np.rint(v * 2**20) / 2**20 for v in (a, b))  # as they are shared
    flags = np.arange(103) < 60
    return {"a": a, "b": b, "x": np.concatenate([a, b]), "g": flags, "n": flags.astype(int)}


def result(program: Callable[[], Any], values: dict[str, Any]) -> Any:
    with plain_room() as room:
        return room.run(lambda _: reveal(program()), [values])[0]


def near(got: Any, t: float, r: float, p: float, n: int = 103) -> None:
    e = 2.0**-19.7 + sqrt(n) * 2.0**-26.5 + 2.0**-20
    assert got.correlation == pytest.approx(r, abs=e)
    assert got.statistic == pytest.approx(t, abs=e * sqrt(n) * (1 - r * r) ** -1.5)
    assert got.pvalue == pytest.approx(p, abs=2 * e * sqrt(n))
    assert got.df == n - 2


@pytest.mark.parametrize("apart", [0.0, 2.0, -9.0])
@pytest.mark.parametrize("size", [1.0, 2.0**-9, 2.0**9])
@pytest.mark.parametrize(
    "program",
    [
        lambda: learn.ttest_ind(share(ALICE.a), share(ALICE.b)),
        lambda: learn.ttest_ind(ALICE.x, where=ALICE.g),
        lambda: learn.ttest_ind(ALICE.x, where=share(ALICE.n) == 1),
        lambda: learn.ttest_ind(share(ALICE.x), where=np.arange(103) < 60),
        lambda: learn.pearsonr(share(ALICE.x), ALICE.n),
    ],
    ids=["two", "mask", "comparison", "public mask", "correlation"],
)
def test_as_scipy_finds_it(program: Callable[[], Any], apart: float, size: float) -> None:
    values = data(apart, size)
    want, r = stats.ttest_ind(values["a"], values["b"]), stats.pearsonr(values["x"], values["n"])
    near(result(program, values), want.statistic, r.statistic, want.pvalue)


def test_three_parties_and_one_receiver() -> None:
    values = data()
    want = stats.pearsonr(values["x"], values["n"])
    with three_rooms() as rooms:
        one, two, _ = rooms.run(
            lambda _: reveal(learn.pearsonr(ALICE.x, ALICE.n), to="alice"), [values, {}, {}]
        )
    assert one.correlation == pytest.approx(want.statistic, abs=1e-5)
    assert repr(one).startswith("correlation=-0.2526")
    assert repr(two) == "<revealed to alice only>"


def test_nothing_is_opened_before_it_is_revealed() -> None:
    with plain_room() as room:
        (found,) = room.run(lambda _: learn.pearsonr(ALICE.x, ALICE.n), [data()])
        assert "secret" in repr(found)
        assert not room.rooms[0].ledger.opened


@pytest.mark.parametrize(
    ("x", "r", "t", "p"),
    [
        ([1.0, 2, 3, 4], 1.0, inf, 0.0),
        ([4.0, 3, 2, 1], -1.0, -inf, 0.0),
        ([2.0] * 4, 0.0, 0.0, 1.0),
    ],
)
def test_ends(x: list[float], r: float, t: float, p: float) -> None:
    got = result(lambda: learn.pearsonr(share(ALICE.x), np.arange(4.0)), {"x": np.array(x)})
    assert got.correlation == pytest.approx(r, abs=2.0**-19)
    assert got.statistic == t or abs(got.statistic - t) < 2.0**-17 or abs(got.statistic) > 1e2
    assert got.pvalue == pytest.approx(p, abs=1e-3)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (lambda: learn.ttest_ind(ALICE.x, ALICE.x, equal_var=False), "ttest_ind_from_stats"),
        (lambda: learn.ttest_ind(ALICE.x), "two arrays, or one and where="),
        (lambda: learn.ttest_ind(ALICE.x, ALICE.x, where=ALICE.g), "two arrays, or one"),
        (lambda: learn.pearsonr(ALICE.x, ALICE.a), "of 3 numbers or more"),
        (lambda: learn.pearsonr(share(ALICE.x)[:2], share(ALICE.x)[:2]), "of 3 numbers or more"),
        (lambda: learn.pearsonr(share(ALICE.x)[:, None], ALICE.g), r"and not \(103, 1\)"),
    ],
)
def test_refusals(program: Callable[[], Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        result(program, data())
