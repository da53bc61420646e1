"""What ends a training, and what it then leaves: checkpoints, stop, errors, norms that are left."""

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array.opened import settle
from mpckernel.errors import Interrupted, OutOfRange, RangeLeft, UsageError
from mpckernel.nn.ranges import Ranges
from tests.nn.trainings import SPACE, Training, opened, run
from tests.rooms import plain_room


class StopsAfter:
    """A schedule that fails at one party after so many epochs."""

    def __init__(self, epochs, why, room):
        self.left, self.why, self.room = epochs, why, room

    def step(self):
        self.left -= 1
        if self.left == 0 and self.why == "stop":
            self.room.cancel()
        elif self.left == 0 and self.why == "error":
            raise ZeroDivisionError


@pytest.mark.parametrize("why", ["stop", "error"])
def test_what_ends_a_training_leaves_the_weights_of_the_last_commit(three, why):
    held = [Training() for _ in range(3)]

    def program(cell):
        mine = why if cell.me == 1 else None
        return held[cell.me].fit(
            rows=64, epochs=5, schedule=StopsAfter(3, mine, cell.room), checkpoint="epoch"
        )

    futures = three.start(program, [SPACE, {}, {}])
    errors = [f.exception(60) for f in futures]
    expected = "the weights of step 4 (epoch 2) are kept"
    for error in (errors[0], errors[2]):
        assert expected in str(error)
        assert isinstance(error, Interrupted) == (why == "stop")
    found = run(three, lambda cell: held[cell.me].weights())
    two = Training()
    with plain_room() as one:
        run(one, lambda cell: two.fit(rows=64, epochs=2))
        (clear,) = run(one, lambda cell: two.weights())
    for party in found:
        for got, want in zip(settle(party), settle(clear), strict=True):
            np.testing.assert_allclose(got, want, atol=2.0**-10)
    run(three, lambda cell: held[cell.me].fit(rows=64))


def test_checkpoints_by_steps(plain):
    training = Training()
    run(plain, lambda cell: training.fit(rows=320, epochs=1, checkpoint=4))
    assert opened(plain) == {("range", (1,)): 3}


def test_a_training_that_diverges_is_an_error_and_takes_nothing_away(plain):
    training = Training()
    run(plain, lambda cell: training.fit(epochs=1))
    (before,) = run(plain, lambda cell: settle(training.weights()) or training.weights())
    training.optimizer.lr = 8.0
    with pytest.raises(RangeLeft, match=r"the last 4 steps.*; no party committed this cell"):
        run(plain, lambda cell: training.fit(epochs=9, checkpoint=4))
    (after,) = run(plain, lambda cell: training.weights())
    for a, b in zip(settle(before), settle(after), strict=True):
        np.testing.assert_array_equal(a, b)


def test_which_norms_are_checked_is_public_and_told(plain):
    training = Training(rate=8.0)
    with pytest.raises(RangeLeft, match=r"norms of 0\.weight \(32\), 0\.bias \(16\), 2\.w"):
        run(plain, lambda cell: training.fit(epochs=2, checkpoint=4))
    deep = nn.Sequential(*[nn.Linear(2, 2, limit=4) for _ in range(5)], nn.LayerNorm(2))
    optimizer = nn.SGD(deep.parameters(), lr=0.5, momentum=0.5)
    optimizer.put({"velocity": []})
    told = Ranges(errors=2).told(deep, optimizer)
    assert told.startswith("0.weight (4), 0.bias (4), 1.weight (4)")
    assert told.endswith(
        "4 more weights, velocity (1024), activations (512) and errors (2) of a row"
    )
    assert "activations" not in Ranges().told(deep[:5], optimizer)


def test_norms_that_cannot_be_checked_are_refused_before_anything_is_sent(plain):
    training = Training(rate=100.0)
    with pytest.raises(OutOfRange):
        run(plain, lambda cell: training.fit(ranges=Ranges(weights=4096)))
    assert opened(plain) == {}


def test_ranges_are_positive():
    with pytest.raises(UsageError):
        Ranges(weights=0)
