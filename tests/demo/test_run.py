"""`mpckernel demo --run`: real kernels, real sockets, the shipped notebooks, compared."""

from pathlib import Path

import nbformat
import pytest

from mpckernel.demo import command
from mpckernel.demo.catalogue import DEMOS
from mpckernel.demo.folders import PARTIES
from mpckernel.demo.kernels import Executed
from mpckernel.kernel import cli


def test_a_notebook_that_fails_is_said_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(folders: dict[str, Path], names: list[str]) -> list[Executed]:
        return [
            Executed(n, folders[n] / f"{n}.ipynb", {}, 1.0, "no room") for n in (*PARTIES, "slides")
        ]

    monkeypatch.setattr(command, "_execute", fail)
    assert command.main(["--out", str(tmp_path)]) == 1
    assert "bob: no room" in capsys.readouterr().out
    assert 'class="verdict wrong"' in (tmp_path / "index.html").read_text()


@pytest.mark.slow
def test_the_demo_agrees_with_the_pooled_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["demo", "--run", "--out", str(tmp_path / "out put")])
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


@pytest.mark.slow
@pytest.mark.parametrize("number", sorted(set(DEMOS) - {"01"}))
def test_the_other_demos_agree_with_the_pooled_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    code = cli.main(["demo", "--run", "--demo", number, "--out", str(tmp_path)])
    told = capsys.readouterr().out
    assert code == 0, told
    assert DEMOS[number].title in (tmp_path / "index.html").read_text()
