"""Every rule against central differences of the same function in float64."""

from typing import Any

import numpy as np
import pytest

from mpckernel import sfix
from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.nn import Tensor
from mpckernel.nn.tape import COMPOSED, DERIVATIVES
from tests.nn import cases, cases_of_layers
from tests.nn.cases import Case
from tests.rooms import plain_room

ALICE = OwnerName("alice", 0)
H = 1e-5
CASES = [*cases.CASES, *cases_of_layers.CASES]


@pytest.fixture(scope="module")
def room():
    with plain_room() as one:
        yield one


def drawn(case: Case) -> list[np.ndarray]:
    """Multiples of 1/64, none at 0, where some functions have a corner."""
    rng = np.random.default_rng(11)  # noqa: TID251  (test data)
    values = [rng.uniform(case.low, case.high, shape) for shape in case.shapes]
    return [np.asarray((np.rint(v * 64) + 0.5) / 64) for v in values]


def differences(case: Case, xs: list[np.ndarray], c: np.ndarray) -> list[np.ndarray]:
    """By how much sum(c f) changes with each element of each argument."""
    clear = case.clear or case.run
    found = []
    for k, x in enumerate(xs):
        slope = np.zeros(x.shape)
        for place in np.ndindex(x.shape):
            ends = []
            for h in (H, -H):
                moved = x.copy()
                moved[place] += h
                ends.append(np.sum(c * clear(*xs[:k], moved, *xs[k + 1 :])))
            slope[place] = (ends[0] - ends[1]) / (2 * H)
        found.append(slope)
    return found


def run(room: Any, case: Case, xs: list[np.ndarray], c: np.ndarray, secretly: bool) -> Any:
    """The value, and the gradients of sum(c f)."""

    def program(cell: Any) -> Any:
        ts = [
            Tensor(share(getattr(ALICE, f"x{k}"), dtype=sfix(case.f), bound=4), requires_grad=True)
            for k in range(len(xs))
        ]
        z = case.run(*ts)
        z.backward(share(ALICE.c, dtype=sfix(case.f), bound=4) if secretly else c)
        return reveal([z.data, [t.grad.data for t in ts]])

    names = {f"x{k}": x for k, x in enumerate(xs)} | {"c": c}
    (result,) = room.run(program, [names])
    return settle(result)


def label(case: Case) -> str:
    return case.of if isinstance(case.of, str) else case.of.__name__


@pytest.mark.parametrize("secretly", [False, True], ids=["public", "secret"])
@pytest.mark.parametrize("case", CASES, ids=label)
def test_pull_back(room: Any, case: Case, secretly: bool) -> None:
    xs = drawn(case)
    value = np.asarray((case.clear or case.run)(*xs))
    rng = np.random.default_rng(12)  # noqa: TID251
    c = np.rint(rng.uniform(-2, 2, value.shape) * 16) / 16
    got, slopes = run(room, case, xs, c, secretly)
    np.testing.assert_allclose(got, value, rtol=0, atol=case.error)
    for mine, want in zip(slopes, differences(case, xs, c), strict=True):
        np.testing.assert_allclose(mine, want, rtol=0, atol=8 * case.error)


def test_every_rule_is_tried() -> None:
    tried = {case.of for case in CASES}
    missing = [f for f in (*DERIVATIVES, *COMPOSED) if f not in tried]
    assert not missing, "rules without a case in tests/nn/cases.py"
