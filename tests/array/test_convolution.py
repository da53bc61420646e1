"""Convolutions of sequences against NumPy; of images against their definition, and adjoints."""

from typing import Any

import numpy as np
import pytest

from mpckernel.array import share
from mpckernel.array.functions.convolution import conv2d, from_windows, windows
from mpckernel.errors import UsageError
from tests.array.clear import alice, near, same


def some(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(-9, 10, shape)  # noqa: TID251


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("sizes", [(7, 3), (7, 4), (3, 7), (4, 7), (6, 6), (1, 1)])
def test_sequences(clear: Any, mode: str, sizes: tuple[int, int]) -> None:
    x, y = some(sizes[0]), some(sizes[1], seed=2)
    for f in (np.convolve, np.correlate):
        want = f(x, y, mode)
        same(clear(lambda x, y, f=f: f(x, y, mode), x=x, y=y, bound=9), want)
        same(clear(lambda x, f=f: f(x, y, mode), x=x, bound=9), want)
        same(clear(lambda y, f=f: f(x, y, mode), y=y, bound=9), want)


def defined(x: np.ndarray, w: np.ndarray, stride: Any, padding: Any) -> np.ndarray:
    """Windows one by one, as the definition says."""
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    kh, kw = w.shape[2:]
    oh, ow = ((x.shape[2 + k] - w.shape[2 + k]) // stride[k] + 1 for k in range(2))
    out = np.zeros((x.shape[0], w.shape[0], oh, ow), x.dtype)
    for i in range(oh):
        for j in range(ow):
            part = x[:, :, i * stride[0] :, j * stride[1] :][:, :, :kh, :kw]
            out[:, :, i, j] = np.tensordot(part, w, ((1, 2, 3), (1, 2, 3)))
    return out


WAYS = [((1, 1), (0, 0)), ((2, 1), (1, 2)), ((3, 2), (0, 1))]


@pytest.mark.parametrize(("stride", "padding"), WAYS)
def test_images(clear: Any, stride: Any, padding: Any) -> None:
    x, w = some(2, 3, 7, 6), some(4, 3, 3, 2, seed=2)
    want = defined(x, w, stride, padding)
    same(clear(lambda x, w: conv2d(x, w, stride, padding), x=x, w=w, bound=9), want)
    same(clear(lambda x: conv2d(x, w, stride, padding), x=x, bound=9), want)
    same(clear(lambda w: conv2d(x, w, stride, padding), w=w, bound=9), want)


def test_one_number_for_both_axes(clear: Any) -> None:
    x, w = some(1, 1, 5, 5), some(1, 1, 3, 3, seed=2)
    got = clear(lambda x: (conv2d(x, w, 2, 1), conv2d(x, w, padding="same")), x=x)
    same(got[0], defined(x, w, (2, 2), (1, 1)))
    same(got[1], defined(x, w, (1, 1), (1, 1)))


def test_no_filters_give_no_channels(clear: Any) -> None:
    got = clear(lambda x: conv2d(x, np.zeros((0, 1, 2, 2), int)), x=np.ones((2, 1, 3, 4), int))
    assert got.shape == (2, 0, 2, 3)


def test_fixed_point_is_cut_once(clear: Any) -> None:
    x, w = some(1, 4, 6, 6) / 64, some(2, 4, 3, 3, seed=2) / 128
    near(clear(conv2d, x=x, w=w), defined(x, w, (1, 1), (0, 0)), 2.0**-20)


@pytest.mark.parametrize(("stride", "padding"), WAYS)
def test_gradients_are_adjoints(clear: Any, stride: Any, padding: Any) -> None:
    """<g, conv(dx, w)> = <dx, by x> and <g, conv(x, dw)> = <dw, by w>, for every dx and dw."""
    x, w = some(2, 3, 7, 6), some(4, 3, 3, 2, seed=2)
    g = some(*defined(x, w, stride, padding).shape, seed=3)

    def program() -> Any:
        image, filters, back = (share(getattr(alice, k)) for k in "xwg")
        rows = np.transpose(back, (0, 2, 3, 1)).reshape(-1, 4)
        way = ((3, 2), stride, padding)
        by_x = from_windows(rows @ np.reshape(filters, (4, -1)), x.shape, *way)
        return by_x, np.reshape(rows.T @ windows(image, *way), w.shape)

    by_x, by_w = clear.cell(program, {"x": x, "w": w, "g": g})
    dx, dw = some(*x.shape, seed=4), some(*w.shape, seed=5)
    assert (defined(dx, w, stride, padding) * g).sum() == (dx * by_x).sum()
    assert (defined(x, dw, stride, padding) * g).sum() == (dw * by_w).sum()


@pytest.mark.parametrize(
    ("x", "w", "more"),
    [
        ((2, 3, 5), (1, 3, 3, 3), {}),
        ((1, 2, 5, 5), (1, 3, 3, 3), {}),
        ((1, 3, 2, 2), (1, 3, 3, 3), {}),
        ((1, 3, 5, 5), (1, 3, 3, 3), {"stride": 0}),
        ((1, 3, 5, 5), (1, 3, 3, 3), {"padding": (1, 2, 3)}),
        ((1, 3, 5, 5), (1, 3, 2, 2), {"padding": "same"}),
    ],
)
def test_refusals(clear: Any, x: Any, w: Any, more: Any) -> None:
    with pytest.raises(UsageError, match="conv2d"):
        clear(lambda v: conv2d(v, np.ones(w), **more), v=np.ones(x))
    with pytest.raises(UsageError, match="two sequences"):
        clear(lambda v: np.convolve(v, np.ones((2, 2))), v=np.ones(x))
