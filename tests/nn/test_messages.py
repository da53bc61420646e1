"""What somebody who knows PyTorch is told: refusals say what to write, and texts are true."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import OwnerName, reveal, settle, share
from mpckernel.errors import Unsupported, UsageError
from mpckernel.nn.history import History
from mpckernel.nn.tensor import Tensor
from tests.rooms import three_rooms

ALICE = OwnerName("alice", 0)
X, Y = np.linspace(-1, 1, 20).reshape(5, 4), np.array([0, 1, 2, 0, 1])


def layer() -> nn.Sequential:
    nn.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 3))


@pytest.mark.parametrize(
    "call",
    [
        lambda m, loss, optimizer: nn.fit(m, X, Y, epochs=2),
        lambda m, loss, optimizer: nn.fit(m, ALICE.x, ALICE.y),
        lambda m, loss, optimizer: nn.fit(m, loss, X, Y),
        lambda m, loss, optimizer: nn.fit(m, optimizer, loss, X, Y),
        lambda m, loss, optimizer: nn.fit(m, type(loss), optimizer, X, Y),
        nn.fit,  # without data
    ],
)
def test_fit_says_what_comes_where(clear: Any, call: Callable[..., Any]) -> None:
    def program() -> None:
        model = layer()
        call(model, nn.CrossEntropyLoss(), nn.SGD(model.parameters(), lr=0.5))

    with pytest.raises(UsageError, match=r"nn\.fit\(model, nn\.CrossEntropyLoss\(\), nn\.Adam\("):
        clear.cell(program, {"x": X, "y": Y})


def test_rows_that_do_not_fill_a_batch_are_left_out(clear: Any) -> None:
    found: list[History] = []

    def program() -> None:
        model = layer()
        optimizer = nn.SGD(model.parameters(), lr=0.5)
        x, y = share(ALICE.x, bound=1), share(ALICE.y, bound=2)
        found.extend(
            nn.fit(model, nn.CrossEntropyLoss(), optimizer, x, y, batch_size=size, epochs=n)
            for size, n in ((2, 1), (3, 1), (8, 2))
        )

    clear.cell(program, {"x": X, "y": Y})
    assert [h.steps for h in found] == [2, 1, 2]
    assert "left out of an epoch" in " ".join(str(nn.fit.__doc__).split())


def test_a_history_counts_in_words() -> None:
    assert repr(History(steps=10, epochs=1)) == "<History: 10 steps; 1 epoch>"
    assert repr(History(steps=1, epochs=2)) == "<History: 1 step; 2 epochs>"


def test_names_of_pytorch_that_are_not_here() -> None:
    for name in ("clip_grad_norm_", "utils"):
        with pytest.raises(AttributeError, match=r"no clipping: the limit= of layers"):
            getattr(nn, name)


def test_listed_names_are_the_public_ones() -> None:
    assert dir(nn) == nn.__all__
    assert {"Linear", "Adam", "fit", "functional", "optim"} <= set(dir(nn))
    assert not {"Any", "Pending", "flows", "import_module", "tape"} & set(dir(nn))
    assert all(getattr(nn, name) is not None for name in dir(nn))


def test_a_state_of_an_owner_is_named_array_by_array(clear: Any) -> None:
    weights = {"0.weight": np.ones((3, 4)), "0.bias": np.zeros(3)}

    def program() -> Any:
        model = layer()
        with pytest.raises(UsageError, match="not int"):
            model.load_state_dict(3)  # type: ignore[arg-type]
        says = r'\{"0\.weight": alice\.state\["0\.weight"\], \.\.\.\}.*from_torch\(alice\.model\)'
        with pytest.raises(UsageError, match=says):
            model.load_state_dict(ALICE.state)  # type: ignore[arg-type]
        model.load_state_dict({name: ALICE.state[name] for name in weights})
        return model[0].weight.data

    assert np.array_equal(clear.cell(program, {"state": weights}), weights["0.weight"])


def test_a_loss_that_no_cell_has_looked_at_can_be_opened_in_a_later_one() -> None:
    losses: dict[int, Tensor] = {}

    def program(cell: Any) -> None:
        losses[cell.me] = nn.CrossEntropyLoss()(layer()(share(ALICE.x, bound=1)), Y)

    with three_rooms() as rooms:
        rooms.run(program, [{"x": X}, {}, {}])
        assert repr(losses[0]) == (
            "Tensor(<secret (), computed when something uses it: reveal, or .data>, requires_grad)"
        )
        opened = [settle(v) for v in rooms.run(lambda cell: reveal(losses[cell.me]))]
    assert 0.5 < opened[0] == opened[1] == opened[2] < 2
    assert repr(losses[0]).startswith("Tensor(<secret sfix")


def test_a_wide_sum_says_how_it_need_not_be_one(clear: Any) -> None:
    def program() -> None:
        k = share(ALICE.k, bound=2**50)
        with pytest.raises(Unsupported, match=r"argmax: a wide sum takes .* share\(alice\.W2, bou"):
            np.argmax(np.sum(k, axis=0))

    clear.cell(program, {"k": np.ones((2**13, 2), np.int64)})


@pytest.mark.parametrize("loss", [nn.MSELoss, nn.L1Loss, nn.BCEWithLogitsLoss])
def test_flat_targets_are_refused_with_their_cure(clear: Any, loss: Any) -> None:
    def program(cure: bool) -> Any:
        out, y = nn.Linear(4, 1)(share(ALICE.x, bound=1)), share(ALICE.y, bound=1)
        return loss()(out, y.reshape((-1, 1)) if cure else y)

    values = {"x": X, "y": Y % 2}
    with pytest.raises(
        UsageError, match=r"shape \(5, 1\), targets \(5,\); .* y\.reshape\(\(-1, 1\)"
    ):
        clear.cell(lambda: program(cure=False), values)
    clear.cell(lambda: program(cure=True).data, values)
