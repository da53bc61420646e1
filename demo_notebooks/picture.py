"""The README's picture: the executed demo in a real JupyterLab, seen by a headless Chromium.

Run: python demo_notebooks/picture.py [--dark] [PICTURE], after `make demo`.
Needs playwright and a chromium.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mpckernel.kernel.install import install

HERE = Path(__file__).parent
EXECUTED = HERE.parent / "build" / "demo" / "slides" / "slides.ipynb"
SIZE = {"width": 1120, "height": 812}
SEEN_FROM = "8. A histogram"
SECONDS = 60


@contextmanager
def lab(notebook: Path, theme: str) -> Iterator[str]:
    """JupyterLab with this notebook alone; the address of its page."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        (home / "work").mkdir()
        shutil.copy(notebook, home / "work" / "three hospitals.ipynb")
        settings = home / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))
        quiet = {"fetchNews": "false", "checkForUpdates": False}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
        install(prefix=str(home))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        token = os.urandom(16).hex()
        env = os.environ | {
            "HOME": folder,
            "JUPYTER_PATH": f"{home}/share/jupyter",
            "JUPYTERLAB_SETTINGS_DIR": f"{home}/settings",
            "JUPYTERLAB_WORKSPACES_DIR": f"{home}/workspaces",
            "JUPYTER_TOKEN": token,
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += [f"--ServerApp.port={port}", f"--ServerApp.root_dir={home / 'work'}"]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(command, env=env, stdout=log, stderr=log)  # noqa: S603
            try:
                wait_for(port)
                yield f"http://127.0.0.1:{port}/doc/tree/three%20hospitals.ipynb?token={token}"
            finally:
                server.terminate()
                server.wait(20)


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    sys.exit("JupyterLab did not start")


def shoot(url: str, picture: Path) -> None:
    """Open the page, scroll to the part to be seen, take the picture."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        page.set_default_timeout(SECONDS * 1000)
        page.goto(url)
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
        heading = page.locator(".jp-MarkdownCell h2", has_text=SEEN_FROM).first
        for _ in range(60):  # cells far down are made when they come near
            if heading.count():
                break
            page.mouse.move(500, 600)
            page.mouse.wheel(0, 500)
            page.wait_for_timeout(150)
        heading.evaluate("e => e.scrollIntoView({block: 'start'})")
        page.wait_for_timeout(1500)
        heading.evaluate("e => e.scrollIntoView({block: 'start'})")
        page.wait_for_timeout(1000)
        page.screenshot(path=picture)
        browser.close()


def main() -> None:
    """Light by default."""
    words = [word for word in sys.argv[1:] if word != "--dark"]
    picture = Path(words[0]) if words else HERE / "joint_health.png"
    theme = "JupyterLab Dark" if "--dark" in sys.argv else "JupyterLab Light"
    if not EXECUTED.exists():
        sys.exit("run `make demo` first")
    with lab(EXECUTED, theme) as url:
        shoot(url, picture)
    print(picture)  # noqa: T201  (a command's answer)


if __name__ == "__main__":
    main()
