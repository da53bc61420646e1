"""Joint tables of several owners' rows, and their statistics, beside pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpckernel.array import SecretArray, concat, reveal, sfix24, share
from mpckernel.array.frames.joint import JointFrame
from mpckernel.errors import ImplicitReveal, Unsupported, UsageError
from tests.learn.pooled import ALICE, one, three

ONE = pd.DataFrame(
    {
        "age": [34, 71, 58, 66],
        "bp": [121.5, 140.25, 118, 133],
        "ill": [False, True, False, True],
        "ward": ["north", "south", "south", "west"],
    }
)
OTHER = pd.DataFrame(
    {
        "ward": pd.Categorical(["south", "north", "north"]),
        "bp": [110, 150, 99],
        "ill": [True, False, False],
        "age": [29, 45, 80],
    }
)
ALL = pd.concat([ONE, OTHER[ONE.columns].assign(ward=OTHER.ward.astype(str))], ignore_index=True)
DATA = {"one": ONE, "other": OTHER}


def joint() -> Any:
    return concat(ALICE.one, ALICE.other)


@pytest.mark.parametrize("run", [one, three])
def test_rows_below_each_other_by_the_names_of_columns(run: Any) -> None:
    def program(_: Any) -> Any:
        t = joint()
        assert t.columns == list(ONE.columns)
        assert t.shape == ALL.shape
        assert {"bp", "groupby"} <= {*dir(t)}
        assert t._ipython_key_completions_() == t.columns
        assert [str(x.dtype) for x in (t.age, t.bp, t.ill)] == ["sint", "sfix20", "sbool"]
        return reveal(t.age, t.bp, t["ill"], t.ward == "south", t.ward != "west")

    age, bp, ill, south, not_west = run(program, **DATA)
    for got, want in ((age, ALL.age), (bp, ALL.bp), (ill, ALL.ill), (south, ALL.ward == "south")):
        np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(not_west, ALL.ward != "west")


def test_a_table_is_its_array_where_one_is_expected() -> None:
    names = ["age", "bp"]

    def program(_: Any) -> Any:
        t = concat([ALICE.one[names], ALICE.other[names]])
        assert isinstance(share(t), JointFrame)
        assert share(t) is t
        return reveal(t[:, 0], t.T, np.mean(t, axis=0), t.mean(axis=1), t * 2, t[2:].sum(axis=None))

    rows = ALL[names].to_numpy()
    first, turned, means, across, twice, total = one(program, **DATA)
    np.testing.assert_array_equal(first, rows[:, 0])
    np.testing.assert_array_equal(turned, rows.T)
    np.testing.assert_allclose(means, rows.mean(axis=0), atol=2**-19)
    np.testing.assert_allclose(across, rows.mean(axis=1), atol=2**-19)
    np.testing.assert_array_equal(twice, 2 * rows)
    assert total == rows[2:].sum()


def test_share_of_a_table() -> None:
    def program(_: Any) -> Any:
        t, again = share(ALICE.one), share(ALICE.one)
        assert isinstance(t, JointFrame)
        assert t["age"].call is again["age"].call  # shared once
        fine = share(ALICE.one[["age", "bp"]], dtype=sfix24)
        assert isinstance(fine, SecretArray)
        close = share(ALICE.one, bound={"age": 130})
        assert close["age"].bound == 130
        assert share(ALICE.one[["age"]], bound=99)["age"].bound == 99
        assert share(ALICE.grid).shape == (2, 2)  # columns without names are an array
        return reveal(fine, share(ALICE.dict)["x"], (ALICE.one[["age"]] + 1))

    grid = pd.DataFrame(np.eye(2))
    fine, x, more = one(program, **DATA, dict={"x": [1, 2]}, grid=grid)
    np.testing.assert_array_equal(fine, ONE[["age", "bp"]])
    np.testing.assert_array_equal(x, [1, 2])
    np.testing.assert_array_equal(more, ONE[["age"]] + 1)


def test_text() -> None:
    def program(_: Any) -> Any:
        t = joint()
        u = t.assign(same=t.ward == t.ward, copy=t.ward)
        assert "text" in repr(t.ward)
        assert "north" not in repr(t) + repr(t.ward) + t._repr_html_() + t.ward._repr_html_()
        assert (
            u[["copy"]]
            .merge(ALICE.wards, left_on="copy", right_on="ward", how="left", fill=0)
            .shape
        )
        return reveal(t.ward.isin(["north", "west", "x"]), u.same, u.copy == "north")

    wards = {"ward": np.array(["north", "south", "west"]), "beds": [3, 5, 7]}
    found, every, copied = one(program, **DATA, wards=wards)
    np.testing.assert_array_equal(found, ALL.ward.isin(["north", "west"]))
    assert every.all()
    np.testing.assert_array_equal(copied, ALL.ward == "north")


def test_statistics_of_columns() -> None:
    numbers = ALL[["age", "bp"]]

    def program(_: Any) -> Any:
        t = joint()[["age", "bp"]]
        every = t.mean(), t.sum(), t.std(), t.var(), t.min(), t.max(), t.median(), t.quantile(0.3)
        assert all(figures.shape == (2,) for figures in every)
        return reveal(*every, t.corr(), t.cov(), t.quantile([0.1, 0.9]), t.mean()["bp"])

    *series, corr, cov, several, bp = one(program, **DATA)
    wanted = [getattr(numbers, n)() for n in ("mean", "sum", "std", "var", "min", "max", "median")]
    for got, want in zip(series, [*wanted, numbers.quantile(0.3)], strict=True):
        pd.testing.assert_series_equal(
            got.to_pandas(), want, check_names=False, check_dtype=False, rtol=1e-5
        )
        assert got["age"] == pytest.approx(want["age"], rel=1e-5)
    pd.testing.assert_frame_equal(corr.to_pandas(), numbers.corr(), atol=1e-5)
    pd.testing.assert_frame_equal(cov.to_pandas(), numbers.cov(), rtol=1e-4)
    pd.testing.assert_frame_equal(several.to_pandas(), numbers.quantile([0.1, 0.9]), rtol=1e-5)
    assert bp == pytest.approx(numbers.bp.mean(), abs=2**-18)


def test_describe() -> None:
    def program(_: Any) -> Any:
        figures = joint().describe()
        assert "count" in repr(figures)
        opened = reveal(figures)
        assert "when the cell runs" in repr(opened)
        return opened, reveal(joint().describe([0.9]))

    opened, other = one(program, **DATA)
    pd.testing.assert_frame_equal(opened.to_pandas(), ALL.describe(), rtol=1e-5)
    assert opened.shape == (8, 2)
    pd.testing.assert_frame_equal(
        other.to_pandas(), ALL.describe([0.9]).drop("50%", errors="ignore"), rtol=1e-5
    )
    text, html = repr(opened), opened._repr_html_()
    assert text.splitlines()[0].split() == ["age", "bp"]
    assert "136.625" in text
    assert "136.625" in html
    with pytest.raises(KeyError, match="there are age, bp"):
        opened["no"]
    with pytest.raises(AttributeError, match="to_pandas"):
        opened.plot()


def test_figures_to_one_party() -> None:
    from tests.rooms import three_rooms

    def program(_: Any) -> Any:
        return reveal(joint()[["age"]].mean(), to="bob")

    with three_rooms() as room:
        alice, bob, carol = room.run(program, [DATA, {}, {}])
    assert bob["age"] == pytest.approx(ALL.age.mean(), abs=1e-5)
    for other in (alice, carol):
        assert repr(other) == "<revealed to bob only>"
        assert "bob only" in other._repr_html_()
        with pytest.raises(ImplicitReveal, match="bob only"):
            other["age"]


def test_rows_in_order_and_some_of_them() -> None:
    def program(_: Any) -> Any:
        t = joint()
        up, down = t.sort_values("bp"), t.sort_values(["ill", "age"], ascending=False)
        assert str(up.ill.dtype) == "sbool"
        first, last = down.head(2), down.tail(3)
        assert (len(first), len(last), len(t.head(99))) == (2, 3, 7)
        return reveal(up.age, up.bp, up.ill, up.ward == "north", first.age, last.bp)

    age, bp, ill, north, first, last = one(program, **DATA)
    up, down = ALL.sort_values("bp"), ALL.sort_values(["ill", "age"], ascending=False)
    for got, want in ((age, up.age), (bp, up.bp), (ill, up.ill), (north, up.ward == "north")):
        np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(first, down.age.head(2))
    np.testing.assert_array_equal(last, down.bp.tail(3))


def test_rows_that_a_secret_chooses() -> None:
    def program(_: Any) -> Any:
        t = joint()
        old = t.compress(t.age > 50, reveal_count=True)
        same = t.compress(t.age > 50, reveal_count=False)
        assert (len(old), len(same)) == (4, 7)
        return reveal(old.bp, old.ill, old.ward == "south", same.bp, same.kept)

    bp, ill, south, all_bp, kept = one(program, **DATA)
    old = ALL[ALL.age > 50]
    for got, want in ((bp, old.bp), (ill, old.ill), (south, old.ward == "south")):
        np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(all_bp, [*old.bp, 0, 0, 0])
    np.testing.assert_array_equal(kept, [True] * 4 + [False] * 3)


def test_other_names_and_how_often() -> None:
    def program(_: Any) -> Any:
        t = joint().rename(columns={"bp": "pressure", "ward": "where"})
        assert t.columns == ["age", "pressure", "ill", "where"]
        return reveal(t["where"] == "south", t.value_counts("where", ["south", "north"]))

    south, counts = one(program, **DATA)
    np.testing.assert_array_equal(south, ALL.ward == "south")
    np.testing.assert_array_equal(np.asarray(counts), [3, 3])
    assert counts.index == ["south", "north"]


WRONG: list[Any] = [
    (
        lambda: concat(ALICE.one, ALICE.other[["age", "bp"]]),
        UsageError,
        r"other\[.* no column 'ill'",
    ),
    (lambda: concat(ALICE.one[["age"]], ALICE.one), UsageError, "no column 'bp'; choose those"),
    (
        lambda: concat(ALICE.one, ALICE.numbered),
        UsageError,
        "'ward' of alice.numbered and alice.one",
    ),
    (lambda: share(ALICE.one, bound={"no": 1}), UsageError, "no column 'no', which bound= names"),
    (lambda: share(ALICE.one, bound={"age": 3}), UsageError, "beyond the declared bound"),
    (lambda: share(ALICE.one["age"], bound={"age": 99}), UsageError, "no named columns"),
    (lambda: share(ALICE.one, "sint", {"age": 99}), UsageError, "bounds by name"),
    (lambda: share(ALICE.large), UsageError, r"share\(alice.large, bound=\{'x': \.\.\.\}\)"),
    (lambda: share(ALICE.none), UsageError, "no rows"),
    (lambda: share(ALICE.holes), UsageError, "not finite"),
    (lambda: share(ALICE.mixed), UsageError, "not numbers"),
    (lambda: joint().ward + 1, UsageError, r"t\['ward'\] == 'north'"),
    (lambda: joint().ward == 3, UsageError, "compared with text"),
    (lambda: np.sum(joint().ward), UsageError, "no values to compute with"),
    (lambda: reveal(joint().ward), UsageError, "no values to compute with"),
    (lambda: 2 * joint()[["ward"]].mean(), UsageError, "no column of numbers"),
    (lambda: joint()[joint().age > 40], Unsupported, r"t\.compress\(mask, reveal_count=True"),
    (lambda: reveal(joint()), UsageError, r"reveal\(t.describe\(\)\)"),
    (lambda: joint().sort_values("ward"), UsageError, "is text"),
    (lambda: joint().sort_values("no"), UsageError, "no column 'no'"),
    (lambda: joint().head(0), UsageError, "from 1 on"),
    (lambda: joint().rename(columns={"age": "bp"}), UsageError, "one name"),
    (lambda: joint().rename(columns={"age": "\x1b"}), UsageError, "no name"),
    (lambda: joint().compress(joint().age > 40), UsageError, "reveal_count="),
    (lambda: joint().describe([2]), UsageError, "between 0 and 1"),
    (lambda: joint().mean().no, AttributeError, "no column or method no"),
]


@pytest.mark.parametrize(("wrong", "error", "says"), WRONG, ids=range(len(WRONG)))
def test_ways_out(wrong: Any, error: Any, says: str) -> None:
    data = {
        "numbered": OTHER.assign(ward=1),
        "large": {"x": [1e9]},
        "none": ONE[:0],
        "holes": ONE.assign(bp=[1, 2, np.nan, 3]),
        "mixed": pd.DataFrame({"ward": ["a", None]}),
    }
    with pytest.raises(error, match=says) as told:
        one(lambda _: wrong(), **DATA, **data)
    assert "71" not in str(told.value)
