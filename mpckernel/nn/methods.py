"""Methods of tensors under PyTorch's names; those of NumPy's arrays are in array/methods.py.

They go through NumPy's functions, and so onto the tape. Where one name means two things, both are
understood: `size` is a number and can be called, `transpose` takes two axes to exchange, or all.
Source of the names: torch.Tensor.
"""

from importlib import import_module
from math import prod
from typing import Any

import numpy as np

from mpckernel.array.operators import here
from mpckernel.errors import Unsupported, UsageError
from mpckernel.nn.devices import OnShares
from mpckernel.ring.words import Shape

FUNCTIONS: dict[str, Any] = {
    "abs": np.abs, "add": np.add, "amax": np.max, "amin": np.min, "bmm": np.matmul,
    "clamp": np.clip, "cos": np.cos, "div": np.divide, "eq": np.equal, "exp": np.exp,
    "ge": np.greater_equal, "gt": np.greater, "le": np.less_equal,
    "log": np.log, "lt": np.less, "matmul": np.matmul, "mm": np.matmul,
    "mul": np.multiply, "ne": np.not_equal, "neg": np.negative,
    "pow": np.power, "reciprocal": np.reciprocal, "repeat_interleave": np.repeat,
    "sin": np.sin, "sqrt": np.sqrt, "square": np.square, "sub": np.subtract, "tanh": np.tanh,
}  # fmt: skip
OWN = ("log_softmax", "relu", "sigmoid", "softmax")  # of functional.py
ARGUMENTS = {"dim": "axis", "keepdim": "keepdims", "min": "a_min", "max": "a_max"}


def method(name: str) -> Any:
    """The function of this name, whose first argument is the tensor; None if there is none."""
    if name in OWN:
        return getattr(import_module("mpckernel.nn.functional"), name)
    return FUNCTIONS.get(name)


class Size(int):
    """The number of elements, as in NumPy; called, the shape or one axis of it, as in PyTorch."""

    shape: Shape

    def __new__(cls, shape: Shape) -> "Size":
        size = super().__new__(cls, prod(shape))
        size.shape = shape
        return size

    def __call__(self, dim: int | None = None) -> Any:
        if dim is None:
            return self.shape
        if not -len(self.shape) <= dim < len(self.shape):
            raise UsageError(f"{here()}size({dim}) of an array of shape {self.shape}")
        return self.shape[dim]


class Methods(OnShares):
    """What a tensor can do beside NumPy's methods. All of it is free, but long() and bool()."""

    __slots__ = ()
    shape: Shape
    astype: Any
    reshape: Any

    @property
    def size(self) -> Size:
        return Size(self.shape)

    def dim(self) -> int:
        return len(self.shape)

    def numel(self) -> int:
        return self.size

    def view(self, *shape: Any) -> Any:
        return self.reshape(*shape)

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Any:
        """Axes from start_dim to end_dim as one."""
        return import_module("mpckernel.nn.functional").flatten(self, start_dim, end_dim)

    def permute(self, *axes: Any) -> Any:
        return np.transpose(self, axes[0] if np.iterable(axes[0]) else axes)  # type: ignore[arg-type]

    def transpose(self, *axes: Any) -> Any:
        """Two numbers: these axes are exchanged, as in PyTorch. Else all axes, as in NumPy."""
        if len(axes) == 2:
            return np.swapaxes(self, *axes)  # type: ignore[arg-type]
        return self.permute(*axes) if axes else np.transpose(self)  # type: ignore[arg-type]

    def t(self) -> Any:
        return np.transpose(self)  # type: ignore[arg-type]

    def max(self, *args: Any, **named: Any) -> Any:
        """The largest element; along an axis amax, argmax, or np.max, since PyTorch's is a pair."""
        return _extreme(self, np.max, "max", args, named)

    def min(self, *args: Any, **named: Any) -> Any:
        """As max."""
        return _extreme(self, np.min, "min", args, named)

    def var(self, dim: Any = None, unbiased: Any = True, keepdim: Any = False, **named: Any) -> Any:
        """The variance, divided by n - 1 as in PyTorch; np.var(t) divides by n."""
        return np.var(self, **_spread(dim, unbiased, keepdim, **named))  # type: ignore[call-overload]

    def std(self, dim: Any = None, unbiased: Any = True, keepdim: Any = False, **named: Any) -> Any:
        """The root of var."""
        return np.std(self, **_spread(dim, unbiased, keepdim, **named))  # type: ignore[call-overload]

    def repeat(self, *sizes: Any) -> Any:
        """So many times along each axis, as in PyTorch; np.repeat repeats each element."""
        times = tuple(sizes[0]) if len(sizes) == 1 and np.iterable(sizes[0]) else sizes
        if len(times) < len(self.shape):
            raise UsageError(
                f"{here()}repeat takes a number for each of {len(self.shape)} axes; each element "
                "by itself is repeated by np.repeat(t, 2, axis=0)"
            )
        return np.tile(self, times)  # type: ignore[arg-type]

    def unsqueeze(self, dim: int) -> Any:
        return np.expand_dims(self, dim)  # type: ignore[arg-type]

    def contiguous(self) -> Any:
        return self

    def clone(self) -> Any:
        return np.positive(self)  # type: ignore[arg-type]

    def float(self) -> Any:
        """As fixed point: itself, or whole numbers and flags at 20 fraction bits; exact."""
        return self if self.dtype.kind == "f" else self.astype(float)

    def long(self) -> Any:
        """As whole numbers, cut towards 0, without a gradient."""
        return self.detach().astype(int)

    int = long

    def bool(self) -> Any:
        """Whether each element is not 0, as secret flags."""
        return np.not_equal(self, 0)


def _extreme(t: Any, function: Any, name: str, args: Any, named: Any) -> Any:
    """Of all elements, or along NumPy's axis=."""
    if args or "dim" in named:
        raise Unsupported(
            f"{here()}t.{name}(dim) would be values and places: t.a{name}(dim=1) gives the values, "
            f"t.arg{name}(dim=1) the places; of two tensors, np.{name}imum(t, u)"
        )
    return function(t, **{ARGUMENTS.get(k, k): v for k, v in named.items()})


def _spread(
    dim: Any,
    unbiased: Any,
    keepdim: Any,
    *,
    axis: Any = None,
    keepdims: Any = False,
    correction: Any = None,
    ddof: Any = None,
) -> dict[str, Any]:
    """NumPy's arguments, whether they are given under its names or PyTorch's."""
    if isinstance(dim, bool):  # var(False)
        dim, unbiased = None, dim
    given = [x for x in (correction, ddof) if x is not None]
    less = given[0] if given else int(unbiased)
    return {"axis": dim if axis is None else axis, "ddof": less, "keepdims": keepdim or keepdims}
