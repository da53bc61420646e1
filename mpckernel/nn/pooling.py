"""Pooling: MaxPool2d and AvgPool2d."""

from typing import Any

from mpckernel.nn.derivatives.convolving import avg_pool2d, max_pool2d, pair
from mpckernel.nn.module import Module


class _Pool(Module):
    def __init__(self, kernel_size: Any, stride: Any = None) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size, "kernel_size")
        self.stride = self.kernel_size if stride is None else pair(stride, "stride")

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}"


class MaxPool2d(_Pool):
    """The largest of each window: (n, c, h, w) to (n, c, oh, ow); exact.

    kernel_size, stride: one number or one each for rows and columns; stride is the kernel's size
    if None. kh kw - 1 comparisons and choices a window, and as many choices for the gradient,
    which goes to the first of equal ones. Before a ReLU it leaves that fewer values to look at.
    Leaks nothing. Raises UsageError for images that do not fit.
    """

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return max_pool2d(x, self.kernel_size, self.stride)


class AvgPool2d(_Pool):
    """The mean of each window: (n, c, h, w) to (n, c, oh, ow), with one cut.

    kernel_size, stride: as for MaxPool2d. Error: 1.2 steps. Leaks nothing. Raises UsageError for
    images that do not fit.
    """

    def forward(self, *args: Any) -> Any:
        (x,) = args
        return avg_pool2d(x, self.kernel_size, self.stride)
