"""Arithmetic in Z_{2^64}: uint64 arrays, wrapping. Knows nothing of shares.

Words are always arrays, also with no axes: NumPy's scalars warn where arrays wrap.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mpckernel.errors import Bug, Unsupported
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
    values = np.asarray(x, object).ravel().tolist()
    if not all(isinstance(v, int) for v in values):
        raise Unsupported(f"words are integers, not {array.dtype}; encode reals at a scale first")
    return np.array([v % _RING for v in values], np.uint64).reshape(array.shape)


def signed(w: Words) -> NDArray[np.int64]:
    """The same words read as two's complement; a view."""
    return w.view(np.int64)


def even(operands: tuple[Words, ...]) -> tuple[Shape, list[Words]]:
    """The common shape, and the operands on one axis; copies only what is not contiguous."""
    shape = operands[0].shape
    for x in operands:
        if x.shape != shape:
            shape = np.broadcast_shapes(*(x.shape for x in operands))
            return shape, [np.broadcast_to(x, shape).ravel() for x in operands]
    return shape, [x.ravel() for x in operands]


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
    shape, operands = even((x_i, x_j, y_i, y_j, a, b))
    out = np.empty(shape, np.uint64)
    _cross(*operands, out.reshape(-1))
    return out


# What conversions do, one pass each


def _times_less_definition(x: Words, y: Words, e: Words, out: Words) -> None:
    out[:] = x * y - e


@compiled("in1 in1 in1 out1", _times_less_definition)
def _times_less(x: Words, y: Words, e: Words, out: Words) -> None:
    for k in range(out.size):
        out[k] = x[k] * y[k] - e[k]


def times_less(x: Words, y: Words, e: Words) -> Words:
    """x y - e, elementwise, of one shape."""
    out = np.empty(x.shape, np.uint64)
    _times_less(x.reshape(-1), y.reshape(-1), e.reshape(-1), out.reshape(-1))
    return out


def _raised_less_definition(s: Words, w: Words, u: Words, up: int, plus: int, out: Words) -> None:
    out[:] = s - ((w - u) << np.uint64(up)) + np.uint64(plus % _RING)


@compiled("in1 in1 in1 int int out1", _raised_less_definition)
def _raised_less(s: Words, w: Words, u: Words, up: int, plus: int, out: Words) -> None:
    shift, constant = np.uint64(up), np.uint64(plus)
    for k in range(out.size):
        out[k] = s[k] - ((w[k] - u[k]) << shift) + constant


def raised_less(s: Words, w: Words, u: Words, up: int, plus: int) -> Words:
    """s - (w - u) 2^up + plus, elementwise, flat; plus: any integer."""
    out = np.empty(s.size, np.uint64)
    _raised_less(s, w, u, up, (plus + 2**63) % _RING - 2**63, out)
    return out


# Matrix product: three loops for three kinds of shape, one definition


def _product_definition(a: Words, b: Words, c: Words, *_: Words) -> None:
    c += a @ b


_ZERO = np.uint64(0)
_WIDE, _DEEP = 512, 128  # a panel of b takes 512 KB: the second-level cache holds it
_TILE = _WIDE * _DEEP
_FOUR = _TILE + 4 * _WIDE
_SCRATCH = _FOUR + 4 * _DEEP


@compiled("in2 in2 out2 out1", _product_definition)
def _by_panels(a: Words, b: Words, c: Words, scratch: Words) -> None:
    """c += a @ b; the innermost loop adds multiples of four rows of b to four rows of c."""
    tile, four = scratch[_TILE:_FOUR], scratch[_FOUR:]
    for j0 in range(0, b.shape[1], _WIDE):
        width = min(_WIDE, b.shape[1] - j0)
        for k0 in range(0, b.shape[0], _DEEP):
            real = min(_DEEP, b.shape[0] - k0)
            depth = (real + 3) // 4 * 4
            for k in range(depth):
                for j in range(width):
                    scratch[k * _WIDE + j] = b[k0 + k, j0 + j] if k < real else _ZERO
            for i0 in range(0, a.shape[0], 4):
                height = min(4, a.shape[0] - i0)
                for i in range(height):
                    for k in range(depth):
                        four[4 * k + i] = a[i0 + i, k0 + k] if k < real else _ZERO
                    for j in range(width):
                        tile[i * _WIDE + j] = c[i0 + i, j0 + j]
                for k in range(0, depth, 4):
                    f = four[4 * k : 4 * k + 16]
                    p0, p1, p2, p3 = f[0], f[1], f[2], f[3]
                    q0, q1, q2, q3 = f[4], f[5], f[6], f[7]
                    r0, r1, r2, r3 = f[8], f[9], f[10], f[11]
                    s0, s1, s2, s3 = f[12], f[13], f[14], f[15]
                    panel = scratch[k * _WIDE : (k + 4) * _WIDE]
                    for j in range(width):
                        p, q = panel[j], panel[j + _WIDE]
                        r, s = panel[j + 2 * _WIDE], panel[j + 3 * _WIDE]
                        tile[j] += p0 * p + q0 * q + r0 * r + s0 * s
                        tile[j + _WIDE] += p1 * p + q1 * q + r1 * r + s1 * s
                        tile[j + 2 * _WIDE] += p2 * p + q2 * q + r2 * r + s2 * s
                        tile[j + 3 * _WIDE] += p3 * p + q3 * q + r3 * r + s3 * s
                for i in range(height):
                    for j in range(width):
                        c[i0 + i, j0 + j] = tile[i * _WIDE + j]


@compiled("in2 in2 out2", _product_definition)
def _by_rows(a: Words, b: Words, c: Words) -> None:
    """For few rows of a, or few of b."""
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            x = a[i, k]
            for j in range(b.shape[1]):
                c[i, j] += x * b[k, j]


@compiled("in2 in2 out2", lambda a, b_t, c: _product_definition(a, b_t.T, c))
def _by_dots(a: Words, b_t: Words, c: Words) -> None:
    """For few columns of b."""
    for i in range(c.shape[0]):
        for j in range(c.shape[1]):
            total = _ZERO
            for k in range(a.shape[1]):
                total += a[i, k] * b_t[j, k]
            c[i, j] += total


def matmul(a: Words, b: Words, out: Words | None = None, accumulate: bool = False) -> Words:
    """a @ b for (m, p) and (p, q); with accumulate, out + a @ b. out overlaps neither."""
    (m, p), (deep, q) = a.shape, b.shape
    if p != deep or (out is not None and out.shape != (m, q)):
        raise Bug("a matrix product of shapes that do not fit")
    c = np.zeros((m, q), np.uint64) if out is None else np.ascontiguousarray(out)
    if not accumulate:
        c[:] = _ZERO
    a = np.ascontiguousarray(a)
    if m <= 8 or (p < 16 and q >= 64):
        _by_rows(a, np.ascontiguousarray(b), c)
    elif q < 64:
        _by_dots(a, np.ascontiguousarray(b.T), c)
    else:
        _by_panels(a, np.ascontiguousarray(b), c, np.empty(_SCRATCH, np.uint64))
    if out is None:
        return c
    if out is not c:
        out[:] = c
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
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))) if pad else x
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    oh, ow = windows.shape[2:4]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * kh * kw)


def _add_windows_definition(
    cols: Words, image: Words, c: int, kh: int, kw: int, stride: int, oh: int, ow: int
) -> None:
    n = len(cols) // (oh * ow)
    windows, target = cols.reshape(n, oh, ow, c, kh, kw), image.reshape(n, c, -1, image.shape[1])
    for i in range(kh):
        for j in range(kw):
            rows, columns = slice(i, i + stride * oh, stride), slice(j, j + stride * ow, stride)
            target[:, :, rows, columns] += windows[..., i, j].transpose(0, 3, 1, 2)


@compiled("in2 out2 int int int int int int", _add_windows_definition)
def _add_windows(
    cols: Words, image: Words, c: int, kh: int, kw: int, stride: int, oh: int, ow: int
) -> None:
    """image: rows of all channels of all images, one below the other."""
    n = cols.shape[0] // (oh * ow)
    height = image.shape[0] // (n * c)
    for window in range(cols.shape[0]):
        x = stride * (window % ow)
        y = height * c * (window // (oh * ow)) + stride * (window // ow % oh)
        for channel in range(c):
            for i in range(kh):
                for j in range(kw):
                    word = cols[window, (channel * kh + i) * kw + j]
                    image[y + height * channel + i, x + j] += word


def col2im(cols: Words, shape: Shape, kh: int, kw: int, stride: int = 1, pad: int = 0) -> Words:
    """The adjoint of im2col: each window's entries added back to an image of the given shape."""
    n, c, h, w = shape
    high, wide = h + 2 * pad, w + 2 * pad
    oh, ow = (high - kh) // stride + 1, (wide - kw) // stride + 1
    if cols.shape != (n * oh * ow, c * kh * kw):
        raise Bug("windows of a shape that does not fit the image")
    image = np.zeros((n * c * high, wide), np.uint64)
    if cols.size:
        _add_windows(np.ascontiguousarray(cols), image, c, kh, kw, stride, oh, ow)
    padded = image.reshape(n, c, high, wide)
    return np.ascontiguousarray(padded[:, :, pad : pad + h, pad : pad + w])
