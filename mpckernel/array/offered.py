"""Functions of this package beside NumPy's: rules like the others, under their own names."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from mpckernel.array.rules import implements
from mpckernel.array.secret import dispatch

F = TypeVar("F", bound=Callable[..., Any])


def offered(rule: F) -> F:
    """Offer the decorated rule as mpckernel.<its name>; owners' variables may be given, too."""
    name = f"mpckernel.{rule.__name__.rstrip('_')}"
    implements(name)(rule)

    @wraps(rule)
    def call(*args: Any, **kwargs: Any) -> Any:
        return dispatch(name, args, kwargs)

    return call  # type: ignore[return-value]  # of the same signature
