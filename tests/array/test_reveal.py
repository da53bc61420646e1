"""The one door: values, lazily, to all or to one."""

import pickle  # noqa: TID251  (to see that it refuses)
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpckernel.array import Opened, Withheld, reveal, settle, share
from mpckernel.errors import CellsDiffer, ImplicitReveal, Unsupported, UsageError
from mpckernel.runtime.cell import current
from mpckernel.runtime.limits import Limits
from tests.array.clear import alice, near, same
from tests.rooms import three_rooms


def test_values_and_types(clear: Any) -> None:
    def program() -> Any:
        return {"i": share(alice.i), "r": (share(alice.r), 5), "b": [share(alice.b)]}

    got = clear.cell(program, {"i": [1, -2], "r": 0.5, "b": [[True]]})
    same(got["i"], [1, -2])
    assert type(got["r"][0]) is np.float64
    assert got["r"] == (0.5, 5)
    same(got["b"][0], [[True]])


def test_nothing_runs_before_a_value_is_needed(clear: Any) -> None:
    def program() -> Any:
        cell = current()
        one, two = reveal(share(alice.x), alice.x)
        assert isinstance(one, Opened)
        assert not one.ready()
        assert "to be revealed" in repr(one)
        assert (one.shape, one.ndim, one.size, one.dtype) == ((3,), 1, 3, np.int64)
        assert cell.segments_run == 0
        assert one.sum() == 6
        assert cell.segments_run == 1
        assert two.ready()
        assert repr(two) == repr(np.array([1, 2, 3]))
        return ()

    clear.cell(program, {"x": [1, 2, 3]})


USES = {
    "bool": lambda o: bool(o[0] == 1),
    "compare": lambda o: (o > 1).tolist() == [False, True, True],
    "arithmetic": lambda o: (o * 2 + 1).tolist() == [3, 5, 7],
    "reflected": lambda o: (1 - o).tolist() == [0, -1, -2],
    "function": lambda o: np.sort(o)[-1] == 3,
    "in a list": lambda o: np.concatenate([o, [4]]).size == 4,
    "iterate": lambda o: [int(v) for v in o] == [1, 2, 3],
    "range": lambda o: len(range(o[0], o[2])) == 2,
    "len": lambda o: len(o) == 3,
    "in": lambda o: 3 in o,
    "text": lambda o: str(o) == "[1 2 3]" and f"{o[1]:03d}" == "002",
    "asarray": lambda o: np.asarray(o).sum() == 6,
    "method": lambda o: o.mean() == 2.0,
}


@pytest.mark.parametrize("name", USES)
def test_using_a_value_opens_it(clear: Any, name: str) -> None:
    def program() -> Any:
        opened = reveal(share(alice.x))
        assert USES[name](opened)
        assert current().segments_run == 1
        return share(alice.x) + opened

    same(clear.cell(program, {"x": [1, 2, 3]}), [2, 4, 6])


def test_single_values_act_as_numbers(clear: Any) -> None:
    def program() -> Any:
        n, r = reveal(share(alice.n), share(alice.r))
        assert int(n) == 3
        assert float(r) == 2.5
        assert [10, 20, 30, 40][n] == 40
        assert round(r) == 2
        assert f"{r:.2f}" == "2.50"
        return share(alice.n)[None].repeat(n)

    same(clear.cell(program, {"n": 3, "r": 2.5}), [3, 3, 3])


def test_to_one_party(clear: Any) -> None:
    def program(cell: Any) -> Any:
        opened = reveal(share(alice.x), to=alice)
        with pytest.raises(ImplicitReveal, match="alice only"):
            opened + 1
        return opened, reveal(alice.x, to="alice")

    (got,) = clear.rooms.run(program, [{"x": [1.5, 2]}])
    for one in settle(got):
        near(one, [1.5, 2], 0)
    with pytest.raises(UsageError, match="one of alice"):
        clear.cell(lambda: reveal(share(alice.x), to="bob"), {"x": 1})
    with pytest.raises(UsageError, match="at least one"):
        clear.cell(reveal)


def test_withheld_says_so() -> None:
    withheld = Withheld("bob")
    assert repr(withheld) == "<revealed to bob only>"
    for use in (bool, float, int, len, list, np.asarray, lambda w: w + 1, lambda w: w > 1):
        with pytest.raises(ImplicitReveal, match="bob only"):
            use(withheld)


def test_a_dry_run_opens_nothing(clear: Any) -> None:
    def program(cell: Any) -> Any:
        opened = reveal(share(alice.x))
        with pytest.raises(UsageError, match="dry run"):
            float(opened)
        return opened

    (opened,) = clear.rooms.run(program, [{"x": 1.0}], limits=Limits(dry=True))
    assert "to be revealed" in repr(opened)


def test_an_opening_cannot_be_pickled_early(clear: Any) -> None:
    def program() -> Any:
        with pytest.raises(Unsupported, match="after the cell"):
            pickle.dumps(reveal(share(alice.x)))
        return ()

    clear.cell(program, {"x": 1.0})


def test_public_values_pass_through(clear: Any) -> None:
    assert clear.cell(lambda: (3, "text", None)) == (3, "text", None)


@pytest.mark.parametrize("call", [
    lambda: reveal(share(alice.x), alice), lambda: reveal(share(alice.x), "alice"),
    lambda: reveal([share(alice.x), alice]),
])  # fmt: skip
def test_a_party_among_the_values_opens_nothing(clear: Any, call: Any) -> None:
    with pytest.raises(UsageError, match=r"alice is a party.*reveal\(x, to=alice\)"):
        clear.cell(call, {"x": [1, 2]})


def _public() -> list[Any]:
    frame = pd.DataFrame({"a": ["x", "y"], "n": [1, 2]})
    return [5, 2.5, True, None, "text", np.arange(3), np.float32(1.5), frame, frame["a"], [1, (2,)]]


def test_public_values_come_back_as_they_are() -> None:
    with three_rooms() as rooms:
        for kinds in rooms.run(lambda _: [type(v) for v in reveal(_public())]):
            assert kinds == [type(v) for v in _public()]


@pytest.mark.parametrize(
    ("mine", "others", "shown"),
    [
        (54.5, 47.5, "here 54.5"), (1, 2, "here 1"), (1, 1.0, "here 1"),
        (np.arange(3), np.ones(3), "shape"), ("a", "b", "here a text of 1 char"),
        ({"n": 3}, {"n": 4}, "here 3"), (True, False, "here True"),
        (pd.Series(["a"]), pd.Series(["b"]), "shape"), (None, 3, "here"),
    ],
)  # fmt: skip
def test_public_values_that_differ_are_not_taken_for_joint_ones(
    mine: Any, others: Any, shown: str
) -> None:
    """Such as a mean of a private variable whose owner's name was forgotten."""
    with three_rooms() as rooms:
        programs = [lambda _: reveal(mine), lambda _: reveal(others), lambda _: reveal(others)]
        why, *_ = [f.exception(15) for f in rooms.start(programs)]
    assert isinstance(why, CellsDiffer)
    assert "a public value differs from bob's" in str(why)
    assert shown in str(why)
    assert "47.5" not in str(why)


@pytest.mark.parametrize(
    "private",
    [
        "Ann Miller, 58\n" * 1000, b"Ann Miller, 58", np.array("Ann Miller"),
        pd.DataFrame({"names": [["Ann Miller"], ["Bo", "Cy"]]}),
        np.array([["Ann Miller"], [1, 2]], object),
    ],
)  # fmt: skip
def test_a_private_text_without_its_owners_name_is_not_shown(private: Any) -> None:
    """The error stays in the notebook, and a notebook is handed on."""
    with three_rooms() as rooms:
        programs = [lambda _: reveal(private), lambda _: reveal(1), lambda _: reveal(1)]
        why, *_ = [f.exception(15) for f in rooms.start(programs)]
    assert isinstance(why, CellsDiffer)
    assert "a public value differs from bob's" in str(why)
    assert "Miller" not in str(why)
