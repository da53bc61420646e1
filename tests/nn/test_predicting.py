"""What a model gives for rows: as the network in the clear, a few rows at a time."""

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import reveal, share
from mpckernel.errors import RangeLeft
from mpckernel.runtime.limits import Limits
from tests.nn.networks import ALICE, clear_weights, network
from tests.nn.trainings import SPACE, X, Y, run, secrets


def test_weights_that_nobody_checked_are_checked_when_they_are_used(plain):
    model = network()
    far = {name: np.full(p.shape, 2.0) for name, p in model.named_parameters()}

    def program(cell):
        for name, p in model.named_parameters():
            p.data = share(ALICE.__getattr__(name.replace(".", "_")), bound=4, dtype=p.dtype)
        return nn.predict(model, secrets(8)[0])

    space = {name.replace(".", "_"): value for name, value in far.items()}
    with pytest.raises(RangeLeft):
        plain.run(program, [SPACE | space])


def test_predictions_are_those_of_the_network(plain):
    model = network()
    w1, b1, w2, b2 = clear_weights()
    logits = np.maximum(X @ w1.T + b1, 0) @ w2.T + b2

    def program(cell):
        x, y = secrets()
        return reveal(nn.predict(model, x), nn.evaluate(model, x, y))

    ((found, right),) = run(plain, program)
    np.testing.assert_allclose(found.value(), logits, atol=2.0**-11)
    assert abs(int(right) - (logits.argmax(axis=1) == Y).sum()) <= 1
    assert model.training


def test_many_rows_are_predicted_a_few_at_a_time(three, monkeypatch):
    """Memory does not grow with the rows: a part begins when the one but last is there."""
    monkeypatch.setattr("mpckernel.nn.predicting.ROWS", 40)

    def program(cell):
        model = network()
        return [nn.predict(model, secrets(rows)[0]).call.depth for rows in (80, 320)]

    (two, eight), *_ = run(three, program, limits=Limits(dry=True))
    assert eight >= 3 * two > 0
