"""Notebooks run by nbclient, without anybody at the keyboard; the classroom's files."""

import asyncio
import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from mpckernel.errors import SetupError
from mpckernel.kernel import classroom
from mpckernel.kernel.install import install
from mpckernel.kernel.notebooks import party_notebook

NAMES = ("alice", "bob", "carol")


@pytest.fixture(scope="module")
def _kernelspec() -> None:
    from jupyter_client.kernelspec import KernelSpecManager

    if "mpckernel" not in KernelSpecManager().find_kernel_specs():
        install()


def execute(*notebooks: nbformat.NotebookNode) -> None:
    """Run notebooks side by side, each in a kernel that is told its file name."""

    async def all_of_them() -> None:
        clients = [NotebookClient(n, timeout=60, kernel_name="mpckernel") for n in notebooks]
        names = [n.metadata.get("name", "notebook") for n in notebooks]
        envs = [{**os.environ, "JPY_SESSION_NAME": f"{name}.ipynb"} for name in names]
        runs = [c.async_execute(env=e) for c, e in zip(clients, envs, strict=True)]
        await asyncio.gather(*runs)

    asyncio.run(all_of_them())


def texts(notebook: nbformat.NotebookNode) -> list[str]:
    """What each code cell shows, as text."""
    return [
        "".join(
            out.get("text", "") or out.get("data", {}).get("text/plain", "") + "\n"
            for out in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_a_party_s_notebook_is_valid() -> None:
    notebook = nbformat.from_dict(party_notebook("bob", NAMES))
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "mpckernel"
    assert "concat(alice.ages, bob.ages, carol.ages)" in str(notebook.cells)


def test_the_workspace_names_every_notebook_once() -> None:
    space = classroom.workspace(NAMES)
    main = space["data"]["layout-restorer:data"]["main"]["dock"]
    assert [tab["widgets"] for tab in main["children"]] == [[f"notebook:{n}.ipynb"] for n in NAMES]
    assert space["data"]["notebook:bob.ipynb"]["data"]["path"] == "bob.ipynb"
    json.dumps(space)


@pytest.mark.parametrize("names", [("alice", "alice", "bob"), ("a b", "c", "d")])
def test_a_classroom_with_wrong_names(names: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="different names"):
        classroom.prepare(tmp_path, names)


@pytest.mark.slow
@pytest.mark.usefixtures("_kernelspec")
def test_one_notebook_with_all_parties(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))
    cells = [
        "%mpc local alice bob carol",
        "import numpy as np\nv = np.arange(4.0)",
        "%%party bob carol\nimport numpy as np\nv = np.ones(4)",
        "%%mpc\ns = alice.v + bob.v * carol.v\nreveal(s).tolist()",
        "s",
        "%mpc inspect s",
        "%mpc log",
    ]
    notebook = new_notebook(cells=[new_code_cell(c) for c in cells])
    execute(notebook)
    shown = texts(notebook)
    assert "[1.0, 2.0, 3.0, 4.0]" in shown[3]
    assert "all 3 parties: same" in shown[3]
    assert "secret sfix20 (4,)" in shown[4]
    assert "now it opens" in shown[5]
    assert "4 values" in shown[6]
    assert "rounds" in shown[3].splitlines()[0]  # one line of cost, no progress left over


@pytest.mark.slow
@pytest.mark.usefixtures("_kernelspec")
def test_a_cell_that_fails_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))
    notebook = new_notebook(cells=[new_code_cell("%%mpc\n1 + 1")])
    with pytest.raises(CellExecutionError, match="no room is open here"):
        execute(notebook)


@pytest.mark.slow
@pytest.mark.usefixtures("_kernelspec")
def test_the_classroom_s_notebooks_meet_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(classroom.PARTIES, ",".join(NAMES))
    monkeypatch.setenv(classroom.FOLDER, str(tmp_path))

    notebooks = [nbformat.from_dict(party_notebook(name, NAMES)) for name in NAMES]
    for notebook, name in zip(notebooks, NAMES, strict=True):
        notebook.metadata["name"] = name
    execute(*notebooks)
    shown = dict(zip(NAMES, map(texts, notebooks), strict=True))
    assert len({cells[2].splitlines()[-1] for cells in shown.values()}) == 1
    assert "secret sfix20" in shown["carol"][3] or "secret sint" in shown["carol"][3]
    assert "alice, bob and carol" in shown["bob"][5]
