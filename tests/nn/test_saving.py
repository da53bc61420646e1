"""Saved states: every kind of value, another room, training that goes on as if nothing had been."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, sfix16, share
from mpckernel.errors import Unsupported, UsageError
from mpckernel.session.vault import Seat, Vault, read_header
from tests.rooms import NAMES, Rooms, three_rooms

ALICE, BOB, CAROL = (OwnerName(name, k) for k, name in enumerate(NAMES))
PRIVATE: list[dict[str, Any]] = [
    {"x": np.arange(12).reshape(3, 4) / 8, "b": np.arange(130) % 3 == 0},
    {"n": np.array([-3, 5])},
    {},
]


@pytest.fixture(scope="module")
def made() -> Iterator[Rooms]:
    with three_rooms() as rooms:
        yield rooms


@pytest.fixture
def three(made: Rooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rooms:
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))
    return with_vaults(made, tmp_path)


def with_vaults(rooms: Rooms, folder: Path) -> Rooms:
    for room in rooms.rooms:
        own = folder / NAMES[room.me]
        own.mkdir(exist_ok=True)
        keys = ("A" * 40, "B" * 40, "C" * 40)
        room.vault = Vault(Seat("rep3", NAMES, keys, room.me), own)
    return rooms


def state() -> dict[str, Any]:
    x, b, n = share(ALICE.x, dtype=sfix16), share(ALICE.b), share(BOB.n)
    return {
        "fixed": x,
        "bits": b,
        "mixed": [n, (x[1], x[:0]), None, "text", True, 7, 0.1],
        "public": np.array([[1.5, -2]]),
        "flags": np.array([True, False]),
        "computed": nn.Tensor(x) * 2,
        3: np.float64(0.25),
        "path": CAROL.z if False else n + 1,
    }


def test_everything_comes_back(three: Rooms, tmp_path: Path) -> None:
    three.run(lambda cell: nn.save("all", state()), PRIVATE)

    def program(cell: Any) -> Any:
        got = nn.load("all")
        kinds = [got["fixed"].dtype.name, got["bits"].dtype.name, got["fixed"].owners]
        return reveal(got), kinds, got["fixed"].bound

    with three_rooms() as others:
        results = with_vaults(others, tmp_path).run(program)
    x, b, n = PRIVATE[0]["x"], PRIVATE[0]["b"], PRIVATE[1]["n"]
    for opened, kinds, bound in results:
        got = settle(opened)
        assert kinds == ["sfix16", "sbool", {"alice"}]
        assert bound == 1 << 32
        np.testing.assert_array_equal(got["fixed"], x)
        np.testing.assert_array_equal(got["bits"], b)
        np.testing.assert_array_equal(got["computed"], 2 * x)
        np.testing.assert_array_equal(got["public"], [[1.5, -2]])
        np.testing.assert_array_equal(got["flags"], [True, False])
        np.testing.assert_array_equal(got["path"], n + 1)
        secret, (row, empty), *rest = got["mixed"]
        np.testing.assert_array_equal(secret, n)
        np.testing.assert_array_equal(row, x[1])
        assert empty.shape == (0, 4)
        assert rest == [None, "text", True, 7, 0.1]
        assert got[3] == 0.25


def test_the_head_says_what_is_public(three: Rooms, tmp_path: Path) -> None:
    three.run(lambda cell: nn.save("head", {"w": share(ALICE.x)}), PRIVATE)
    heads = [read_header(tmp_path / name / f"head.{name}.shares") for name in NAMES]
    assert [head["party"] for head in heads] == [0, 1, 2]
    assert len({head["about"]["save"] for head in heads}) == 1
    assert heads[1]["about"]["pieces"] == [{"kind": "word", "shape": [3, 4], "bound": 1 << 36}]
    assert heads[1]["bytes"] == 2 * 8 * 12


def test_a_model_goes_on_where_it_was(three: Rooms, tmp_path: Path) -> None:
    x = np.arange(12).reshape(3, 4) / 16
    models: dict[int, nn.Module] = {}

    def made(cell: Any) -> Any:
        nn.manual_seed(2)
        model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
        loss = np.mean(model(share(ALICE.x, bound=1)) ** 2)
        loss.backward()
        nn.SGD(model.parameters(), lr=0.5).step()
        nn.save("model", model)
        models[cell.me] = model
        return reveal(model(share(ALICE.x, bound=1)).data)

    def again(cell: Any) -> Any:
        nn.manual_seed(9)
        model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
        model.load_state_dict(nn.load("model"))
        return reveal(model(share(ALICE.x, bound=1)).data), reveal(model.state_dict())

    private = [{"x": x}, {}, {}]
    want = settle(three.run(made, private)[0])
    kept = three.run(lambda cell: reveal(models[cell.me].state_dict()), private)[0]
    with three_rooms() as others:
        got, state = settle(with_vaults(others, tmp_path).run(again, private)[1])
    np.testing.assert_allclose(got, want, atol=2.0**-14)
    for name, values in settle(kept).items():
        np.testing.assert_array_equal(state[name], values)


def test_what_is_no_state(three: Rooms) -> None:
    loop: list[Any] = []
    loop.append(loop)
    for bad in (object(), {1.5: 2}, float("nan"), np.array(["a"]), loop):

        def program(cell: Any, bad: Any = bad) -> None:
            nn.save("no", bad)

        for future in three.start(program, PRIVATE):
            assert isinstance(future.exception(30), Unsupported)


def test_the_name_comes_first(three: Rooms) -> None:
    def program(cell: Any) -> None:
        nn.save(nn.Linear(2, 2), "model")  # type: ignore[arg-type]

    for future in three.start(program, PRIVATE):
        with pytest.raises(UsageError, match="the name comes first"):
            future.result(30)


def test_not_in_a_recorded_step(three: Rooms) -> None:
    from mpckernel.array import recorded

    @recorded
    def step(x: Any) -> Any:
        nn.save("no", x)
        return x

    for future in three.start(lambda cell: step(share(ALICE.x)), PRIVATE):
        assert isinstance(why := future.exception(30), UsageError)
        assert "do it outside" in str(why)


def test_outside_of_a_joint_cell() -> None:
    with pytest.raises(UsageError, match="begin the cell with %%mpc"):
        nn.load("model")
