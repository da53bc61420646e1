"""Rows and targets as secrets, of whatever a person hands over."""

from typing import Any

from mpckernel.array.functions.order import shuffle as shuffled
from mpckernel.array.operators import plain_parts
from mpckernel.array.publics import operand, secret
from mpckernel.errors import UsageError
from mpckernel.nn.losses import BCEWithLogitsLoss, CrossEntropyLoss, NLLLoss
from mpckernel.nn.module import Module
from mpckernel.nn.targets import as_flags, flags_of, shares_of_one
from mpckernel.nn.tensor import Tensor


def rows_and_targets(
    model: Module, loss: Module, x: Any, y: Any, shuffle: str | None
) -> tuple[Any, Any, bool]:
    """Rows and targets as secrets, and whether these are flags of classes. What targets promise,
    they promise here, once for all steps."""
    rows, targets = shared(x), _given(y)
    if not rows.ndim or not targets.ndim or rows.shape[0] != targets.shape[0]:
        raise UsageError(f"fit: {rows.shape} rows and {targets.shape} targets do not fit together")
    flags = isinstance(loss, CrossEntropyLoss | NLLLoss) and targets.ndim == 1
    if flags:
        targets = flags_of(targets, _classes(model), type(loss).__name__)
    elif isinstance(loss, BCEWithLogitsLoss):
        targets = shares_of_one(secret(targets))
    elif isinstance(loss, CrossEntropyLoss) and targets.shape[1:] != (1,):
        targets, flags = as_flags(secret(targets), "CrossEntropyLoss")
    targets = secret(targets)
    if shuffle == "secret":
        rows, targets = shuffled(rows, targets)
    return rows, targets, flags


def _classes(model: Module) -> int:
    wide = [m.out_features for m in model.modules() if hasattr(m, "out_features")]
    if not wide:
        raise UsageError("fit: targets as flags: mpckernel.one_hot(y, classes)")
    return int(wide[-1])


def shared(x: Any) -> Any:
    """A secret array, of an owner's variable, a tensor or public numbers as well."""
    return secret(_given(x))


def _given(x: Any) -> Any:
    """The array, secret or public, of whatever stands for one."""
    return operand(plain_parts(x.data if isinstance(x, Tensor) else x))
