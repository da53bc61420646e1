"""The committed notebooks: valid, without outputs, and the same joint cells in all of them."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

DEMOS = Path(__file__).parents[2] / "demo_notebooks"
NOTEBOOKS = sorted(DEMOS.rglob("*.ipynb"))
FOLDERS = sorted({path.parent for path in NOTEBOOKS})


def cells(path: Path, kind: str) -> list[Any]:
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_notebook_is_clean(path: Path) -> None:
    nbformat.validate(nbformat.read(path, as_version=4))
    raw = json.loads(path.read_text())
    assert raw["metadata"]["kernelspec"]["name"] == "mpckernel"
    for cell in cells(path, "code"):
        assert not cell.outputs, "outputs are made by running, not committed"
        assert cell.execution_count is None
        assert max(map(len, cell.source.splitlines())) <= 100


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_joint_cells_are_the_same_in_every_notebook(folder: Path) -> None:
    joint = {
        path.stem: [c.source for c in cells(path, "code") if c.source.startswith("%%mpc")]
        for path in sorted(folder.glob("*.ipynb"))
    }
    assert len(joint) > 1
    first = next(iter(joint.values()))
    assert first
    assert all(sources == first for sources in joint.values()), list(joint)
