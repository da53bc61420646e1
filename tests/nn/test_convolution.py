"""Convolutions and pooling: values and gradients against NumPy, differences and PyTorch."""

from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import share
from mpckernel.errors import UsageError
from mpckernel.nn import norms
from mpckernel.nn.functional import avg_pool2d, conv2d, max_pool2d
from mpckernel.nn.tensor import Tensor
from tests.array.clear import alice
from tests.nn.clearly import close, differences, random, with_gradients

Pair = tuple[int, int]
STEP = 2.0**-20  # of what is shared here
WAYS = [((1, 1), (0, 0)), ((2, 1), (1, 0)), ((3, 2), (0, 1))]
POOLS: list[tuple[Pair, Pair, Pair]] = [
    ((4, 6), (2, 2), (2, 2)),
    ((5, 7), (2, 2), (2, 2)),  # rows and columns are left over
    ((7, 6), (3, 3), (2, 2)),  # windows overlap
    ((6, 6), (3, 2), (1, 3)),
    ((5, 5), (5, 5), (5, 5)),
    ((5, 5), (1, 2), (2, 3)),  # some elements lie in no window
]


def clear_conv(x: Any, w: Any, b: Any, stride: Pair, padding: Pair) -> Any:
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    view = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    view = view[:, :, :: stride[0], :: stride[1]]
    return np.einsum("nchwij,ocij->nohw", view, w) + b[None, :, None, None]


def clear_windows(x: Any, kernel: Pair, stride: Pair) -> Any:
    view = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(2, 3))
    view = view[:, :, :: stride[0], :: stride[1]]
    return view.reshape(*view.shape[:4], -1)


@pytest.mark.parametrize(("stride", "padding"), WAYS)
def test_filters(clear: Any, stride: Pair, padding: Pair) -> None:
    arrays = [random(2, 3, 7, 6), random(4, 3, 3, 2, seed=2), random(4, seed=3)]
    y = clear_conv(*arrays, stride, padding)
    g = random(*y.shape, seed=4)
    got = with_gradients(
        clear, lambda x, w, b: conv2d(x, w, b, stride, padding), *arrays, backwards=g
    )
    f = lambda *a: clear_conv(*a, stride, padding)  # noqa: E731
    close(got, [y, *differences(f, arrays, g)], 8 * STEP)


def test_public_images_and_public_filters(clear: Any) -> None:
    x, w, b = random(2, 2, 5, 5), random(3, 2, 3, 3, seed=2), random(3, seed=3)
    want = clear_conv(x, w, b, (1, 1), (0, 0))
    g = random(*want.shape, seed=4)
    by_x, by_w, _ = differences(lambda *a: clear_conv(*a, (1, 1), (0, 0)), [x, w, b], g)
    got = with_gradients(clear, lambda v: conv2d(x, v, b), w, backwards=g)
    close(got, [want, by_w], 16 * STEP)
    got = with_gradients(clear, lambda v: conv2d(v, w, b), x, backwards=g)
    close(got, [want, by_x], 16 * STEP)


def test_norms_are_true_and_close(clear: Any) -> None:
    """What is said of the length of results holds, and is closer than bounds of elements."""
    x, w, b = random(2, 2, 6, 6, most=1.0), random(3, 2, 3, 3, seed=2), random(3, seed=3)
    length = float(np.sqrt((x**2).sum(axis=(1, 2, 3))).max()) + 0.01
    said: list[float] = []

    def program(x: Any, w: Any, b: Any) -> Any:
        norms.knows(x, row=length)
        norms.knows(w, whole=float(np.linalg.norm(w_clear)) + 0.01)
        said.clear()
        y = conv2d(Tensor(x), Tensor(w), Tensor(b)).data
        said.append(norms.row(y))
        return y

    w_clear = w
    y = clear(program, x=x, w=w, b=b, bound=2.0)
    longest = float(np.sqrt((y**2).sum(axis=(1, 2, 3))).max())
    assert longest <= said[0] < 2.0 * 2.0 * 18 * np.sqrt(y[0].size) / 3


@pytest.mark.parametrize(("size", "kernel", "stride"), POOLS)
def test_largest(clear: Any, size: Pair, kernel: Pair, stride: Pair) -> None:
    """With equal ones in many windows: the first gets the gradient."""
    x = np.round(random(2, 3, *size) * 2) / 2
    rows = clear_windows(x, kernel, stride)
    g = random(*rows.shape[:4], seed=2)
    want = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(g.shape):
        k = int(rows[n, c, i, j].argmax())
        place = (i * stride[0] + k // kernel[1], j * stride[1] + k % kernel[1])
        want[(n, c, *place)] += g[n, c, i, j]
    got = with_gradients(clear, lambda x: max_pool2d(x, kernel, stride), x, backwards=g)
    close(got, [rows.max(axis=-1), want], 0.0)


@pytest.mark.parametrize(("size", "kernel", "stride"), POOLS)
def test_means(clear: Any, size: Pair, kernel: Pair, stride: Pair) -> None:
    x = random(2, 3, *size)
    f = lambda x: clear_windows(x, kernel, stride).mean(axis=-1)  # noqa: E731
    y = f(x)
    g = random(*y.shape, seed=2)
    got = with_gradients(clear, lambda x: avg_pool2d(x, kernel, stride), x, backwards=g)
    close(got, [y, *differences(f, [x], g)], 4 * STEP)


def small() -> nn.Sequential:
    nn.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, padding="same"), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(3, 4, (2, 3), stride=(1, 2)), nn.AvgPool2d((2, 1), 1), nn.Tanh(), nn.Flatten(),
        nn.Linear(8, 5),
    )  # fmt: skip


def test_a_network_against_torch(clear: Any) -> None:
    torch = pytest.importorskip("torch")
    x, model = random(3, 1, 8, 8, most=1.0), small()
    y = torch.tensor([0, 3, 1])
    t = torch.nn
    theirs = t.Sequential(
        t.Conv2d(1, 3, 3, padding="same"), t.MaxPool2d(2), t.ReLU(),
        t.Conv2d(3, 4, (2, 3), stride=(1, 2)), t.AvgPool2d((2, 1), 1), t.Tanh(), t.Flatten(),
        t.Linear(8, 5),
    ).double()  # fmt: skip
    state = {name: torch.tensor(p._raw) for name, p in model.named_parameters()}
    theirs.load_state_dict(state)
    value = t.CrossEntropyLoss()(theirs(torch.tensor(x)), y)
    value.backward()

    def program(x: Any) -> Any:
        loss = nn.CrossEntropyLoss()(model(x), np.array([0, 3, 1]))
        loss.backward()
        return [loss.data, *(p.grad.data for p in model.parameters())]

    got = clear(program, x=x, bound=1.0)
    want = [value.detach().numpy(), *(p.grad.numpy() for p in theirs.parameters())]
    close(got, want, 2.0**-10)


def test_refusals(clear: Any) -> None:
    nn.manual_seed(3)
    for make, why in [
        (lambda: nn.Conv2d(1, 1, 0), "kernel_size"),
        (lambda: nn.Conv2d(1, 1, 3, padding=-1), "padding"),
        (lambda: nn.Conv2d(1, 1, 2, padding="same"), "odd"),
        (lambda: nn.MaxPool2d((2, 2, 2)), "kernel_size"),
    ]:
        with pytest.raises(UsageError, match=why):
            make()
    for program, why in [
        (lambda: nn.Conv2d(2, 1, 3)(share(alice.x)), "images"),
        (lambda: nn.Conv2d(1, 1, 7)(share(alice.x)), "do not fit"),
        (lambda: nn.MaxPool2d(7)(share(alice.x)), "do not fit"),
        (lambda: nn.MaxPool2d(2)(share(alice.x)[0]), "images"),
    ]:
        with pytest.raises(UsageError, match=why):
            clear.cell(program, {"x": np.zeros((1, 1, 5, 5))})
