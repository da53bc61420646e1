"""What composed functions are handed, and how they state a bound that interval arithmetic misses.

A plan bounds each result from the bounds of its operands alone. Where operands depend on each
other (x times the power of two that normalises x) the composed function knows better, and
says so with `proven`; the proof stands in its docstring.
Source: none; notation for the files next to it.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol, TypeAlias

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT, Ideal
from mpckernel.ring.words import Shape, Words, as_words, signed


class Value(Protocol):
    """A secret of the plan: its public shape, and the largest absolute value of its words."""

    shape: Shape
    bound: int


Operand: TypeAlias = Value | Words
Do: TypeAlias = Callable[..., Any]  # do(ideal, *operands, **params) -> Value

ANY = LIMIT - 1  # the bound of words that may wrap: sums of them are exact modulo 2^64


@lru_cache(1024)
def proven(what: Ideal, bound: int) -> Ideal:
    """The same functionality, with a bound on its result that the caller has proven."""
    return replace(what, bound=lambda *_, **__: bound)


def is_public(x: Operand) -> bool:
    """Whether the operand is public words rather than a secret."""
    return isinstance(x, np.ndarray)


def bound_of(x: Operand) -> int:
    """The largest absolute value of the operand's words."""
    if not isinstance(x, np.ndarray):
        return x.bound
    if x.size == 0:
        return 0
    s = signed(x)
    return max(int(s.max()), -int(s.min()))


def constant(value: int) -> Words:
    """A public integer as an operand without axes."""
    return as_words(value)


def times_public(do: Do, x: Value, k: int, bound: int | None = None) -> Any:
    """k x for a public integer k; with a bound, also where k * x.bound does not fit."""
    if k == 1:
        return x
    return do(ideal.scale if bound is None else proven(ideal.scale, bound), x, constant(k))


def plus_public(do: Do, x: Value, c: int, bound: int | None = None) -> Any:
    """x + c for a public integer c."""
    return do(ideal.shift if bound is None else proven(ideal.shift, bound), x, constant(c))


def shift_right(do: Do, x: Value, k: int) -> Any:
    """x / 2^k: a stochastic truncation where k > 0, a public factor where k < 0."""
    return do(ideal.trunc, x, f=k) if k > 0 else times_public(do, x, 1 << -k)
