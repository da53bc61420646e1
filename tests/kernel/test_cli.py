"""The command line and the kernelspec it writes."""

import json
import sys
from pathlib import Path

import pytest

from mpckernel import __main__, __version__
from mpckernel.kernel.cli import main


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_keys_are_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))
    assert main(["keys", "dana", "erin"]) == 0
    first = capsys.readouterr().out
    assert [line.split(" = ")[0] for line in first.splitlines()] == ["dana", "erin"]
    main(["keys", "dana", "erin"])
    assert capsys.readouterr().out == first


def test_a_wrong_name_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MPCKERNEL_HOME", str(tmp_path / "home"))
    assert main(["keys", "Not A Name"]) == 2
    assert capsys.readouterr().err.startswith("mpckernel: a party's name is")


def test_words_nobody_knows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version", "--what"]) == 2
    assert "unknown words --what" in capsys.readouterr().err


def test_the_kernelspec(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prefix = tmp_path / "a prefix with spaces"
    assert main(["install", "--prefix", str(prefix)]) == 0
    where = prefix / "share" / "jupyter" / "kernels" / "mpckernel"
    assert str(where) in capsys.readouterr().out
    spec = json.loads((where / "kernel.json").read_text())
    assert spec["argv"] == [sys.executable, "-m", "mpckernel", "-f", "{connection_file}"]
    assert spec["display_name"] == "MPC (Python 3)"
    assert spec["interrupt_mode"] == "message"
    for size in (32, 64):
        png = (where / f"logo-{size}x{size}.png").read_bytes()
        assert png[:8] == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(png[16:20]) == int.from_bytes(png[20:24]) == size
    assert "<svg" in (where / "logo-svg.svg").read_text()


def test_a_word_is_a_command_and_a_file_is_a_kernel(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mpckernel", "version"])
    assert __main__.main() == 0
    assert capsys.readouterr().out == f"{__version__}\n"
    launched: list[bool] = []
    monkeypatch.setattr("mpckernel.kernel.kernel.launch", lambda: launched.append(True))
    monkeypatch.setattr(sys, "argv", ["mpckernel", "-f", "connection.json"])
    assert __main__.main() == 0
    assert launched == [True]
