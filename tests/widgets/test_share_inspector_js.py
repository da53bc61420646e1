"""Runs the page half's own tests under node, on what Python really sends."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mpckernel import widgets
from mpckernel.widgets.share_state import checked
from mpckernel.widgets.share_story import look, view

HERE = Path(__file__).parent
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="no node on this machine")
def test_the_page_half(salary, tmp_path):
    state = checked(salary())
    sent = {
        "view": view(state),
        "everyone": look(state, [], words=True),
        "alone": look(state, [0], words=True),
        "two": look(state, [0, 1], words=False),
    }
    sample = tmp_path / "view.json"
    sample.write_text(json.dumps(sent))
    module = Path(widgets.__file__).with_name("share_inspector.js")
    (tmp_path / "share_inspector.mjs").write_text(module.read_text())
    env = {"MODULE": str(tmp_path / "share_inspector.mjs"), "VIEW": str(sample)}
    ran = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", str(HERE / "share_inspector.test.mjs")],
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert "pass 12" in ran.stdout, ran.stdout
