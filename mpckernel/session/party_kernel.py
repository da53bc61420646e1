"""One local party: a kernel process of its own and what is asked of it, one cell after another.

The process has its own process group, so that an interrupt of this kernel does not reach it, and
is told whose child it is, so that it ends when this kernel does. Sockets are files in a folder
that other users cannot enter.

Source: Jupyter messaging 5.4.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from mpckernel.errors import SetupError, TransportError
from mpckernel.session.outputs import Collector, Outputs

POSIX = os.name == "posix"
TRANSPORT = "ipc" if POSIX else "tcp"
GREET_AGAIN = 0.1  # seconds between questions whether the kernel is up


@dataclass(slots=True, eq=False)
class Job:
    """A cell to run at a party."""

    code: str
    silent: bool
    seconds: float
    collector: Collector
    future: "Future[Outputs]" = field(default_factory=Future)
    deadline: float = float("inf")
    message: str = ""
    reply: dict[str, Any] | None = None
    idle: bool = False


class PartyKernel:
    """A local party's process. All methods but the constructor belong to one thread."""

    def __init__(self, name: str, argv: Sequence[str], folder: Path, env: dict[str, str]) -> None:
        self.name, self.log = name, folder / f"{name}.log"
        self.ready: Future[None] = Future()
        self.jobs: deque[Job] = deque()
        self._greeting: dict[str, bool] = {"shell": False, "iopub": False}
        self._greet_at = 0.0
        self._client: BlockingKernelClient | None = None
        self._ip = str(folder / name) if POSIX else "127.0.0.1"
        key = secrets.token_hex(32).encode()
        self._file, self._info = write_connection_file(
            str(folder / f"{name}.json"), key=key, ip=self._ip, transport=TRANSPORT
        )
        command = [part.replace("{connection_file}", self._file) for part in argv]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603  # our own interpreter
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "MPCKERNEL_PARTY": name, **_parent(), **env},
            )

    def sockets(self) -> list[zmq.Socket[bytes]]:
        """What to listen to; empty before the kernel has made its sockets."""
        client = self._client
        return [client.shell_channel.socket, client.iopub_channel.socket] if client else []

    def connect(self, context: zmq.Context[zmq.Socket[bytes]]) -> bool:
        """Reach for the kernel's sockets once they are there; True at that moment."""
        ports = [self._info.get(f"{channel}_port") for channel in ("shell", "iopub", "control")]
        if POSIX and not all(os.path.exists(f"{self._ip}-{port}") for port in ports):
            return False
        client = BlockingKernelClient(context=context)
        client.load_connection_info(self._info)
        client.start_channels(stdin=False, hb=False)
        self._client = client
        return True

    def read(self) -> None:
        """Take in all messages that have arrived."""
        for channel, message in self._messages():
            if not self.ready.done():
                self._greeting[channel] = True
                if all(self._greeting.values()):
                    self.ready.set_result(None)
                    self._next()
            elif self.jobs and message["parent_header"].get("msg_id") == self.jobs[0].message:
                self._take(self.jobs[0], channel, message)

    def tick(self, now: float) -> None:
        """Greet a kernel that starts, end what took too long, notice a process that is gone."""
        if self.ended():
            self.fail(f"its process has ended; what it wrote last is in {self.log}")
            return
        if self._client and not self.ready.done() and now >= self._greet_at:
            self._greet_at = now + GREET_AGAIN
            self._client.kernel_info()
        if self.jobs and now >= self.jobs[0].deadline:
            job = self.jobs[0]
            job.deadline = float("inf")
            self.interrupt()
            text = f"{self.name} did not finish within {job.seconds:g} s and was interrupted"
            _settle(job.future, TransportError(text))

    def submit(self, job: Job) -> None:
        """Run the job after those before it."""
        self.jobs.append(job)
        if len(self.jobs) == 1 and self.ready.done():
            self._next()

    def interrupt(self) -> None:
        """Stop the running cell; harmless when none runs."""
        if self._client:
            client = self._client
            client.control_channel.send(client.session.msg("interrupt_request", {}))

    def shutdown(self) -> None:
        """Ask the kernel to end."""
        if self._client:
            self._client.shutdown()
        elif not self.ended():
            self.process.terminate()

    def fail(self, why: str) -> None:
        """All that is asked of this party has failed."""
        _settle(self.ready, SetupError(f"local party {self.name} did not start: {why}"))
        while self.jobs:
            _settle(self.jobs.popleft().future, TransportError(f"local party {self.name}: {why}"))

    def ended(self) -> bool:
        """The process is over. It stays unreaped, so that its group's number is not reused."""
        if self.process.returncode is not None or not POSIX:
            return self.process.poll() is not None
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, flags) is not None

    def kill(self) -> None:
        """End the process and what it started, and reap it; then nothing is left of it."""
        if self.process.returncode is None:
            with contextlib.suppress(OSError):  # nothing left to kill
                if POSIX:
                    os.killpg(self.process.pid, signal.SIGKILL)
                else:
                    self.process.kill()
            self.process.wait()
        if self._client:
            self._client.stop_channels()
            self._client = None

    def _messages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        client = self._client
        if client is None:
            return
        for name, channel in (("iopub", client.iopub_channel), ("shell", client.shell_channel)):
            while channel.socket.get(zmq.EVENTS) & zmq.POLLIN:
                yield name, channel.get_msg(timeout=0)

    def _take(self, job: Job, channel: str, message: dict[str, Any]) -> None:
        kind, content = message["header"]["msg_type"], message["content"]
        if channel == "shell":
            job.reply = content
        elif kind == "status":
            job.idle = content["execution_state"] == "idle"
        else:
            job.collector.take(kind, content)
        if job.idle and job.reply is not None:
            self.jobs.popleft()
            _settle(job.future, job.collector.finish(job.reply))
            self._next()

    def _next(self) -> None:
        while self.jobs and not self.jobs[0].future.set_running_or_notify_cancel():
            self.jobs.popleft()
        if self.jobs and self._client:
            job = self.jobs[0]
            job.deadline = time.monotonic() + job.seconds
            job.message = self._client.execute(
                job.code, silent=job.silent, store_history=False, allow_stdin=False
            )


def _parent() -> dict[str, str]:
    """Who the child must not outlive: for mpckernel and for the stock kernel."""
    pid = str(os.getpid())
    return {"MPCKERNEL_PARENT": pid, "JPY_PARENT_PID": pid}


def _settle(future: "Future[Any]", outcome: Any) -> None:
    """Give a future its result or error unless it has one."""
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
