"""Arithmetic in Z_{2^64}: uint64 arrays, wrapping. Knows nothing of shares.

Words are always arrays, also with no axes: NumPy's scalars warn where arrays wrap.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mpckernel.errors import Unsupported
from mpckernel.ring.compiled import compiled

Words: TypeAlias = NDArray[np.uint64]
Shape: TypeAlias = tuple[int, ...]

_RING = 1 << 64


def as_words(x: Any) -> Words:
    """Integers or booleans as words, C-contiguous; negatives wrap, as do Python ints of any size.

    Words that are contiguous already are returned as they are, not copied.
    """
    if isinstance(x, int):
        return np.array(x % _RING, np.uint64)
    array = np.asarray(x)
    if array.dtype.kind in "biu":
        return np.asarray(array, np.uint64, order="C")
    values = [] if array.size == 0 else np.asarray(x, object).ravel().tolist()
    if not all(isinstance(v, int) for v in values) or array.size and array.dtype.kind == "S":
        raise Unsupported(f"words are integers, not {array.dtype}; encode reals at a scale first")
    return np.array([v % _RING for v in values], np.uint64).reshape(array.shape)


def signed(w: Words) -> NDArray[np.int64]:
    """The same words read as two's complement; a view."""
    return w.view(np.int64)


def flat(x: Words, shape: Shape) -> Words:
    """x broadcast to the shape, on one axis; copies only what is not contiguous and aligned."""
    if x.shape != shape:
        x = np.broadcast_to(x, shape)
    return np.require(x.reshape(-1), np.uint64, ("C", "A"))


# Elementwise product of shares, one pass


def _cross_definition(
    x_i: Words, x_j: Words, y_i: Words, y_j: Words, a: Words, b: Words, out: Words
) -> None:
    out[:] = x_i * (y_i + y_j) + x_j * y_i + a - b


@compiled("in1 in1 in1 in1 in1 in1 out1", _cross_definition)
def _cross(x_i: Words, x_j: Words, y_i: Words, y_j: Words, a: Words, b: Words, out: Words) -> None:
    for k in range(out.size):
        out[k] = x_i[k] * (y_i[k] + y_j[k]) + x_j[k] * y_i[k] + a[k] - b[k]


def cross(x_i: Words, x_j: Words, y_i: Words, y_j: Words, a: Words, b: Words) -> Words:
    """x_i (y_i + y_j) + x_j y_i + a - b, elementwise; shapes broadcast, best all equal."""
    operands = (x_i, x_j, y_i, y_j, a, b)
    shape = np.broadcast_shapes(*(x.shape for x in operands))
    out = np.empty(shape, np.uint64)
    _cross(*(flat(x, shape) for x in operands), out.reshape(-1))
    return out


# Matrix product


def matmul(a: Words, b: Words, out: Words | None = None, accumulate: bool = False) -> Words:
    """a @ b for (m, p) and (p, q); with accumulate, out + a @ b, written to out."""
    if out is None:
        return a @ b
    if accumulate:
        out += a @ b
    else:
        out[:] = a @ b
    return out


def matmul_cross(x_i: Words, x_j: Words, y_i: Words, y_j: Words, a: Words, b: Words) -> Words:
    """x_i @ (y_i + y_j) + x_j @ y_i + a - b: two products, not three."""
    out = a - b
    matmul(x_i, y_i + y_j, out, accumulate=True)
    return matmul(x_j, y_i, out, accumulate=True)


# Windows of images, for convolution as a matrix product


def im2col(x: Words, kh: int, kw: int, stride: int = 1, pad: int = 0) -> Words:
    """Windows of (n, c, h, w) as rows: (n * oh * ow, c * kh * kw), zeros beyond the edge."""
    n, c = x.shape[:2]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    oh, ow = windows.shape[2:4]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * kh * kw)


def col2im(cols: Words, shape: Shape, kh: int, kw: int, stride: int = 1, pad: int = 0) -> Words:
    """The adjoint of im2col: each window's entries added back to an image of the given shape."""
    n, c, h, w = shape
    oh, ow = (h + 2 * pad - kh) // stride + 1, (w + 2 * pad - kw) // stride + 1
    windows = cols.reshape(n, oh, ow, c, kh, kw)
    padded = np.zeros((n, c, h + 2 * pad, w + 2 * pad), np.uint64)
    for i in range(kh):
        for j in range(kw):
            rows, columns = slice(i, i + stride * oh, stride), slice(j, j + stride * ow, stride)
            padded[:, :, rows, columns] += windows[..., i, j].transpose(0, 3, 1, 2)
    return np.ascontiguousarray(padded[:, :, pad : pad + h, pad : pad + w])
