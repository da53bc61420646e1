"""BatchNorm and LayerNorm: values, gradients and running means against NumPy and PyTorch."""

from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.array import share
from mpckernel.errors import OutOfRange, UsageError
from mpckernel.nn.derivatives.standardising import batch_norm, fixed_norm, layer_norm
from mpckernel.nn.tensor import Tensor
from tests.array.clear import alice
from tests.nn.clearly import close, differences, random, with_gradients

EPS = 1e-5


def clear_norm(x: Any, axes: Any, eps: float = EPS) -> Any:
    apart = x - x.mean(axis=axes, keepdims=True)
    return apart / np.sqrt((apart**2).mean(axis=axes, keepdims=True) + eps)


def by_channel(v: Any, ndim: int) -> Any:
    return np.reshape(v, (1, -1, *[1] * (ndim - 2)))


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5), (3, 2, 3, 2)])
def test_over_the_batch(clear: Any, shape: tuple[int, ...]) -> None:
    x, w, b = random(*shape), random(shape[1], seed=2), random(shape[1], seed=3)
    axes = (0, *range(2, len(shape)))

    def f(x: Any, w: Any, b: Any) -> Any:
        return clear_norm(x, axes) * by_channel(w, x.ndim) + by_channel(b, x.ndim)

    g = random(*shape, seed=4)
    want = [f(x, w, b), *differences(f, [x, w, b], g)]
    close(with_gradients(clear, batch_norm, x, w, b, backwards=g), want, 2.0**-13)
    want = [clear_norm(x, axes), *differences(lambda x: clear_norm(x, axes), [x], g)]
    close(with_gradients(clear, batch_norm, x, backwards=g), want, 2.0**-13)


@pytest.mark.parametrize(("shape", "wanted"), [((4, 6), 6), ((2, 3, 4), (3, 4)), ((2, 3, 4), (4,))])
def test_within_rows(clear: Any, shape: tuple[int, ...], wanted: Any) -> None:
    sizes = (wanted,) if isinstance(wanted, int) else wanted
    axes = tuple(range(len(shape) - len(sizes), len(shape)))
    x, w, b, g = random(*shape), random(*sizes, seed=2), random(*sizes, seed=3), random(*shape)
    f = lambda x, w, b: clear_norm(x, axes) * w + b  # noqa: E731
    got = with_gradients(clear, lambda x, w, b: layer_norm(x, wanted, w, b), x, w, b, backwards=g)
    close(got, [f(x, w, b), *differences(f, [x, w, b], g)], 2.0**-12)
    got = with_gradients(clear, lambda x: layer_norm(x, wanted), x, backwards=g)
    plain = lambda x: clear_norm(x, axes)  # noqa: E731
    close(got, [plain(x), *differences(plain, [x], g)], 2.0**-12)


def test_known_means(clear: Any) -> None:
    x, w, b, g = random(3, 2, 2, 2), random(2, seed=2), random(2, seed=3), random(3, 2, 2, 2)
    mean, variance = np.array([0.5, -1.0]), np.array([0.25, 2.0])

    def f(x: Any, w: Any, b: Any) -> Any:
        m, v = by_channel(mean, 4), by_channel(variance, 4)
        return (x - m) / np.sqrt(v + EPS) * by_channel(w, 4) + by_channel(b, 4)

    want = [f(x, w, b), *differences(f, [x, w, b], g)]
    got = with_gradients(
        clear, lambda x, w, b: fixed_norm(x, mean, variance, w, b), x, w, b, backwards=g
    )
    close(got, want, 2.0**-13)


@pytest.mark.parametrize("size", [2.0**-8, 2.0**-4, 30.0, 500.0])
def test_small_and_large_values(clear: Any, size: float) -> None:
    """eps counts next to small variances; squares of large ones are cut to fit."""
    x = random(64, 3, most=size) + size / 2
    got = clear(lambda x: batch_norm(x).data, x=x, bound=1024.0)
    close([got], [clear_norm(x, 0)], 2.0**-8 if size == 2.0**-8 else 2.0**-12)


def test_a_constant_column_is_zero(clear: Any) -> None:
    got = clear(lambda x: batch_norm(x).data, x=np.full((8, 2), 1.5), bound=4.0)
    close([got], [np.zeros((8, 2))], 0.02)


def test_running_means(clear: Any) -> None:
    xs = [random(5, 3, 2, 2, seed=k) for k in range(3)]
    layer = nn.BatchNorm2d(3, momentum=0.25)
    mean, variance = np.zeros(3), np.ones(3)
    for x in xs:
        mean += 0.25 * (x.mean(axis=(0, 2, 3)) - mean)
        variance += 0.25 * (x.var(axis=(0, 2, 3), ddof=1) - variance)

    def program(*batches: Any) -> Any:
        for x in batches:
            layer(x)
        layer.eval()
        after = layer(batches[0]).data
        bounds.append([layer.running_mean.bound, layer.running_var.bound])
        return layer.running_mean, layer.running_var, after

    bounds: list[Any] = []
    got = clear(program, bound=4.0, x=xs[0], y=xs[1], z=xs[2])
    want = (xs[0] - by_channel(mean, 4)) / np.sqrt(by_channel(variance, 4) + EPS)
    close(got, [mean, variance, want], 2.0**-13)
    assert all(b & (b - 1) == 0 for b in bounds[0])  # one form for every step that is repeated
    assert list(layer.state_dict()) == ["weight", "bias", "running_mean", "running_var"]


def test_against_torch(clear: Any) -> None:
    torch = pytest.importorskip("torch")
    x, g = random(6, 3, 4, 4), random(6, 3, 4, 4, seed=2)
    for mine, theirs in [
        (nn.BatchNorm2d(3), torch.nn.BatchNorm2d(3)),
        (nn.LayerNorm((4, 4)), torch.nn.LayerNorm((4, 4))),
        (nn.BatchNorm2d(3, affine=False), torch.nn.BatchNorm2d(3, affine=False)),
    ]:
        t = torch.tensor(x, requires_grad=True)
        y = theirs.double()(t)
        y.backward(torch.tensor(g))

        def program(x: Any, g: Any, mine: Any = mine) -> Any:
            z = Tensor(x, requires_grad=True)
            y = mine(z)
            y.backward(g)
            return [y.data, z.grad.data, *(p.grad.data for p in mine.parameters())]

        want = [y, t.grad, *(p.grad for p in theirs.parameters())]
        got = clear(program, x=x, g=g, bound=4.0)
        close(got, [w.detach().numpy() for w in want], 2.0**-10)


def test_refusals(clear: Any) -> None:
    for make, why in [
        (lambda: nn.BatchNorm2d(3, momentum=0), "momentum"),
        (lambda: nn.LayerNorm(3, eps=0), "eps"),
    ]:
        with pytest.raises(UsageError, match=why):
            make()
    for program, why in [
        (lambda: nn.BatchNorm2d(3)(share(alice.x)), "BatchNorm2d"),
        (lambda: nn.BatchNorm1d(2)(share(alice.x)), "2 channels"),
        (lambda: nn.BatchNorm1d(3)(share(alice.x)[:1]), "2 values"),
        (lambda: nn.LayerNorm(4)(share(alice.x)), "layer_norm"),
    ]:
        with pytest.raises(UsageError, match=why):
            clear.cell(program, {"x": np.zeros((5, 3))})
    with pytest.raises(OutOfRange, match="normalised"):
        clear.cell(
            lambda: nn.BatchNorm1d(3)(share(alice.x, bound=2.0**40)), {"x": np.zeros((5, 3))}
        )
