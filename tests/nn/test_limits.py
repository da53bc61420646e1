"""Declared norms of weights: checked at every step, and what leaves them is not kept."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.errors import OutOfRange, RangeLeft, UsageError
from mpckernel.nn import norms
from tests.rooms import plain_room, three_rooms

ALICE = OwnerName("alice", 0)
X = np.array([[1.0, 0.5], [-0.5, 1.0]])
FAR = {"lr": 64.0}  # a step of length 64 or so
NEAR = {"lr": 0.5}


@pytest.fixture(scope="module")
def room():
    with plain_room() as one:
        yield one


def layer(limit: float = 16.0) -> nn.Linear:
    nn.manual_seed(2)
    return nn.Linear(2, 3, limit=limit)


def stepped(model: nn.Linear, options: dict[str, Any], *, recorded: bool) -> None:
    """One step away from target 1, by all of the output."""
    optimizer = nn.SGD(model.parameters(), **options)
    x = share(ALICE.x, bound=1.0, dtype=mpckernel.sfix16)

    def one(x: Any) -> None:
        optimizer.zero_grad()
        nn.MSELoss()(model(x), np.full((2, 3), 4.0)).backward()
        optimizer.step()

    @mpckernel.recorded
    def step(state: Any, x: Any) -> Any:
        with nn.swapped(model, optimizer, state):
            one(x)
            return nn.state_of(model, optimizer)

    if recorded:
        nn.load_state(model, optimizer, step(nn.state_of(model, optimizer), x))
    else:
        one(x)


@pytest.mark.parametrize("recorded", [False, True])
def test_what_leaves_its_norm_is_not_kept(room: Any, recorded: bool) -> None:
    model = layer()
    first = model.weight._raw
    with pytest.raises(RangeLeft):
        room.run(lambda cell: stepped(model, FAR, recorded=recorded), [{"x": X}])
    assert model.weight._raw is first
    room.run(lambda cell: stepped(model, NEAR, recorded=recorded), [{"x": X}])
    (values,) = room.run(lambda cell: reveal(model.weight.data))
    assert np.linalg.norm(settle(values) - first) > 0.1


@pytest.mark.parametrize("recorded", [False, True])
def test_at_all_parties(recorded: bool) -> None:
    models = [layer() for _ in range(3)]
    with three_rooms() as rooms:

        def program(cell: Any) -> None:
            stepped(models[cell.me], FAR, recorded=recorded)

        for future in rooms.start(program, [{"x": X}, {}, {}]):
            with pytest.raises(RangeLeft):
                future.result(30)
        assert all(isinstance(m.weight._raw, np.ndarray) for m in models)


def test_a_bit_of_the_state_stays_false(room: Any) -> None:
    """A later step does not hide an earlier one."""
    model = layer()

    def program(cell: Any) -> Any:
        optimizer = nn.SGD(model.parameters(), **NEAR)
        state = nn.state_of(model, optimizer)
        failed = state | {"held": mpckernel.share(ALICE.x)[0, 0] < 0}
        with nn.swapped(model, optimizer, failed):
            nn.MSELoss()(model(share(ALICE.x, bound=1.0)), np.zeros((2, 3))).backward()
            optimizer.step()
            after = nn.state_of(model, optimizer)
        return reveal(after["held"])

    (held,) = room.run(program, [{"x": X}])
    assert not settle(held)


def test_a_step_too_long_to_be_checked_is_refused(room: Any) -> None:
    with pytest.raises(OutOfRange, match=r"a step of weights of shape \(3, 2\)"):
        room.run(lambda cell: stepped(layer(), {"lr": 2.0**12}, recorded=False), [{"x": X}])


def test_initial_values_are_below_the_limit() -> None:
    nn.manual_seed(1)
    with pytest.raises(UsageError, match="beyond its limit"):
        nn.Linear(64, 64, limit=1.0)
    assert nn.Linear(64, 64).weight.norm == 32.0


def test_norms_follow_products(room: Any) -> None:
    """What is known of rows bounds what comes of them."""

    def program(cell: Any) -> Any:
        x = norms.knows(share(ALICE.x, dtype=mpckernel.sfix16, bound=1.0), row=1.25)
        w = nn.Parameter(np.eye(2), norm=4.0)
        y = nn.functional.relu(nn.Tensor(x) @ w)
        return [norms.row(x), norms.whole(x), norms.row(y.data), y.data.bound / 2.0**16]

    (found,) = room.run(program, [{"x": X}])
    row, whole, after, largest = found
    assert (row, whole) == (1.25, pytest.approx(1.25 * 2**0.5))
    assert after <= 1.25 * 2**0.5 * 1.01  # the norm of eye(2) is known exactly
    assert largest <= after * 1.01
