"""Choices by secret booleans: where, select, minimum and maximum, clip, heaviside."""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import sbool
from mpckernel.array.functions.comparing import truth
from mpckernel.array.functions.products import TIMES
from mpckernel.array.publics import at_scale, common, operand, secret, shared
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, narrowed
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import ideal
from mpckernel.ring.words import as_words
from mpckernel.runtime.cell import current


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None) -> SecretArray:
    """x where the condition holds, else y; exact. Free for a public condition.

    Error: exact; public floats are rounded to 2^-f
    """
    if x is None or y is None:
        raise Unsupported(
            "np.where(mask) alone would tell where a secret mask is true; give both choices: "
            "np.where(mask, a, b)"
        )
    c, x, y = truth(condition), operand(x), operand(y)
    t = common(x, y)
    if isinstance(c, np.ndarray):
        return _where_public(c, x, y)
    if t == sbool:
        return y ^ (c & (x ^ y)) if _any_secret(x, y) else (c & x) | (~c & y)
    if not _any_secret(x, y):
        return _of_publics(c, at_scale(x, t.f), at_scale(y, t.f), t)
    top = max(_bound(x, t.f), _bound(y, t.f))
    chosen = ask(ideal.select, c, shared(x, t), shared(y, t), dtype=t)
    return narrowed(chosen, top)


def _any_secret(*xs: Any) -> bool:
    return any(isinstance(x, SecretArray) for x in xs)


def _bound(x: Any, f: int) -> int:
    """Of the words of an operand at scale f."""
    if isinstance(x, SecretArray):
        return x.word.bound << (f - x.dtype.f)
    w = at_scale(x, f)
    assert isinstance(w, np.ndarray)
    s = w.view(np.int64)
    return max(int(s.max()), -int(s.min())) if w.size else 0


def _where_public(c: np.ndarray, x: Any, y: Any) -> SecretArray:
    """Both sides times a public mask, added; free."""
    t = common(x, y)
    if t == sbool:
        if not isinstance(y, SecretArray):
            return ask(ideal.keep, x, c, dtype=sbool) ^ (y & ~c)
        if not isinstance(x, SecretArray):
            return ask(ideal.keep, y, np.asarray(~c), dtype=sbool) ^ (x & c)
        kept = ask(ideal.keep, x, c, dtype=sbool)
        return kept ^ ask(ideal.keep, y, np.asarray(~c), dtype=sbool)
    top = max(_bound(x, t.f), _bound(y, t.f))
    do, sides = current().record, []
    for side, mask in ((x, c), (y, np.asarray(~c))):
        a = at_scale(side, t.f)
        m = as_words(mask)
        sides.append(np.asarray(a * m) if isinstance(a, np.ndarray) else do(ideal.scale, a, m))
    if isinstance(sides[0], np.ndarray):
        sides.reverse()
    plus = ideal.shift if isinstance(sides[1], np.ndarray) else ideal.add
    return narrowed(ask(plus, *sides, dtype=t), top)


def _of_publics(c: SecretArray, a: Any, b: Any, t: Any) -> SecretArray:
    """b + c (a - b): the mask as a number, times public words."""
    top = max(_public_bound(a), _public_bound(b))
    scaled = TIMES.exact(c.word, np.asarray(a - b))
    return narrowed(ask(ideal.shift, scaled, b, dtype=t), top)


def _public_bound(w: np.ndarray) -> int:
    s = w.view(np.int64)
    return max(int(s.max()), -int(s.min())) if w.size else 0


@implements(np.minimum, np.fmin)
def minimum(x: Any, y: Any) -> SecretArray:
    """The smaller one, element by element.

    Error: exact; public floats are rounded to 2^-f
    """
    return extreme(operand(x), operand(y), largest=False)


@implements(np.maximum, np.fmax)
def maximum(x: Any, y: Any) -> SecretArray:
    """The larger one, element by element.

    Error: exact; public floats are rounded to 2^-f
    """
    return extreme(operand(x), operand(y), largest=True)


def extreme(x: Any, y: Any, largest: bool) -> SecretArray:
    """The larger or smaller of two operands; of two booleans, `or` and `and`."""
    if common(x, y) == sbool:
        return x | y if largest else x & y
    return where(x < y, y, x) if largest else where(x < y, x, y)


@implements(np.clip)
def clip(a: SecretArray, a_min: Any = None, a_max: Any = None, **ends: Any) -> SecretArray:
    """Between public or secret ends; the result has a bound of at most its public ends.

    Error: exact; public floats are rounded to 2^-f
    """
    low, high = ends.pop("min", a_min), ends.pop("max", a_max)
    if ends:
        raise Unsupported(f"np.clip: {', '.join(ends)} cannot be had on secrets")
    x: Any = a
    if low is not None:
        x = maximum(x, low)
    if high is not None:
        x = minimum(x, high)
    if low is None or high is None or _any_secret(low, high):
        return x
    f = x.dtype.f
    return narrowed(x, max(_bound(operand(low), f), _bound(operand(high), f)))


@implements(np.heaviside)
def heaviside(x1: SecretArray, x2: Any) -> SecretArray:
    """0 where x1 < 0, x2 where x1 = 0, 1 where x1 > 0."""
    return where(x1 == 0, x2, x1 > 0)


@implements(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> SecretArray:
    """The choice of the first condition that holds, else the default. One step a condition.

    Error: exact; public floats are rounded to 2^-f
    """
    if len(condlist) != len(choicelist):
        raise UsageError("np.select: as many conditions as choices")
    result: Any = operand(default)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = np.where(truth(condition), operand(choice), result)
    return result


@implements(np.piecewise)
def piecewise(x: SecretArray, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> SecretArray:
    """Functions or constants where conditions hold (the last one counts), else 0 or one more.

    Every function is applied to all of x: it must be elementwise.

    Error: exact; public floats are rounded to 2^-f
    """
    conditions = list(condlist) if isinstance(condlist, list | tuple) else [condlist]
    functions = list(funclist)
    extra = len(functions) - len(conditions)
    if extra not in (0, 1):
        raise UsageError("np.piecewise: a function for each condition, and at most one more")
    values = [f(x, *args, **kw) if callable(f) else operand(f) for f in functions]
    result: Any = values[-1] if extra else operand(0)
    for condition, value in zip(conditions, values, strict=False):
        result = np.where(condition, value, result)
    return np.broadcast_to(result, x.shape)


@implements(np.choose)
def choose(a: SecretArray, choices: Any) -> SecretArray:
    """The choice whose number a is, element by element; choices[0] where there is none.

    Error: exact; public floats are rounded to 2^-f
    """
    options = [operand(c) for c in choices] if isinstance(choices, list | tuple) else choices
    if not len(options):
        raise UsageError("np.choose: choices, at least one")
    result: Any = operand(options[0])
    for k in range(1, len(options)):
        result = np.where(a == k, options[k], result)
    shape = np.broadcast_shapes(a.shape, result.shape)
    return np.broadcast_to(secret(result), shape)
