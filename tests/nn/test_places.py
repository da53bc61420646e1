"""What stands in PyTorch's place for something else is refused, not taken for what it is not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mpckernel import learn, nn
from mpckernel.errors import Unsupported, UsageError

W = np.eye(2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: nn.Conv2d(4, 4, 3, 1, 1, 2),  # dilation
        lambda: nn.Linear(2, 2, True, 8.0),  # device
        lambda: nn.Embedding(100, 3, 99),  # padding_idx
        lambda: nn.MSELoss("sum"),  # size_average
        lambda: nn.CrossEntropyLoss("sum"),  # weight
        lambda: nn.functional.mse_loss(W, W, "sum"),
        lambda: nn.functional.cross_entropy(W, W, W),
        lambda: nn.Parameter(W, True, 8.0),
        lambda: learn.RandomForestClassifier(100),  # n_estimators
    ],
)
def test_places_of_something_else(call: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        call()


def test_the_order_of_sgd() -> None:
    weights = [nn.Parameter(W)]
    (group,) = nn.SGD(weights, 0.5, 0.25, 0, 0.125, True).param_groups
    assert {k: v for k, v in group.items() if k != "params"} == {
        "lr": 0.5, "momentum": 0.25, "dampening": 0, "weight_decay": 0.125, "nesterov": True,
    }  # fmt: skip
    with pytest.raises(Unsupported, match="SGD has no dampening"):
        nn.SGD(weights, 0.1, 0.9, 1e-4)


def test_a_parameter_that_is_not_learned() -> None:
    assert nn.Parameter(W).requires_grad
    assert not nn.Parameter(W, False).requires_grad
    assert not nn.Parameter(W, requires_grad=False).requires_grad
    with pytest.raises(UsageError, match="a limit is norm="):
        nn.Parameter(W, 16.0)  # type: ignore[arg-type]


def test_axes_that_are_not_there() -> None:
    x = np.zeros((2, 3, 4))
    assert nn.functional.flatten(x, -2, -1).shape == (2, 12)
    assert nn.functional.flatten(np.float64(1)).shape == (1,)
    for axes, rows in ((2, x[0]), (1, x[0, 0]), (-3, x[0])):
        with pytest.raises(UsageError, match=rf"axes {axes} to -1 of an array of shape \(\d"):
            nn.Flatten(axes)(rows)
    with pytest.raises(UsageError, match="axes 2 to 1"):
        nn.functional.flatten(x, 2, 1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Linear(3, -1),
        lambda: nn.Linear(3, 2.5),
        lambda: nn.Conv2d(-1, 2, 3),
        lambda: nn.Embedding(2, 2.5),
    ],
)
def test_sizes_that_are_none(make: Callable[[], Any]) -> None:
    nn.manual_seed(1)
    with pytest.raises(UsageError, match="sizes of layers are whole numbers"):
        make()
