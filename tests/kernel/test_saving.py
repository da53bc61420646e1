"""What was saved in one room is there in the next one: real kernels, keys and files."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel.kernels import Kernel

pytestmark = pytest.mark.slow

SAVE = """%%mpc
from mpckernel import nn
nn.save("kept", {"x": share(alice.x), "n": [share(alice.n), 3]})
"""
LOAD = """%%mpc
from mpckernel import nn
kept = nn.load("kept")
list(map(float, reveal(kept["x"] * 2))), int(reveal(kept["n"][0])) + kept["n"][1]
"""
WANT = "([3.0, -4.0], 12)\n"


def test_across_rooms(kernel: Callable[..., Kernel], tmp_path: Path) -> None:
    mine = kernel()
    mine.ok("x, n = [1.5, -2.0], 9")
    mine.ok("%mpc local alice bob carol")
    mine.ok(SAVE)
    files = sorted(tmp_path.glob("*.shares"))
    assert [p.name for p in files] == [f"kept.{name}.shares" for name in ("alice", "bob", "carol")]
    mine.ok("%mpc stop")
    mine.ok("%mpc local alice bob carol")
    assert WANT.strip() in mine.ok(LOAD).text
    raw = bytearray(files[1].read_bytes())
    raw[-20] ^= 1
    files[1].write_bytes(raw)
    assert "bob: kept.bob.shares has been changed" in mine.run(LOAD).text
    os.remove(files[1])
    assert "bob: there is no kept.bob.shares in this folder" in mine.run(LOAD).text
    mine.ok(SAVE)
    assert WANT.strip() in mine.ok(LOAD).text
