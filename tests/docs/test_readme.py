"""The README's Python blocks, run as the cells of one notebook in a real kernel."""

import asyncio
import re
from pathlib import Path

import nbformat
import pytest

from mpckernel.demo import kernels

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_every_fenced_block_has_a_kind_or_is_shell() -> None:
    fences = re.findall(r"^```(\w*)\n(?=.)", README.read_text(), re.MULTILINE)
    assert set(fences) <= {"", "python", "text"}
    assert len(BLOCK.findall(README.read_text())) >= 4


@pytest.mark.slow
def test_the_first_cells_run_as_they_stand(tmp_path: Path) -> None:
    blocks = BLOCK.findall(README.read_text())
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(b.rstrip()) for b in blocks])
    nbformat.write(made, tmp_path / "slides.ipynb")
    ran = asyncio.run(kernels.slides(tmp_path, []))
    assert ran.error == ""
    shown = [
        "".join(str(o.get("data", {}).get("text/plain", "")) for o in cell.outputs)
        for cell in nbformat.read(ran.path, as_version=4).cells
    ]
    cells = [k for k, b in enumerate(blocks) if b.startswith("%%mpc")]
    assert "54.71" in shown[cells[0]], "the mean of the ages"
    secret, *later = shown[blocks.index("patients\n")], *(shown[k] for k in cells[1:])
    wards, fitted, merged = later
    assert "secret" in secret
    assert not re.search(r"\b(34|71|58)\b", secret), "a secret shows no values"
    assert re.search(r"north\s+36\nsouth\s+68.75", wards), "the mean age of each ward"
    assert "0.235" in fitted, "the risk at 50, as scikit-learn finds it"
    assert "0.98" in merged, "the correlation of what four people have at both, as NumPy finds it"
