"""Schedules of the rate: StepLR, MultiStepLR, ExponentialLR, LambdaLR, CosineAnnealingLR.

    schedule = nn.MultiStepLR(optimizer, [2, 3, 4], gamma=0.5)
    schedule.step()                    after each epoch

Rates are public. A recorded step is recorded anew for each rate: change it once an epoch.
Source: torch.optim.lr_scheduler.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from math import cos, pi
from typing import Any

from mpckernel.array.operators import here
from mpckernel.errors import UsageError
from mpckernel.nn.optim.optimizer import Optimizer
from mpckernel.nn.undoing import undoing


class Schedule:
    """Sets the rate of every group of an optimiser to its initial one times `factor(epoch)`.

    One schedule sets the rates of an optimiser: a step raises UsageError if they are not as this
    one set them last. A cell that ends without a commit puts epoch and rates back, at every party.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise UsageError(f"{type(self).__name__} takes an optimiser")
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [float(group["initial_lr"]) for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.step()

    def rates(self, epoch: int) -> list[float]:
        """The rates in an epoch, one for each group."""
        return [base * self.factor(epoch) for base in self.base_lrs]

    def factor(self, epoch: int) -> float:
        """By which the initial rate is multiplied in an epoch."""
        raise UsageError(f"{type(self).__name__} does not say how the rate changes after {epoch}")

    def step(self) -> None:
        """Go on to the next epoch."""
        if self.last_epoch >= 0 and self.get_last_lr() != self._own:
            raise UsageError(
                f"{here()}{type(self).__name__}: the rate was changed since, by hand or by another "
                "schedule, and would be lost; one schedule sets it: LambdaLR takes any rule, also "
                "the product of two"
            )
        self._set(self.last_epoch + 1)

    def get_last_lr(self) -> list[float]:
        """The rates as they are now, one for each group."""
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` takes: all of it is public."""
        return {"last_epoch": self.last_epoch, "base_lrs": list(self.base_lrs)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another schedule of the same kind was."""
        self.base_lrs = [float(rate) for rate in state["base_lrs"]]
        self._set(int(state["last_epoch"]))

    def _set(self, epoch: int) -> None:
        groups, before = self.optimizer.param_groups, self.last_epoch
        rates = [group["lr"] for group in groups]
        undoing(lambda: self._put(before, rates))
        self._put(epoch, self.rates(epoch))

    def _put(self, epoch: int, rates: Iterable[float]) -> None:
        self.last_epoch = epoch
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._own = self.get_last_lr()


class StepLR(Schedule):
    """gamma times the rate after every step_size epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        if not isinstance(step_size, int) or step_size < 1:
            raise UsageError("StepLR: step_size is a number of epochs")
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def factor(self, epoch: int) -> float:
        return float(self.gamma ** (epoch // self.step_size))


class MultiStepLR(Schedule):
    """gamma times the rate after each epoch listed in milestones."""

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer)

    def factor(self, epoch: int) -> float:
        return float(self.gamma ** bisect_right(self.milestones, epoch))


class ExponentialLR(Schedule):
    """gamma times the rate after every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def factor(self, epoch: int) -> float:
        return float(self.gamma**epoch)


class LambdaLR(Schedule):
    """The initial rate times lr_lambda(epoch): a function, or a list with one for each group."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Any) -> None:
        groups = len(optimizer.param_groups)
        many = isinstance(lr_lambda, list | tuple)
        self.lr_lambdas: list[Callable[[int], float]] = (
            list(lr_lambda) if many else [lr_lambda] * groups
        )
        if len(self.lr_lambdas) != groups:
            raise UsageError(f"LambdaLR: {groups} functions, one for each group")
        super().__init__(optimizer)

    def rates(self, epoch: int) -> list[float]:
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [base * float(f(epoch)) for base, f in pairs]


class CosineAnnealingLR(Schedule):
    """From the initial rate to eta_min and back along a cosine; T_max epochs lead there."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:  # noqa: N803
        if not isinstance(T_max, int) or T_max < 1:
            raise UsageError("CosineAnnealingLR: T_max is a number of epochs")
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def rates(self, epoch: int) -> list[float]:
        part = (1 + cos(pi * epoch / self.T_max)) / 2
        return [self.eta_min + (base - self.eta_min) * part for base in self.base_lrs]
