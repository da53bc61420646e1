"""Activations and choices: values and gradients against NumPy and central differences."""

from collections.abc import Callable
from math import erf, sqrt
from typing import Any

import numpy as np
import pytest

from mpckernel import nn
from mpckernel.errors import UsageError
from mpckernel.nn import functional
from mpckernel.nn.tensor import Tensor
from mpckernel.runtime.cell import current
from tests.nn.clearly import close, differences, random, with_gradients

STEP = 2.0**-20
FAR = np.array([-40.0, -7.5, -1.0, 0.0, 2.0**-10, 1.0, 7.5, 40.0])


def logistic(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def gaussian(x: Any) -> Any:
    return x * (1 + np.vectorize(erf)(x / sqrt(2))) / 2


def softmaxed(x: Any) -> Any:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


SMOOTH: list[tuple[str, Callable[..., Any], Callable[..., Any], float, float]] = [
    ("sigmoid", functional.sigmoid, logistic, 8.0, 2.0**-12),
    ("tanh", np.tanh, np.tanh, 8.0, 2.0**-12),
    ("tanh, named", functional.tanh, np.tanh, 8.0, 2.0**-12),
    ("gelu", functional.gelu, gaussian, 6.0, 2.0**-12),
    ("softplus", functional.softplus, lambda x: np.logaddexp(x, 0), 8.0, 2.0**-11),
    ("exp", np.exp, np.exp, 2.0, 2.0**-8),
    ("log", np.log, np.log, 0.0, 2.0**-10),
    ("sqrt", np.sqrt, np.sqrt, 0.0, 2.0**-12),
    ("softmax", functional.softmax, softmaxed, 4.0, 2.0**-9),
    ("log_softmax", functional.log_softmax, lambda x: np.log(softmaxed(x)), 4.0, 2.0**-9),
]


@pytest.mark.parametrize(("f", "clearly", "most", "error"), [c[1:] for c in SMOOTH],
                         ids=[c[0] for c in SMOOTH])  # fmt: skip
def test_smooth(clear: Any, f: Any, clearly: Any, most: float, error: float) -> None:
    x = random(3, 7, most=most) if most else random(3, 7, most=1.75) + 2.25
    g = random(3, 7, seed=2)
    want = [clearly(x), *differences(clearly, [x], g)]
    close(with_gradients(clear, f, x, backwards=g), want, error)


@pytest.mark.parametrize(("f", "clearly"), [
    (functional.sigmoid, logistic), (np.tanh, np.tanh), (functional.gelu, gaussian),
])  # fmt: skip
def test_flat_far_away(clear: Any, f: Any, clearly: Any) -> None:
    g = np.full(FAR.shape, 1.5)
    got = with_gradients(clear, f, FAR, backwards=g, bound=64.0)
    close(got, [clearly(FAR), *differences(clearly, [FAR], g)], 2.0**-11)


PAIRS: list[tuple[str, Callable[..., Any]]] = [
    ("maximum", np.maximum),
    ("minimum", np.minimum),
    ("where", lambda x, y: np.where(x > y * 2, x, y)),
    ("where, public", lambda x, y: np.where([True, False, True], x, y)),
    ("clip", lambda x, y: np.clip(x, -0.5, 1.0) + np.clip(y, 0.25, None)),
    ("clip, names", lambda x, y: np.clip(x, a_min=None, a_max=1.0) + y),
]


@pytest.mark.parametrize("f", [p[1] for p in PAIRS], ids=[p[0] for p in PAIRS])
@pytest.mark.parametrize("shape", [(4, 3), (3,), (4, 1)])
def test_choices(clear: Any, f: Any, shape: tuple[int, ...]) -> None:
    """Also where one operand is repeated along an axis."""
    x, y, g = random(4, 3), random(*shape, seed=2), random(4, 3, seed=3)
    got = with_gradients(clear, f, x, y, backwards=g)
    close(got, [f(x, y), *differences(f, [x, y], g)], 2 * STEP)


def test_of_equal_ones_the_first(clear: Any) -> None:
    x, g = np.ones(3), random(3)
    for f in (np.maximum, np.minimum):
        close(with_gradients(clear, f, x, x, backwards=g), [x, g, 0 * g], 0.0)


def test_a_choice_decides_once(clear: Any) -> None:
    """One comparison for both directions, and one product with its bit for both gradients."""
    counts: list[int] = []

    def program(x: Any, y: Any) -> Any:
        a, b = Tensor(x, requires_grad=True), Tensor(y, requires_grad=True)
        np.maximum(a, b).backward(x)
        names = [c.op.ideal.name for c in current().plan.calls if c.op is not None]
        counts[:] = [names.count("select"), names.count("msb")]
        return a.grad.data, b.grad.data

    clear(program, x=random(4), y=random(4, seed=2), bound=4.0)
    assert counts == [2, 1]


def test_modules(clear: Any) -> None:
    x = random(4, 5)
    for module, f in [
        (nn.Sigmoid(), logistic),
        (nn.Tanh(), np.tanh),
        (nn.GELU(), gaussian),
        (nn.Softplus(), lambda x: np.logaddexp(x, 0)),
        (nn.ReLU(inplace=True), lambda x: np.maximum(x, 0)),
        (nn.LeakyReLU(0.125), lambda x: np.where(x > 0, x, x / 8)),
    ]:
        close([clear(lambda x, m=module: m(x).data, x=x, bound=4.0)], [f(x)], 2.0**-13)


@pytest.mark.parametrize(("shape", "axis"), [((5,), 0), ((4, 5), 1), ((2, 3, 4), 0)])
def test_softmax_without_an_axis_takes_the_one_that_pytorch_takes(
    clear: Any, shape: tuple[int, ...], axis: int
) -> None:
    x = random(*shape)
    want = np.moveaxis(softmaxed(np.moveaxis(x, axis, -1)), -1, axis)
    for module, value in [(nn.Softmax(), want), (nn.LogSoftmax(), np.log(want))]:
        close([clear(lambda x, m=module: m(x).data, x=x, bound=4.0)], [value], 2.0**-10)


def test_leaky_slopes_are_between_0_and_1() -> None:
    assert repr(nn.LeakyReLU(0.5, inplace=True)) == "LeakyReLU(negative_slope=0.5)"
    for make in (nn.LeakyReLU, lambda slope: functional.leaky_relu(np.ones(2), slope)):
        with pytest.raises(UsageError, match="from 0 to 1"):
            make(1.5)


def test_flags_of_classes(clear: Any) -> None:
    y = np.array([2, 0, 1])
    secret = clear(lambda y: functional.one_hot(y, 3).data, y=y, bound=2)
    np.testing.assert_array_equal(secret, np.eye(3)[y])
    np.testing.assert_array_equal(functional.one_hot(y, num_classes=3).data, np.eye(3)[y])


def test_against_torch(clear: Any) -> None:
    torch = pytest.importorskip("torch")
    x, g = random(3, 5), random(3, 5, seed=2)
    for f, theirs in [
        (functional.sigmoid, torch.sigmoid),
        (functional.tanh, torch.tanh),
        (functional.gelu, torch.nn.functional.gelu),
        (functional.softplus, torch.nn.functional.softplus),
        (functional.softmax, lambda t: torch.softmax(t, -1)),
        (functional.log_softmax, lambda t: torch.log_softmax(t, -1)),
        (functional.leaky_relu, torch.nn.functional.leaky_relu),
    ]:
        t = torch.tensor(x, requires_grad=True)
        y = theirs(t)
        y.backward(torch.tensor(g))
        want = [y.detach().numpy(), t.grad.numpy()]
        close(with_gradients(clear, f, x, backwards=g), want, 2.0**-9)
