"""Convolutions, as matrix products of windows: placement, and one cut for each result.

`windows` lays every window of an image out as a row; `from_windows` is its adjoint, which adds the
rows back. With both, all three products of a convolutional layer are matrix products:

    rows = windows(x, ...)    forward: rows @ w.T    by w: g.T @ rows    by x: from_windows(g @ w)

Source: im2col as in cuDNN (Chetlur et al. 2014), images and filters ordered as in PyTorch.
"""

from math import prod
from typing import Any

import numpy as np

from mpckernel.array.functions.linear import matmul
from mpckernel.array.functions.shaping import moved
from mpckernel.array.publics import operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, dispatch
from mpckernel.errors import UsageError
from mpckernel.ring.words import Shape

Pair = tuple[int, int]


@implements(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> SecretArray:
    """Sums of products of one sequence with the other one reversed.

    Error: as for np.matmul
    """
    x, y = operand(a), operand(v)
    if x.ndim != 1 or y.ndim != 1 or not x.size or not y.size:
        raise UsageError("np.convolve: two sequences with elements")
    if y.size > x.size:
        x, y = y, x
    n = y.size
    padding = {"full": (n - 1, n - 1), "same": (n // 2, (n - 1) // 2), "valid": (0, 0)}
    if mode not in padding:
        raise UsageError("np.convolve: mode is full, same or valid")
    padded = np.pad(x, padding[mode])
    index = np.arange(padded.shape[0] - n + 1)[:, None] + np.arange(n)
    return matmul(padded[index], np.flip(y))


@implements(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> SecretArray:
    """Sums of products of one sequence with shifts of the other.

    Error: as for np.matmul
    """
    x, y = operand(a), operand(v)
    if x.ndim == 1 and y.ndim == 1 and x.size < y.size:
        return np.flip(convolve(y, np.flip(x), mode))
    return convolve(x, np.flip(y), mode)


def conv2d(x: Any, w: Any, stride: Any = 1, padding: Any = 0) -> Any:
    """Cross-correlation of images with filters, as torch.nn.functional.conv2d.

    x: (n, c, h, w); w: (o, c, kh, kw); stride, padding: public, one number or one for each of
    rows and columns; padding may be "same" or "valid". Gives (n, o, oh, ow). Leaks nothing; sends
    one cut product for each element of the result.
    """
    return dispatch("conv2d", (x, w, stride, padding), {})


@implements("conv2d")
def _conv2d(x: Any, w: Any, stride: Any = 1, padding: Any = 0) -> SecretArray:
    """mpckernel.conv2d(x, w, stride, padding): filters over images, ordered as in PyTorch.

    Error: as for np.matmul
    """
    image, filters = operand(x), operand(w)
    if image.ndim != 4 or filters.ndim != 4 or image.shape[1] != filters.shape[1]:
        raise UsageError(
            "conv2d: images (n, c, h, w) and filters (o, c, kh, kw) with the same c, not "
            f"{image.shape} and {filters.shape}"
        )
    o, kernel = filters.shape[0], (filters.shape[2], filters.shape[3])
    strides = _pair(stride, "stride", 1)
    pads = _pads(padding, kernel, strides)
    oh, ow = _places(image.shape, kernel, strides, pads)
    rows = windows(image, kernel, strides, pads)
    flat = matmul(rows, np.transpose(np.reshape(filters, (o, prod(filters.shape[1:])))))
    return np.transpose(np.reshape(flat, (image.shape[0], oh, ow, o)), (0, 3, 1, 2))


def windows(x: Any, kernel: Pair, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> Any:
    """Windows of (n, c, h, w) as rows (n oh ow, c kh kw), zeros beyond the edge; free."""
    how = ("windows", kernel, stride, padding)
    return moved(how, secret(x))


def from_windows(
    rows: Any, shape: Shape, kernel: Pair, stride: Pair = (1, 1), padding: Pair = (0, 0)
) -> SecretArray:
    """The adjoint of `windows`: the image of this shape in which all rows are added up; free."""
    placed = moved(("placed_windows", tuple(shape), kernel, stride, padding), secret(rows))
    return np.sum(placed, axis=0)


def _pair(value: Any, name: str, least: int) -> Pair:
    pair = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(pair) != 2 or not all(isinstance(k, int | np.integer) and k >= least for k in pair):
        raise UsageError(f"conv2d: {name} is a public whole number from {least} on, or two of them")
    return int(pair[0]), int(pair[1])


def _pads(padding: Any, kernel: Pair, stride: Pair) -> Pair:
    if padding == "valid":
        return 0, 0
    if padding == "same":
        if stride != (1, 1) or kernel[0] % 2 == 0 or kernel[1] % 2 == 0:
            raise UsageError('conv2d: padding="same" needs a stride of 1 and filters of odd sizes')
        return kernel[0] // 2, kernel[1] // 2
    return _pair(padding, "padding", 0)


def _places(shape: Shape, kernel: Pair, stride: Pair, padding: Pair) -> Pair:
    """How many windows fit, by rows and columns."""
    room = [shape[2 + k] + 2 * padding[k] - kernel[k] for k in range(2)]
    if min(room) < 0:
        raise UsageError(f"conv2d: filters of size {kernel} do not fit images {shape}")
    return room[0] // stride[0] + 1, room[1] // stride[1] + 1
