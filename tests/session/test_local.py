"""Local parties as real kernel processes; the stock kernel stands in for ours."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from mpckernel.errors import SetupError, TransportError
from mpckernel.session.local import LocalParties

pytestmark = pytest.mark.slow
STOCK = (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")
NAMES = ("alice", "bob", "carol")


@pytest.fixture(scope="module")
def parties() -> Iterator[LocalParties]:
    started = LocalParties(NAMES, STOCK)
    started.start()
    started.wait_ready(30)
    yield started
    started.stop()


def eventually(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def alive(pid: int) -> bool:
    """Running, not merely unreaped."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_each_is_a_process_of_its_own(parties: LocalParties) -> None:
    code = "import os; print(os.environ['MPCKERNEL_PARTY'], os.getpid(), os.getpgid(0))"
    futures = [parties.submit(name, code) for name in NAMES]
    rows = [future.result(30).text.split() for future in futures]
    assert [row[0] for row in rows] == list(NAMES)
    assert len({row[1] for row in rows}) == 3
    assert all(row[1] == row[2] != str(os.getpgid(0)) for row in rows)


def test_outputs_variables_and_errors(parties: LocalParties) -> None:
    stream, result = parties.run("bob", "x = 20\nprint('hi')\nx + 1").outputs
    assert stream == {"output_type": "stream", "name": "stdout", "text": "hi\n"}
    assert (result["output_type"], result["data"]) == ("execute_result", {"text/plain": "21"})
    assert parties.run("carol", "x").status == "error"
    failed = parties.run("bob", "x / 0")
    assert failed.outputs[-1]["ename"] == "ZeroDivisionError"
    quiet = parties.run("bob", "x / 0", silent=True)
    assert (quiet.status, quiet.outputs[-1]["ename"]) == ("error", "ZeroDivisionError")
    assert parties.run("bob", "input()").status == "error", "nobody can answer"


def test_cells_of_a_party_keep_their_order_and_parties_do_not_wait(parties: LocalParties) -> None:
    slow = parties.submit("alice", "import time; time.sleep(0.5); y = 1")
    after = parties.submit("alice", "y += 1; print(y)")
    other = parties.submit("bob", "print('first')")
    assert other.result(30).text == "first\n"
    assert not slow.done()
    assert after.result(30).text == "2\n"


def test_outputs_as_they_come(parties: LocalParties) -> None:
    seen: list[int] = []
    code = "for k in range(3): print(k, flush=True)"
    parties.submit("bob", code, on_output=lambda outputs: seen.append(len(outputs))).result(30)
    assert seen
    assert set(seen) == {1}


def test_interrupt_and_deadline_leave_the_party_usable(parties: LocalParties) -> None:
    parties.run("bob", "import time")
    cell = parties.submit("bob", "print('on', flush=True)\ntime.sleep(60)")
    assert eventually(cell.running, 10)
    time.sleep(0.2)
    parties.interrupt("bob")
    assert cell.result(10).outputs[-1]["ename"] == "KeyboardInterrupt"
    with pytest.raises(TransportError, match="bob did not finish within"):
        parties.run("bob", "time.sleep(60)", timeout=0.3)
    assert parties.run("bob", "print(1)", timeout=10).text == "1\n"


def test_unknown_names(parties: LocalParties) -> None:
    with pytest.raises(SetupError):
        parties.submit("dave", "1")
    for names in (["bob", "bob"], ["Bob"], ["class"]):
        with pytest.raises(SetupError):
            LocalParties(names)


def test_a_party_that_dies_is_named_and_the_others_go_on() -> None:
    parties = LocalParties(["bob", "carol"], STOCK)
    parties.start()
    try:
        cell = parties.submit("bob", "import os; os._exit(3)")
        waits = parties.submit("bob", "1")
        with pytest.raises(TransportError, match="local party bob: its process has ended"):
            cell.result(30)
        with pytest.raises(TransportError, match="bob"):
            waits.result(10)
        with pytest.raises(TransportError, match="bob"):
            parties.run("bob", "1")
        assert parties.run("carol", "print(2)").text == "2\n"
    finally:
        parties.stop()


def test_a_party_that_cannot_start_is_named() -> None:
    parties = LocalParties(["bob"], (sys.executable, "-c", "raise SystemExit(1)"))
    parties.start()
    try:
        with pytest.raises(SetupError, match="local party bob did not start"):
            parties.wait_ready(30)
    finally:
        parties.stop()
    missing = LocalParties(["bob"], ("/no/such/program",))
    with pytest.raises(SetupError, match="cannot be started"):
        missing.start()


def test_stop_is_bounded_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpckernel.session.local.STOPPING", 0.3)
    parties = LocalParties(["bob"], STOCK)
    parties.start()
    stubborn = "import os, signal, subprocess\nsignal.signal(15, signal.SIG_IGN)\n"
    child = "p = subprocess.Popen(['sleep', '600'])\nprint(os.getpid(), p.pid)"
    pids = [int(pid) for pid in parties.run("bob", stubborn + child).text.split()]
    busy = parties.submit("bob", "while True: pass")
    assert eventually(busy.running, 10)
    assert all(alive(pid) for pid in pids)
    parties.stop()
    parties.stop()
    assert eventually(lambda: not any(alive(pid) for pid in pids), 5)
    with pytest.raises(TransportError):
        busy.result(5)
    with pytest.raises(SetupError):
        parties.submit("bob", "1")


def test_parties_end_when_this_kernel_is_killed() -> None:
    script = (
        "import sys; from mpckernel.session.local import LocalParties\n"
        f"parties = LocalParties(['bob', 'carol'], {STOCK!r}); parties.start()\n"
        "code = 'import os; print(os.getpid())'\n"
        "for name in parties.names: print(parties.run(name, code).text)\n"
        "sys.stdout.flush(); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", script], text=True, **pipes) as parent:
        assert parent.stdout is not None
        lines = [parent.stdout.readline() for _ in range(4)]
        pids = [int(line) for line in lines if line.strip()]
        assert len(pids) == 2
        assert all(alive(pid) for pid in pids)
        parent.send_signal(signal.SIGKILL)
    assert eventually(lambda: not any(alive(pid) for pid in pids), 10)
