"""How long a kernel and a local room of three take to be ready, as a client sees it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from mpckernel.bench.run import Line
from mpckernel.errors import Bug

SECONDS = 60


def _manager(module: str) -> KernelManager:
    """A kernel started as `python -m module`, whether or not it is installed."""
    manager = KernelManager(kernel_name="python3")
    argv = [sys.executable, "-m", module, "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=argv, display_name=module, language="python")
    return manager


def _ready(module: str, then: str = "") -> float:
    """Seconds until the kernel answers; with `then`, until that cell has run after it."""
    manager = _manager(module)
    began = time.perf_counter()
    manager.start_kernel(stderr=subprocess.DEVNULL)  # it warns of loopback without encryption
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=SECONDS)
        if then:
            began = time.perf_counter()
            reply = client.execute_interactive(then, timeout=SECONDS, output_hook=lambda _: None)
            if reply["content"]["status"] != "ok":
                raise Bug("the local room of the measurement did not open")
        return time.perf_counter() - began
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)


def _line(name: str, what: str, take: Callable[[], float], stock: float, repeats: int) -> Line:
    seconds = [take() for _ in range(repeats)]
    return Line(
        name=name,
        what=what,
        n=1,
        seconds=float(np.median(seconds)),
        range=(min(seconds), max(seconds)),
        sent_bytes=[0, 0, 0],
        rounds=0,
        numpy_seconds=stock,
        load=os.getloadavg()[0],
    )


def kernel(repeats: int = 0) -> Line:
    """Kernel start; numpy_seconds holds the stock kernel's start in the same run."""
    repeats = repeats or 5
    stock = float(np.median([_ready("ipykernel_launcher") for _ in range(repeats)]))
    what = "kernel start (compared with the stock kernel)"
    return _line("kernel", what, lambda: _ready("mpckernel"), stock, repeats)


def room(repeats: int = 0) -> Line:
    """A local room of three, from the magic to its banner, the kernel being up."""
    text = "%mpc local alice bob carol"
    what = "local room of three, from the magic to ready"
    return _line("room", what, lambda: _ready("mpckernel", text), 0.0, repeats or 3)
