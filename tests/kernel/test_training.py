"""A training in three kernels: stop keeps the last commit, at every party; names go with it."""

from ast import literal_eval
from collections.abc import Iterator

import pytest

from tests.kernel.three import NAMES, Three, met

pytestmark = pytest.mark.slow
MODEL = """%%mpc
import mpckernel
from mpckernel import nn
nn.manual_seed(1)
x = share(alice.data, dtype=mpckernel.sfix(8), bound=1)
y = share(bob.wanted, bound=1)
model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
optimizer = nn.SGD(model.parameters(), lr=0.125)
"""
FIT = """%%mpc
before = reveal(x[0, 1])
history = nn.fit(model, nn.CrossEntropyLoss(), optimizer, x, y, epochs={epochs}, batch_size=16,
                 shuffle=None, report=2)
"""
WEIGHTS = "%%mpc\n[float(v) for v in reveal(model[2].bias.data)]"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """Met, each with private data."""
    with met(tmp_path_factory.mktemp("training")) as three:
        three.all("import numpy as np\ndata = np.arange(256.0).reshape(32, 8) % 7 / 8")
        three.all("wanted = np.arange(32) % 2")
        yield three


def near(one: str, other: str) -> bool:
    """Two lists of numbers that differ by roundings alone."""
    pairs = zip(literal_eval(one), literal_eval(other), strict=True)
    return all(abs(a - b) < 2.0**-8 for a, b in pairs)


def kept_epoch(text: str) -> int:
    return int(text.split("(epoch ")[1].split(")")[0])


def test_stop_keeps_the_weights_of_the_last_commit(room: Three) -> None:
    room.ok(MODEL)
    room.all("history = None\ndel history")  # of another test
    cells = {name: room[name].start(FIT.format(epochs=5000)) for name in NAMES}
    room["bob"].until(cells["bob"], r"epoch ([5-9]|\d\d)")  # three have been committed
    room["bob"].stop()
    ran = {name: room[name].finish(cell) for name, cell in cells.items()}
    said = {name: r.text for name, r in ran.items()}
    assert all(r.error == "Interrupted" for r in ran.values()), said
    assert "you pressed stop; the weights of step" in said["bob"]
    assert "bob pressed stop; the weights of step" in said["alice"]
    (epoch,) = {kept_epoch(text) for text in said.values()}
    assert epoch >= 3
    assert room.ok("float(before), 'history' in dir()") == ["(0.125, False)\n"] * 3
    curves = [o for o in ran["alice"].outputs if "image/svg" in str(o.get("data"))]
    assert curves
    assert "rounds" in str(curves[-1]["data"]["text/plain"])
    (found,) = {*room.ok(WEIGHTS)}
    room.ok(MODEL)
    room.ok(FIT.format(epochs=epoch))
    (again,) = {*room.ok(WEIGHTS)}
    assert near(found, again), (found, again)


def test_an_error_after_a_commit_keeps_it_too(room: Three) -> None:
    room.ok(MODEL)
    ran = room.all(FIT.format(epochs=2) + "later = 1 / 0\n")
    assert all(r.error == "ZeroDivisionError" for r in ran.values())
    assert room.ok("float(before), 'later' in dir()") == ["(0.125, False)\n"] * 3
    (found,) = {*room.ok(WEIGHTS)}
    room.ok(MODEL)
    room.ok(FIT.format(epochs=2))
    (again,) = {*room.ok(WEIGHTS)}
    assert near(found, again), (found, again)
    assert room.ok("history.epochs, len(history.losses)") == ["(2, 2)\n"] * 3
