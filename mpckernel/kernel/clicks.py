"""Clicks on views of ours are heard while a cell runs, also one that blocks.

Source: ipykernel 7 gives comm messages to the thread that runs cells, where they wait for a
blocking cell; which release routes them how, and what a page must send for it, varies. Departs from
it in: a message to an open comm that carries a `click` is taken out of the shell channel and handed
to that function in a thread of its own. All other messages go the ordinary way.

The thread runs no code of the user, and the events pre_execute and post_execute stay with cells.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, Protocol

import zmq

MARK = "mpc_click"  # a view sets this attribute of its comm: a function of one message, thread safe

Message = dict[str, Any]
Click = Callable[[Message], object]


class Kernel(Protocol):
    """What is used of ipykernel's kernel."""

    session: Any
    comm_manager: Any
    log: Any

    def _publish_status(self, status: str, channel: str, parent: Message | None = None) -> None: ...


class Clicks:
    """Takes messages to marked comms and has them handled in order, in one thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "mpc-clicks")
        self._heard: ContextVar[Message | None] = ContextVar("heard", default=None)

    def parent(self) -> Message | None:
        """The message that this thread is handling; None in all other threads."""
        return self._heard.get()

    def take(self, kernel: Kernel, frames: Sequence[zmq.Frame]) -> bool:
        """Whether this is a click. If so, it will be handled; the caller has no more to do."""
        try:
            click = _click(kernel, frames)
        except Exception:  # noqa: BLE001 - not a message: the ordinary way says so
            return False
        if click is None:
            return False
        self._thread.submit(self._handle, kernel, click, [f.bytes for f in frames])
        return True

    def _handle(self, kernel: Kernel, click: Click, frames: list[bytes]) -> None:
        """In the thread: as ipykernel's dispatch_shell, with nothing set process-wide."""
        try:
            _, parts = kernel.session.feed_identities(frames)
            message = kernel.session.deserialize(parts)  # signed, and not heard before
        except (ValueError, TypeError):
            kernel.log.error("a click was not handled: its signature is wrong or was used before")
            return
        was = self._heard.set(message)
        kernel._publish_status("busy", "shell", message)
        try:
            click(message)
        except Exception as why:  # noqa: BLE001 - the thread must live; no text of the message
            kernel.log.error("a click was not handled: %s", type(why).__name__)
        finally:
            kernel._publish_status("idle", "shell", message)
            self._heard.reset(was)


def _click(kernel: Kernel, frames: Sequence[zmq.Frame]) -> Click | None:
    """What handles this message if it is for a marked comm. Its signature is not used up."""
    _, parts = kernel.session.feed_identities(frames, copy=False)
    peek = kernel.session.deserialize(parts, content=False, copy=False)
    if peek["msg_type"] != "comm_msg":
        return None
    number = kernel.session.unpack(peek["content"])["comm_id"]
    return getattr(kernel.comm_manager.comms.get(number), MARK, None)
