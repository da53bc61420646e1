"""`python bench/transport.py` runs, each way that it offers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "bench" / "transport.py"


@pytest.mark.parametrize("ways", [[], ["--tcp"], ["--curve-only"]], ids=" ".join)
def test_it_measures_rounds_and_bulk(ways):
    small = ["--rounds", "20", "--repeat", "2", "--megabytes", "2"]
    run = subprocess.run(
        [sys.executable, str(SCRIPT), *small, *ways],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    line = json.loads(run.stdout)
    assert line["lane"] == (ways != ["--curve-only"])
    assert line["near"] == (not ways)
    assert line["round_us"] > 0
    assert line["bulk_GB_per_s_per_link"] > 0
