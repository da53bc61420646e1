"""The kernel as Jupyter sees it: the message protocol, stop, and the same magics in IPython's own.

Source: jupyter_kernel_test for the protocol. It tests no interrupts; those follow.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupyter_kernel_test
import pytest
from jupyter_client.kernelspec import KernelSpecManager

from mpckernel.kernel.install import install
from tests.kernel.conftest import MPC, STOCK
from tests.kernel.kernels import PATHS, Kernel

pytestmark = pytest.mark.slow
Start = Callable[..., Kernel]


class TestProtocol(jupyter_kernel_test.KernelTests):
    """What every kernel must do."""

    def execute_helper(self, *args: Any, **options: Any) -> Any:
        """A message may take longer than the tenth of a second that the suite gives it."""
        channel = self.kc.iopub_channel
        soon = channel.get_msg
        channel.get_msg = lambda timeout=None: soon(timeout=30)
        try:
            return super().execute_helper(*args, **options)
        finally:
            del channel.get_msg

    kernel_name = "mpckernel"
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    completion_samples = (
        {"text": "zi", "matches": {"zip"}},
        {"text": "%mpc st", "matches": {"status", "stop"}},
    )
    complete_code_samples = ("1", "print('hello, world')", "def f(x):\n  return x*2\n\n\n")
    incomplete_code_samples = ("print('''hello", "def f(x):\n  x*2", "%%mpc\nx = 1")
    invalid_code_samples = ("import = 7q",)
    code_page_something = "zip?"
    code_generate_error = "raise ValueError"
    code_execute_result = ({"code": "6*7", "result": "42"},)
    code_display_data = (
        {
            "code": "from IPython.display import HTML, display; display(HTML('x'))",
            "mime": "text/html",
        },
    )
    supported_history_operations = ("tail",)
    code_inspect_sample = "zip"

    @classmethod
    def setUpClass(cls) -> None:
        spec = KernelSpecManager()
        if "mpckernel" not in spec.find_kernel_specs():
            install()
        os.environ["PYTHONPATH"] = PATHS
        super().setUpClass()


def test_it_says_who_it_is(kernel: Start) -> None:
    info = kernel().ask("kernel_info")
    assert info["implementation"] == "mpckernel"
    assert info["language_info"]["name"] == "python"
    assert "joint cells" in info["banner"]
    assert any("%mpc help" in link["text"] for link in info["help_links"])


AWAITS = ["import asyncio\nawait asyncio.sleep(60)", "import asyncio\nawait asyncio.Event().wait()"]
BLOCKS = ["import time\ntime.sleep(60)", "import queue\nqueue.Queue().get()", "while True: pass"]


@pytest.mark.parametrize("cell", AWAITS + BLOCKS)
def test_stop_ends_any_cell(kernel: Start, cell: str) -> None:
    mine = kernel()
    running = mine.start(cell)
    time.sleep(0.5)
    mine.stop()
    ran = mine.finish(running, 5)
    assert ran.error == ("CancelledError" if cell in AWAITS else "KeyboardInterrupt")
    assert mine.ok("1 + 1").results == ["2\n"]


def test_stop_leaves_other_processes_of_the_group_alone(kernel: Start) -> None:
    mine = kernel()
    mine.ok("import subprocess, sys, time")
    mine.ok("child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'])")
    running = mine.start("time.sleep(60)")
    time.sleep(0.5)
    mine.stop()
    mine.finish(running, 5)
    assert mine.ok("time.sleep(0.3); child.poll()").results == []
    mine.ok("child.kill(); child.wait()")


@pytest.mark.parametrize(("argv", "mode"), [(MPC, "message"), (STOCK, "signal")])
def test_a_simulation_in_one_notebook(kernel: Start, argv: tuple[str, ...], mode: str) -> None:
    mine = kernel(argv, mode)
    if argv is STOCK:
        mine.ok("%load_ext mpckernel")
    assert "simulation" in mine.ok("%mpc local alice bob carol").text
    mine.ok("v = 1.5")
    assert mine.ok("%%party bob carol\nv = 2.0\nv").text == "■ bob, ▲ carol:\n2.0\n"
    assert "line 3" in mine.run("%%party bob\nv = 2.0\n1 / 0").text  # as the notebook counts
    ran = mine.ok("%%mpc\ns = alice.v + bob.v * carol.v\nfloat(reveal(s))")
    assert ran.results == ["5.5\n"]
    assert "all 3 parties: same" in ran.text
    assert "rounds" in ran.text
    assert mine.ok("In[-2]").results[0].startswith("'%%mpc")

    ran = mine.ok("%%mpc\nreveal(s, to=carol)")
    assert ran.text.endswith("bob: same as here\n▲ carol:\nnp.float64(5.5)\n")

    running = mine.start("%%mpc\nq = 1\nwhile True: pass")
    time.sleep(1.0)
    mine.stop()
    ran = mine.finish(running, 15)
    assert "you pressed stop" in ran.text
    running = mine.start("%%party bob\nimport time\ntime.sleep(60)")
    time.sleep(0.5)
    mine.stop()
    assert "KeyboardInterrupt" in mine.finish(running, 10).text
    assert mine.ok("%%mpc\nint(reveal(s))").results == ["5\n"]

    data = mine.ask("inspect", "s", 1)["data"]["text/plain"]
    assert "secret sfix20" in data
    assert "5.5" not in data
    assert "now it opens" in mine.ok("%mpc inspect s").text
    assert "%%mpc" in mine.ask("complete", "%%mp", 4)["matches"]
    mine.ok("%mpc stop")
    assert mine.run("%%mpc\n1").error == "UsageError"


def test_plots_of_what_was_revealed(kernel: Start) -> None:
    mine = kernel()
    mine.ok("%mpc local alice bob carol\nimport matplotlib.pyplot as plt\nv = [1.0, 2.0]")
    mine.ok("%%mpc\nr = reveal(alice.v)\nprint(r)")
    ran = mine.ok("plt.plot(r);")
    assert any("image/png" in o.get("data", {}) for o in ran.outputs)


def test_a_kernel_that_dies_takes_its_parties_along(kernel: Start) -> None:
    mine = kernel()
    mine.ok("%mpc local alice bob carol")
    pids = mine.ok("%%party bob carol\nimport os\nprint(os.getpid())").text
    children = [int(line) for line in pids.splitlines() if line.isdigit()]
    assert len(children) == 2
    mine.manager.signal_kernel(9)
    end = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


TYPED = """\
%load_ext mpckernel
%mpc local alice bob carol
v = 2.0
%%mpc
float(reveal(share(alice.v)))


%%party bob
1 + 1


%mpc stop
exit
"""


def test_terminal_ipython(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor"]
    env = {**os.environ, "PYTHONPATH": PATHS, "MPCKERNEL_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [*command, "--simple-prompt"],
        env={**env, "IPYTHONDIR": str(tmp_path)},
        input=TYPED,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Out[4]: 2.0" in done.stdout
    assert "all 3 parties: same" in done.stdout
    assert "■ bob:\n2\n" in done.stdout
