"""Values that are computed when somebody looks at them: most losses are not."""

from collections.abc import Callable
from typing import Any

from mpckernel.nn.undoing import kept_if_committed
from mpckernel.ring.words import Shape


class Later:
    """A value of this shape. make() computes it, once."""

    def __init__(self, shape: Shape, make: Callable[[], Any]) -> None:
        self.shape, self._make, self._value = shape, make, None

    def value(self) -> Any:
        if self._value is None:
            kept_if_committed(self, "_value")
            self._value = self._make()
        return self._value

    def __repr__(self) -> str:
        if self._value is None:
            return f"<secret {self.shape}, computed when something uses it: reveal, or .data>"
        return repr(self._value)
