"""Targets of losses over classes: what is none is refused, or ends the cell."""

from typing import Any

import numpy as np
import pytest

from mpckernel import nn, recorded
from mpckernel.array import reveal, share
from mpckernel.array.functions.indexing import one_hot
from mpckernel.errors import RangeLeft, UsageError
from mpckernel.nn import functional
from mpckernel.nn.tensor import Tensor
from tests.learn.pooled import ALICE, one, price, three

N, K = 12, 3
X = np.linspace(-1, 1, N * 4).reshape(N, 4) ** 3
Y = np.arange(N) % K
LOSSES = [nn.CrossEntropyLoss, nn.NLLLoss]


def network(outputs: int = K) -> nn.Sequential:
    nn.manual_seed(1)
    return nn.Sequential(nn.Linear(4, outputs))


def by_hand(loss: Any, model: Any, x: Any, y: Any) -> Any:
    value = loss(model(x), y)
    value.backward()
    return value


def by_fit(loss: Any, model: Any, x: Any, y: Any) -> Any:
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    return nn.fit(model, loss, optimizer, x, y, batch_size=4, epochs=2)


WAYS = pytest.mark.parametrize("way", [by_hand, by_fit])


@WAYS
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("wrong", [K, -1, -100])
def test_secret_classes_that_are_none(way: Any, loss: Any, wrong: int) -> None:
    labels = np.where(np.arange(N) == 5, wrong, Y)

    def program(_: Any) -> Any:
        way(loss(), network(), share(ALICE.x, bound=1), share(ALICE.y))

    with pytest.raises(RangeLeft, match=r"are 0 \.\. 2, of 3 outputs") as told:
        one(program, x=X, y=labels)
    assert "5" not in str(told.value)
    one(program, x=X, y=Y)


@WAYS
@pytest.mark.parametrize("wrong", [K, -1, -100])
def test_public_classes_that_are_none(way: Any, wrong: int) -> None:
    labels = np.where(np.arange(N) == 5, wrong, Y)

    def program(_: Any) -> Any:
        way(nn.CrossEntropyLoss(), network(), share(ALICE.x, bound=1), labels)

    with pytest.raises(UsageError, match=rf"0 \.\. 2, of 3 outputs; there are .*{wrong}"):
        one(program, x=X)
    with pytest.raises(UsageError, match=r"y\.astype\(int\)"):
        functional.one_hot(Y * 1.0, K)


def test_one_hot_promises() -> None:
    def program(_: Any) -> Any:
        return reveal(functional.one_hot(share(ALICE.y), K).data)

    np.testing.assert_array_equal(one(program, y=Y), np.eye(K)[Y])
    with pytest.raises(RangeLeft, match=r"classes that one_hot takes are 0 \.\. 2"):
        one(program, y=Y + 1)
    with pytest.raises(UsageError, match="classes that one_hot takes"):
        functional.one_hot(Y - 1, K)


@WAYS
@pytest.mark.parametrize("loss", LOSSES)
def test_a_column_of_classes(way: Any, loss: Any) -> None:
    def program(_: Any) -> Any:
        way(loss(), network(), share(ALICE.x, bound=1), share(ALICE.y)[:, None])

    with pytest.raises(UsageError, match=r"targets \(\d+, 1\); .* classes are y\.reshape\(-1\)"):
        one(program, x=X, y=Y)


@WAYS
@pytest.mark.parametrize("shape", [(N,), (N, 1)])
def test_one_output(way: Any, shape: Any) -> None:
    def program(_: Any) -> Any:
        y = np.reshape(share(ALICE.y), shape)
        way(nn.CrossEntropyLoss(), network(1), share(ALICE.x, bound=1), y)

    with pytest.raises(UsageError, match="BCEWithLogitsLoss is for one"):
        one(program, x=X, y=Y % 2)


@WAYS
@pytest.mark.parametrize("row", [[0, 0, 0], [1, 1, -1], [0, 2, 0], [1, 0, 1]])
def test_flags_that_are_none(way: Any, row: list[int]) -> None:
    flags = np.eye(K, dtype=int)[Y]
    flags[4] = row

    def program(_: Any) -> Any:
        way(nn.CrossEntropyLoss(), network(), share(ALICE.x, bound=1), share(ALICE.y))

    with pytest.raises(RangeLeft, match="whole numbers are flags, one 1 in a row"):
        one(program, x=X, y=flags)
    one(program, x=X, y=np.eye(K, dtype=int)[Y])
    one(program, x=X, y=np.eye(K, dtype=bool)[Y])


def test_a_recorded_step_counts_the_promise() -> None:
    def program(_: Any) -> Any:
        model, criterion = network(), nn.CrossEntropyLoss()
        optimizer = nn.SGD(model.parameters(), lr=0.1)

        @recorded
        def step(state: Any, x: Any, y: Any) -> Any:
            with nn.swapped(model, optimizer, state):
                optimizer.zero_grad()
                criterion(model(Tensor(x)), y).backward()
                optimizer.step()
                return nn.state_of(model, optimizer)

        x, y = share(ALICE.x, bound=1), share(ALICE.y)
        nn.load_state(model, optimizer, step(nn.state_of(model, optimizer), x, y))

    one(program, x=X, y=Y)
    with pytest.raises(RangeLeft):
        one(program, x=X, y=Y + 1)


SHARES = np.c_[Y * 0.25, np.ones(N) * 0.5, 1 - X[:, 0]]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("public", [True, False])
def test_shares_of_any_size_are_as_in_pytorch(public: bool, reduction: str) -> None:
    torch = pytest.importorskip("torch")

    def program(_: Any) -> Any:
        x = Tensor(share(ALICE.x, bound=4), requires_grad=True)
        t = SHARES if public else share(ALICE.t, bound=2)
        value = nn.CrossEntropyLoss(reduction=reduction)(x, t)
        value.backward(np.ones(value.shape))
        return reveal(value, x.grad)

    logits = 3 * X[:, :K]
    theirs = torch.tensor(logits, requires_grad=True)
    want = torch.nn.CrossEntropyLoss(reduction=reduction)(theirs, torch.tensor(SHARES))
    want.sum().backward()
    value, gradient = one(program, x=logits, t=SHARES)
    np.testing.assert_allclose(value, want.detach().numpy(), atol=0.02)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), atol=0.004)


def test_a_step_of_fit_asks_nothing_of_its_targets() -> None:
    def bits(epochs: int, make: Any) -> int:
        def program(_: Any) -> Any:
            model, x = network(2), share(ALICE.x, bound=1)
            optimizer = nn.SGD(model.parameters(), lr=0.1)
            y = make(share(ALICE.y, bound=1))
            nn.fit(model, nn.CrossEntropyLoss(), optimizer, x, y, epochs=epochs, shuffle=None)

        return price(program, x=X, y=Y > 1)[1]

    unasked, flags, classes = (
        bits(3, make) - bits(2, make)
        for make in (lambda y: y, lambda y: one_hot(y, 2), lambda y: y * 1)
    )
    assert unasked == flags == classes


def test_three_parties() -> None:
    def program(_: Any) -> Any:
        return reveal(by_hand(nn.CrossEntropyLoss(), network(), share(ALICE.x), share(ALICE.y)))

    assert 0.5 < three(program, x=X, y=Y) < 2
