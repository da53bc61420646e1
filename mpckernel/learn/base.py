"""What every estimator has: parameters by name, a clone, and what it says before it is fitted.

Source: scikit-learn's BaseEstimator. Departs from it in: what is learned is secret, and shown as
secret arrays.
"""

from inspect import signature
from typing import Any, NoReturn, TypeVar

import numpy as np

from mpckernel.array.frames.base import Frame
from mpckernel.array.operators import here
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.reveal import holds
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.learn.keywords import explained
from mpckernel.runtime.cell import current

T = TypeVar("T")


class Estimator:
    """Parameters are the arguments of __init__, kept under their names; what `fit` learns has
    names that end in an underscore. Keywords of scikit-learn's that are missing say why."""

    def __init_subclass__(cls) -> None:
        for name in {"__init__", "fit"} & vars(cls).keys():
            setattr(cls, name, explained(vars(cls)[name]))

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002  (scikit-learn's)
        """The parameters by name."""
        names = [name for name in signature(type(self)).parameters if name != "self"]
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> "Estimator":
        """Change parameters; gives the estimator itself. Raises UsageError for unknown names."""
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise UsageError(
                    f"{type(self).__name__} has no parameter {name}; it has {', '.join(known)}"
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        usual = {name: p.default for name, p in signature(type(self)).parameters.items()}
        given = [f"{n}={v!r}" for n, v in self.get_params().items() if repr(v) != repr(usual[n])]
        return f"{type(self).__name__}({', '.join(given)})"

    def _revealed(self, to: Any) -> NoReturn:  # noqa: ARG002  (whoever would see it)
        """What reveal(model) says: nothing is opened that was not named."""
        check_is_fitted(self)
        secret = [k for k, v in vars(self).items() if isinstance(v, SecretArray) and k[-1] == "_"]
        names = ", ".join(f"model.{k}" for k in secret if k[0] != "_")
        raise UsageError(
            f"{here()}a {type(self).__name__} is opened attribute by attribute: reveal({names})"
        )

    def __sklearn_tags__(self) -> NoReturn:
        raise UsageError(
            f"{here()}scikit-learn's own functions need values; mpckernel.learn has "
            "cross_val_score, train_test_split, metrics"
        )

    def learned(self, **values: Any) -> None:
        """Keep what a fit has found; a cell that fails puts back what was there before."""
        before = {k: v for k, v in vars(self).items() if k.endswith("_")}

        def restore() -> None:
            for name in [k for k in vars(self) if k.endswith("_")]:
                delattr(self, name)
            vars(self).update(before)

        current().undo(restore)
        vars(self).update(values)


def clone(estimator: T) -> T:
    """A new estimator with the same parameters, not fitted."""
    return type(estimator)(**estimator.get_params())  # type: ignore[attr-defined]


def check_is_fitted(estimator: Any) -> None:
    """Raise UsageError unless `fit` has run."""
    if not any(k.endswith("_") and not k.startswith("_") for k in vars(estimator)):
        raise UsageError(f"this {type(estimator).__name__} is not fitted yet; call fit(x, y) first")


def taken(x: Any) -> Any:
    """x as an operand, a secret array or public numbers; of a tensor, the array that it holds."""
    return operand(x.data if holds(x) else x)


def table(x: Any) -> SecretArray:
    """x as a secret matrix of rows and columns; owners' variables are shared."""
    found = as_number(secret(taken(x)))
    if found.ndim != 2 or not found.size:
        raise UsageError(
            f"a table has rows and columns, not shape {found.shape}; one column is x[:, None]"
        )
    return found


def names_of(x: Any) -> tuple[str, ...] | None:
    """The names of a joint table's columns; None of what has no names."""
    return tuple(x.columns) if isinstance(x, Frame) else None


def column(y: Any, rows: int) -> SecretArray:
    """y as a secret vector with a value for each row."""
    return secret(vector(y, rows))


def vector(y: Any, rows: int) -> Any:
    """y as a vector with a value for each row, secret or public as it is."""
    found = taken(y)
    if found.shape == (rows, 1):
        found = np.ravel(found)
    if found.shape != (rows,):
        raise UsageError(f"y has a value for each of the {rows} rows, not shape {found.shape}")
    return found


def features(x: SecretArray, known: int) -> SecretArray:
    """x, which has as many columns as the model was fitted to."""
    if x.shape[1] != known:
        raise UsageError(f"this model was fitted to {known} columns, and these are {x.shape[1]}")
    return x
