"""What a user gets from `pip install`: the wheel holds everything, also in a path with spaces."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEFT_OUT = (".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".hypothesis")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Site-packages of an ordinary install, and its prefix; neither is this checkout."""
    place = tmp_path_factory.mktemp("a path with spaces")
    source, prefix = place / "the source", place / "the prefix"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*LEFT_OUT))
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*pip, "--ignore-installed", "--prefix", str(prefix), str(source)], check=True, timeout=300
    )
    (site,) = prefix.glob("lib/python*/site-packages")
    return site, prefix


@pytest.mark.slow
def test_the_wheel_has_every_module_and_data_file(installed):
    site, prefix = installed
    spec = prefix / "share/jupyter/kernels/mpckernel"
    assert {p.name for p in spec.iterdir()} >= {"kernel.json", "logo-64x64.png", "logo-svg.svg"}
    folders = {"mpckernel": ROOT / "mpckernel", "mpckernel/widgets": ROOT / "widgets"}
    for place, folder in folders.items():
        for path in folder.rglob("*"):
            if path.suffix in {".py", ".js", ".css"} and "__pycache__" not in path.parts:
                assert (site / place / path.relative_to(folder)).exists(), path
    assert (site / "mpckernel/array/SUPPORTED.md").exists()
    assert (prefix / "bin/mpckernel").exists()


@pytest.mark.slow
def test_the_installed_kernel_runs(installed, tmp_path):
    site, prefix = installed
    program = (
        "import mpckernel, mpckernel.widgets\n"
        "from jupyter_client.manager import start_new_kernel\n"
        "manager, client = start_new_kernel(kernel_name='mpckernel')\n"
        "code = 'import mpckernel; print(mpckernel.__file__)'\n"
        "client.execute_interactive(code, timeout=30)\n"
        "client.stop_channels(); manager.shutdown_kernel()\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(site), "JUPYTER_PATH": str(prefix / "share/jupyter")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert str(site) in done.stdout, done.stderr[-2000:]
