"""Modules: what they hold by name, their state, and how it goes in and out of steps."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.errors import UsageError
from mpckernel.nn import functional, initial
from tests.rooms import plain_room, three_rooms

ALICE = OwnerName("alice", 0)


@pytest.fixture(scope="module")
def room():
    with plain_room() as one:
        yield one


class Net(nn.Module):
    """Two layers, one of them used twice, and an array that is not learned."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 4), nn.Linear(4, 2, bias=False)
        self.again = self.first
        self.register_buffer("mean", np.zeros(2))
        self.note = "not a part"

    def forward(self, x: Any) -> Any:
        return self.last(self.again(functional.relu(self.first(x)))) - self.mean


def net() -> Net:
    nn.manual_seed(0)
    return Net()


def test_parts_by_name() -> None:
    model = net()
    assert [n for n, _ in model.named_parameters()] == ["first.weight", "first.bias", "last.weight"]
    assert [n for n, _ in model.named_modules()] == ["", "first", "last"]
    assert [n for n, _ in model.named_children()] == ["first", "last", "again"]
    assert list(model.state_dict()) == ["first.weight", "first.bias", "last.weight", "mean"]
    assert len(list(model.buffers())) == 1
    assert model.last.bias is None
    with pytest.raises(AttributeError, match="no attribute 'second'"):
        _ = model.second


def test_attributes_change_their_kind() -> None:
    model = net()
    model.first = nn.Identity()
    assert "first.weight" not in dict(model.named_parameters())
    model.last.bias = nn.Parameter(np.zeros(2))
    assert "last.bias" in dict(model.named_parameters())
    model.last.bias = None
    assert "last.bias" not in dict(model.named_parameters())
    model.mean = np.ones(2)
    assert model.state_dict()["mean"].sum() == 2

    class Early(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Identity()

    with pytest.raises(UsageError, match="super"):
        Early()


def test_modes() -> None:
    model = net()
    assert model.eval() is model
    assert not model.first.training
    assert model.train().first.training
    model.requires_grad_(requires_grad=False)
    assert not any(p.requires_grad for p in model.parameters())


def test_looks_like_pytorch() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Flatten())
    assert repr(model) == (
        "Sequential(\n  (0): Linear(in_features=3, out_features=2, bias=True)\n"
        "  (1): ReLU()\n  (2): Flatten()\n)"
    )
    assert len(model) == 3
    assert isinstance(model[1], nn.ReLU)
    assert len(model[:2]) == 2
    assert len(model.append(nn.Identity())) == 4
    assert repr(nn.SGD(model.parameters(), lr=0.3, momentum=0.9)) == (
        "SGD(lr=0.300781, momentum=0.898438; rounded to 8 bits)"
    )


def test_forward(room: Any) -> None:
    x = np.arange(8.0).reshape(2, 4) / 8

    def program(cell: Any) -> Any:
        model = net()
        return [reveal([model(share(ALICE.x, bound=1.0)).data]), model.state_dict().values()]

    ((found, _),) = room.run(program, [{"x": x}])
    w, b, last, _ = (np.asarray(v) for v in net().state_dict().values())
    want = (np.maximum(x @ w.T + b, 0) @ w.T + b) @ last.T
    np.testing.assert_allclose(settle(found)[0], want, atol=2.0**-13)


def test_state_of_another_model(room: Any) -> None:
    def program(cell: Any) -> Any:
        model, other = net(), Net()
        other.load_state_dict(model.state_dict())
        with pytest.raises(UsageError, match="one side only: mean"):
            other.load_state_dict({k: v for k, v in model.state_dict().items() if k != "mean"})
        odd = model.state_dict() | {"first.bias": np.zeros(3)}
        with pytest.raises(UsageError, match=r"first\.bias has shape"):
            other.load_state_dict(odd)
        return reveal([p.data for p in (*model.parameters(), *other.parameters())])

    (found,) = room.run(program)
    values = settle(found)
    for mine, theirs in zip(values[:3], values[3:], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_what_a_cell_changed_goes_back_with_it(room: Any) -> None:
    model = net()
    optimizer = nn.SGD(model.parameters(), lr=0.5, momentum=0.5)

    def program(cell: Any) -> None:
        functional.mse_loss(model(share(ALICE.x, bound=1.0)), np.zeros((2, 2))).backward()
        optimizer.step()
        raise UsageError("enough")

    before = [p._raw for p in model.parameters()]
    with pytest.raises(UsageError, match="enough"):
        room.run(program, [{"x": np.ones((2, 4))}])
    assert all(p._raw is x for p, x in zip(model.parameters(), before, strict=True))
    assert optimizer.remembered == {}
    assert all(p.grad is None for p in model.parameters())


def test_a_state_that_a_cell_loaded_goes_back_with_it(room: Any) -> None:
    layer = nn.BatchNorm1d(4)

    def program(cell: Any) -> None:
        layer.load_state_dict({name: share(ALICE.x)[0] for name in layer.state_dict()})
        assert layer.running_mean is not before["running_mean"]
        raise UsageError("enough")

    before = layer.state_dict()
    with pytest.raises(UsageError, match="enough"):
        room.run(program, [{"x": np.ones((2, 4))}])
    assert all(x is before[name] for name, x in layer.state_dict().items())


def test_swapped_values_leave_no_trace(room: Any) -> None:
    model = net()

    def program(cell: Any) -> Any:
        state = nn.state_of(model)
        zeros = [0 * w for w in state["weights"]]
        with nn.swapped(model, None, state | {"weights": zeros}):
            inside = model(share(ALICE.x, bound=1.0)).data
        return reveal(inside)

    before = [p._raw for p in model.parameters()]
    (found,) = room.run(program, [{"x": np.ones((2, 4))}])
    assert (np.asarray(settle(found)) == 0).all()
    assert all(p._raw is x for p, x in zip(model.parameters(), before, strict=True))


def test_seeds() -> None:
    first, again = net().first.weight._raw, net().first.weight._raw
    np.testing.assert_array_equal(first, again)
    assert np.abs(first).max() <= 0.5
    assert len(np.unique(first)) == first.size
    draws = initial.uniform((1000,), 2.0)
    assert draws.min() < -1.9
    assert draws.max() > 1.9
    assert abs(draws.mean()) < 0.1
    with pytest.raises(UsageError):
        nn.manual_seed(-1)


def test_without_a_seed_parties_throw_a_coin() -> None:
    before = initial._alone.key
    initial._alone.key = None
    try:
        with three_rooms() as rooms:
            shared = rooms.run(lambda cell: nn.Linear(3, 2).weight._raw)
            other = rooms.run(lambda cell: nn.Linear(3, 2).weight._raw)
        assert all((x == shared[0]).all() for x in shared)
        assert not (other[0] == shared[0]).any()
        with pytest.raises(UsageError, match="manual_seed"):
            nn.Linear(3, 2)
    finally:
        initial._alone.key = before


def test_flatten(room: Any) -> None:
    def program(cell: Any) -> Any:
        x = mpckernel.share(ALICE.x)
        shapes = [nn.Flatten()(x).shape, nn.Flatten(0)(x).shape, nn.Flatten(0, 1)(x).shape]
        assert shapes == [(2, 12), (24,), (6, 4)]

    room.run(program, [{"x": np.zeros((2, 3, 4))}])


def test_optimisers_refuse() -> None:
    model = net()
    with pytest.raises(UsageError, match="at least one parameter"):
        nn.SGD([])
    with pytest.raises(UsageError, match=r"model\.parameters"):
        nn.SGD([np.zeros(3)])
    with pytest.raises(UsageError, match="0 or more"):
        nn.SGD(model.parameters(), lr=-1)
    with pytest.raises(UsageError, match="needs a momentum"):
        nn.SGD(model.parameters(), nesterov=True)
    groups = [{"params": model.first.parameters(), "lr": 0.25}, {"params": [model.last.weight]}]
    optimizer = nn.SGD(groups, lr=0.5)
    assert [g["lr"] for g in optimizer.param_groups] == [0.25, 0.5]
    optimizer.lr = 0.125
    assert optimizer.param_groups[1]["lr"] == 0.125


def test_optimisers_and_schedules_where_pytorch_has_them() -> None:
    from mpckernel.nn import functional as F
    from mpckernel.nn import optim
    from mpckernel.nn.optim.lr_scheduler import StepLR

    assert nn.functional is F
    assert nn.optim is optim
    assert (optim.SGD, optim.Adam) == (nn.SGD, nn.Adam)
    assert optim.lr_scheduler.StepLR is StepLR is nn.StepLR
    assert optim.Adam(net().parameters(), amsgrad=True).amsgrad


def test_gradients_are_forgotten_either_way() -> None:
    model = net()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.5)
    for forget in (optimizer.zero_grad, model.zero_grad):
        for set_to_none in (True, False):
            model.first.bias.grad = np.ones(4)
            forget(set_to_none=set_to_none)
            assert model.first.bias.grad is None


def test_lists_of_modules() -> None:
    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Identity() for _ in range(2)])

        def forward(self, x: Any) -> Any:
            for layer in self.layers:
                x = layer(x)
            return x

    model = Deep()
    model.layers.append(nn.Linear(2, 1))
    assert [n for n, _ in model.named_parameters()] == ["layers.2.weight", "layers.2.bias"]
    assert len(model.layers) == 3
    assert type(model.layers[1:]) is nn.ModuleList
    assert type(nn.Sequential(*model.layers)[:2]) is nn.Sequential
    with pytest.raises(UsageError, match="ModuleList has no forward"):
        model.layers(np.ones(2))


def test_a_model_is_opened_by_the_names_of_its_arrays(room) -> None:
    def program(_: Any) -> None:
        with pytest.raises(UsageError, match=r"reveal\(model\.state_dict\(\)\)"):
            reveal(net())

    room.run(program)
