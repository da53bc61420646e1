"""Convolutional layers: Conv2d."""

from math import prod, sqrt
from typing import Any

from mpckernel.errors import UsageError
from mpckernel.nn import initial
from mpckernel.nn.derivatives.convolving import conv2d, pair
from mpckernel.nn.linear import limit_for
from mpckernel.nn.module import Module
from mpckernel.nn.parameter import Parameter


class Conv2d(Module):
    """Filters over images: (n, in_channels, h, w) to (n, out_channels, oh, ow), with one cut.

    weight: (out_channels, in_channels, kh, kw), bias: (out_channels,), uniform in
    +-1/sqrt(in_channels kh kw), kept as sfix16. kernel_size, stride, padding: one number or one
    each for rows and columns; padding may be "valid", or "same" with a stride of 1 and an odd
    kernel. limit: declared norm of the filters (see Linear). Error: a step of the model's type.
    Leaks nothing. Raises UsageError for images that do not fit.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        *,
        bias: bool = True,
        limit: float | None = None,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = pair(kernel_size, "kernel_size")
        self.stride = pair(stride, "stride")
        self.padding = _padding(padding, self.kernel_size, self.stride)
        end = 1 / sqrt(max(1, in_channels * prod(self.kernel_size)))
        values = initial.uniform((out_channels, in_channels, *self.kernel_size), end)
        self.weight = Parameter(values, norm=limit_for(values, limit))
        self.bias: Any = None
        if bias:
            offsets = initial.uniform((out_channels,), end)
            self.bias = Parameter(offsets, norm=limit_for(offsets, limit))

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return conv2d(x, self.weight, self.bias, self.stride, self.padding)

    def extra_repr(self) -> str:
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, padding={self.padding}, bias={self.bias is not None}"
        )


def _padding(padding: Any, kernel: tuple[int, int], stride: tuple[int, int]) -> tuple[int, int]:
    if padding == "valid":
        return 0, 0
    if padding == "same":
        if stride != (1, 1) or not all(k % 2 for k in kernel):
            raise UsageError('Conv2d: padding="same" needs a stride of 1 and filters of odd sizes')
        return kernel[0] // 2, kernel[1] // 2
    return pair(padding, "padding", 0)
