"""The loop: what it learns and opens; one recording for many steps."""

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import reveal
from mpckernel.array.opened import settle
from mpckernel.errors import UsageError
from mpckernel.nn.history import History
from mpckernel.nn.trainer import Trainer
from mpckernel.runtime.limits import Limits
from tests.nn.networks import clear_weights, network
from tests.nn.trainings import BATCH, Training, agree, opened, run, secrets
from tests.rooms import plain_room


def test_steps_are_those_of_the_network_in_the_clear(plain):
    training = Training()
    run(plain, lambda cell: training.fit(rows=4 * BATCH))
    (found,) = run(plain, lambda cell: training.weights())
    agree(settle(found))


def test_it_learns_and_opens_what_it_says(plain):
    training = Training()

    def program(cell):
        x, y = secrets()
        return training.fit(epochs=6, report=20, shuffle="public", test=(x[:50], y[:50]))

    (history,) = run(plain, program)
    assert (history.steps, history.epochs) == (60, 6)
    assert [step for step, _ in history.losses] == [20, 40, 60]
    assert history.losses[-1][1] < 0.5 < history.losses[0][1]
    assert history.accuracies[-1] > 0.9
    assert opened(plain) == {("public", ()): 3 + 6, ("range", (1,)): 6}
    assert plain.rooms[0].committed == 7


@pytest.mark.parametrize(("above", "reached"), [(0.2, [True, True]), (1.0, [False, False])])
def test_whether_an_accuracy_is_reached_is_one_bit(plain, above, reached):
    def program(cell):
        x, y = secrets()
        return Training().fit(epochs=2, test=(x, y), metric_above=above)

    (history,) = run(plain, program)
    assert (history.reached, history.accuracies) == (reached, [])
    assert "above: " in repr(history)
    assert opened(plain) == {("public", ()): 2, ("range", (1,)): 2}
    with pytest.raises(UsageError, match="give test="):
        run(plain, lambda cell: Training().fit(metric_above=0.9))


def test_nothing_is_opened_unasked_but_one_bit_a_commit(plain):
    run(plain, lambda cell: Training().fit())
    assert opened(plain) == {("range", (1,)): 1}


def test_a_step_is_recorded_once_for_each_rate(plain, monkeypatch):
    made = []
    keep = Trainer.__init__
    monkeypatch.setattr(
        Trainer, "__init__", lambda self, *a, **k: (keep(self, *a, **k), made.append(self))[0]
    )
    training = Training()

    def program(cell):
        schedule = nn.MultiStepLR(training.optimizer, [1], 0.5)
        return training.fit(rows=128, epochs=3, schedule=schedule, report=2)

    run(plain, program)
    (trainer,) = made
    assert len(trainer._recorded._bodies) == 2


def test_three_parties_train_and_hold_the_same(three):
    held = [Training() for _ in range(3)]
    histories = run(three, lambda cell: held[cell.me].fit(rows=96, report=3))
    assert len({str(h.losses) for h in histories}) == 1
    found = run(three, lambda cell: held[cell.me].weights())
    expected = Training()
    with plain_room() as one:
        run(one, lambda cell: expected.fit(rows=96))
        (clear,) = run(one, lambda cell: expected.weights())
    for party in found:
        for got, want in zip(settle(party), settle(clear), strict=True):
            np.testing.assert_allclose(got, want, atol=2.0**-10)


def test_a_dry_run_prices_a_training_and_changes_nothing(plain):
    training = Training()

    def program(cell):
        x, y = secrets()
        training.fit(epochs=2, report=2, test=(x[:9], y[:9]))
        return cell.cost.rounds

    (rounds,) = run(plain, program, limits=Limits(dry=True))
    assert rounds >= 0
    for p, clear in zip(training.model.parameters(), clear_weights(), strict=True):
        np.testing.assert_allclose(p._raw, clear, atol=2.0**-16)


def test_a_secret_shuffle_keeps_rows_and_targets_together(plain):
    training = Training()
    (history,) = run(plain, lambda cell: training.fit(epochs=6, shuffle="secret", report=60))
    assert history.losses[-1][1] < 1.2


def test_momentum_is_part_of_what_is_kept(plain):
    training = Training(rate=1 / 16, momentum=0.875)
    (history,) = run(plain, lambda cell: training.fit(epochs=5, report=10))
    assert history.losses[-1][1] < 0.6 < history.losses[0][1]


def test_a_history_shows_itself():
    history = History(30, 2, 1.0, [(10, 2.0), (20, 1.0), (30, 0.25)], [0.5, 0.875])
    assert "loss 2.000 to 0.250; accuracy 50.00%, 87.50%" in repr(history)
    html = history._repr_html_()
    assert "<script" not in html
    assert '<img src="data:image/svg+xml;base64,' in html
    assert "87.50%" in html
    assert "loss: 2 at step 10, 0.25 at step 30" in html


def test_logarithms_of_softmax_are_trained_as_cross_entropy(plain):
    """Targets become flags once; norms follow through softmax, so that steps stay checkable."""
    model = network().append(nn.LogSoftmax(dim=1))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.5)

    def program(cell):
        nn.fit(model, nn.NLLLoss(), optimizer, *secrets(4 * BATCH), batch_size=BATCH, shuffle=None)
        return reveal([p.data for p in model.parameters()])

    (found,) = run(plain, program)
    agree(settle(found))


@pytest.mark.parametrize(
    ("last", "loss"), [("Softmax", "MSELoss"), ("LeakyReLU", "L1Loss"), ("Softplus", "L1Loss")]
)
def test_other_ends_are_trained_at_momentum(plain, last, loss):
    model = network().append(getattr(nn, last)())
    optimizer = nn.optim.SGD(model.parameters(), lr=0.125, momentum=0.5)

    def program(cell):
        x, y = secrets(6 * BATCH)
        y = mpckernel.one_hot(y, 10)
        return nn.fit(model, getattr(nn, loss)(), optimizer, x, y, batch_size=BATCH, report=3)

    (history,) = run(plain, program)
    assert history.losses[-1][1] < history.losses[0][1]
