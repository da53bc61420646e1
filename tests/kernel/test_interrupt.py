"""Stop while the user's Python runs: at once, but after an import that is under way."""

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mpckernel.kernel import interrupt
from mpckernel.kernel.interrupt import signal_main_thread, stop_raises

SLOW = "import time\ntime.sleep(0.4)\ndone = True\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module that takes a moment."""
    name = "slow_to_import"
    (tmp_path / f"{name}.py").write_text(SLOW)
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    sys.modules.pop(name, None)


def _stop_soon() -> None:
    threading.Timer(0.1, signal_main_thread).start()


def _cell(module: str, then: float) -> None:
    with stop_raises(_cancel):
        _stop_soon()
        __import__(module)
        time.sleep(then)


def _cancel() -> None:
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("then", [0.0, 30.0])
def test_an_import_comes_to_its_end(module: str, then: float) -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        _cell(module, then)
    assert sys.modules[module].done
    assert 0.4 <= time.monotonic() - began < 10


def test_an_import_without_end_is_broken_off(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupt, "LATE", 5)
    (tmp_path / f"{module}.py").write_text("import time\ntime.sleep(30)\n")
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        _cell(module, 0.0)
    assert module not in sys.modules
    assert 5 * interrupt.SOON <= time.monotonic() - began < 10


def test_anything_else_is_left_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        _cell("time", 30.0)
    assert time.monotonic() - began < 10


def test_nothing_is_left_behind(module: str) -> None:
    """A stop that was caught is over, and none comes after the cell."""
    with stop_raises(_cancel):
        _stop_soon()
        try:
            __import__(module)
            time.sleep(30)
        except KeyboardInterrupt:
            pass
    time.sleep(0.2)


def test_a_stop_while_an_object_ends_is_not_lost() -> None:
    class Slow:
        def __del__(self) -> None:
            end = time.monotonic() + 0.3
            while time.monotonic() < end:
                pass

    def cell() -> None:
        with stop_raises(_cancel):
            _stop_soon()
            Slow()
            time.sleep(30)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        cell()
    assert 0.3 <= time.monotonic() - began < 10
