"""What travels has the same sizes in the same order, whatever the secrets are: also where a sort
meets ties, a table is read outside, a divisor is zero, a matrix has no inverse."""

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from mpckernel import array
from mpckernel.array import OwnerName, share
from mpckernel.wire.frames import DATA
from tests.security.wire import Wire

N = 40
ROWS = {
    "equal": np.zeros(N, np.int64),
    "ordered": np.arange(N) - N // 2,
    "extreme": np.where(np.arange(N) % 2, 2**20, -(2**20)),
}
MATRICES = {
    "regular": np.eye(3) + 0.25,
    "zero": np.zeros((3, 3)),
    "singular": np.outer([1.0, 2.0, -3.0], [1e3, 1e-3, 5.0]),
}


def _rows(x: Any) -> Any:
    half = share(OwnerName("bob", 1).half)
    out = [np.sort(x), np.argsort(x), *array.unique(x, True, True)]
    out += array.compress(x > 0, x, reveal_count=False)
    out += [np.searchsorted(x, half), np.isin(x, half), np.median(x), array.shuffle(x)]
    return [*out, np.take(x, half), array.lookup(np.arange(9), x), array.topk(x, 3)[1]]


def _quotients(x: Any) -> Any:
    return [np.floor_divide(x, x), np.true_divide(np.float64(1), x), np.sqrt(np.abs(x)), np.sign(x)]


def _matrices(x: Any) -> Any:
    b = np.arange(3.0)
    return [np.linalg.solve(x, b), np.linalg.inv(x), array.well_conditioned(x)]


def sizes(program: Any, value: np.ndarray) -> dict[Any, list[list[int]]]:
    """Of the frames of runs on each link, in order; links are not in step with each other."""
    wire = Wire()
    try:
        secret = OwnerName("alice", 0)

        def cell(_: Any) -> Any:
            return program(share(secret.x))

        wire.rooms.run(cell, [{"x": value}, {"half": ROWS["ordered"][: N // 2] + 3}, {}])
    finally:
        wire.rooms.close()
    out = defaultdict(list)
    for sender, receiver, parts in wire.seen:
        if parts[0][2] == DATA:
            out[sender, receiver].append([len(part) for part in parts])
    return out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "values"), [(_rows, ROWS), (_quotients, ROWS), (_matrices, MATRICES)]
)
def test_sizes_and_order_of_all_that_travels_are_the_same(program, values):
    seen = [sizes(program, value) for value in values.values()]
    assert len(seen[0]) == 6
    assert min(map(len, seen[0].values())) > 4
    for other in seen[1:]:
        assert other == seen[0]
