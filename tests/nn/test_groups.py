"""Groups of parameters: what an optimiser does not have in one is refused."""

from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.errors import Unsupported, UsageError


def weights(n: int = 1) -> list[nn.Parameter]:
    return [nn.Parameter(np.eye(2)) for _ in range(n)]


@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam, nn.AdamW])
def test_options_that_are_none(kind: Any) -> None:
    for odd in ("maximize", "learning_rate", "weight_decai"):
        with pytest.raises(Unsupported, match=rf"has no {odd}; it has lr, "):
            kind([{"params": weights(), odd: True}])


@pytest.mark.parametrize(
    ("kind", "options", "match"),
    [
        (nn.SGD, {"lr": -1}, "lr, momentum and weight_decay are 0 or more"),
        (nn.SGD, {"lr": float("nan")}, "are 0 or more"),
        (nn.SGD, {"nesterov": True}, "nesterov=True needs a momentum"),
        (nn.SGD, {"momentum": 0.5, "dampening": 0.5}, "no dampening"),
        (nn.Adam, {"betas": (0.9, 1.0)}, "betas"),
        (nn.AdamW, {"weight_decay": -1}, "weight_decay are 0 or more"),
    ],
)
def test_values_of_every_group_are_checked(kind: Any, options: Any, match: str) -> None:
    one, other = weights(2)
    for groups in ([{"params": [one], **options}], [{"params": one}, {"params": other, **options}]):
        with pytest.raises(UsageError, match=match):
            kind(groups)


def test_a_parameter_is_given_once() -> None:
    (one,) = weights()
    for twice in ([one, one], [{"params": [one]}, {"params": [one], "lr": 0.5}]):
        with pytest.raises(UsageError, match="each parameter once"):
            nn.SGD(twice)
