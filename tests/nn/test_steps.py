"""Explicit steps of a small network, as PyTorch writes them: in the clear and by three parties."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import reveal, settle
from mpckernel.nn import norms
from mpckernel.runtime.limits import Limits
from tests.nn import networks
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
    before, networks.BOB = networks.BOB, networks.ALICE
    try:
        return train(recorded)
    finally:
        networks.BOB = before


def test_steps_of_three_parties() -> None:
    with three_rooms() as rooms:
        for result in rooms.run(lambda cell: train(recorded=True), private()):
            check(result)


def test_the_price_of_a_step() -> None:
    """784-128-128-10 with batches of 128: products, choices and comparisons as they must be."""
    found: list[Any] = []

    def program(cell: Any) -> None:
        nn.manual_seed(0)
        model = nn.Sequential(
            nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
        )  # fmt: skip
        optimizer, criterion = nn.SGD(model.parameters(), lr=RATE), nn.CrossEntropyLoss()
        x = mpckernel.share(networks.ALICE.x, bound=1.0, dtype=mpckernel.sfix(8))
        y = mpckernel.one_hot(mpckernel.share(networks.ALICE.y, bound=9), 10)

        @mpckernel.recorded
        def step(state: Any, x: Any, y: Any) -> Any:
            norms.knows(y, row=1.0)
            with nn.swapped(model, optimizer, state):
                optimizer.zero_grad()
                criterion(model(x), y).backward()
                optimizer.step()
                return nn.state_of(model, optimizer)

        before = cell.cost
        state = step(nn.state_of(model, optimizer), x, y)
        once = cell.cost
        step(state, x, y)
        found.append((once.bits - before.bits, once.rounds - before.rounds, cell.cost.bits))
        assert cell.cost.bits - once.bits == once.bits - before.bits, "one form of all steps"

    values = {"x": np.zeros((BATCH * 4, 784)), "y": np.zeros(BATCH * 4, np.int64)}
    with three_rooms() as rooms:
        rooms.run(program, [values, {}, {}], limits=Limits(dry=True, seconds=20))
    bits, rounds, _ = found[0]
    assert bits < 81e6
    assert rounds <= 66
