"""Weights that are not learned: a trained first layer with a new last one."""

from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import reveal, sfix, share
from mpckernel.nn import norms
from tests.learn.pooled import one, three
from tests.nn.networks import ALICE, digits

ROWS, BATCH = 128, 32
X, Y = digits(ROWS)


def fitted(first: str) -> Any:
    """Train the last layer; its losses, how many are right, and the first layer before and after.

    first: its weights are "public", "secret", or secret "by themselves", without a limit.
    """

    def program(_: Any) -> Any:
        nn.manual_seed(2)
        model = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))
        if first == "secret":
            model[0].load_state_dict(model[0].state_dict())
        if first == "by themselves":
            model[0].weight = nn.Parameter(1 * model[0].weight.data)
        model[0].requires_grad_(requires_grad=False)
        before, known = reveal(model[0].weight, model[0].bias), norms.whole(model[0].weight.data)
        x, y = share(ALICE.x, bound=1.0, dtype=sfix(8)), share(ALICE.y, bound=9)
        optimizer = nn.Adam(model[2].parameters(), lr=0.125)
        history = nn.fit(
            model, nn.CrossEntropyLoss(), optimizer, x, y, batch_size=BATCH, epochs=3, report=4
        )
        assert norms.whole(model[0].weight.data) <= known
        right = reveal(nn.evaluate(model, x, y))
        after = reveal(model[0].weight, model[0].bias)
        return [v for _, v in history.losses], right, before, after

    return program


@pytest.mark.parametrize("first", ["public", "secret", "by themselves"])
def test_they_stay_as_they_are(first: str) -> None:
    losses, right, before, after = one(fitted(first), x=X, y=Y)
    assert losses[-1] < losses[0] - 0.25
    assert right > ROWS / 3
    for new, old in zip(after, before, strict=True):
        np.testing.assert_array_equal(new, old)


def test_three_parties() -> None:
    losses = three(fitted("secret"), x=X, y=Y)[0]
    np.testing.assert_allclose(losses, one(fitted("secret"), x=X, y=Y)[0], atol=2.0**-6)
