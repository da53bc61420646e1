"""What layers compute on tensors in one room, beside central differences in float64."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mpckernel.nn.tensor import Tensor

WAY = 2.0**-12  # of central differences: what a smooth function bends within it is below 2^-20


def random(*shape: int, seed: int = 1, most: float = 2.0) -> np.ndarray:
    """Multiples of 2^-16 between -most and most, so that sharing them is exact."""
    generator = np.random.default_rng(seed)  # noqa: TID251
    return np.round(generator.uniform(-most, most, shape) * 2**16) / 2**16


def with_gradients(
    clear: Any, program: Callable[..., Any], *arrays: Any, backwards: Any, bound: Any = 8.0
) -> list[np.ndarray]:
    """The value of program(tensors), and the gradients of sum(backwards * value) by each."""

    def run(*shares: Any) -> Any:
        tensors = [Tensor(x, requires_grad=True) for x in shares[:-1]]
        y = program(*tensors)
        y.backward(shares[-1])
        return [y.data, *(t.grad.data for t in tensors)]

    named = {f"x{k}": x for k, x in enumerate((*arrays, backwards))}
    return [np.asarray(x) for x in clear(run, bound=bound, **named)]


def differences(
    f: Callable[..., np.ndarray], arrays: Sequence[np.ndarray], backwards: np.ndarray
) -> list[np.ndarray]:
    """Gradients of sum(backwards * f(arrays)) by central differences, element by element."""
    found = []
    for k, x in enumerate(arrays):
        gradient = np.zeros(x.shape)
        for place in np.ndindex(x.shape):
            ends = []
            for step in (WAY, -WAY):
                moved = np.array(x, np.float64)
                moved[place] += step
                ends.append(np.sum(backwards * f(*arrays[:k], moved, *arrays[k + 1 :])))
            gradient[place] = (ends[0] - ends[1]) / (2 * WAY)
        found.append(gradient)
    return found


def close(got: Sequence[Any], want: Sequence[Any], error: float) -> None:
    """Every array within the error, everywhere."""
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        assert np.shape(a) == np.shape(b)
        worst = float(np.abs(np.asarray(a) - np.asarray(b)).max(initial=0.0))
        assert worst <= error, f"off by {worst:.3g}, {worst * 2**16:.1f} steps of sfix16"
