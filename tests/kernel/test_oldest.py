"""The same kernel on the oldest ipykernel that pyproject.toml allows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_oldest_ipykernel_allowed(tmp_path):
    found = re.search(r'"ipykernel>=([\d.]+),', (ROOT / "pyproject.toml").read_text())
    assert found
    oldest = f"ipykernel=={found[1]}.0"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(tmp_path)]
    subprocess.run([*pip, oldest], check=True, timeout=120)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    files = [f"tests/kernel/test_{name}.py" for name in ("kernel", "room", "clicks")]
    done = subprocess.run(
        [*command, *files],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    probe = [sys.executable, "-c", "import ipykernel; print(ipykernel.__version__)"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    version = subprocess.run(probe, env=environment, capture_output=True, text=True, check=True)
    assert version.stdout.strip() == f"{found[1]}.0"
