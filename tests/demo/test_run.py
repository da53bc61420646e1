"""`mpckernel demo --run`: real kernels, real sockets, the shipped notebooks, compared."""

from pathlib import Path

import nbformat
import pytest

from mpckernel.demo import command
from mpckernel.demo.folders import PARTIES

pytestmark = pytest.mark.slow


def test_the_demo_agrees_with_the_pooled_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = command.main(["--out", str(tmp_path / "out put")])
    told = capsys.readouterr().out
    assert code == 0, told
    for word in ("semi-honest", "malignant samples", "alice sends", "rounds", "pooled"):
        assert word in told
    for name in ("slides", *PARTIES):
        path = tmp_path / "out put" / name / f"{name}.ipynb"
        cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        assert all(c.execution_count for c in cells)
        assert not any(o.output_type == "error" for c in cells for o in c.outputs)
        assert any("image/png" in o.get("data", {}) for c in cells for o in c.outputs)
        page = (tmp_path / "out put" / f"{name}.html").read_text()
        assert "<script" not in page
        assert "Three hospitals" in page
    assert (tmp_path / "out put" / "index.html").exists()
