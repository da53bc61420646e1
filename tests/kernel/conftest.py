"""A shell of its own for each test that needs one, and real kernels for the slow ones."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.kernel.kernels import Kernel

MPC = (sys.executable, "-m", "mpckernel", "-f", "{connection_file}")
STOCK = (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """An IPython shell without history on disk."""
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance()
    made.history_manager.enabled = False
    yield made
    made.restore_sys_module_state()
    made.history_manager.end_session()
    InteractiveShell.clear_instance()


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    """Start kernels; they end with the test. Keys go to a folder of the test."""
    started: list[Kernel] = []

    def start(argv: tuple[str, ...] = MPC, mode: str = "message", **env: str) -> Kernel:
        started.append(Kernel(argv, mode, tmp_path, env))
        return started[-1]

    yield start
    for each in started:
        each.close()
