"""Keywords of PyTorch's that there are not: what to do instead."""

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.errors import Unsupported
from mpckernel.nn.keywords import INSTEAD

WEIGHTS = [nn.Parameter(np.eye(2))]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: nn.CrossEntropyLoss(weight=[1, 2]), "CrossEntropyLoss has no weight: rows and"),
        (lambda: nn.CrossEntropyLoss(label_smoothing=0.1), "give shares as targets"),
        (lambda: nn.CrossEntropyLoss(ignore_index=0), "keep rows with mpckernel.compress"),
        (lambda: nn.BCEWithLogitsLoss(pos_weight=2), "has no pos_weight: rows and classes"),
        (lambda: nn.Conv2d(1, 1, 3, groups=2), "Conv2d has no groups: filters look at all"),
        (lambda: nn.MaxPool2d(2, padding=1), "MaxPool2d has no padding: pad with zeros"),
        (lambda: nn.Adam(WEIGHTS, maximize=True), "Adam has no maximize: minimise -loss"),
        (lambda: nn.AdamW(WEIGHTS, fused=True), "AdamW has no fused: there is one way"),
        (lambda: nn.SGD(WEIGHTS, learning_rat=1), "SGD has no learning_rat: it has params, lr"),
        (lambda: nn.SGD(WEIGHTS, momentun=1), "SGD has no momentun: did you mean momentum"),
        (lambda: nn.Linear(2, 2, device="cuda"), "values are shares"),
        (
            lambda: nn.Conv2d(4, 4, 3, 1, 1, 2),
            "stride, padding in this order, and all else",
        ),
        (lambda: nn.MSELoss("sum"), "MSELoss takes all by name"),
    ],
)
def test_what_to_do_instead(call: Callable[[], Any], match: str) -> None:
    nn.manual_seed(1)
    with pytest.raises(Unsupported, match=match):
        call()


def test_signatures_stay_as_they_are() -> None:
    assert list(signature(nn.SGD).parameters)[:3] == ["params", "lr", "momentum"]
    assert list(signature(nn.Linear).parameters) == ["in_features", "out_features", "bias", "limit"]


def test_a_class_of_somebody_else_says_what_python_says() -> None:
    class Net(nn.Module):
        def __init__(self, size: int) -> None:
            super().__init__()

    with pytest.raises(TypeError, match="unexpected keyword argument 'weight'"):
        Net(weight=1)  # type: ignore[call-arg]


def test_smoothed_labels_as_told() -> None:
    torch = pytest.importorskip("torch")
    x, y = np.linspace(-1, 1, 6).reshape(2, 3), np.array([2, 0])
    shares = (1 - 0.25) * np.eye(3)[y] + 0.25 / 3
    loss = torch.nn.CrossEntropyLoss(label_smoothing=0.25)
    given = torch.nn.CrossEntropyLoss()(torch.tensor(x), torch.tensor(shares))
    assert abs(loss(torch.tensor(x), torch.tensor(y)) - given) < 1e-12
    assert all(way[0].islower() and not way.endswith(".") for way in INSTEAD.values())
