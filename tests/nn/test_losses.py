"""Targets of a logistic loss that come without a bound, as from a table that was shared whole."""

from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import reveal, share
from mpckernel.errors import RangeLeft, Unsupported, UsageError
from mpckernel.learn.selection import order_of
from tests.learn.pooled import ALICE, one, three

N = 48
X = (order_of(N * 5, 3).reshape(N, 5) - N * 2.5) / (N * 1.5)
Y = (X[:, 0] - X[:, 1] > 0).astype(int)


def trained(optimizer: Any, batch: int, *, by_hand: bool) -> Any:
    """Losses of a small network on X and labels of the default bound."""

    def program(_: Any) -> Any:
        x, y, loss = share(ALICE.x, bound=2), share(ALICE.y), nn.BCEWithLogitsLoss()
        nn.manual_seed(1)
        net = nn.Sequential(nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 1))
        steps = optimizer(net.parameters())
        if not by_hand:
            history = nn.fit(net, loss, steps, x, y[:, None], epochs=3, batch_size=batch, report=1)
            return [v for _, v in history.losses]
        found = []
        for _ in range(3):
            for k in range(0, N, batch):
                steps.zero_grad()
                found.append(loss(net(x[k : k + batch]).squeeze(1), y[k : k + batch]))
                found[-1].backward()
                steps.step()
        return reveal(found)

    return program


def adam(parameters: Any) -> Any:
    return nn.Adam(parameters, lr=0.05)


def sgd(parameters: Any) -> Any:
    return nn.SGD(parameters, lr=0.5)


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("batch", [N // 2, N])
@pytest.mark.parametrize("optimizer", [adam, sgd])
def test_labels_without_a_bound_are_learned_from(optimizer: Any, batch: int, by_hand: bool) -> None:
    losses = one(trained(optimizer, batch, by_hand=by_hand), x=X, y=Y)
    bounded = one(trained(optimizer, batch, by_hand=by_hand), x=X, y=Y == 1)
    np.testing.assert_allclose(losses, bounded, atol=2e-3)
    assert losses[-1] < losses[0] - 0.01


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("wrong", [2, -1])
def test_labels_that_are_none(wrong: int, by_hand: bool) -> None:
    labels = np.where(np.arange(N) == 7, wrong, Y)
    with pytest.raises(RangeLeft, match="BCEWithLogitsLoss lie between 0 and 1") as told:
        one(trained(sgd, N, by_hand=by_hand), x=X, y=labels)
    assert "7" not in str(told.value)


def test_three_parties() -> None:
    losses = three(trained(sgd, N, by_hand=False), x=X, y=Y)
    np.testing.assert_allclose(losses, one(trained(sgd, N, by_hand=False), x=X, y=Y), atol=2e-3)


def counted(network: Any, flat: bool) -> Any:
    """How many rows a network of its own is right about, and what it said of each."""

    def program(_: Any) -> Any:
        x, y = share(ALICE.x, bound=2), share(ALICE.y)
        nn.manual_seed(3)
        net = network()
        right = nn.evaluate(net, x, y if flat else y[:, None])
        return reveal(right, nn.predict(net, x))

    return program


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("squeezed", [False, True])
def test_one_output_is_counted_as_its_sign(flat: bool, squeezed: bool) -> None:
    def network() -> Any:
        last = [nn.Flatten(0)] if squeezed else []
        return nn.Sequential(nn.Linear(5, 1), *last)

    right, said = one(counted(network, flat), x=X, y=Y)
    assert right == ((np.ravel(said) > 0) == (Y == 1)).sum()
    assert 0 < right < N


def test_what_cannot_be_counted() -> None:
    with pytest.raises(
        UsageError, match=r"outputs of shape \(48, 3\) and targets of shape \(48, 1\)"
    ):
        one(counted(lambda: nn.Linear(5, 3), False), x=X, y=Y)

    def program(_: Any) -> Any:
        net, x, y = nn.Linear(5, 1), share(ALICE.x, bound=2), share(ALICE.y, bound=1)
        steps = nn.SGD(net.parameters(), lr=0.1)
        return nn.fit(net, nn.MSELoss(), steps, x, y[:, None], test=(x, y))

    with pytest.raises(UsageError, match="MSELoss fits numbers"):
        one(program, x=X, y=Y)


def test_rows_with_several_flags() -> None:
    flags = np.c_[Y, 1 - Y, X[:, 2] > 0]

    def program(_: Any, y: Any, *, fitted: bool) -> Any:
        net, x = nn.Linear(5, 3), share(ALICE.x, bound=2)
        steps = nn.SGD(net.parameters(), lr=0.1)
        if fitted:
            return nn.fit(net, nn.BCEWithLogitsLoss(), steps, x, y(), test=(x, y()))
        nn.fit(net, nn.BCEWithLogitsLoss(), steps, x, y())
        return reveal(nn.evaluate(net, x, y()), np.mean((nn.predict(net, x) > 0) == y()))

    way_out = r"np\.mean\(\(nn\.predict\(model, x\) > 0\) == y\)"
    with pytest.raises(UsageError, match=rf"test= counts rows of one class; .*{way_out}"):
        one(lambda cell: program(cell, lambda: share(ALICE.y), fitted=True), x=X, y=flags)
    with pytest.raises(UsageError, match=rf"evaluate: targets .*{way_out}"):
        one(lambda cell: program(cell, lambda: share(ALICE.y), fitted=False), x=X, y=flags * 1.0)
    for kind in (int, bool):
        with pytest.raises(RangeLeft, match="targets of evaluate"):
            one(
                lambda cell: program(cell, lambda: share(ALICE.y), fitted=False),
                x=X, y=flags.astype(kind),
            )  # fmt: skip
    one_class = np.eye(3, dtype=int)[Y]
    right, parts = one(
        lambda cell: program(cell, lambda: share(ALICE.y), fitted=False), x=X, y=one_class
    )
    assert 0 <= right <= N
    assert 0 < parts < 1


def test_a_sum_of_losses_in_place_and_no_parameter() -> None:
    def program(_: Any) -> Any:
        net, x, y = nn.Linear(5, 1), share(ALICE.x, bound=2), share(ALICE.y, bound=1)
        total, loss = 0.0, nn.BCEWithLogitsLoss()
        for _ in range(3):
            total += loss(net(x).squeeze(1), y)
        with pytest.raises(Unsupported, match=r"p\.data = p\.data"):
            net.weight -= 0.1 * net.weight
        return reveal(total, loss(net(x).squeeze(1), y))

    total, once = one(program, x=X, y=Y)
    assert abs(total - 3 * once) < 1e-3


def test_optim_beside_nn() -> None:
    from mpckernel import learn, optim
    from mpckernel import nn as same

    assert optim.Adam is nn.Adam
    assert same is nn
    assert learn.__name__ == "mpckernel.learn"
