"""Layers, losses and optimisers beside PyTorch's, from the same weights. Needs torch."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, share
from tests.rooms import plain_room

torch = pytest.importorskip("torch")

ALICE = OwnerName("alice", 0)
ROWS, SIZES, STEPS = 16, (6, 5, 4), 5
CLOSE = 1e-3


@pytest.fixture(scope="module")
def room():
    with plain_room() as one:
        yield one


def data() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)  # noqa: TID251  (test data)
    x = np.rint(rng.uniform(-1, 1, (ROWS, SIZES[0])) * 256) / 256
    return {
        "x": x,
        "y": rng.integers(0, SIZES[-1], ROWS),
        "on": rng.uniform(size=(ROWS, SIZES[-1])) < 0.5,
        "z": np.rint(rng.uniform(-1, 1, (ROWS, SIZES[-1])) * 256) / 256,
    }


def ours() -> Any:
    nn.manual_seed(1)
    a, b, c = SIZES
    return nn.Sequential(nn.Linear(a, b, limit=4), nn.ReLU(), nn.Linear(b, c, limit=4))


def theirs() -> Any:
    a, b, c = SIZES
    model = torch.nn.Sequential(torch.nn.Linear(a, b), torch.nn.ReLU(), torch.nn.Linear(b, c))
    with torch.no_grad():
        for p, q in zip(model.double().parameters(), ours().parameters(), strict=True):
            p.copy_(torch.tensor(q.data))
    return model


def trained(model: Any, criterion: Any, optimizer: Any, x: Any, y: Any) -> list[Any]:
    """The values of the loss, and the weights after some steps; as both are written."""
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses


def check(
    room: Any, loss: str, target: str, options: dict[str, Any], last: str = "", **reduced: Any
) -> None:
    """options: of SGD. last: a layer behind the others."""
    values = data()

    def program(cell: Any) -> Any:
        model = ours()
        if last:
            model.append(getattr(nn, last)(dim=1))
        x, y = (
            share(ALICE.x, bound=1.0, dtype=mpckernel.sfix(8)),
            share(getattr(ALICE, target), bound=8),
        )
        y = mpckernel.one_hot(y, SIZES[-1]) if target == "y" else y
        optimizer = nn.SGD(model.parameters(), **options)
        losses = trained(model, getattr(nn, loss)(**reduced), optimizer, x, y)
        return reveal([[x.data for x in losses], [p.data for p in model.parameters()]])

    (result,) = room.run(program, [values])
    losses, weights = settle(result)
    model = theirs()
    if last:
        model.append(getattr(torch.nn, last)(dim=1))
    y = torch.tensor(values[target])
    criterion = getattr(torch.nn, loss)(**reduced)
    want = trained(
        model, criterion, torch.optim.SGD(model.parameters(), **options),
        torch.tensor(values["x"]), y if target == "y" else y.double(),
    )  # fmt: skip
    np.testing.assert_allclose(
        losses, [v.item() for v in want], rtol=0, atol=CLOSE * max(1, want[0].item())
    )
    for got, p in zip(weights, model.parameters(), strict=True):
        np.testing.assert_allclose(got, p.detach().numpy(), rtol=0, atol=CLOSE)


@pytest.mark.parametrize(
    ("loss", "target"),
    [("CrossEntropyLoss", "y"), ("BCEWithLogitsLoss", "on"), ("MSELoss", "z"), ("L1Loss", "z")],
)
def test_losses(room: Any, loss: str, target: str) -> None:
    check(room, loss, target, {"lr": 0.5})


def test_softmax_before_a_loss(room: Any) -> None:
    check(room, "NLLLoss", "y", {"lr": 0.5}, last="LogSoftmax")
    check(room, "MSELoss", "z", {"lr": 0.5}, last="Softmax")


@pytest.mark.parametrize("loss", ["CrossEntropyLoss", "BCEWithLogitsLoss", "MSELoss"])
def test_sums(room: Any, loss: str) -> None:
    target = {"C": "y", "B": "on", "M": "z"}[loss[0]]
    check(room, loss, target, {"lr": 2.0**-8}, reduction="sum")


@pytest.mark.parametrize(
    "options",
    [
        {"lr": 0.25, "weight_decay": 2.0**-4},
        {"lr": 2.0**-4, "momentum": 0.875},
        {"lr": 2.0**-4, "momentum": 0.875, "nesterov": True},
        {"lr": 2.0**-4, "momentum": 0.5, "weight_decay": 2.0**-5},
        {"lr": 2.0**-4, "momentum": 0.5, "weight_decay": 2.0**-5, "nesterov": True},
    ],
    ids=str,
)
def test_descents(room: Any, options: dict[str, Any]) -> None:
    check(room, "CrossEntropyLoss", "y", options)


@pytest.mark.parametrize("decay", [0.01, 1e-3])
@pytest.mark.parametrize("options", [{}, {"momentum": 0.5}, {"momentum": 0.5, "nesterov": True}])
def test_small_decay(room: Any, options: dict[str, Any], decay: float) -> None:
    """1 - lr weight_decay is 1 when rounded to 8 bits, and the weights shrink all the same."""

    def program(cell: Any) -> Any:
        w = nn.Parameter(np.full(64, 100.0))
        optimizer = nn.SGD([w], lr=0.1, weight_decay=decay, **options)
        for _ in range(STEPS):
            optimizer.zero_grad()
            (w * share(ALICE.none, bound=1.0)).sum().backward()
            optimizer.step()
        return reveal(np.mean(w.data))

    (result,) = room.run(program, [{"none": np.zeros(64)}])
    p = torch.nn.Parameter(torch.full((64,), 100.0, dtype=torch.float64))
    optimizer = torch.optim.SGD([p], lr=0.1, weight_decay=decay, **options)
    for _ in range(STEPS):
        optimizer.zero_grad()
        (p * 0.0).sum().backward()
        optimizer.step()
    lost = 100.0 - p.detach().mean().item()
    assert 100.0 - settle(result) == pytest.approx(lost, abs=2.0**-8 * lost + STEPS * 2.0**-16)
