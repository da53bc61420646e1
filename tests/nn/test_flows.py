"""Norms of what flows through a step: what is declared, what fails, and when nothing is."""

from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import share
from mpckernel.errors import OutOfRange, RangeLeft, UsageError
from mpckernel.nn import flows, limits, norms
from tests.array.clear import alice


def held(clear: Any, x: np.ndarray, reach: float, bound: float = 64.0) -> tuple[Any, float]:
    """Whether rows were found within 16, and what is known of them then."""
    known: list[float] = []

    def program() -> Any:
        with limits.watching(limits.true()) as found:
            y = flows.errors(share(alice.x, bound=bound), reach)
            known.append(norms.row(y))
            return found[1:], y

    (bits, y) = clear.cell(program, {"x": x})
    np.testing.assert_array_equal(y, x)
    return bits, known[0]


@pytest.mark.parametrize("reach", [100.0, 2.0**20])  # of the words, and of fewer bits of them
def test_rows_are_looked_at(clear: Any, reach: float) -> None:
    x = np.zeros((4, 3, 5))
    x[2, 1] = 7.0  # a norm of 15.65
    (bit,), known = held(clear, x, reach)
    assert bit
    assert 16.0 <= known < 17.0


@pytest.mark.parametrize("reach", [100.0, 2.0**20])
def test_a_row_that_is_too_long_is_found(clear: Any, reach: float) -> None:
    x = np.zeros((4, 3, 5))
    x[2, 1] = 7.75  # 17.3
    with pytest.raises(Exception, match="a norm of 16"):  # the cell ends, since it commits
        held(clear, x, reach)


def test_nothing_is_declared_where_nothing_has_to_be(clear: Any) -> None:
    bits, known = held(clear, np.ones((2, 3)), 8.0)
    assert bits == []
    assert known == 8.0
    with pytest.raises(OutOfRange, match="norm"):
        held(clear, np.ones((2, 3)), 2.0**40, bound=2.0**30)


def test_outside_of_a_step_bounds_are_those_of_elements(clear: Any) -> None:
    def program() -> Any:
        y = flows.activations(share(alice.x, bound=64.0), 2.0**20)
        assert norms.row(y) == 64.0 * np.sqrt(3)
        return y

    clear.cell(program, {"x": np.ones((2, 3))})


def test_a_deep_network_is_recorded(clear: Any) -> None:
    """Four layers of filters, whose declared norms alone say more than the ring holds."""
    nn.manual_seed(1)
    layers = [nn.Conv2d(2, 2, 3, padding=1) for _ in range(4)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(32, 2))
    optimizer = nn.SGD(model.parameters(), lr=0.125)

    def program() -> Any:
        x = share(alice.x, bound=1.0)
        nn.fit(model, nn.CrossEntropyLoss(), optimizer, x, share(alice.y, bound=1), epochs=2,
               batch_size=4, shuffle=None)  # fmt: skip
        return [p.data for p in model.parameters()]

    x = np.random.default_rng(1).uniform(-1, 1, (8, 2, 4, 4))  # noqa: TID251
    got = clear.cell(program, {"x": x, "y": np.arange(8) % 2})
    assert all(np.isfinite(w).all() and np.abs(w).max() < 4 for w in got)


def test_larger_errors_are_declared(clear: Any) -> None:
    """A loss of large targets: refused by the check, unless the training says what it may be."""

    def program(ranges: Any = None) -> Any:
        nn.manual_seed(1)
        model = nn.Sequential(nn.Conv2d(1, 2, 2), nn.Flatten(), nn.Linear(8, 1))
        optimizer = nn.SGD(model.parameters(), lr=2.0**-10)
        x, y = share(alice.x, bound=1.0), share(alice.y, bound=128.0)
        nn.fit(model, nn.MSELoss(), optimizer, x, y, batch_size=4, shuffle=None, ranges=ranges)
        assert model._ranges == (ranges or nn.Ranges())
        return [p.data for p in model.parameters()]

    data = {"x": np.ones((4, 1, 3, 3)) / 2, "y": np.full((4, 1), 100.0)}
    clear.cell(lambda: program(nn.Ranges(errors=1024.0)), data)
    with pytest.raises(RangeLeft):
        clear.cell(program, data)
    with pytest.raises(UsageError, match="positive"):
        nn.Ranges(activations=0.0)
