"""Screenshots of the live views in JupyterLab: `python -m mpckernel.widgets.shots OUT_DIR`.

Source: JupyterLab's own pages, driven by a Chromium of the system; nothing is fetched from outside.
Needs the packages jupyterlab and playwright and a chromium on the path.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mpckernel.errors import SetupError

_DEADLINE_S = 60.0
_ROOT = Path(__file__).resolve().parent.parent

PRELUDE = """import mpckernel
try:
    import mpckernel.widgets
except ModuleNotFoundError:  # not installed: take the source tree
    mpckernel.__path__.append({root!r})
%load_ext mpckernel.widgets
views = get_ipython().mpc_views
holds = dict(alice=[0, 1], bob=[1, 2], carol=[2, 0])
trust = ("Three parties, semi-honest, one may be corrupted and two must not collude; "
         "not audited.")
words = [[0x9C41F07A2D83B65E, 0x1F2E3D4C5B6A7988, 0xE1A90C3344D5F026],
         [0x27B5D9E0F1683A4C, 0xC0FFEE0DDBA11AD5, 0x05D6A7B8C9E0F112]]
salary = [52100.25, 48000.0, 61999.5]
words.append([(int(v * 2**20) - a - b) % 2**64 for v, a, b in zip(salary, *words)])
def state(simulation):
    sees = holds if simulation else dict(alice=[0, 1])
    return views.state(
        "salary", "sfix20", (3,), room="clinic", scheme="rep3", me="alice", holds=holds,
        shares=3, threshold=2, trust=trust, simulation=simulation, index=[0, 1, 2], scale=20,
        words={{p: {{s: words[s] for s in held}} for p, held in sees.items()}},
        value=[f"{{v:,.2f}}" for v in salary] if simulation else None)
"""


def notebook(cells: Sequence[str]) -> str:
    """A notebook file of code cells, the first one loading the views."""
    sources = [PRELUDE.format(root=str(_ROOT)), *cells]
    made = [
        {
            "cell_type": "code",
            "id": f"cell-{k}",
            "metadata": {"jupyter": {"source_hidden": k == 0}},
            "source": s,
            "outputs": [],
            "execution_count": None,
        }
        for k, s in enumerate(sources)
    ]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return json.dumps({"cells": made, "metadata": spec, "nbformat": 4, "nbformat_minor": 5})


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def lab(cells: Sequence[str], theme: str) -> Iterator[str]:
    """JupyterLab on this machine with one notebook; yields the page's address."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        (home / "work").mkdir()
        (home / "work" / "inspector.ipynb").write_text(notebook(cells))
        _settings(home, "apputils-extension/themes", {"theme": f"JupyterLab {theme.title()}"})
        _settings(home, "apputils-extension/notification", {"fetchNews": "false"})
        port, token = _free_port(), os.urandom(16).hex()
        with _server(home, port, token) as url:
            yield f"{url}/lab/tree/inspector.ipynb?token={token}"


def _settings(home: Path, plugin: str, values: dict[str, Any]) -> None:
    path = home / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))


@contextmanager
def _server(home: Path, port: int, token: str) -> Iterator[str]:
    env = os.environ | {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")])),
        "JUPYTER_TOKEN": token,
    }
    argv = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    argv += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
    argv += [f"--ServerApp.root_dir={home / 'work'}"]
    log = (home / "log").open("wb")
    lab_process = subprocess.Popen(  # noqa: S603  # our own interpreter, fixed arguments
        argv, env=env, stdout=log, stderr=log, start_new_session=True
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(lab_process)
        log.close()


def _wait_for(port: int) -> None:
    end = time.monotonic() + _DEADLINE_S
    while time.monotonic() < end:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SetupError("JupyterLab did not answer in 60 s; start `jupyter lab` by hand to see why")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


@contextmanager
def page(url: str, width: int = 1180, height: int = 900) -> Iterator[Any]:
    """The notebook in a headless Chromium, its cells run one after the other."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SetupError("no chromium found; install one, for example `apt install chromium`")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(_DEADLINE_S * 1000)
        made = context.new_page()
        made.goto(url)
        made.wait_for_selector(".jp-NotebookPanel-toolbar")
        made.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
        yield made
        browser.close()


def run_cell(shown: Any, number: int) -> None:
    """Run one cell; a key press right after the page has loaded may be lost, so look and repeat."""
    cell = shown.locator(".jp-Notebook .jp-CodeCell").nth(number)
    prompt = cell.locator(".jp-InputPrompt").first
    for _ in range(15):
        prompt.click()
        shown.keyboard.press("Control+Enter")
        for _ in range(20):
            if prompt.inner_text() not in ("", "[ ]:", "[*]:"):
                return
            shown.wait_for_timeout(100)
    raise SetupError("JupyterLab did not run a cell in 30 s; open the notebook by hand to see why")


def shots(out: Path) -> list[Path]:
    """Light and dark: closed, one party with words, opened; a real room; the frozen twin."""
    out.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for theme in ("light", "dark"):
        for room, cell in (("simulation", "state(True)"), ("real", "state(False)")):
            with lab([f"views.show({cell})", "views.freeze()"], theme) as url, page(url) as shown:
                made += _shoot(shown, out / f"{room}_{theme}")
    return made


def _shoot(shown: Any, stem: Path) -> list[Path]:
    run_cell(shown, 0)
    run_cell(shown, 1)
    shown.wait_for_selector(".mpc-inspector .mpc-sentence")
    made: list[Path] = []

    def shoot(what: str, selector: str = ".mpc-inspector") -> None:
        path = stem.with_name(f"{stem.name}_{what}.png")
        shown.locator(selector).first.screenshot(path=path)
        made.append(path)

    boxes = shown.locator(".mpc-inspector input[type=checkbox]")
    shoot("1_closed")
    boxes.nth(0).check()
    shown.locator(".mpc-button").click()
    shown.wait_for_selector(".mpc-word")
    shoot("2_alice")
    boxes.nth(1).check()
    shown.wait_for_selector(".mpc-open")
    shoot("3_two")
    run_cell(shown, 2)
    shown.wait_for_selector(".jp-OutputArea details")
    shoot("4_frozen", ".jp-RenderedHTML")
    return made


def main() -> None:
    """Write the pictures and say where."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m mpckernel.widgets.shots OUT_DIR")
    for path in shots(Path(sys.argv[1])):
        print(path)  # noqa: T201  # a command's answer


if __name__ == "__main__":
    main()
