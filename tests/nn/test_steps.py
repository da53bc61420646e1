"""Explicit steps of a small network, as PyTorch writes them: in the clear and by three parties."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import reveal, settle
from tests.nn.networks import BATCH, RATE, clear_step, clear_weights, digits, network, shared
from tests.rooms import plain_room, three_rooms

STEPS = 3
STEP = 2.0**-16


def private() -> list[dict[str, Any]]:
    x, y = digits(STEPS * BATCH)
    return [{"x": x}, {"y": y}, {}]


def batches() -> list[slice]:
    return [slice(BATCH * k, BATCH * (k + 1)) for k in range(STEPS)]


def wanted() -> list[np.ndarray]:
    x, y = digits(STEPS * BATCH)
    w = clear_weights()
    for rows in batches():
        w = clear_step(w, x[rows], y[rows], RATE)
    return w


def train(recorded: bool) -> Any:
    """Weights after three steps."""
    model, criterion = network(), nn.CrossEntropyLoss()
    optimizer = nn.SGD(model.parameters(), lr=RATE)
    x, y = shared(STEPS * BATCH)

    def one(x: Any, y: Any) -> None:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    @mpckernel.recorded
    def step(state: Any, x: Any, y: Any) -> Any:
        with nn.swapped(model, optimizer, state):
            one(x, y)
            return nn.state_of(model, optimizer)

    for rows in batches():
        if recorded:
            nn.load_state(model, optimizer, step(nn.state_of(model, optimizer), x[rows], y[rows]))
        else:
            one(x[rows], y[rows])
    return reveal([p.data for p in model.parameters()])


def check(result: Any) -> None:
    # a step is off by the cut of its update and by what goes into it: a few steps of each error,
    # added up over 32 rows and divided by 32; softmax by 2^-11 of itself
    for got, want in zip(settle(result), wanted(), strict=True):
        np.testing.assert_allclose(got, want, rtol=0, atol=STEPS * (4 * STEP + RATE * 2.0**-11))


@pytest.mark.parametrize("recorded", [False, True])
def test_steps_in_the_clear(recorded: bool) -> None:
    spaces = private()
    with plain_room() as room:
        (result,) = room.run(lambda cell: _alone(recorded), [spaces[0] | spaces[1]])
        check(result)


def _alone(recorded: bool) -> Any:
    """Both variables are those of the only party."""
    from tests.nn import networks

    before, networks.BOB = networks.BOB, networks.ALICE
    try:
        return train(recorded)
    finally:
        networks.BOB = before


def test_steps_of_three_parties() -> None:
    with three_rooms() as rooms:
        for result in rooms.run(lambda cell: train(recorded=True), private()):
            check(result)
