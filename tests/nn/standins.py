"""Modules with the attributes of torch.nn's, so that no test needs PyTorch."""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np


class Array:
    """A parameter: detach, cpu, numpy."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values, np.float32)

    def detach(self) -> "Array":
        return self

    cpu = detach

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    def numpy(self) -> np.ndarray:
        return self.values


class Module:
    training = False
    _modules: ClassVar[dict[str, Any]] = {}

    def named_parameters(self) -> Iterator[tuple[str, Array]]:
        own = ((k, v) for k, v in vars(self).items() if isinstance(v, Array))
        yield from own
        for name, child in self._modules.items():
            yield from ((f"{name}.{k}", v) for k, v in child.named_parameters())

    def named_modules(self) -> Iterator[tuple[str, "Module"]]:
        yield "", self
        for name, child in self._modules.items():
            yield from ((f"{name}.{k}".strip("."), m) for k, m in child.named_modules())

    def named_buffers(self) -> Iterator[tuple[str, Any]]:
        return iter(())


class Linear(Module):
    def __init__(self, weight: Any, bias: Any = None) -> None:
        self.weight, self.bias = Array(weight), None if bias is None else Array(bias)
        self.out_features, self.in_features = np.shape(weight)


class Conv2d(Module):
    dilation, groups, padding_mode = (1, 1), 1, "zeros"

    def __init__(self, weight: Any, bias: Any, stride: Any = (1, 1), padding: Any = (0, 0)) -> None:
        self.weight, self.bias = Array(weight), Array(bias)
        self.out_channels, self.in_channels, *kernel = np.shape(weight)
        self.kernel_size, self.stride, self.padding = tuple(kernel), stride, padding


class MaxPool2d(Module):
    padding, dilation, return_indices, ceil_mode = 0, 1, False, False

    def __init__(self, kernel_size: int) -> None:
        self.kernel_size = self.stride = kernel_size


class BatchNorm1d(Module):
    eps, affine, track_running_stats = 1e-5, False, True
    momentum: float | None = None

    def __init__(self, n: int) -> None:
        self.num_features = n
        self.running_mean, self.running_var = np.zeros(n), np.ones(n)


class Flatten(Module):
    start_dim, end_dim = 1, -1


class ReLU(Module):
    inplace = True


class ConvTranspose2d(Module):
    pass


class LSTM(Module):
    pass


class Sequential(Module):
    def __init__(self, *modules: Any, **named: Any) -> None:
        self._modules = {str(k): m for k, m in enumerate(modules)} | named  # type: ignore[misc]


class Net(Module):
    """With a forward of its own."""

    def __init__(self, first: Any, last: Any) -> None:
        self._modules = {"first": first, "last": last}  # type: ignore[misc]
