"""Filters over images, and pooling: how they are computed and differentiated.

A convolution is one matrix product of windows (im2col), and so are its gradients: that by the
filters waits for the update that takes it in, that by the images is placed and added up before
it is cut, so that it costs what the image has and not what its windows have. Pooling works
along one axis and then the other; the comparisons of the forward pass route the gradient back.

Source: im2col as in cuDNN (Chetlur et al. 2014); pooling with kept comparisons as in Falcon (PETS
2021).
Notation: images (n, c, h, w), filters (o, c, kh, kw), results (n, o, oh, ow), as in PyTorch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import prod, sqrt
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType
from mpckernel.array.functions.convolution import from_windows
from mpckernel.array.functions.fused import matmul_to
from mpckernel.array.functions.shaping import moved
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.nn import flows, norms
from mpckernel.nn.derivatives.products import later, matrices
from mpckernel.nn.modes import product_type
from mpckernel.nn.tape import Scaled
from mpckernel.nn.tensor import differentiable
from mpckernel.protocols import moving
from mpckernel.ring.words import Shape

Pair = tuple[int, int]
Back = Callable[[Any], Any]


@differentiable
def conv2d(x: Any, w: Any, bias: Any = None, stride: Any = 1, padding: Any = 0) -> Any:
    """Filters over images, as torch.nn.functional.conv2d without groups and dilation.

    x: (n, c, h, w); w: (o, c, kh, kw); bias: (o,) or None; stride, padding: public, one number
    or one each for rows and columns. Gives (n, o, oh, ow). One cut product for each element of
    the result, and one for each element of a gradient. Leaks nothing.
    Error: one step. Raises UsageError for shapes that do not fit.
    """
    if len(x.shape) != 4 or len(w.shape) != 4 or x.shape[1] != w.shape[1]:
        raise UsageError(
            "conv2d: images (n, c, h, w) and filters (o, c, kh, kw) with the same c, not "
            f"{tuple(x.shape)} and {tuple(w.shape)}"
        )
    layer = _Convolution(
        x.shape, w.shape, pair(stride, "stride"), pair(padding, "padding", 0), product_type(x, w)
    )
    places(layer.x, layer.w[2:], layer.stride, layer.padding)
    rows, flat = layer.rows(x), _same_whole(np.reshape(w, (w.shape[0], -1)), w)
    y = layer.images(matrices(rows, _same_whole(np.transpose(flat), w), layer.t, bias), x, w, bias)

    found: list[Any] = []

    def errors(g: Any) -> Any:
        if not found or found[0] is not g:
            d = operand(g)
            found[:] = [g, flows.errors(d, norms.row(d))]
        return found[1]

    def to_w(g: Any) -> Any:
        d = layer.errors(errors(g))
        return later(_same_whole(np.transpose(d), d), rows, layer.t, tuple(w.shape))

    def to_bias(g: Any) -> Any:
        length = sqrt(y.shape[0] * prod(layer.out)) * norms.whole(errors(g))
        return norms.knows(np.sum(errors(g), axis=(0, 2, 3)), whole=length)

    return y, (lambda g: layer.back(errors(g), flat), to_w, to_bias)


@dataclass(frozen=True, slots=True)
class _Convolution:
    """Shapes of one convolution; every element of an image lies in at most `overlap` windows."""

    x: Shape
    w: Shape
    stride: Pair
    padding: Pair
    t: SecretType

    @property
    def out(self) -> Pair:
        return places(self.x, self.w[2:], self.stride, self.padding)

    @property
    def overlap(self) -> int:
        kernel = zip(self.w[2:], self.stride, strict=True)
        return prod(-(-size // step) for size, step in kernel)

    def rows(self, x: Any) -> Any:
        """The windows of x as rows."""
        how = ("windows", self.w[2:], self.stride, self.padding)
        if not isinstance(x, SecretArray):
            return moving.apply(how, np.asarray(x))
        rows = moved(how, x)
        rows.owners = x.owners
        return norms.knows(rows, norms.row(x), sqrt(self.overlap) * norms.whole(x))

    def images(self, z: Any, x: Any, w: Any, bias: Any) -> Any:
        """Rows of results, one for each place, as images."""
        n, (oh, ow) = self.x[0], self.out
        y = np.transpose(np.reshape(z, (n, oh, ow, self.w[0])), (0, 3, 1, 2))
        length = sqrt(self.overlap) * norms.row(x) * norms.whole(w)
        if bias is not None:
            length += sqrt(oh * ow) * norms.whole(bias)
        return flows.activations(y, length + 2.0**-self.t.f * prod(y.shape[1:]))

    def errors(self, g: Any) -> Any:
        """A gradient as rows, one for each place."""
        rows = np.transpose(g, (0, 2, 3, 1))
        return _same_whole(np.reshape(rows, (-1, self.w[0])), g)

    def back(self, g: Any, flat: Any) -> Any:
        """The gradient by the images: cut after it has been added up."""
        errors = self.errors(g)
        if not any(isinstance(v, SecretArray) for v in (errors, flat)):
            errors = secret(errors)
        length = sqrt(self.overlap) * norms.row(g) * norms.whole(flat)
        spread = ("placed_windows", tuple(self.x), self.w[2:], self.stride, self.padding)
        plain = norms.largest(errors) * norms.largest(flat) * self.w[0] * self.overlap
        most = length if length < plain else None
        z = matmul_to(errors, flat, self.t, spread=spread, most=most)
        return norms.knows(z, length + 2.0**-self.t.f * prod(self.x[1:]))


def _same_whole(new: Any, old: Any) -> Any:
    """`new` has the elements of `old` in other places."""
    return norms.knows(new, whole=norms.whole(old))


def pair(value: Any, name: str, least: int = 1) -> Pair:
    """One public whole number for both axes, or two of them. UsageError for anything else."""
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    whole = all(isinstance(k, int | np.integer) and k >= least for k in both)
    if len(both) != 2 or not whole:
        raise UsageError(f"{name} is a public whole number from {least} on, or two of them")
    return int(both[0]), int(both[1])


def places(shape: Shape, kernel: Any, stride: Pair, padding: Pair = (0, 0)) -> Pair:
    """How many windows fit, by rows and columns. UsageError if none does."""
    if len(shape) != 4:
        raise UsageError(f"images have the shape (n, c, h, w), not {tuple(shape)}")
    room = [shape[2 + k] + 2 * padding[k] - kernel[k] for k in range(2)]
    if min(room) < 0:
        raise UsageError(f"windows of {tuple(kernel)} do not fit images {tuple(shape)}")
    return room[0] // stride[0] + 1, room[1] // stride[1] + 1


@differentiable
def max_pool2d(x: Any, kernel_size: Any, stride: Any = None) -> Any:
    """The largest of each window; of equal ones the first gets the gradient, as in PyTorch.

    x: (n, c, h, w); kernel_size, stride: public, one number or one each for rows and columns;
    stride is the kernel's size if None. Exact. kh kw - 1 comparisons and choices a window, and as
    many choices for the gradient. Put it before an activation that rises, such as relu: that has
    fewer values to look at then. Leaks nothing.
    """
    kernel, steps = _pool(x, kernel_size, stride)
    rows, back_over_columns = _largest_along(secret(operand(x)), 3, kernel[1], steps[1])
    y, back_over_rows = _largest_along(rows, 2, kernel[0], steps[0])

    def back(g: Any) -> Any:
        g = operand(g)
        z = back_over_columns(back_over_rows(g))
        return _no_longer(z, g) if _disjoint(kernel, steps) else z

    return (_no_longer(y, x) if _disjoint(kernel, steps) else y), (back,)


@differentiable
def avg_pool2d(x: Any, kernel_size: Any, stride: Any = None) -> Any:
    """The mean of each window, as torch.nn.functional.avg_pool2d without padding.

    x: (n, c, h, w); kernel_size, stride: as for max_pool2d. Sums are free; each result is cut
    once, and its gradient once if windows have not 2^k elements. Leaks nothing. Error: 1.2 steps.
    """
    kernel, steps = _pool(x, kernel_size, stride)
    image = secret(operand(x))
    rows = _sum(_slices(image, 3, kernel[1], steps[1]))
    y = np.divide(_sum(_slices(rows, 2, kernel[0], steps[0])), prod(kernel))

    def back(g: Any) -> Any:
        count = prod(kernel)
        whole = count & (count - 1) == 0  # an exact factor, which may wait
        g = operand(g) if whole else np.divide(operand(g), count)
        part = _placed([g] * kernel[0], 2, rows.shape, steps[0])
        part = _placed([part] * kernel[1], 3, image.shape, steps[1])
        if _disjoint(kernel, steps):
            norms.knows(part, *(sqrt(count) * n for n in (norms.row(g), norms.whole(g))))
        return Scaled(part, Fraction(1, count)) if whole else part

    return (_no_longer(y, x) if _disjoint(kernel, steps) else y), (back,)


def _pool(x: Any, kernel_size: Any, stride: Any) -> tuple[Pair, Pair]:
    kernel = pair(kernel_size, "kernel_size")
    steps = kernel if stride is None else pair(stride, "stride")
    places(tuple(x.shape), kernel, steps)
    return kernel, steps


def _disjoint(kernel: Pair, steps: Pair) -> bool:
    """Whether every element lies in one window at most: pooling does not raise norms then."""
    return steps[0] >= kernel[0] and steps[1] >= kernel[1]


def _no_longer(new: Any, old: Any) -> Any:
    return norms.knows(new, norms.row(old), norms.whole(old))


def _slices(x: Any, axis: int, size: int, step: int) -> list[Any]:
    """The first, second, ... element of every window along one axis."""
    count = (x.shape[axis] - size) // step + 1
    before = (slice(None),) * axis
    return [x[(*before, slice(j, j + step * (count - 1) + 1, step))] for j in range(size)]


def _placed(parts: list[Any], axis: int, shape: Shape, step: int) -> Any:
    """The adjoint of `_slices`, for images of this shape: parts are added up at their places."""
    n, c, h, w = shape
    size, count = len(parts), parts[0].shape[axis]
    if step == size and count * step == shape[axis]:
        return np.reshape(np.stack(parts, axis + 1), shape)
    rows = np.reshape(np.stack(parts, -1), (-1, size))
    kernel, stride = ((size, 1), (step, 1)) if axis == 2 else ((1, size), (1, step))
    z = np.reshape(from_windows(rows, (n * c, 1, h, w), kernel, stride), shape)
    z.owners = getattr(rows, "owners", frozenset())
    return z


def _sum(parts: list[Any]) -> Any:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _largest_along(x: Any, axis: int, size: int, step: int) -> tuple[Any, Back]:
    """The largest of every window along one axis: a tournament, whose bits are kept."""
    parts, levels = _slices(x, axis, size, step), list[list[Any]]()
    while len(parts) > 1:
        pairs = list(zip(parts[0::2], parts[1::2], strict=False))
        levels.append([first < second for first, second in pairs])
        won = [np.where(on, b, a) for on, (a, b) in zip(levels[-1], pairs, strict=True)]
        parts = won + parts[2 * len(pairs) :]

    def back(g: Any) -> Any:
        shares = [g]
        for bits in reversed(levels):
            split: list[Any] = []
            for on, part in zip(bits, shares, strict=False):
                second = np.where(on, part, 0)
                split += [part - second, second]
            shares = split + shares[len(bits) :]
        return _placed(shares, axis, x.shape, step)

    return parts[0], back
