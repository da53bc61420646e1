"""What was computed, in order, and how each part of it passes a gradient back.

A rule computes a function and gives its pull-backs: for each argument, in order, a function from
the gradient of the result to that of the argument (None: it has none; for a list of arrays, a
list). What an array is not asked for costs nothing: pull-backs run in `backward` alone.

    @derivative(np.multiply)
    def multiply(x, y):
        return x * y, (lambda g: summed_to(g * y, x.shape), lambda g: summed_to(g * x, y.shape))

Gradients go with a public factor, such as 1/n of a mean, which is never multiplied out on the
way: errors keep their bits, and the cut of the weights' update takes the factor along.
Source: reverse accumulation (Linnainmaa 1970); rules as in autograd and JAX.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from inspect import Signature, signature
from itertools import count
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

from mpckernel.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])
PullBack = Callable[[Any], Any]
LARGEST_RATIO = 1 << 16  # of two factors that meet by an exact multiplication


class Scaled(NamedTuple):
    """times * data: a gradient, or what a pull-back gives, with a public factor."""

    data: Any
    times: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one function is computed and differentiated."""

    run: Callable[..., tuple[Any, Sequence[Any]]]
    signature: Signature
    chapter: str


DERIVATIVES: dict[Any, Rule] = {}


def derivative(*functions: Any) -> Callable[[F], F]:
    """Register the decorated rule for these functions (or names of array methods)."""

    def register(run: F) -> F:
        chapter = run.__module__.rpartition(".")[2]
        rule = Rule(run, signature(run), chapter)
        DERIVATIVES.update(dict.fromkeys(functions, rule))
        return run

    return register


COMPOSED: dict[Any, Callable[..., Any]] = {}


def composed(*functions: Any) -> Callable[[F], F]:
    """Register the decorated function of tensors, written with functions that have rules."""

    def register(run: F) -> F:
        COMPOSED.update(dict.fromkeys(functions, run))
        return run

    return register


# Functions that are constant but for steps: their results have no gradient.
STEPS = {
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
    np.logical_and, np.logical_or, np.logical_not, np.logical_xor, np.sign, np.argmax,
    np.argmin, np.argsort, np.floor, np.ceil, np.rint, np.trunc, np.round, np.any, np.all,
    np.count_nonzero, np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.full_like,
    np.isclose, np.allclose, np.array_equal, np.floor_divide, np.searchsorted,
}  # fmt: skip


class Leaf(Protocol):
    """Something differentiable: a tensor."""

    node: "Node | None"
    requires_grad: bool

    def accumulate(self, gradient: Scaled) -> None:
        """Add to what it knows as its gradient."""


@dataclass(slots=True, eq=False)
class Node:
    """One function that was applied: its differentiable arguments, and their pull-backs."""

    number: int
    parents: "list[tuple[Leaf, PullBack]] | None"  # None after a backward


_numbers = count()


def node(pairs: "list[tuple[Leaf, PullBack]]") -> Node:
    """The next entry of the tape."""
    return Node(next(_numbers), pairs)


def pairs(arguments: Any, pull_backs: Any) -> "Iterator[tuple[Leaf, PullBack]]":
    """Differentiable arguments beside their pull-backs; lists beside lists."""
    for x, pull in zip(arguments, pull_backs, strict=False):
        if pull is None:
            continue
        if isinstance(x, list | tuple):
            yield from pairs(x, pull)
        elif getattr(x, "requires_grad", False):
            yield x, pull


def backward(root: Leaf, gradient: Any, keep: bool = False) -> None:
    """Pass `gradient` back from root; leaves accumulate what reaches them.

    The latest function first, so that a gradient is complete before it is passed on. The tape is
    taken apart on the way, or it would hold every value in between, unless `keep`.
    """
    waiting: list[tuple[int, Leaf]] = []
    found: dict[int, Scaled] = {}
    _arrive(root, Scaled(gradient), waiting, found)
    while waiting:
        _, tensor = heappop(waiting)
        done, entry = found.pop(id(tensor)), tensor.node
        if entry is None:
            continue
        if entry.parents is None:
            raise UsageError(
                "backward has been called before: what it needs is gone; compute the loss again, "
                "or call backward(retain_graph=True) the first time"
            )
        for parent, pull in entry.parents:
            _arrive(parent, _pulled(pull, done), waiting, found)
        if not keep:
            entry.parents = None


def _arrive(x: Leaf, g: Scaled, waiting: list[tuple[int, Leaf]], found: dict[int, Scaled]) -> None:
    if x.node is None:
        x.accumulate(g)
    elif id(x) in found:
        found[id(x)] = together(found[id(x)], g)
    else:
        found[id(x)] = g
        heappush(waiting, (-x.node.number, x))


def _pulled(pull: PullBack, g: Scaled) -> Scaled:
    """Pull-backs are linear: a factor passes through them."""
    result = pull(g.data)
    if isinstance(result, Scaled):
        return Scaled(result.data, result.times * g.times)
    return Scaled(result, g.times)


def together(a: Scaled, b: Scaled) -> Scaled:
    """Their sum. The smaller factor stays and the other part is multiplied, if exactly."""
    if a.times == b.times:
        return Scaled(a.data + b.data, a.times)
    if abs(a.times) < abs(b.times):
        a, b = b, a
    ratio = a.times / b.times if b.times else Fraction(0)
    if ratio.denominator == 1 and 0 < abs(ratio) <= LARGEST_RATIO:
        return Scaled(np.multiply(a.data, int(ratio)) + b.data, b.times)
    return Scaled(a.data + np.multiply(b.data, float(b.times / a.times)), a.times)
