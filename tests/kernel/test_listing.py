"""Which secrets a notebook can name: also those within tables, models and lists."""

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd

from mpckernel import learn, nn
from mpckernel.array import OwnerName, share
from mpckernel.kernel.listing import MOST, secrets
from tests.rooms import plain_room

ALICE = OwnerName("alice", 0)
X, Y = np.linspace(-1, 1, 40).reshape(10, 4), np.arange(10) % 2


def made(_: Any) -> dict[str, Any]:
    """Names after a cell."""
    x, y = share(ALICE.x, bound=1.0), share(ALICE.y, bound=1)
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    optimizer = nn.SGD(net.parameters(), lr=0.01)
    nn.MSELoss()(net(x), x[:, :3]).backward()
    optimizer.step()
    table = ALICE.df.merge(ALICE.other, on="id", reveal_count=True)
    return {
        "x": x, "_y": y, "n": 3, "text": "x", "model": learn.StandardScaler().fit(x), "net": net,
        "t": table, "parts": [x, 3, y], "by": {"a": x, 1: y, (2,): x}, "tensor": nn.Tensor(x),
        "many": [x] * (MOST + 1), "fresh": nn.Linear(2, 2), "again": x * 2,
    }  # fmt: skip


def test_secrets_have_names_wherever_they_are() -> None:
    df = pd.DataFrame({"id": [1, 2], "a": [3, 4]})
    values = {"x": X, "y": Y, "df": df, "other": df.rename(columns={"a": "b"})}
    with plain_room() as room:
        (names,) = room.run(made, [values])
    found = dict(secrets(names))
    assert {name for name in found if not name.startswith("many")} == {
        "again", "by['a']", "by[1]", "model.mean_", "model.scale_",
        "net.0.bias", "net.0.weight", "net.1.bias", "net.1.running_mean", "net.1.running_var",
        "net.1.weight", "parts[0]", "parts[2]", "t.a", "t.b", "t.id", "tensor", "x",
    }  # fmt: skip
    assert len([name for name in found if name.startswith("many")]) == MOST
    assert found["parts[0]"] is names["x"]
    assert found["net.0.weight"].shape == (3, 4)


def test_looking_loads_nothing() -> None:
    code = (
        "import sys; from mpckernel.kernel.listing import secrets; import mpckernel\n"
        "assert list(secrets({'x': [1], 'y': {}})) == []\n"
        "assert 'mpckernel.nn' not in sys.modules and 'mpckernel.learn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
