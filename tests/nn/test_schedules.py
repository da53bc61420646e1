"""Schedules against torch.optim.lr_scheduler, and against their formulas."""

from typing import Any

import numpy as np
import pytest

from mpckernel.errors import UsageError
from mpckernel.nn.optim import SGD, lr_scheduler
from mpckernel.nn.parameter import Parameter

RATE = 0.5
CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("StepLR", {"step_size": 2, "gamma": 0.5}, lambda k: RATE * 0.5 ** (k // 2)),
    ("MultiStepLR", {"milestones": [2, 3, 5], "gamma": 0.5},
     lambda k: RATE * 0.5 ** sum(k >= m for m in (2, 3, 5))),
    ("ExponentialLR", {"gamma": 0.875}, lambda k: RATE * 0.875**k),
    ("LambdaLR", {"lr_lambda": lambda k: 1 / (1 + k)}, lambda k: RATE / (1 + k)),
    ("CosineAnnealingLR", {"T_max": 4, "eta_min": 0.1},
     lambda k: 0.1 + 0.4 * (1 + np.cos(np.pi * k / 4)) / 2),
]  # fmt: skip


def optimizer() -> SGD:
    return SGD([Parameter(np.zeros(2))], lr=RATE)


@pytest.mark.parametrize(("name", "options", "formula"), CASES, ids=[c[0] for c in CASES])
def test_rates(name: str, options: dict[str, Any], formula: Any) -> None:
    sgd = optimizer()
    schedule = getattr(lr_scheduler, name)(sgd, **options)
    for k in range(8):
        assert sgd.lr == pytest.approx(formula(k), rel=1e-12)
        assert schedule.get_last_lr() == [sgd.lr]
        schedule.step()


@pytest.mark.parametrize(("name", "options", "formula"), CASES, ids=[c[0] for c in CASES])
def test_against_torch(name: str, options: dict[str, Any], formula: Any) -> None:
    torch = pytest.importorskip("torch")
    sgd = optimizer()
    theirs = torch.optim.SGD([torch.zeros(2, requires_grad=True)], lr=RATE)
    schedule = getattr(lr_scheduler, name)(sgd, **options)
    reference = getattr(torch.optim.lr_scheduler, name)(theirs, **options)
    for _ in range(8):
        assert sgd.lr == pytest.approx(reference.get_last_lr()[0], rel=1e-9)
        theirs.step()
        schedule.step()
        reference.step()


def test_groups_keep_their_own_rates() -> None:
    parts = [{"params": [Parameter(np.zeros(1))], "lr": rate} for rate in (0.5, 0.25)]
    sgd = SGD(parts, lr=1.0)
    schedule = lr_scheduler.StepLR(sgd, 1, 0.5)
    schedule.step()
    assert schedule.get_last_lr() == [0.25, 0.125]
    each = lr_scheduler.LambdaLR(sgd, [lambda _: 1.0, lambda k: 1.0 + k])
    each.step()
    assert each.get_last_lr() == [0.5, 0.5]


def test_goes_on_where_another_was() -> None:
    first, second = optimizer(), optimizer()
    schedule = lr_scheduler.MultiStepLR(first, [1, 3], 0.5)
    for _ in range(4):
        schedule.step()
    other = lr_scheduler.MultiStepLR(second, [1, 3], 0.5)
    other.load_state_dict(schedule.state_dict())
    assert second.lr == first.lr == RATE / 4
    assert other.last_epoch == 4


def test_refusals() -> None:
    with pytest.raises(UsageError, match="optimiser"):
        lr_scheduler.StepLR(None, 2)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="step_size"):
        lr_scheduler.StepLR(optimizer(), 0)
    with pytest.raises(UsageError, match="T_max"):
        lr_scheduler.CosineAnnealingLR(optimizer(), 0)
    with pytest.raises(UsageError, match="2 functions"):
        lr_scheduler.LambdaLR(
            SGD([{"params": [Parameter(np.zeros(1))]}, {"params": [Parameter(np.zeros(1))]}], lr=1),
            [lambda _: 1.0],
        )


def test_one_schedule_sets_the_rate() -> None:
    sgd = optimizer()
    first, second = (lr_scheduler.ExponentialLR(sgd, gamma) for gamma in (0.5, 0.25))
    first.step()
    with pytest.raises(UsageError, match=r"the rate was changed since, .* LambdaLR takes any rule"):
        second.step()
    sgd.lr = 0.5
    with pytest.raises(UsageError, match="by hand or by another schedule"):
        first.step()
