"""Three parties and one in the clear give the same results, for rules that record many calls."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mpckernel.array import OwnerName, logsumexp, reveal, settle, share, softmax
from tests.array.clear import Clear
from tests.rooms import three_rooms

ALICE = OwnerName("alice", 0)
STEP = 2.0**-20

# Of x: (3, 4) reals up to 8, n: (3, 4) integers up to 8, b: (3, 4) booleans; largest difference.
RULES: dict[str, tuple[Callable[..., Any], float]] = {
    "round": (lambda x, n, b: np.round(x), 0),
    "decimals": (lambda x, n, b: x.round(2), 0),
    "sum where": (lambda x, n, b: np.sum(n, axis=1, where=b), 0),
    "largest where": (lambda x, n, b: np.max(x, axis=0, where=b, initial=-8), 0),
    "running product": (lambda x, n, b: np.cumprod(n, axis=1), 0),
    "running largest": (lambda x, n, b: np.maximum.accumulate(x, axis=0), 0),
    "select": (lambda x, n, b: np.select([b, x > n], [x, n], 0.5), 0),
    "bits of integers": (lambda x, n, b: (n & 5) ^ (n | b), 0),
    "pad": (lambda x, n, b: np.pad(x, 1, mode="reflect"), 0),
    "interp": (lambda x, n, b: np.interp(x, [-8, 0, 8], [0, 2, 1]), 2 * STEP),
    "mean where": (lambda x, n, b: np.mean(x, axis=0, where=b), 3 * STEP),
    "deviation where": (lambda x, n, b: np.std(x, axis=1, where=b), 2.0**-7),
    "softmax": (lambda x, n, b: softmax(x), 2.0**-11),
    "logsumexp": (lambda x, n, b: logsumexp(x), 2.0**-11),
    "polynomial": (lambda x, n, b: np.polyval([1, -2, 0.5], x / 8), 6 * STEP),
    "inverse sine": (lambda x, n, b: np.arcsinh(x), 2.0**-15),
}


def owned() -> dict[str, Any]:
    rng = np.random.default_rng(11)  # noqa: TID251  (test data)
    x = np.rint(rng.uniform(-8, 8, (3, 4)) * 2**20) / 2**20
    return {"x": x, "n": rng.integers(-8, 9, (3, 4)), "b": rng.random((3, 4)) < 0.5}


def results() -> list[Any]:
    x, n = share(ALICE.x, bound=8), share(ALICE.n, bound=8)
    return [f(x, n, share(ALICE.b)) for f, _ in RULES.values()]


@pytest.fixture(scope="module")
def both(clear: Clear) -> Any:
    with three_rooms() as rooms:
        parties = rooms.run(lambda _: reveal(results()), [owned(), {}, {}])
        return clear.cell(results, owned()), [settle(party) for party in parties]


@pytest.mark.parametrize("name", RULES)
def test_three_as_one(both: Any, name: str) -> None:
    one, three = both
    k = list(RULES).index(name)
    for party in three:
        np.testing.assert_array_equal(party[k], three[0][k])
        assert np.all(np.abs(np.asarray(party[k] - one[k], float)) <= RULES[name][1])
