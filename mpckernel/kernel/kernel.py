"""The MPC kernel: ipykernel's, with joint cells and a stop that reaches every party.

Source: ipykernel 7. Departs from it in: interrupts (own handler in the control thread, own
cancelling of awaiting cells; see interrupt), in where clicks are handled (see clicks) and in what
it calls itself.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import isawaitable
from typing import Any, ClassVar

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

from mpckernel import __version__
from mpckernel.kernel import classroom, extension, parent, preload
from mpckernel.kernel.clicks import Clicks
from mpckernel.kernel.interrupt import signal_main_thread
from mpckernel.ring.memory import keep_pages


class MPCKernel(IPythonKernel):  # type: ignore[misc]  # ipykernel is untyped
    """A Python kernel whose `%%mpc` cells run together with other parties' kernels."""

    implementation = "mpckernel"
    implementation_version = __version__
    help_links: ClassVar[list[dict[str, str]]] = [
        {"text": "MPC kernel: type %mpc help", "url": "https://pypi.org/project/mpckernel/"},
        {"text": "Python Reference", "url": "https://docs.python.org/3/"},
        {"text": "NumPy Reference", "url": "https://numpy.org/doc/stable/reference/"},
    ]

    def __init__(self, **kwargs: Any) -> None:
        self.clicks = Clicks()
        super().__init__(**kwargs)
        assert self.shell is not None
        self.desk = extension.load(self.shell)
        if os.environ.get(classroom.PARTIES):
            self.desk.expected = partial(classroom.take_seat, self.desk)

    def start(self) -> None:
        """As ipykernel's; a moment later load what joint cells need."""
        super().start()
        loop: Any = self.io_loop
        preload.later(loop.call_later, self.desk.arrive)

    @property
    def banner(self) -> str:
        """Two lines for consoles."""
        python = ".".join(map(str, sys.version_info[:3]))
        return (
            f"mpckernel {__version__}: joint cells on secret-shared variables. %mpc help\n"
            f"Python {python}; a cell that begins with %%mpc is joint, any other is private\n"
        )

    async def shell_channel_thread_main(self, msg: Sequence[Any]) -> None:
        """As ipykernel's; clicks on views of ours do not wait for the cell that runs."""
        if not self.clicks.take(self, msg):
            await super().shell_channel_thread_main(msg)

    def get_parent(self, channel: str | None = None) -> dict[str, Any]:
        """What an output or an answer belongs to: for the thread of clicks, the click."""
        return self.clicks.parent() or super().get_parent(channel)

    async def interrupt_request(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """In the control thread: tell the parties first, then stop this process alone."""
        self.desk.stop_cell()
        signal_main_thread()
        session: Any = self.session
        if session is not None:
            session.send(stream, "interrupt_reply", {"status": "ok"}, parent, ident=ident)

    @contextmanager
    def _cancel_on_sigint(self, future: "asyncio.Future[Any]") -> Iterator[None]:
        """Guards an awaiting cell: a stop cancels it now, not at the loop's next event."""
        loop = asyncio.get_running_loop()
        saved = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(future.cancel))
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, saved)

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        """Leave the room, stop the parties started here, freeze live views."""
        self.desk.close()
        reply: Any = super().do_shutdown(restart)  # a coroutine in some versions
        return dict(await reply if isawaitable(reply) else reply)


def launch() -> None:
    """Start the kernel that sys.argv describes."""
    keep_pages()  # before there are threads
    parent.watch()
    IPKernelApp.launch_instance(kernel_class=MPCKernel)
