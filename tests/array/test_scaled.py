"""factor * (a @ b) with one cut: values, shapes, and what it does where there is no room."""

from typing import Any

import numpy as np
import pytest

from mpckernel.array import scaled_matmul, sfix16, share
from mpckernel.errors import UsageError
from mpckernel.protocols import ideal
from mpckernel.runtime.cell import current
from tests.array.clear import alice, near
from tests.array.test_linear import MATMUL

STEP = 2.0**-16
RNG = np.random.default_rng(5)  # noqa: TID251


def shared(bound: float) -> Any:
    return share(alice.x, dtype=sfix16, bound=bound), share(alice.y, dtype=sfix16, bound=bound)


@pytest.mark.parametrize("factor", [0.1 / 128, -0.3, 1.0, 0.125, 0, 3, 1e-9, 100.7])
@pytest.mark.parametrize("n", [1, 128])
def test_values(clear: Any, factor: float, n: int) -> None:
    x, y = RNG.uniform(-1, 1, (5, n)), RNG.uniform(-1, 1, (n, 3))
    x, y = np.rint(x / STEP) * STEP, np.rint(y / STEP) * STEP
    got = clear.cell(lambda: scaled_matmul(*shared(1), factor), {"x": x, "y": y})
    two_cuts = abs(factor) + 2 + np.abs(x @ y).max() / 2
    near(got, factor * (x @ y), STEP * (2 if factor < 100 else two_cuts))


@pytest.mark.parametrize(("a", "b"), MATMUL, ids=str)
def test_shapes(clear: Any, a: Any, b: Any) -> None:
    x, y = np.ones(a), np.ones(b)
    got = clear.cell(lambda: scaled_matmul(*shared(1), 0.25), {"x": x, "y": y})
    near(got, 0.25 * (x @ y), 2 * STEP)


def test_one_cut_where_there_is_room(clear: Any) -> None:
    """In the calls of the plan; and two where the bounds leave none."""
    seen = []

    def program(bound: float, factor: float) -> Any:
        z = scaled_matmul(*shared(bound), factor)
        seen.append([c.op.ideal.name for c in current().plan.calls if c.op])
        return z

    x, y = RNG.uniform(-1, 1, (4, 100)), RNG.uniform(-1, 1, 100)
    for bound in (2, 2**13):
        got = clear.cell(lambda bound=bound: program(bound, 0.01), {"x": x, "y": y})
        near(got, 0.01 * (x @ y), 20 * STEP)
    cuts = {ideal.trunc.name, ideal.matmul_trunc.name, ideal.mul_trunc.name}
    assert [sum(name in cuts for name in names) for names in seen] == [1, 3]


def test_public_operands_and_integers(clear: Any) -> None:
    x, y = np.arange(6).reshape(2, 3), np.arange(3)
    private = {"x": x, "y": y}
    for program in (
        lambda: scaled_matmul(alice.x, alice.y, 0.5),
        lambda: scaled_matmul(alice.x, y, 0.5),
    ):
        near(clear.cell(program, private), x @ y / 2, 2.0**-19)


@pytest.mark.parametrize("factor", [np.inf, "0.1", None, np.ones(2)])
def test_the_factor_is_a_finite_number(clear: Any, factor: Any) -> None:
    with pytest.raises(UsageError, match="factor"):
        clear.cell(lambda: scaled_matmul(*shared(1), factor), {"x": np.ones(2), "y": np.ones(2)})
