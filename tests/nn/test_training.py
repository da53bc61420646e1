"""The loop: what it learns, opens, commits and takes back; one recording for many steps."""

from collections import Counter

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import reveal, share
from mpckernel.array.opened import settle
from mpckernel.errors import Interrupted, OutOfRange, RangeLeft, UsageError
from mpckernel.nn.batches import Batches
from mpckernel.nn.history import History
from mpckernel.nn.ranges import Ranges
from mpckernel.nn.trainer import Trainer
from mpckernel.runtime.limits import Limits
from tests.nn.networks import ALICE, clear_step, clear_weights, digits, network
from tests.rooms import plain_room, three_rooms

ROWS, BATCH = 320, 32
X, Y = digits(ROWS)
SPACE = {"x": X, "y": Y}


def secrets(rows=ROWS):
    x = share(ALICE.x, bound=1.0, dtype=mpckernel.sfix(8))
    return x[:rows], share(ALICE.y, bound=9)[:rows]


class Training:
    """A model and an optimiser that live on over the cells of one party."""

    def __init__(self, rate=0.5, **options):
        self.model = network()
        self.optimizer = nn.SGD(self.model.parameters(), lr=rate, **options)

    def fit(self, rows=ROWS, **options):
        settings = {"epochs": 1, "batch_size": BATCH, "shuffle": None} | options
        criterion = nn.CrossEntropyLoss()
        return nn.fit(self.model, criterion, self.optimizer, *secrets(rows), **settings)

    def weights(self):
        return reveal([p.data for p in self.model.parameters()])


@pytest.fixture
def plain():
    with plain_room() as one:
        yield one


@pytest.fixture
def three():
    with three_rooms() as rooms:
        yield rooms


def run(rooms, program, **options):
    return rooms.run(program, [SPACE, *[{}] * (len(rooms.rooms) - 1)], **options)


def opened(rooms):
    return Counter((e.kind, e.shape) for e in rooms.rooms[0].ledger.opened)


def agree(weights):
    """With those of the network in the clear after four steps."""
    w = clear_weights()
    for k in range(4):
        rows = slice(k * BATCH, (k + 1) * BATCH)
        w = clear_step(w, X[rows], Y[rows], 0.5)
    for got, expected in zip(weights, w, strict=True):
        np.testing.assert_allclose(got, expected, atol=2.0**-9)


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


def test_an_epoch_takes_every_row_once_in_another_order_each_time():
    nn.manual_seed(3)
    batches = Batches(10, 3)
    first, second = [np.concatenate(list(batches.epoch())) for _ in range(2)]
    assert len(batches) == 3
    for order in (first, second):
        assert len(set(order.tolist())) == 9
    assert first.tolist() != second.tolist()
    nn.manual_seed(3)
    assert np.concatenate(list(Batches(10, 3).epoch())).tolist() == first.tolist()
    assert [s.stop for s in Batches(4, 8, shuffle=None).epoch()] == [4]
    for wrong in [(0, 3), (4, 0)]:
        with pytest.raises(UsageError):
            Batches(*wrong)


def test_a_history_shows_itself():
    history = History(30, 2, 1.0, [(10, 2.0), (20, 1.0), (30, 0.25)], [0.5, 0.875])
    assert "loss 2.000 to 0.250; accuracy 50.00%, 87.50%" in repr(history)
    html = history._repr_html_()
    assert "<script" not in html
    assert '<img src="data:image/svg+xml;base64,' in html
    assert "87.50%" in html
    assert "loss: 2 at step 10, 0.25 at step 30" in html


def test_ranges_are_positive():
    with pytest.raises(UsageError):
        Ranges(weights=0)


def test_many_rows_are_predicted_a_few_at_a_time(three, monkeypatch):
    """Memory does not grow with the rows: a part begins when the one but last is there."""
    monkeypatch.setattr("mpckernel.nn.predicting.ROWS", 40)

    def program(cell):
        model = network()
        return [nn.predict(model, secrets(rows)[0]).call.depth for rows in (80, 320)]

    (two, eight), *_ = run(three, program, limits=Limits(dry=True))
    assert eight >= 3 * two > 0


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
