"""Data frames of owners merged by secret ids, beside pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpckernel import learn
from mpckernel.array import reveal, sint
from mpckernel.array.frames.columns import _checked
from mpckernel.array.frames.joint import JointFrame
from mpckernel.errors import ImplicitReveal, PeerError, RangeLeft, Unsupported, UsageError
from mpckernel.learn.selection import order_of
from tests.learn.pooled import ALICE, one, three

NEAR = pd.DataFrame(
    {
        "id": [5, 3, 9, 0, 2, 8],
        "near": [0.5, 1, 2, -3, 4, 5],
        "bad": [1, 0, 1, 0, 0, 1],
        "home": [True, False, True, False, True, False],
    }
)
FAR = pd.DataFrame(
    {
        "far": [2.25, 9, 1, 9, 4, 8],
        "id": [9, 7, 5, -1, 0, 8],
        "home": [False, True] * 3,
        "k": [1, 2, 3, 4, 5, 6],
    }
)
TEXT = {
    "near": NEAR.assign(id=[f"C-{i}" for i in NEAR.id]),
    "far": FAR.assign(id=[f"C-{i}" for i in FAR.id]),
}


def merged(how: str, **more: Any) -> Any:
    def program(_: Any) -> Any:
        t = ALICE.near.merge(ALICE.far, how=how, on="id", **more)
        assert t.shape == (len(t), len(t.columns))
        return [*map(str, t.columns)], [str(t[n].dtype) for n in t], reveal([t[n] for n in t])

    return program


def inner(_: Any) -> Any:
    return merged("inner", reveal_count=True)(_)


@pytest.mark.parametrize("run", [one, three])
def test_rows_that_both_have(run: Any) -> None:
    names, types, columns = run(inner, near=NEAR, far=FAR)
    want = NEAR.merge(FAR, on="id")
    assert names == list(want.columns)
    assert types == ["sint", "sfix20", "sint", "sbool", "sfix20", "sbool", "sint"]
    for name, got in zip(names, columns, strict=True):
        np.testing.assert_array_equal(got, want[name])


def test_every_row_of_the_left_table() -> None:
    names, _, columns = one(merged("left", fill=0), near=NEAR, far=FAR)
    want = NEAR.merge(FAR, on="id", how="left", indicator=True)
    assert names == [*want.columns[:-1], "found"]
    found = want["_merge"] == "both"
    np.testing.assert_array_equal(columns[-1], found)
    for name, got in zip(names[:-1], columns[:-1], strict=True):
        np.testing.assert_array_equal(got, want[name].where(want[name].notna(), 0).astype(float))


@pytest.mark.parametrize("seed", range(4))
def test_any_tables_as_pandas(seed: int) -> None:
    m, n = 1 + order_of(12, seed)[:2]
    left = pd.DataFrame({"id": order_of(99, seed + 4)[:m] % 18 - 9, "x": order_of(m, seed + 5)})
    right = pd.DataFrame({"key": order_of(18, seed + 6)[:n] - 9, "x": order_of(n, seed + 7) / 4})

    def program(_: Any) -> Any:
        t = ALICE.left.merge(ALICE.right, left_on="id", right_on="key", reveal_count=True)
        return t.columns, reveal([t[name] for name in t])

    names, columns = one(program, left=left, right=right)
    want = left.merge(right, left_on="id", right_on="key")
    assert names == list(want.columns)
    for name, got in zip(names, columns, strict=True):
        np.testing.assert_array_equal(got, want[name])


def test_ids_of_text_and_large_ones() -> None:
    def program(_: Any) -> Any:
        t = ALICE.near.merge(ALICE.far, on="id", reveal_count=True)
        return reveal(t.drop(columns="id").to_numpy())

    want = NEAR.merge(FAR, on="id").drop(columns="id").to_numpy(float)
    np.testing.assert_array_equal(one(program, **TEXT), want)
    large = {k: v.assign(id=v.id + (1 << 59)) for k, v in (("near", NEAR), ("far", FAR))}
    np.testing.assert_array_equal(one(program, **large), want)


def test_what_is_filled_in() -> None:
    names, _, columns = one(merged("left", fill=-2.5), near=NEAR, far=FAR)
    want = NEAR.merge(FAR, on="id", how="left")
    for name in ("far", "k"):
        np.testing.assert_array_equal(columns[names.index(name)], want[name].fillna(-2.5))
    assert not (columns[names.index("home_y")] & ~columns[-1]).any()


def test_three_owners_and_a_model() -> None:
    third = {"id": NEAR.id[::-1].to_numpy(), "y": np.arange(6) % 2 > 0}

    def program(_: Any) -> Any:
        t = ALICE.near.merge(ALICE.far, on="id", reveal_count=True)
        t = t.merge(ALICE.third, on="id", reveal_count=True)
        t = t.assign(ratio=t["far"] / 2)
        x, y = t[["near", "ratio"]], t.y
        model = learn.LogisticRegression().fit(x, y)
        assert model.feature_names_in_ == ("near", "ratio")
        return reveal(model.coef_), model.summary().reveal().names, t.columns

    coefficients, names, columns = one(program, near=NEAR, far=FAR, third=third)
    assert names == ("intercept", "near", "ratio")
    assert columns[-2:] == ["y", "ratio"]
    want = NEAR.merge(FAR, on="id").merge(pd.DataFrame(third), on="id")
    from sklearn.linear_model import LogisticRegression

    pooled = LogisticRegression(tol=1e-9).fit(want.assign(r=want.far / 2)[["near", "r"]], want.y)
    np.testing.assert_allclose(coefficients, pooled.coef_, atol=2e-3)


DOUBLE = (
    r"did not hold: ids 'id' of the right table, alice\.far, are distinct \(drop_duplicates"
    r"\('id'\) in a private cell of alice makes them so"
)


def test_right_ids_are_distinct() -> None:
    with pytest.raises(RangeLeft, match=DOUBLE) as told:
        one(merged("left", fill=0), near=NEAR, far=FAR.assign(id=[9, 7, 5, 9, 0, 8]))
    assert "left the range" not in str(told.value)


def test_it_shows_names_and_types_and_no_values() -> None:
    def program(_: Any) -> Any:
        t = ALICE.near.merge(ALICE.far, on="id", how="left", fill=0)
        return repr(t), t._repr_html_()

    text, html = one(program, near=NEAR.assign(**{"<b>": 7}), far=FAR)
    assert text.startswith("<joint table of 6 rows, secret: id sint, near sfix20")
    assert "<td" in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "alice" in html


WRONG = [
    (lambda: ALICE.near.merge(ALICE.far, on="id"), UsageError, r"reveal_count=True opens .*left"),
    (lambda: ALICE.near.merge(ALICE.far, how="left", fill=0), UsageError, 'on="id"'),
    (lambda: ALICE.near.merge(ALICE.far, how="outer", on="id"), Unsupported, "how="),
    (
        lambda: ALICE.near.merge(ALICE.far, on="ID", how="left", fill=0),
        UsageError,
        "no column 'ID' of ids",
    ),
    (
        lambda: ALICE.near.merge(ALICE.text, on="id", how="left", fill=0),
        UsageError,
        "text in one table",
    ),
    (lambda: ALICE.near.merge(ALICE.dates, on="id", how="left", fill=0), UsageError, "dates"),
    (
        lambda: ALICE.near.merge(ALICE.big, on="id", how="left", fill=0),
        UsageError,
        r"bounds=\{'k': \.\.\.\}",
    ),
    (
        lambda: ALICE.near.merge(ALICE.far, on="near", how="left", fill=0),
        UsageError,
        "neither whole",
    ),
    (lambda: ALICE.none.merge(ALICE.far, on="id", how="left", fill=0), UsageError, "no rows"),
    (
        lambda: ALICE.vector.merge(ALICE.far, on="id", how="left", fill=0),
        UsageError,
        "named columns",
    ),
    (
        lambda: ALICE.twice.merge(ALICE.far, on="id", how="left", fill=0),
        UsageError,
        "different names",
    ),
    (
        lambda: ALICE.ragged.merge(ALICE.far, on="id", how="left", fill=0),
        UsageError,
        "one value in each",
    ),
    (
        lambda: ALICE.near.merge(3 * ALICE.vector, on="id", how="left", fill=0),
        UsageError,
        "data frames of",
    ),
    (lambda: ALICE.near.join(ALICE.far), Unsupported, r"alice\.df\.merge\(bob\.df"),
    (
        lambda: ALICE.near.merge(ALICE.far, on="id", how="left"),
        UsageError,
        r"fill=0 .* where=t\.found",
    ),
    (
        lambda: ALICE.near.merge(ALICE.far, on="id", reveal_count=True, fill=0),
        UsageError,
        "no fill=",
    ),
    (lambda: ALICE.near.merge(ALICE.far, on=["id", "k"]), UsageError, "one column of ids"),
    (lambda: frame(bounds={"no": 3}), UsageError, "bounds are for columns, and 'no'"),
    (lambda: frame(suffixes=("", "")), UsageError, "two columns would have one"),
    (
        lambda: frame().merge(ALICE.far, on="id", how="left", fill=0),
        UsageError,
        "none is called 'found'",
    ),
    (
        lambda: frame().merge(ALICE.far, on="near", how="left", fill=0),
        UsageError,
        "whole numbers or text",
    ),
    (
        lambda: ALICE.alike.merge(ALICE.far, on="id", how="left", fill=0),
        UsageError,
        "two columns would",
    ),
    (lambda: frame()["no"], UsageError, "no column 'no'; there are id, near"),
    (lambda: frame()[frame()["home_x"]], Unsupported, "compress"),
    (lambda: frame()[0], UsageError, r"t\['age'\]"),
    (lambda: frame().rolling(), AttributeError, r"t\.to_numpy\(\)"),
    (lambda: frame().drop(columns=["no"]), UsageError, "no column 'no'"),
    (lambda: frame().assign(a=np.ones(2)), UsageError, "each of 6 rows"),
    (lambda: frame().__setitem__("a", 1), Unsupported, r"t\.assign\(a="),
    (lambda: np.asarray(frame()), ImplicitReveal, "to_numpy"),
    (lambda: reveal(frame()), UsageError, r"reveal\(t\['age'\]"),
    (
        lambda: ALICE.text.merge(ALICE.text, on="id", how="left", fill=0).to_numpy(),
        UsageError,
        "is text",
    ),
]


def frame(**more: Any) -> JointFrame:
    return ALICE.near.merge(ALICE.far, on="id", how="left", **({"fill": 0} | more))  # type: ignore[no-any-return]


@pytest.mark.parametrize(("wrong", "error", "says"), WRONG, ids=range(len(WRONG)))
def test_ways_out(wrong: Any, error: Any, says: str) -> None:
    data = {
        "near": NEAR,
        "far": FAR,
        "text": TEXT["far"],
        "dates": FAR.assign(k=pd.Timestamp("2024-02-03")),
        "big": FAR.assign(k=10**8),
        "none": NEAR[:0],
        "alike": NEAR.assign(home_x=1),
        "vector": np.ones(3),
        "twice": pd.concat([NEAR, NEAR], axis=1),
        "ragged": {"id": np.arange(3), "x": np.arange(2)},
    }
    with pytest.raises(error, match=says) as told:
        one(lambda _: wrong(), **data)
    assert "2024" not in str(told.value)
    assert "100000000" not in str(told.value)


def test_bounds_make_room() -> None:
    big = FAR.assign(k=10**8)
    names, _, columns = one(merged("left", fill=0, bounds={"k": 2e8}), near=NEAR, far=big)
    assert set(columns[names.index("k")]) == {0, 10**8}


class Column:
    ndim, shape, dtype = 1, (3,), sint


GOOD: dict[str, Any] = {"names": ["id", "a"], "text": ["a"]}


def test_what_a_peer_says_of_a_table() -> None:
    assert _checked(GOOD, [Column(), Column()]) == (["id", "a"], ["a"])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "change",
    [
        {"names": ["id"]},
        {"names": ["id", "id"]},
        {"names": ["id", "\x1b[2J"]},
        {"names": ["id", "x" * 101]},
        {"names": ["id", 3]},
        {"names": "id"},
        {"text": 1},
        {"text": [1]},
        {"text": ["b"]},
        {"more": 1},
    ],
)
def test_a_peer_says_what_cannot_be(change: dict[str, Any]) -> None:
    with pytest.raises(PeerError):
        _checked(GOOD | change, [Column(), Column()])  # type: ignore[list-item]


def test_names_of_ids_are_given_once() -> None:
    with pytest.raises(UsageError, match="either on=, or left_on= and right_on="):
        one(merged("left", fill=0, left_on="k"), near=NEAR, far=FAR)
