"""A loop with Adam as PyTorch's tutorials write it: any number of steps, over several cells."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.errors import RangeLeft
from mpckernel.nn import norms
from tests.nn.clearly import random
from tests.rooms import Rooms, plain_room

ALICE = OwnerName("alice", 0)
ROWS, BATCH, RATE, STEPS = 256, 64, 0.01, 60
B1, B2 = 1 - round(0.1 * 2**11) / 2**11, 1 - round(0.001 * 2**17) / 2**17  # as Adam rounds them


@pytest.fixture
def room() -> Iterator[Rooms]:
    with plain_room() as one:
        yield one


def data() -> dict[str, np.ndarray]:
    x = random(ROWS, 64, most=1.0)
    return {"x": x, "y": np.argmax(x @ random(64, 10, seed=2), axis=1)}


def network(**options: Any) -> nn.Sequential:
    nn.manual_seed(1)
    return nn.Sequential(nn.Linear(64, 32, **options), nn.ReLU(), nn.Linear(32, 10, **options))


def steps(model: Any, optimizer: Any, n: int, start: int = 0, bound: float | None = 1) -> list[Any]:
    """n steps of the loop in a joint cell; the loss of every tenth."""
    criterion, losses = nn.CrossEntropyLoss(), []
    x, y = share(ALICE.x, bound=bound), share(ALICE.y, bound=9)
    for k in range(start, start + n):
        rows = slice(BATCH * k % ROWS, BATCH * k % ROWS + BATCH)
        optimizer.zero_grad()
        loss = criterion(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
        if k % 10 == 9:
            losses.append(reveal(loss))
    return losses


def clear_losses() -> list[float]:
    """The same in float64."""
    w = [np.round(p._raw * 2**16) / 2**16 for p in network().parameters()]
    m, v = ([np.zeros(a.shape) for a in w] for _ in range(2))
    x, y = data().values()
    losses = []
    for k in range(STEPS):
        rows = slice(BATCH * k % ROWS, BATCH * k % ROWS + BATCH)
        h = x[rows] @ w[0].T + w[1]
        out = np.maximum(h, 0) @ w[2].T + w[3]
        shares = np.exp(out) / np.exp(out).sum(axis=1, keepdims=True)
        losses.append(-np.log(shares[np.arange(BATCH), y[rows]]).mean())
        d = (shares - np.eye(10)[y[rows]]) / BATCH
        e = d @ w[2] * (h > 0)
        slopes = (e.T @ x[rows], e.sum(axis=0), d.T @ np.maximum(h, 0), d.sum(axis=0))
        for i, g in enumerate(slopes):
            m[i] = B1 * m[i] + (1 - B1) * g
            v[i] = B2 * v[i] + (1 - B2) * g * g
            below = np.sqrt(v[i] / (1 - B2 ** (k + 1))) + 1e-8
            w[i] = w[i] - RATE * m[i] / (1 - B1 ** (k + 1)) / below
    return losses[9::10]


@pytest.mark.parametrize("cells", [1, 6])
def test_the_loop_goes_on_as_in_floats(room: Rooms, cells: int) -> None:
    model = network()
    optimizer = nn.optim.Adam(model.parameters(), lr=RATE)
    got = []
    for k in range(cells):
        n = STEPS // cells
        (found,) = room.run(lambda _, k=k, n=n: steps(model, optimizer, n, n * k), [data()])
        got += [float(settle(loss)) for loss in found]
    assert got == pytest.approx(clear_losses(), abs=0.02)
    assert got[-1] < got[0] / 2


def test_weights_are_bounded_alike_in_every_step(room: Rooms) -> None:
    """So that gradients are, too, also where another optimiser went before."""

    def program(_: Any) -> list[list[float]]:
        model, found = network(), []
        steps(model, nn.SGD(model.parameters(), lr=RATE), 1)
        optimizer = nn.Adam(model.parameters(), lr=RATE)
        for k in range(3):
            found.append([norms.whole(p.data) for p in model.parameters()])
            steps(model, optimizer, 1, k)
        frozen = model[0].requires_grad_(False)
        return [*found, [p.norm for p in frozen.parameters()]]

    (found,) = room.run(program, [data()])
    assert found[:3] == [[16.0] * 4] * 3
    assert found[3] == [16.0] * 2


def test_frozen_weights_are_known_as_they_are(room: Rooms) -> None:
    def program(_: Any) -> list[float]:
        model = network()
        model[0].requires_grad_(False)
        steps(model, nn.Adam(model.parameters(), lr=RATE), 1)
        return [norms.whole(model[k].weight.data) for k in (0, 2)]

    (found,) = room.run(program, [data()])
    assert found[0] < 4 < found[1] == 16.0


def test_a_limit_that_is_left_is_named(room: Rooms) -> None:
    model = network(limit=4)
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    says = r"the norm of a weight \(32, 64\) stays below its limit 4.* larger limit="
    with pytest.raises(RangeLeft, match=says):
        room.run(lambda _: steps(model, optimizer, 20), [data()])


@pytest.mark.parametrize("bound", [1, None])
def test_data_of_any_bound_are_learned_from(room: Rooms, bound: float | None) -> None:
    """Where bounds say that gradients might be enormous, a check says that they are not."""
    model = network()
    optimizer = nn.Adam(model.parameters(), lr=RATE)
    (found,) = room.run(lambda _: steps(model, optimizer, STEPS, bound=bound), [data()])
    first, *_, last = [float(settle(loss)) for loss in found]
    assert last < first / 2
    assert optimizer.held == ({} if bound else {0: 2048.0, 2: 2048.0})


def test_weights_without_a_limit(room: Rooms) -> None:
    """Their bounds grow with every step; gradients are held to a norm."""

    def program(_: Any) -> tuple[Any, Any]:
        first, last = (nn.Parameter(share(ALICE.x[:4, :4], bound=0.01)) for _ in range(2))
        optimizer = nn.Adam([first, last], lr=0.5)
        for _ in range(40):
            optimizer.zero_grad()
            x = nn.Tensor(share(ALICE.x[:8, :4], bound=1))
            nn.CrossEntropyLoss()(x @ first @ last, np.arange(8) % 4).backward()
            optimizer.step()
        return reveal(first.data), optimizer.held

    (found,) = room.run(program, [{"x": np.full((8, 4), 0.01)}])
    assert np.all(np.isfinite(settle(found[0])))
    assert set(found[1].values()) == {1024.0}


def test_a_gradient_that_leaves_its_norm_is_named(room: Rooms) -> None:
    def program(_: Any) -> None:
        w = nn.Parameter(np.zeros((2, 2)), norm=16.0)
        optimizer = nn.Adam([w], lr=RATE)
        x = nn.Tensor(share(ALICE.x, bound=2**18))
        nn.CrossEntropyLoss()(x @ w, np.array([0, 0])).backward()
        optimizer.step()

    room.run(program, [{"x": np.full((2, 2), 2.0**15)}])
    says = r"the gradient of a weight \(2, 2\) stays below a norm of 65536 .*smaller rate"
    with pytest.raises(RangeLeft, match=says):
        room.run(program, [{"x": np.full((2, 2), 2.0**17)}])


def test_a_training_says_which_gradients_it_checks(room: Rooms) -> None:
    model = network()
    optimizer = nn.Adam(model.parameters(), lr=4.0)

    def program(_: Any) -> None:
        x, y = share(ALICE.x), share(ALICE.y, bound=9)
        nn.fit(model, nn.CrossEntropyLoss(), optimizer, x, y, batch_size=BATCH)

    with pytest.raises(RangeLeft, match=r"2\.bias \(16\), gradients \(2048\)\."):
        room.run(program, [data()])
