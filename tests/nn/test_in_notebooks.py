"""A network in three notebooks: made in one cell, trained as in PyTorch in the next ones."""

from collections.abc import Iterator

import pytest

from tests.kernel.conftest import MPC
from tests.kernel.kernels import Kernel
from tests.kernel.three import NAMES, Three

pytestmark = pytest.mark.slow
PRIVATE = {
    "alice": "import numpy as np\npixels = np.linspace(-1, 1, 48).reshape(12, 4)",
    "bob": "import numpy as np\nlabels = np.arange(12) // 4",
    "carol": "1",
}
MODEL = """%%mpc
from mpckernel import nn, sfix16
nn.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
criterion = nn.CrossEntropyLoss()
optimizer = nn.SGD(model.parameters(), lr=0.5, momentum=0.5)
x, y = share(alice.pixels, bound=1.0, dtype=sfix16), share(bob.labels, bound=2)
"""
STEPS = """%%mpc
for epoch in range(3):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
float(reveal(loss.data))
"""
STOPPED = "%%mpc\noptimizer.zero_grad()\ncriterion(model(x), y).backward()\noptimizer.step()\n1 / 0"
FAR = "%%mpc\nfar = nn.SGD(model.parameters(), lr=256.0)\nfar.step()"
BIAS = "%%mpc\n[float(v) for v in reveal(model[2].bias.data)]"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    started: list[Kernel] = []
    folder = tmp_path_factory.mktemp("room")

    def start() -> Kernel:
        home = folder / f"home{len(started)}"
        started.append(Kernel(MPC, "message", folder, {"MPCKERNEL_HOME": str(home)}))
        return started[-1]

    three = Three(start)
    three.meet()
    for name in NAMES:
        three[name].ok(PRIVATE[name])
    yield three
    for kernel in started:
        kernel.close()


def test_three_notebooks_train_one_network(room: Three) -> None:
    room.ok(MODEL)
    first, second = ([float(v) for v in room.ok(STEPS)] for _ in range(2))
    assert len(set(first)) == len(set(second)) == 1, "all parties see the same loss"
    assert second[0] < first[0]

    kept = room.ok(BIAS)
    for cell, why in ((STOPPED, "ZeroDivisionError"), (FAR, "RangeLeft")):
        ran = room.all(cell).values()
        assert all(r.status == "error" and why in r.text for r in ran), [r.text for r in ran]
        assert room.ok(BIAS) == kept, "a cell that ends early changes nothing"
    room.ok(STEPS)
