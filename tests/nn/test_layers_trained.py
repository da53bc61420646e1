"""Layers of all kinds in the loop: steps that are recorded once, with their buffers and bits."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import reveal, settle, share
from mpckernel.errors import RangeLeft
from mpckernel.nn.trainer import Trainer
from tests.nn.networks import ALICE, digits
from tests.rooms import plain_room, three_rooms

ROWS, BATCH = 96, 32
X, Y = digits(ROWS)


def images() -> tuple[Any, Any]:
    x = share(ALICE.x, bound=1.0, dtype=mpckernel.sfix(8))
    return x.reshape(ROWS, 1, 8, 8), share(ALICE.y, bound=9)


def network(drop: float) -> nn.Sequential:
    nn.manual_seed(2)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(),
        nn.Dropout(drop), nn.Linear(36, 16), nn.LayerNorm(16), nn.Tanh(), nn.Linear(16, 10),
    )  # fmt: skip


def trained(optimizer: str, drop: float, epochs: int) -> Any:
    """Weights, running means, and how often the step was recorded."""
    model = network(drop)
    options: dict[str, Any] = {"lr": 0.125, "momentum": 0.5} if optimizer == "SGD" else {"lr": 0.02}
    change = getattr(nn, optimizer)(model.parameters(), **options)
    x, y = images()
    history = nn.fit(
        model, nn.CrossEntropyLoss(), change, x, y, epochs=epochs, batch_size=BATCH, shuffle=None,
        report=1,
    )  # fmt: skip
    return reveal(dict(model.state_dict())), history.losses


@pytest.mark.parametrize(("optimizer", "epochs"), [("SGD", 2), ("Adam", 1)])
def test_three_parties_as_one(optimizer: str, epochs: int) -> None:
    """The same steps in the clear and by three parties: weights, running means, losses."""
    program = lambda _: trained(optimizer, 0.0, epochs)  # noqa: E731
    with plain_room() as rooms:
        alone = rooms.run(program, [{"x": X, "y": Y}])[0]
    with three_rooms() as rooms:
        together = rooms.run(program, [{"x": X, "y": Y}, {}, {}])[0]
    (one, losses), (three, others) = settle(alone), settle(together)
    assert list(one) == list(three)
    assert "1.running_var" in one
    most = 2.0**-6 if optimizer == "SGD" else 0.06  # Adam goes as far where gradients are noise
    for name in one:
        np.testing.assert_allclose(one[name], three[name], rtol=0, atol=most, err_msg=name)
    assert losses[-1][1] < losses[0][1]
    assert len(losses) == len(others) == 3 * epochs


def test_one_recording_for_all_steps(monkeypatch: Any) -> None:
    """Buffers, momentum and random bits do not change the form of a step after the first ones."""
    counted: list[int] = []
    original = Trainer._record
    monkeypatch.setattr(
        Trainer, "_record", lambda self, *args: counted.append(1) or original(self, *args)
    )
    with plain_room() as rooms:
        rooms.run(lambda _: trained("SGD", 0.25, 4), [{"x": X, "y": Y}])
    assert len(counted) <= 4  # with and without the loss; buffers not yet secret, and secret


def test_predictions_with_running_means() -> None:
    """After eval(): no dropout, running means; what is said of rows is checked there as well."""

    def program(_: Any) -> Any:
        model = network(0.25)
        optimizer = nn.SGD(model.parameters(), lr=0.125, momentum=0.5)
        x, y = images()
        history = nn.fit(
            model, nn.CrossEntropyLoss(), optimizer, x, y, epochs=4, batch_size=BATCH,
            shuffle=None, test=(x, y),
        )  # fmt: skip
        return reveal(nn.predict(model, x), dict(model.state_dict())), history.accuracies

    with plain_room() as rooms:
        (logits, state), accuracies = settle(rooms.run(program, [{"x": X, "y": Y}])[0])
    assert np.mean(logits.argmax(axis=1) == Y) == accuracies[-1] > 0.4
    np.testing.assert_allclose(logits, clear_logits(state), rtol=0, atol=2.0**-7)


def clear_logits(state: dict[str, np.ndarray]) -> np.ndarray:
    view = np.lib.stride_tricks.sliding_window_view(X.reshape(ROWS, 1, 8, 8), (3, 3), axis=(2, 3))
    z = np.einsum("nchwij,ocij->nohw", view, state["0.weight"])
    m, v, w, b = (
        np.reshape(state[f"1.{name}"], (1, -1, 1, 1))
        for name in ("running_mean", "running_var", "weight", "bias")
    )
    z = (z - m) / np.sqrt(v + 1e-5) * w + b
    z = np.maximum(z.reshape(ROWS, 4, 3, 2, 3, 2).max(axis=(3, 5)), 0).reshape(ROWS, -1)
    z = z @ state["6.weight"].T + state["6.bias"]
    z = z - z.mean(axis=1, keepdims=True)
    z = z / np.sqrt((z**2).mean(axis=1, keepdims=True) + 1e-5)
    z = np.tanh(z * state["7.weight"] + state["7.bias"])
    return z @ state["9.weight"].T + state["9.bias"]


def test_a_prediction_beyond_its_ranges_is_an_error() -> None:
    nn.manual_seed(2)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 2))

    def program(_: Any) -> Any:
        return reveal(nn.predict(model, share(ALICE.x, bound=1024.0)))

    with plain_room() as rooms:
        x = np.full((2, 1, 8, 8), 10.0)
        assert settle(rooms.run(program, [{"x": x}])[0]).shape == (2, 2)
        with pytest.raises(RangeLeft):
            rooms.run(program, [{"x": 100 * x}])
