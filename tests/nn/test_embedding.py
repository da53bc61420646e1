"""Embeddings by public and by secret positions."""

from typing import Any

import numpy as np
import pytest

import mpckernel
from mpckernel import nn
from mpckernel.array import reveal, settle, share
from mpckernel.errors import UsageError
from mpckernel.nn.derivatives.reading import embedding
from mpckernel.nn.tensor import Tensor
from tests.array.clear import alice
from tests.nn.clearly import close, random
from tests.rooms import three_rooms

INDEX = np.array([[3, 0, 4], [4, 4, 1]])


def gradient(index: np.ndarray, g: np.ndarray, rows: int) -> np.ndarray:
    found = np.zeros((rows, g.shape[-1]))
    for place in np.ndindex(index.shape):
        if 0 <= index[place] < rows:
            found[index[place]] += g[place]
    return found


@pytest.mark.parametrize("secretly", [False, True])
@pytest.mark.parametrize("index", [INDEX, INDEX[0], INDEX[0, 0]], ids=["2", "1", "0"])
def test_rows_and_gradients(clear: Any, index: np.ndarray, secretly: bool) -> None:
    w = random(5, 2)
    g = random(*index.shape, 2, seed=2)

    def program() -> Any:
        table = Tensor(share(alice.w, bound=4.0), requires_grad=True)
        y = embedding(share(alice.index, bound=7) if secretly else index, table)
        y.backward(share(alice.g, bound=4.0))
        return y.data, table.grad.data

    got = clear.cell(program, {"w": w, "g": g, "index": index})
    close(got, [w[index], gradient(index, g, 5)], 0.0)


def test_three_parties_and_a_step() -> None:
    """Positions outside read 0 and have no gradient; a step is one product with one cut."""
    index = np.array([2, -1, 5, 2])
    x = random(4, 3)

    def of_a_party() -> Any:
        nn.manual_seed(1)
        layer = nn.Embedding(5, 3)
        before = np.round(layer.weight._raw * 2**16) / 2**16
        optimizer = nn.SGD(layer.parameters(), lr=0.5)

        @mpckernel.recorded
        def step(state: Any, index: Any, x: Any) -> Any:
            with nn.swapped(layer, optimizer, state):
                loss = (layer(index) * Tensor(x)).sum()
                loss.backward()
                optimizer.step()
                return nn.state_of(layer, optimizer)

        def program(_: Any) -> Any:
            at, rows = share(alice.index, bound=7), share(alice.x, bound=4.0)
            state = step(nn.state_of(layer, optimizer), at, rows)
            return reveal(state["weights"][0], layer(at).data)

        return program, before

    programs, (before, *_) = zip(*(of_a_party() for _ in range(3)), strict=True)
    with three_rooms() as rooms:
        after, read = settle(rooms.run(programs, [{"index": index, "x": x}, {}, {}])[0])
    table = np.vstack([before, np.zeros(3)])
    close([read], [table[np.where((index < 0) | (index > 4), 5, index)]], 0.0)
    close([after], [before - 0.5 * gradient(index, x, 5)], 2.0**-15)


def test_initial_values_are_as_good_as_normal() -> None:
    nn.manual_seed(9)
    values = nn.Embedding(100, 40).weight._raw
    assert abs(values.mean()) < 0.05
    assert abs(values.std() - 1) < 0.05
    assert 2.5 < np.abs(values).max() < 6


def test_refusals(clear: Any) -> None:
    nn.manual_seed(1)
    layer = nn.Embedding(5, 2)
    assert repr(layer) == "Embedding(5, 2)"
    with pytest.raises(UsageError, match="one row"):
        nn.Embedding(0, 2)
    for program in (
        lambda: layer(np.array([0.5])),
        lambda: layer(np.array([5])),
        lambda: layer(share(alice.x)),
    ):
        with pytest.raises(UsageError, match="positions"):
            clear.cell(program, {"x": np.array([0.5])})


def test_against_torch(clear: Any) -> None:
    torch = pytest.importorskip("torch")
    w, g = random(5, 2), random(*INDEX.shape, 2, seed=2)
    t = torch.tensor(w, requires_grad=True)
    y = torch.nn.functional.embedding(torch.tensor(INDEX), t)
    y.backward(torch.tensor(g))

    def program() -> Any:
        table = Tensor(share(alice.w), requires_grad=True)
        z = nn.functional.embedding(share(alice.index), table)
        z.backward(share(alice.g))
        return z.data, table.grad.data

    got = clear.cell(program, {"w": w, "g": g, "index": INDEX})
    close(got, [y.detach().numpy(), t.grad.numpy()], 2.0**-18)
