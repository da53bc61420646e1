"""Adam and AMSGrad against the same steps in NumPy and in PyTorch."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import reveal, settle, share, sint
from mpckernel.array.functions.fused import declared
from mpckernel.array.publics import secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.nn.optim.moments import moved, square_type
from mpckernel.nn.parameter import Parameter
from mpckernel.nn.pending import rounded
from mpckernel.nn.state import load_state, state_of, swapped
from tests.array.clear import alice
from tests.nn.clearly import close, random
from tests.rooms import plain_room, three_rooms

STEPS, ROWS, RATE, BETAS = 6, 16, 0.05, (0.875, 0.96875)


def data() -> tuple[np.ndarray, np.ndarray]:
    x = random(ROWS, 5, most=1.0)
    return x, x @ random(5, 2, seed=2) + random(ROWS, 2, seed=3, most=0.25)


def model() -> nn.Linear:
    nn.manual_seed(4)
    return nn.Linear(5, 2)


def clear_steps(w: list[np.ndarray], amsgrad: bool) -> list[np.ndarray]:
    """Of a mean of squares of a linear layer, with a batch of half the rows in turn."""
    x, y = data()
    w = [np.round(v * 2**16) / 2**16 for v in w]
    m, v, top = ([np.zeros(a.shape) for a in w] for _ in range(3))
    b1, b2 = BETAS
    for t in range(STEPS):
        rows = slice(8 * (t % 2), 8 * (t % 2) + 8)
        d = 2 * (x[rows] @ w[0].T + w[1] - y[rows]) / y[rows].size
        for k, g in enumerate((d.T @ x[rows], d.sum(axis=0))):
            m[k] = b1 * m[k] + (1 - b1) * g
            v[k] = b2 * v[k] + (1 - b2) * g * g
            top[k] = np.maximum(top[k], v[k])
            below = np.sqrt((top if amsgrad else v)[k] / (1 - b2 ** (t + 1))) + 1e-8
            w[k] = w[k] - RATE * m[k] / (1 - b1 ** (t + 1)) / below
    return w


def trained(amsgrad: bool, recorded: bool, kind: str = "Adam", decay: float = 0.0) -> Any:
    """In a joint cell: the weights after all steps."""
    net = model()
    optimizer = getattr(nn, kind)(
        net.parameters(), RATE, BETAS, weight_decay=decay, amsgrad=amsgrad
    )
    x, y = share(alice.x, bound=1.0), share(alice.y, bound=8.0)

    def change(x: Any, y: Any) -> None:
        optimizer.zero_grad()
        nn.MSELoss()(net(x), y).backward()
        optimizer.step()

    @mpckernel.recorded
    def step(state: Any, x: Any, y: Any) -> Any:
        with swapped(net, optimizer, state):
            change(x, y)
            return state_of(net, optimizer)

    for k in range(STEPS):
        rows = slice(8 * (k % 2), 8 * (k % 2) + 8)
        if recorded:
            load_state(net, optimizer, step(state_of(net, optimizer), x[rows], y[rows]))
        else:
            change(x[rows], y[rows])
    return [p.data for p in net.parameters()]


@pytest.mark.parametrize("amsgrad", [False, True])
def test_steps_in_the_clear(clear: Any, amsgrad: bool) -> None:
    x, y = data()
    want = clear_steps([p._raw for p in model().parameters()], amsgrad)
    got = clear.cell(lambda: trained(amsgrad, recorded=False), {"x": x, "y": y})
    close(got, want, 2.0**-9)


def test_recorded_steps_of_three_parties() -> None:
    x, y = data()
    want = clear_steps([p._raw for p in model().parameters()], amsgrad=False)
    with three_rooms() as rooms:
        results = rooms.run(lambda _: reveal(trained(amsgrad=False, recorded=True)),
                            [{"x": x, "y": y}, {}, {}])  # fmt: skip
    close(settle(results[0]), want, 2.0**-9)


@pytest.mark.parametrize(
    ("kind", "decay"), [("Adam", 0.0), ("Adam", 0.3), ("AdamW", 0.3), ("AdamW", 0.01)]
)
def test_against_torch(clear: Any, kind: str, decay: float) -> None:
    torch = pytest.importorskip("torch")
    x, y = data()
    net = torch.nn.Linear(5, 2).double()
    raw = [np.round(p._raw * 2**16) / 2**16 for p in model().parameters()]
    with torch.no_grad():
        for p, value in zip(net.parameters(), raw, strict=True):
            p.copy_(torch.tensor(value))
    optimizer = getattr(torch.optim, kind)(net.parameters(), RATE, BETAS, weight_decay=decay)
    for k in range(STEPS):
        rows = slice(8 * (k % 2), 8 * (k % 2) + 8)
        optimizer.zero_grad()
        loss = torch.nn.MSELoss()(net(torch.tensor(x[rows])), torch.tensor(y[rows]))
        loss.backward()
        optimizer.step()
    want = [p.detach().numpy() for p in net.parameters()]
    got = clear.cell(
        lambda: trained(amsgrad=False, recorded=True, kind=kind, decay=decay), {"x": x, "y": y}
    )
    close(got, want, 2.0**-9)


def test_decay_by_itself(clear: Any) -> None:
    """Weights that no gradient moves shrink by lr weight_decay a step, small as that is."""

    def program() -> Any:
        w = Parameter(np.full(64, 100.0))
        optimizer = nn.AdamW([w], lr=0.01, weight_decay=0.01)
        for _ in range(8):
            optimizer.zero_grad()
            (w * secret(np.zeros(64))).sum().backward()
            optimizer.step()
        return [np.mean(w.data)]

    got = clear.cell(program, {})
    close(got, [np.array(100 * (1 - 1e-4) ** 8)], 2.0**-9)


def test_recorded_steps_with_decay_of_three_parties() -> None:
    x, y = data()
    with three_rooms() as rooms:
        results = rooms.run(
            lambda _: reveal(trained(amsgrad=True, recorded=True, kind="AdamW", decay=0.3)),
            [{"x": x, "y": y}, {}, {}],
        )
    with plain_room() as room:
        clear = room.run(
            lambda _: reveal(trained(amsgrad=True, recorded=False, kind="AdamW", decay=0.3)),
            [{"x": x, "y": y}],
        )
    close(settle(results[0]), settle(clear[0]), 2.0**-9)


def test_small_gradients_move_as_far(clear: Any) -> None:
    """The size of gradients does not matter, down to what the words can say."""
    x, y = data()
    far = []
    for size in (1.0, 2.0**-6):

        def program(size: float = size) -> Any:
            net = model()
            optimizer = nn.Adam(net.parameters(), RATE, BETAS)
            loss = nn.MSELoss(reduction="sum")(
                net(share(alice.x, bound=1.0)), share(alice.y, bound=8.0)
            )
            (loss * size).backward()
            optimizer.step()
            return [p.data for p in net.parameters()]

        far.append(clear.cell(program, {"x": x, "y": y}))
    close(far[0], far[1], 2.0**-10)


def test_how_small_gradients_may_be(clear: Any) -> None:
    """The first steps of equal gradients are as long as the rate, and so are later ones."""
    sizes, rate, steps = 2.0 ** -np.arange(1, 10), 2.0**-4, 20

    def program() -> Any:
        w, far = Parameter(np.zeros(sizes.shape)), []
        optimizer = nn.Adam([w], lr=rate)
        for _ in range(steps):
            before = w.data
            optimizer.zero_grad()
            (w * share(alice.x, bound=1)).sum().backward()
            optimizer.step()
            far.append((before - w.data) / rate)
        return [far[0], far[1], far[-1]]

    first, second, last = clear.cell(program, {"x": sizes})
    close([first[:7], second[:7], last[:7]], [np.ones(7)] * 3, 2.0**-8)
    close([first, second, last], [np.ones(len(sizes))] * 3, 0.03)


@pytest.mark.parametrize("b2", [0.9, 0.99, 0.999, 0.9999])
def test_the_mean_of_squares_is_never_negative(clear: Any, b2: float) -> None:
    """Cut before its factor and after it, a mean of squares of the last steps comes to 0."""
    part = rounded(1 - b2)
    t = square_type(part)

    def program(steps: Any) -> Any:
        old = declared(SecretArray(steps.word, t), 2.0**27)
        new = declared(SecretArray((0 * steps).word, t), 2.0**26)
        return SecretArray(moved(old, new, part, t).word, sint)

    steps = np.concatenate([np.arange(600), 2 ** np.arange(10, 60 - 33 + t.f - 1)])
    left = clear(program, bound=2.0**60, steps=steps)
    assert (left >= 0).all()
    assert (np.abs(left - steps * float(1 - part)) <= 2).all()


@pytest.mark.parametrize("apart", [True, False])
def test_a_weight_that_is_learned_later(clear: Any, apart: bool) -> None:
    """In a group of its own, its steps are counted from its first gradient on, as in PyTorch."""

    def program() -> Any:
        first, late = Parameter(np.zeros(2)), Parameter(np.zeros(2), requires_grad=False)
        groups = [{"params": [first]}, {"params": [late]}] if apart else [first, late]
        optimizer = nn.Adam(groups, lr=0.125)
        for step in range(5):
            late.requires_grad_(step == 4)
            optimizer.zero_grad()
            ((first + late) * share(alice.x, bound=1)).sum().backward()
            optimizer.step()
        return [-late.data]

    (far,) = clear.cell(program, {"x": np.full(2, 0.5)})
    assert apart == (np.abs(far - 0.125) < 2.0**-10).all()
    assert (far < 3 * 0.125).all()


def test_refusals_and_what_it_says() -> None:
    parameters = [Parameter(np.zeros(2))]
    for options in (
        {"betas": (0.9, 0.5)},
        {"lr": -1.0},
        {"betas": (0.9, 1.0)},
        {"weight_decay": -0.1},
    ):
        with pytest.raises(UsageError, match="Adam"):
            nn.Adam(parameters, **options)
    assert repr(nn.AdamW(parameters)) == (
        "AdamW(lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01, amsgrad=False)"
    )
