"""Declared norms of weights: taken for granted, checked, and answered for before a commit.

A step moves weights by a publicly known length at most, so that the first step that leaves the
declared norm is itself computed without a wrap, and its check is right. In a joint cell a check
goes to those that the cell opens before it commits (mpckernel.within); in a recorded step all of
them become one bit of the state, which goes there when the state is taken over.
Source: none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import ceil, inf, log2, sqrt
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sbool, sfix
from mpckernel.array.functions.fused import declared
from mpckernel.array.functions.ranges import beyond, must_hold, within
from mpckernel.array.operators import here
from mpckernel.array.publics import operand, secret
from mpckernel.errors import OutOfRange, UsageError
from mpckernel.nn import norms
from mpckernel.nn.parameter import Parameter
from mpckernel.protocols import ideal
from mpckernel.runtime.cell import Cell, current

FINEST = 30  # bits of a norm that is compared
CURE = "or take a smaller rate, or a layer with a larger limit="
_watched: "ContextVar[list[Any] | None]" = ContextVar("mpckernel_watched", default=None)


@contextmanager
def watching(held: Any) -> Iterator[list[Any]]:
    """Inside, checks are added to a list that begins with `held`, a secret bit."""
    found = [held]
    token = _watched.set(found)
    try:
        yield found
    finally:
        _watched.reset(token)


def in_step() -> bool:
    """Whether a training step is being recorded, whose bit checks become part of."""
    return _watched.get() is not None


def true() -> Any:
    """A bit that holds."""
    return secret(operand(np.ones((), np.bool_)), sbool)


def held() -> Any:
    """Whether all checks so far hold: one secret bit. Signs are looked at together."""
    found = _watched.get()
    if found is None:
        return true()
    words = [x for x in found if x.dtype != sbool]
    bits = [x for x in found if x.dtype == sbool]
    if words:
        bits += [np.stack(words) < 0]
    if len(found) == 1:
        return found[0]
    return np.all(np.concatenate([np.reshape(x, (-1,)) for x in bits]))


def watch(holds: Any) -> None:
    """Let a check of a recorded step count: a bit, or a number that is negative if it holds. The
    others count by themselves."""
    found = _watched.get()
    if found is not None:
        found.append(holds)
    elif not isinstance(current(), Cell):
        raise UsageError(
            "a recorded step with declared norms keeps their checks: with nn.swapped(model, "
            "optimizer, state)"
        )


def answer_for(holds: Any, says: str) -> None:
    """A bit of a state that is taken over: the cell commits only if it holds. says: of what."""
    if isinstance(current(), Cell):
        must_hold(holds, says)
    else:
        watch(holds)


def limited(p: Parameter, new: Any, reach: float) -> Any:
    """New values of p, whose norm is proven to be `reach` at most, within its declared norm."""
    if p.norm is None or reach <= p.norm:
        return norms.knows(new, whole=reach)
    try:
        says = f"the norm of a weight {p.shape} stays below its limit {p.norm:g} ({CURE})"
        values = kept(new, p.norm, reach, says)
    except OutOfRange:
        raise OutOfRange(
            f"{here()}a step of weights of shape {p.shape} could be so large that their norm, "
            f"{p.norm:g}, cannot be checked after it; the data seem to be without a bound of their "
            f"own: {ideal.SMALLER}, or take a lower rate or layers with a smaller limit="
        ) from None
    return norms.knows(values, whole=p.norm)


def kept(x: Any, norm: float, before: float, says: str) -> Any:
    """x, taken to be within a norm from here on, and its check watched; see mpckernel.within.
    says: what RangeLeft says of it; in a recorded step those who take over its state say it."""
    if in_step():
        values, holds = beyond(x, norm=norm, before=before)
    else:
        values, holds = within(x, norm=norm, before=before, says=says)
    watch(holds)
    return values


def kept_coarsely(x: Any, norm: float, before: float, says: str) -> Any:
    """As kept, of a norm that words with all their bits could not be compared with: they are
    looked at with fewer. One cut of x. Raises OutOfRange where even that is too much."""
    f = min(x.dtype.f, FINEST - ceil(log2(before * 1.001 + 1)))
    slack = sqrt(x.size) * 2.0**-f if f > 0 else inf  # of words that are cut to f bits
    if slack > norm:
        raise OutOfRange(
            f"{here()}a norm could be {before:.4g}, too much to be compared with {norm:g}: {says}. "
            "Declare a smaller bound where data are shared, or take smaller limit= of layers"
        )
    kept(x.astype(sfix(f)), norm - slack, before + slack, says)
    return norms.knows(declared(x, norm), whole=norm)
