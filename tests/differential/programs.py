"""Random joint programs, and what NumPy makes of them with a radius around every number.

A program is a list of steps; each takes values made before it and appends one. `Near` holds what
a value is in float64 and how far a secret may be from it: 0 for exact ones. A step that would
need a comparison of numbers closer than their radii, or leave the range, is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from mpckernel import sigmoid

SHAPE = (3, 5)
F = 20
STEP = 2.0**-F
MOST = 2.0**10  # values stay below it, so that every product fits


@dataclass(frozen=True)
class Near:
    """An array in the clear; |secret - value| <= radius. kind: "b", "i" or "f"."""

    value: np.ndarray
    radius: np.ndarray

    @property
    def kind(self) -> str:
        return self.value.dtype.kind

    @property
    def exact(self) -> bool:
        return not self.radius.any()


def exactly(value: Any) -> Near:
    value = np.asarray(value)
    return Near(value, np.zeros(value.shape))


@dataclass(frozen=True)
class Step:
    """One operation: which kinds it takes, what it does, and how radii travel."""

    kinds: tuple[str, ...]  # of "b", "i", "f", "n" (i or f), "e" (exact number)
    run: Callable[..., Any]
    radius: Callable[..., Any] | None = None  # of the Near operands; None: exact on exact
    top: Callable[..., float] = lambda *x: 0.0  # the largest value inside


def _sum(x: Near, y: Near) -> Any:
    return x.radius + y.radius


def _product(x: Near, y: Near) -> Any:
    spread = abs(x.value) * y.radius + abs(y.value) * x.radius + x.radius * y.radius
    return spread + (STEP if x.kind == y.kind == "f" else 0)


def _matmul(x: Near, y: Near) -> Any:
    a, b = abs(x.value), abs(y.value.T)
    spread = a @ y.radius.T + x.radius @ b + x.radius @ y.radius.T
    return spread + (STEP if x.kind == y.kind == "f" else 0)


def _largest(x: Near, y: Near) -> float:
    return float(np.max(abs(x.value), initial=0) * np.max(abs(y.value), initial=0))


def _pass(x: Near) -> Any:
    return x.radius


def _sigmoid(x: Near) -> Any:
    return x.radius / 4 + 2.0**-13.3 + STEP


def _exponential(x: Near) -> Any:
    value = np.exp(np.clip(x.value, -4, 2) + x.radius)
    return value * (np.expm1(x.radius) + 2.0**-12.2) + 1.1 * STEP


def _quotient(x: Near, y: Near) -> Any:
    below = 1 + np.maximum(abs(y.value) - y.radius, 0)
    value = abs(x.value) + x.radius
    spread = x.radius / below + value * y.radius / below**2
    return spread + 2.0**-18.5 * (value / below) + 3 * STEP


STEPS: dict[str, Step] = {
    "add": Step(("n", "n"), np.add, _sum),
    "subtract": Step(("n", "n"), np.subtract, _sum),
    "multiply": Step(("n", "n"), np.multiply, _product, _largest),
    "negative": Step(("n",), np.negative, _pass),
    "abs": Step(("n",), np.abs, _pass),
    "flip": Step(("n",), lambda x: x[::-1, ::-1], lambda x: x.radius[::-1, ::-1]),
    "roll": Step(("n",), lambda x: np.roll(x, 2, axis=1), lambda x: np.roll(x.radius, 2, axis=1)),
    "running": Step(("n",), lambda x: np.cumsum(x, axis=0), lambda x: np.cumsum(x.radius, axis=0)),
    "spread sum": Step(
        ("n",),
        lambda x: x - x.sum(axis=0, keepdims=True),
        lambda x: x.radius + x.radius.sum(axis=0, keepdims=True),
    ),
    "gram": Step(
        ("n", "n"),
        lambda x, y: (x @ y.T)[:, [0, 1, 2, 1, 0]],
        lambda x, y: _matmul(x, y)[:, [0, 1, 2, 1, 0]],
        lambda x, y: 5 * _largest(x, y),
    ),
    "halve": Step(("f",), lambda x: x * 0.5, lambda x: x.radius / 2 + 2 * STEP),
    "sigmoid": Step(("f",), sigmoid, _sigmoid),
    "exponential": Step(("f",), lambda x: np.exp(np.clip(x, -4, 2)), _exponential),
    "root": Step(
        ("e",), lambda x: np.sqrt(abs(x)), lambda x: 2.0**-18.3 * np.sqrt(abs(x.value)) + STEP
    ),
    "quotient": Step(
        ("n", "n"), lambda x, y: np.clip(x / (abs(y) + 1), -(2**10), 2**10), _quotient
    ),
    "less": Step(("e", "e"), np.less),
    "equal": Step(("i", "i"), np.equal),
    "positive": Step(("e",), lambda x: x > 0),
    "or": Step(("b", "b"), np.logical_or),
    "xor": Step(("b", "b"), np.logical_xor),
    "not": Step(("b",), np.logical_not),
    "where": Step(("b", "n", "n"), np.where, lambda b, x, y: np.where(b.value, x.radius, y.radius)),
    "clip": Step(("n",), lambda x: np.clip(x, -3, 5), _pass),
    "maximum": Step(("n", "n"), np.maximum, lambda x, y: np.maximum(x.radius, y.radius)),
    "floor": Step(("e",), np.floor),
    "sign": Step(("e",), np.sign),
    "row max": Step(("e",), lambda x: x - x.max(axis=1, keepdims=True)),
    "sorted": Step(("e",), lambda x: np.sort(x, axis=1)),
    "order": Step(("e",), lambda x: np.argsort(x, axis=1, kind="stable")),
    "first": Step(("e",), lambda x: np.argmax(x, axis=0, keepdims=True) + np.zeros(SHAPE, int)),
    "ranked": Step(
        ("e", "e"),
        lambda x, y: np.take_along_axis(x, np.argsort(y, axis=1, kind="stable"), 1),
    ),
    "at places": Step(
        ("e", "b"),
        lambda x, b: np.take_along_axis(x, np.cumsum(b, axis=1) - b, 1),
    ),
    "median": Step(("i",), lambda x: x - np.median(x, axis=0, keepdims=True)),
    "number": Step(("b",), lambda x: x + 0),
}


def fits(wanted: str, x: Near) -> bool:
    """Whether an operand may stand there."""
    if wanted == "n":
        return x.kind in "if"
    if wanted == "e":
        return x.kind in "if" and x.exact
    return x.kind == wanted


def follow(inputs: list[Near], choices: list[tuple[str, list[int]]]) -> tuple[list[Any], list[Any]]:
    """The steps that can be taken, as (name, operands), and all values they make."""
    values, taken = list(inputs), []
    for name, picks in choices:
        step = STEPS[name]
        pools = [[k for k, v in enumerate(values) if fits(kind, v)] for kind in step.kinds]
        if not all(pools):
            continue
        which = [pool[p % len(pool)] for pool, p in zip(pools, picks, strict=False)]
        operands = [values[k] for k in which]
        if step.top(*operands) > MOST:
            continue
        value = step.run(*(x.value for x in operands))
        radius = np.zeros(SHAPE) if step.radius is None else step.radius(*operands)
        if np.max(abs(value.astype(float)), initial=0) + np.max(radius, initial=0) > MOST:
            continue
        taken.append((name, which))
        values.append(Near(value, np.broadcast_to(radius, value.shape)))
    return taken, values


def replay(inputs: list[Any], taken: list[Any]) -> list[Any]:
    """The same steps on secrets."""
    values = list(inputs)
    for name, which in taken:
        values.append(STEPS[name].run(*(values[k] for k in which)))
    return values


choices = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.lists(st.integers(0, 40), min_size=3, max_size=3)),
    min_size=2,
    max_size=12,
)
