"""Local parties: real kernels on this machine, each with its own process, keys and sockets.

    parties = LocalParties(["bob", "carol"])
    parties.start()                                    # returns at once; they start side by side
    parties.submit("bob", "df = make()").result()      # cells sent meanwhile wait their turn
    parties.stop()

One thread talks to all of them. Whatever it waits for, it looks up at least every 20 ms.
"""

import atexit
import contextlib
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue

import zmq

from mpckernel.errors import SetupError, TransportError
from mpckernel.session.names import NAME_RULE, is_name
from mpckernel.session.outputs import Collector, Output, Outputs
from mpckernel.session.party_kernel import Job, PartyKernel

ARGV = (sys.executable, "-m", "mpckernel", "-f", "{connection_file}")
SLICE = 20  # ms
STOPPING = 3.0  # seconds a kernel gets to end by itself


class LocalParties:
    """Kernels of local parties, by name. Methods may be called from any thread."""

    def __init__(
        self,
        names: Sequence[str],
        argv: Sequence[str] = ARGV,
        env: Mapping[str, str] | None = None,
    ) -> None:
        if not all(is_name(name) for name in names) or len(set(names)) != len(names):
            raise SetupError(f"local parties need different names, each {NAME_RULE}")
        self.names = tuple(names)
        self._argv, self._env = tuple(argv), dict(env or {})
        self._orders: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._kernels: dict[str, PartyKernel] = {}
        self._state = threading.Lock()
        self._running = False

    def start(self) -> None:
        """Start all kernels and return at once."""
        with self._state:
            if self._running:
                return
            self._running = True
            self._folder = Path(tempfile.mkdtemp(prefix="mpc-"))  # 0700; sockets need short paths
            self._context = zmq.Context(1)
            self._bell, self._ring = (self._context.socket(zmq.PAIR) for _ in range(2))
            self._bell.bind("inproc://bell")
            self._ring.connect("inproc://bell")
            atexit.register(self.stop)
            try:
                for name in self.names:
                    self._kernels[name] = PartyKernel(name, self._argv, self._folder, self._env)
            except OSError:
                self._clean()
                raise SetupError("a local party's process cannot be started") from None
            self._thread = threading.Thread(target=self._run, name="mpc-local", daemon=True)
            self._thread.start()

    def wait_ready(self, timeout: float = 30.0) -> None:
        """Return when all parties answer."""
        deadline = time.monotonic() + timeout
        for name, kernel in list(self._kernels.items()):
            try:
                kernel.ready.result(max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                text = f"local party {name} did not answer within {timeout:g} s"
                raise TransportError(text) from None

    def submit(
        self,
        name: str,
        code: str,
        silent: bool = False,
        timeout: float = 60.0,
        *,
        on_output: Callable[[list[Output]], None] | None = None,
    ) -> "Future[Outputs]":
        """Run code at a party, after what was sent to it before.

        `timeout` counts from the moment it begins there. `on_output` is called in another thread
        with all outputs so far.
        """
        kernel = self._kernels.get(name)
        if kernel is None:
            raise SetupError("no local party of this name is running")
        job = Job(code, silent, timeout, Collector(on_output=on_output))
        self._order(lambda: kernel.submit(job))
        return job.future

    def run(self, name: str, code: str, silent: bool = False, timeout: float = 60.0) -> Outputs:
        """Run code at a party and wait for its end."""
        return self.submit(name, code, silent, timeout).result()

    def interrupt(self, name: str) -> None:
        """Stop the cell that runs at a party."""
        kernel = self._kernels.get(name)
        if kernel:
            self._order(kernel.interrupt)

    def stop(self) -> None:
        """End all kernels: politely, and after STOPPING seconds by force."""
        with self._state:
            if not self._running:
                return
            self._running = False
            self._ring.send(b"")
        self._thread.join()
        self._clean()

    def _order(self, order: Callable[[], None]) -> None:
        """Have the thread do it; the bell's socket is used under the lock alone."""
        with self._state:
            if not self._running:
                raise SetupError("the local parties are not running")
            self._orders.put(order)
            with contextlib.suppress(zmq.Again):
                self._ring.send(b"", zmq.NOBLOCK)

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._bell, zmq.POLLIN)
        kernels = list(self._kernels.values())
        waiting = list(kernels)
        while self._running:
            busy = any(not each.ready.done() or each.jobs for each in kernels)
            if dict(poller.poll(SLICE if busy else None)).get(self._bell):
                self._take_orders()
            for each in [each for each in waiting if each.connect(self._context)]:
                waiting.remove(each)
                for socket in each.sockets():
                    poller.register(socket, zmq.POLLIN)
            for each in kernels:
                each.read()
                each.tick(time.monotonic())
        self._end(kernels)

    def _take_orders(self) -> None:
        with contextlib.suppress(zmq.Again):
            while True:
                self._bell.recv(zmq.NOBLOCK)
        with contextlib.suppress(Empty):
            while True:
                self._orders.get_nowait()()

    def _end(self, kernels: list[PartyKernel]) -> None:
        for each in kernels:
            each.shutdown()
        deadline, pause = time.monotonic() + STOPPING, threading.Event()
        while not all(each.ended() for each in kernels) and time.monotonic() < deadline:
            pause.wait(SLICE / 1000)
        for each in kernels:
            each.kill()
            each.fail("it was stopped")

    def _clean(self) -> None:
        for each in self._kernels.values():
            each.kill()
        self._kernels.clear()
        self._context.destroy(linger=0)
        shutil.rmtree(self._folder, ignore_errors=True)
        atexit.unregister(self.stop)
