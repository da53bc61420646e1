"""Layers of all kinds in the loop: steps that are recorded once, with their buffers and bits."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import reveal, settle, share
from mpckernel.nn.training import Trainer
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
