"""One display slot that is written again and again, and is gone when the waiting is over."""

from typing import Any, Self

from IPython.display import DisplayHandle

from mpckernel.kernel.progress import MARK


class Waiting:
    """Use as a context; `say` shows a line from the second call on, so short waits show nothing."""

    def __init__(self) -> None:
        self._slot: DisplayHandle | None = None
        self._calls, self._line = 0, ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._slot is not None:
            self._slot.update({"text/plain": ""}, raw=True, metadata=MARK)

    def say(self, line: str) -> None:
        """Show this line in place of the last one."""
        self._calls += 1
        if self._calls < 3 or line == self._line:
            return
        self._line = line
        if self._slot is None:
            self._slot = DisplayHandle()
            self._slot.display({"text/plain": line}, raw=True, metadata=MARK)
        else:
            self._slot.update({"text/plain": line}, raw=True, metadata=MARK)
