"""A kernel process as a test drives it."""

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parents[2]
PATHS = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


@dataclass
class Ran:
    """What one cell showed."""

    status: str = ""
    error: str = ""
    seconds: float = 0.0
    outputs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Streams, results, displays and errors, in order."""
        return "".join(map(_text, self.outputs))

    @property
    def results(self) -> list[str]:
        return [_text(o) for o in self.outputs if o["type"] == "execute_result"]


def _text(out: dict[str, Any]) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", _raw(out))


def _raw(out: dict[str, Any]) -> str:
    if out["type"] == "stream":
        return str(out["text"])
    if out["type"] == "error":
        return "\n".join(out["traceback"]) + "\n"
    return str(out.get("data", {}).get("text/plain", "")) + "\n"


class Kernel:
    """A kernel and its client."""

    def __init__(self, argv: tuple[str, ...], mode: str, cwd: Path, env: dict[str, str]) -> None:
        self.manager = KernelManager()
        spec = KernelSpec(argv=list(argv), display_name="t", language="python", interrupt_mode=mode)
        self.manager._kernel_spec = spec
        homes = {"MPCKERNEL_HOME": str(cwd / "home"), "PYTHONPATH": PATHS}
        self.manager.start_kernel(env={**os.environ, **homes, **env}, cwd=str(cwd))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def start(self, code: str) -> str:
        """Send a cell and return at once."""
        return str(self.client.execute(code, allow_stdin=False))

    def finish(self, cell: str, timeout: float = 60.0) -> Ran:
        """Everything the cell showed, until the kernel is idle again."""
        ran, began = Ran(), time.monotonic()
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != cell:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind not in ("status", "execute_input"):
                ran.outputs.append({"type": kind, **content})
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == cell:
                break
        ran.status = reply["content"]["status"]
        ran.error = reply["content"].get("ename", "")
        ran.seconds = time.monotonic() - began
        return ran

    def until(self, cell: str, pattern: str, timeout: float = 60.0) -> None:
        """The cell has shown this; what it shows up to then is not told again."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            message = self.client.get_iopub_msg(timeout=left)
            if message["parent_header"].get("msg_id") == cell:
                shown = _text({"type": message["msg_type"], **message["content"]})
                if re.search(pattern, shown):
                    return
        raise AssertionError(f"{pattern} was not shown")

    def run(self, code: str, timeout: float = 60.0) -> Ran:
        """One cell, to its end."""
        return self.finish(self.start(code), timeout)

    def ok(self, code: str, timeout: float = 60.0) -> Ran:
        """One cell that must succeed."""
        ran = self.run(code, timeout)
        assert ran.status == "ok", ran.text
        return ran

    def ask(self, kind: str, *args: Any) -> dict[str, Any]:
        """complete, inspect, is_complete, ...: the reply's content."""
        return dict(getattr(self.client, kind)(*args, reply=True, timeout=30)["content"])

    def stop(self) -> None:
        """The stop button."""
        self.manager.interrupt_kernel()

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)
