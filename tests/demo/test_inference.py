"""Demo 05: the shipped model and images, and what the notebooks must open."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, sfix, share
from mpckernel.demo import inference
from tests.rooms import plain_room

FOLDER = Path(__file__).parents[2] / "demo_notebooks" / "05_private_inference"
ALICE = OwnerName("alice", 0)


@pytest.fixture(scope="module")
def prepare() -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / "prepare.py"))


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    with np.load(FOLDER / "alice.npz") as file:
        return {name: file[name] for name in file}


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    table = np.loadtxt(FOLDER / "bob.csv", delimiter=",", skiprows=1)
    return table[:, 1:].reshape(-1, 8, 8) / 16


def test_the_images_are_scikit_learns_and_were_not_trained_on(prepare: dict[str, Any]) -> None:
    x, y = prepare["images"]()
    rows = slice(prepare["TRAINED"], prepare["TRAINED"] + prepare["SHOWN"])
    table = np.loadtxt(FOLDER / "bob.csv", delimiter=",", skiprows=1)
    np.testing.assert_array_equal(table[:, 0], y[rows])
    np.testing.assert_array_equal(table[:, 1:], x[rows].reshape(100, 64))


def test_the_network_in_numpy_is_pytorchs(
    prepare: dict[str, Any], weights: dict[str, np.ndarray], pictures: np.ndarray
) -> None:
    torch = pytest.importorskip("torch")
    net = prepare["network"]()
    net.load_state_dict({name: torch.tensor(x) for name, x in weights.items()})
    want = net(torch.tensor(pictures[:, None], dtype=torch.float32)).detach().numpy()
    np.testing.assert_allclose(inference.network(weights, pictures), want, atol=1e-4)


def test_scores_of_the_joint_network_are_within_the_bound(
    weights: dict[str, np.ndarray], pictures: np.ndarray
) -> None:
    nn.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(128, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )
    net.load_state_dict(weights)

    def program(cell: Any) -> Any:
        return reveal(nn.from_torch(ALICE.net)(share(ALICE.x, dtype=sfix(8), bound=1)))

    with plain_room() as rooms:
        got = settle(rooms.run(program, [{"net": net, "x": pictures[:, None]}])[0])
    want = inference.network(weights, pictures)
    assert np.abs(got - want).max() < inference.OFF / 4, "a margin, for three parties round apart"
    assert inference.near(want) == 0


def test_what_is_expected() -> None:
    right, again = inference.expected(FOLDER)
    assert (right.name, again.name) == ("right", "again")
    assert right.value == 91
    assert again.value == 100
    assert right.bound == again.bound == 0


def test_close_scores_widen_the_bound() -> None:
    scores = np.zeros((3, 10))
    scores[0, 3], scores[1, 3], scores[2, 3] = 1, inference.OFF, 2.1 * inference.OFF
    assert inference.near(scores) == 1
