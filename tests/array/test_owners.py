"""Paths into an owner's kernel: followed there alone, shared at the first use, once."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mpckernel.array import OwnerName, SecretArray, concat, sbool, sfix16, share, sint
from mpckernel.array.describing import understood
from mpckernel.errors import ImplicitReveal, OutOfRange, PeerError, Unsupported, UsageError
from tests.array.clear import alice, near, same


class Thing:
    """Something private with attributes, items and methods."""

    def __init__(self) -> None:
        self.rows = np.arange(6.0).reshape(3, 2)

    def top(self, n: int, of: int = 0) -> np.ndarray:
        return self.rows[:n, of]

    def fail(self) -> None:
        raise ValueError("4711")


@pytest.fixture
def private() -> dict[str, Any]:
    frame = pd.DataFrame({"age": [30, 40, 50], "pay": [1.5, 2.5, 3.5], "who": ["a", "b", "c"]})
    return {"df": frame, "thing": Thing(), "x": np.arange(3), "n": 7}


def test_paths(clear: Any, private: Any) -> None:
    same(clear.cell(lambda: alice.df["age"] + 1, private), np.array([31, 41, 51]))
    near(
        clear.cell(lambda: share(alice.df[["age", "pay"]]).T, private),
        private["df"][["age", "pay"]].T,
        0,
    )
    near(clear.cell(lambda: np.sum(alice.thing.top(2, of=1)), private), 4.0, 0)
    near(clear.cell(lambda: alice.thing.rows[1:, -1] * 2, private), np.array([6.0, 10.0]), 0)
    same(clear.cell(lambda: alice.df.age.values > 35, private), np.array([False, True, True]))
    same(clear.cell(lambda: 2 * alice.n - 1, private), 13)
    same(
        clear.cell(lambda: np.concatenate([alice.x, [1], alice.x]), private), [0, 1, 2, 1, 0, 1, 2]
    )
    same(clear.cell(lambda: share(alice.x, bound=9) @ share(alice.x, bound=9), private), 5)
    same(clear.cell(lambda: np.stack([alice.x, alice.x]), private), np.stack([np.arange(3)] * 2))
    same(clear.cell(lambda: share(alice.df["age"].max()), private), 50)
    same(clear.cell(lambda: share(alice.item(0)), {"item": lambda k: 7 + k}), 7)


def test_what_is_shared_is_shared_once(clear: Any, private: Any) -> None:
    counts = []

    def program() -> Any:
        from mpckernel.runtime.cell import current

        total = alice.x + alice.x * alice.x + share(alice.x)
        other = share(alice.x, bound=100)
        inputs = [c for c in current().plan.calls if c.op.ideal.name.startswith("input")]
        counts.append(len(inputs))
        return total, other

    got = clear.cell(program, private)
    same(got[0], np.arange(3) * 2 + np.arange(3) ** 2)
    assert counts == [2]  # the declared bound makes another input


class ByKey:
    """Every key has a value of its own."""

    def __init__(self, keys: list[Any]) -> None:
        self.keys = list(map(repr, keys))

    def __getitem__(self, key: Any) -> int:
        return self.keys.index(repr(key))


def test_different_keys_are_different_inputs(clear: Any) -> None:
    keys: list[Any] = ["a", ("a",), (("a",),), ["a"], (["a"],), "a,", ("a", "b"), (("a", "b"),)]
    keys += [("a", ("b", "c")), ("a", "b", "c"), (("a", "b"), "c"), ((), 1), (1,), 1, True, 1.0]
    keys += [slice(1, 2), (slice(1, 2),), slice(None, 1, 2), slice(slice(None, 1), 2), "1:2"]
    keys += [(1, slice(2, 3)), slice((1, 2), 3), None, "None", ...]
    got = clear.cell(lambda: [share(alice.d[key]) for key in keys], {"d": ByKey(keys)})
    same(np.stack(got), np.arange(len(keys)))
    odd = clear.cell(
        lambda: (share(alice.d["a"]), share(getattr(alice, "d['a']"))),
        {"d": ByKey(["a"]), "d['a']": 7},
    )
    same(odd[1], 7)


def test_inputs_of_one_shape_are_told_apart(clear: Any) -> None:
    got = clear.cell(lambda: (share(alice.a), share(alice.b)), {"a": [1, 2], "b": [3, 4]})
    same(got[0], [1, 2])
    same(got[1], [3, 4])


def test_calls_are_made_each_time(clear: Any) -> None:
    seen = []

    def draw() -> int:
        seen.append(1)
        return len(seen)

    got = clear.cell(lambda: (share(alice.draw()), share(alice.draw())), {"draw": draw})
    assert [int(v) for v in got] == [1, 2]


def test_what_is_missing_or_fails_is_named(clear: Any, private: Any) -> None:
    with pytest.raises(
        UsageError, match=r"^alice: no variable nope, asked for by this cell \(line"
    ):
        clear.cell(lambda: alice.nope + 1, private)
    with pytest.raises(UsageError, match=r"alice.df\['pay_'\] raised KeyError"):
        clear.cell(lambda: share(alice.df["pay_"]), private)
    with pytest.raises(UsageError, match=r"alice.thing.fail\(...\) raised ValueError") as caught:
        clear.cell(lambda: alice.thing.fail() + 1, private)
    assert "4711" not in str(caught.value)
    with pytest.raises(UsageError, match=r"alice: alice.df\['who'\]: not numbers"):
        clear.cell(lambda: share(alice.df["who"]), private)


def test_a_path_is_private(clear: Any, private: Any) -> None:
    for use in (bool, float, len, list, np.asarray, range, lambda p: 3 in p):
        with pytest.raises(ImplicitReveal, match="private to alice"):
            clear.cell(lambda use=use: use(alice.x), private)
    assert (
        repr(alice.df["age"][0:2, ...].mean(axis=1)) == "alice.df['age'][0:2, Ellipsis].mean(...)"
    )
    with pytest.raises(Unsupported, match="private cell"):
        alice.x = 3
    with pytest.raises(Unsupported, match="private cell"):
        alice.x[0] = 3
    with pytest.raises(AttributeError):
        alice._secret
    for what in ("item", "tolist"):
        with pytest.raises(ImplicitReveal, match=r"alice\.x is private .*share\(alice\.x\) makes"):
            clear.cell(lambda what=what: getattr(alice.x, what)(), private)
    with pytest.raises(ImplicitReveal, match=r"share\(alice.thing.rows\)\.shape is public"):
        clear.cell(lambda: range(alice.thing.rows.shape[0]), private)
    for bad in (lambda: alice.df[alice.x], lambda: alice.thing.top(share(alice.n))):
        with pytest.raises(Unsupported, match="public keys"):
            clear.cell(bad, private)


def test_share(clear: Any, private: Any) -> None:
    def program() -> Any:
        x = share(alice.x, dtype=sfix16, bound=4)
        assert (x.dtype, x.bound) == (sfix16, 4 * 2**16)
        assert x.owners == {"alice"}
        assert (x + 1).owners == {"alice"}
        public = share(np.arange(3))
        assert isinstance(public, SecretArray)
        assert public.dtype == sint
        assert public.owners == frozenset()
        assert np.stack([public, x]).owners == {"alice"}
        assert share(x) is x
        assert share(2.5, dtype=sfix16).dtype == sfix16
        with pytest.raises(Unsupported, match="clip"):
            share(x, bound=3)
        with pytest.raises(OutOfRange, match="neither 0 nor 1"):
            share([0, 2], dtype=sbool)
        return share([1, 0], dtype=sbool), share(x, dtype=int), share(0.5)

    got = clear.cell(program, private)
    same(got[0], [True, False])
    same(got[1], np.arange(3))
    near(got[2], 0.5, 0)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.float32, np.array])
def test_bounds_are_numbers_of_any_kind(clear: Any, kind: Any) -> None:
    bounds = []

    def program() -> Any:
        x = share(alice.n, bound=kind(3))
        bounds.append(x.bound)
        for bad in (np.array([3]), "3", True, x, alice.n):
            with pytest.raises(Unsupported, match="one public number"):
                share(alice.n, bound=bad)
        return x

    same(clear.cell(program, {"n": np.array([1, -3])}), [1, -3])
    assert bounds == [3]


def test_concat(clear: Any, private: Any) -> None:
    rows = np.arange(4.0).reshape(2, 2)

    def program() -> Any:
        column = concat(alice.df["age"], alice.x, alice.n, [5])
        blocks = concat([alice.thing.rows, rows])
        small = concat(alice.x, alice.df["age"], dtype=sfix16, bound=64)
        assert small.dtype == sfix16
        assert small.bound == 64 * 2**16
        return column, blocks, small, concat([1, 2], [3])

    got = clear.cell(program, private)
    same(got[0], [30, 40, 50, 0, 1, 2, 7, 5])
    near(got[1], np.concatenate([private["thing"].rows, rows]), 0)
    near(got[2], np.array([0.0, 1, 2, 30, 40, 50]), 0)
    same(got[3], [1, 2, 3])
    with pytest.raises(UsageError):
        clear.cell(lambda: concat(alice.x, alice.thing.rows), private)
    with pytest.raises(Unsupported, match="at least one"):
        clear.cell(concat)


def test_conversion_of_a_declared_type(clear: Any) -> None:
    same(clear.cell(lambda: share(alice.x, dtype="sint"), {"x": [1.0, 2.0]}), [1, 2])
    with pytest.raises(Unsupported, match="secret has type"):
        clear.cell(lambda: share(alice.x, dtype="text"), {"x": 1})


GOOD = {"shape": [2, 3], "type": "sfix20", "bound": 2**40}


def test_a_good_description_is_understood() -> None:
    shape, t, bound = understood(GOOD, None)
    assert (shape, t.name, bound) == ((2, 3), "sfix20", 2**40)


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [2, -1]},
        {"shape": [2**20, 2**20]},
        {"shape": "ab"},
        {"shape": [True]},
        {"shape": [1] * 40},
        {"type": "sfix99"},
        {"type": "float64"},
        {"type": 3},
        {"bound": 2**62},
        {"bound": -1},
        {"bound": 1.5},
        {"bound": None},
        {"more": 1},
    ],
    ids=str,
)
def test_a_peer_may_say_anything(change: dict[str, Any]) -> None:
    with pytest.raises(PeerError):
        understood(GOOD | change, None)


def test_a_peer_keeps_to_the_declared_type() -> None:
    with pytest.raises(PeerError):
        understood(GOOD, sfix16)


def test_owner_names_are_not_arrays() -> None:
    bob = OwnerName("bob", 1)
    assert repr(bob) == "bob"
    with pytest.raises(Unsupported, match=r"bob\.x"):
        np.asarray(bob)


def test_tables_of_two_owners_are_not_joined_by_pandas() -> None:
    with pytest.raises(Unsupported, match=r"public keys and arguments only; .*alice\.df\.merge"):
        alice.df.join(OwnerName("bob", 1).df, on="id")


def test_rows_are_chosen_where_they_are_private(clear: Any, private: Any) -> None:
    with pytest.raises(
        Unsupported, match=r"arguments only; choose .* share\(alice\.df\.query\('age"
    ):
        clear.cell(lambda: alice.df[alice.df.age > 30], private)
    with pytest.raises(Unsupported, match=r"arguments only; call it in a private cell of alice"):
        clear.cell(lambda: alice.thing.top(alice.n), private)
    chosen = clear.cell(lambda: share(alice.df[["age"]].query("age > 30")).to_numpy(), private)
    same(chosen, [[40], [50]])


@pytest.mark.parametrize("function", [np.max, np.array, np.median])
def test_a_list_of_variables_is_stacked(function: Any) -> None:
    bids = [alice.bid, OwnerName("bob", 1).bid]
    with pytest.raises(ImplicitReveal, match=r"list .* np\.stack\(\[alice\.bid, \.\.\.\]\)$"):
        function(bids)
