"""JupyterLab with one notebook per party side by side, in one room from the start.

A workspace file arranges the notebooks; no extension. Each kernel learns from its session's name
which party it is (Jupyter tells it in JPY_SESSION_NAME) and takes its seat in the background: the
first party hosts, the others join as soon as the room file is there.

Source: the workspace format of JupyterLab 4.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mpckernel.errors import Interrupted, SetupError
from mpckernel.kernel import preload
from mpckernel.kernel.opening import WAIT, Opening

if TYPE_CHECKING:
    from mpckernel.kernel.desk import Desk
    from mpckernel.session.joining import Members

ROOM = "classroom"
PARTIES, FOLDER = "MPCKERNEL_CLASSROOM", "MPCKERNEL_CLASSROOM_FOLDER"
# What a user has chosen in JupyterLab stays: these are defaults.
_DEFAULTS = {
    "@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"}
}
Notice = Callable[[list[str]], None]


def open_lab(folder: str, names: Sequence[str], *, port: int, browser: bool) -> int:
    """Write the notebooks and the workspace, run JupyterLab until it ends."""
    where = Path(folder).resolve()
    env = prepare(where, names)
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={where}", f"--port={port}"]
    command += [f"--LabApp.default_url=/lab/workspaces/{ROOM}", "--log-level=WARN"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # containers
        command.append("--allow-root")
    if os.name == "posix":  # Control-C and a request to end reach JupyterLab itself
        os.execve(command[0], command, env)  # noqa: S606  # our own interpreter
    return subprocess.call(command, env=env)  # noqa: S603


def prepare(where: Path, names: Sequence[str]) -> dict[str, str]:
    """Notebooks, workspace, kernelspec; the environment JupyterLab is to run in."""
    from mpckernel.kernel.notebooks import party_notebook
    from mpckernel.session.names import NAME_RULE, is_name

    if not all(is_name(name) for name in names) or len(set(names)) != len(names):
        raise SetupError(f"parties need different names, each {NAME_RULE}")
    where.mkdir(parents=True, exist_ok=True)
    (where / f"{ROOM}.mpc").unlink(missing_ok=True)  # an earlier room's lobby is gone
    for name in names:
        path = where / f"{name}.ipynb"
        if not path.exists():
            path.write_text(json.dumps(party_notebook(name, names), indent=1), encoding="utf-8")
    _kernelspec()
    spaces = where / ".workspaces"
    file = where / ".workspace.json"
    file.write_text(json.dumps(workspace(names)), encoding="utf-8")
    env = {**os.environ, PARTIES: ",".join(names), FOLDER: str(where)}
    env["JUPYTERLAB_WORKSPACES_DIR"] = str(spaces)
    env["JUPYTER_CONFIG_PATH"] = os.pathsep.join(
        filter(None, [str(_quiet(where)), os.environ.get("JUPYTER_CONFIG_PATH")])
    )
    load = [sys.executable, "-m", "jupyterlab", "workspaces", "import", str(file)]
    done = subprocess.run(load, env=env, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise SetupError("JupyterLab is missing; install it with: pip install 'mpckernel[demo]'")
    return env


def _quiet(where: Path) -> Path:
    """A settings folder for this Lab alone: no question about news over the notebooks."""
    folder = where / ".jupyter"
    defaults = folder / "labconfig" / "default_setting_overrides.json"
    defaults.parent.mkdir(parents=True, exist_ok=True)
    defaults.write_text(json.dumps(_DEFAULTS, indent=1) + "\n", encoding="utf-8")
    return folder


def workspace(names: Sequence[str]) -> dict[str, object]:
    """All notebooks beside each other, side bars closed."""
    tabs = [
        {"type": "tab-area", "currentIndex": 0, "widgets": [f"notebook:{name}.ipynb"]}
        for name in names
    ]
    dock = {
        "type": "split-area",
        "orientation": "horizontal",
        "sizes": [1 / len(names)] * len(names),
        "children": tabs,
    }
    closed = {"collapsed": True, "visible": True, "widgets": []}
    layout = {
        "main": {"dock": dock, "current": f"notebook:{names[0]}.ipynb"},
        "left": closed,
        "right": closed,
        "relativeSizes": [0, 1, 0],
    }
    opened = {
        f"notebook:{name}.ipynb": {"data": {"path": f"{name}.ipynb", "factory": "Notebook"}}
        for name in names
    }
    return {"data": {"layout-restorer:data": layout, **opened}, "metadata": {"id": ROOM}}


def take_seat(desk: "Desk") -> None:
    """In a kernel that a classroom has started: enter its room in the background."""
    names = tuple(filter(None, os.environ.get(PARTIES, "").split(",")))
    me = Path(os.environ.get("JPY_SESSION_NAME", "")).stem
    if me not in names or desk.opening is not None:
        return
    preload.now()
    path = Path(os.environ.get(FOLDER, ".")) / f"{ROOM}.mpc"

    def enter(notice: Notice, cancelled: threading.Event) -> "Members":
        return _enter(desk, names, me, path, notice, cancelled)

    desk.seat_at(Opening(ROOM, enter, simulation=True))


def _enter(
    desk: "Desk",
    names: tuple[str, ...],
    me: str,
    path: Path,
    notice: Notice,
    cancelled: threading.Event,
) -> "Members":
    from mpckernel.session.hosting import host
    from mpckernel.session.identity import load_or_create
    from mpckernel.session.joining import join

    if me == names[0]:
        keys = {name: load_or_create(name).public for name in names}
        desk.hosting = host(ROOM, me, names[1:], folder=path.parent, keys=keys)
        return desk.hosting.enter(WAIT, notice=notice, cancelled=cancelled)
    notice([names[0]])
    while not path.exists():
        if cancelled.wait(0.2):
            raise Interrupted("the room was left before everybody had come")
    return join(path, me, None, WAIT, notice=notice, cancelled=cancelled)


def _kernelspec() -> None:
    """The kernelspec of the wheel, or one written now."""
    from jupyter_client.kernelspec import KernelSpecManager

    from mpckernel.kernel.install import NAME, install

    if NAME not in KernelSpecManager().find_kernel_specs():
        install()
