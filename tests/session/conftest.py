"""Every test has a user of its own, with no keys yet."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("MPCKERNEL_HOME", str(folder))
    return folder
