"""Comparisons, logic, choices: everything that makes or uses secret booleans.

x < y is the sign of x - y; how many bits of it matter (16, 32 or 64) follows from the public
bounds. Public floats are compared exactly, not as rounded to the scale of the secret.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import sbool
from mpckernel.array.functions.bitwise import of_integers
from mpckernel.array.publics import at_scale, common, operand, said
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask
from mpckernel.errors import OutOfRange, Unsupported
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT, Ideal
from mpckernel.ring.words import as_words
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current


def width(bound: int) -> int:
    """How many bits hold every signed word up to `bound`: 16, 32 or 64."""
    return 16 if bound < 2**15 else 32 if bound < 2**31 else 64


def _sign(difference: Call) -> SecretArray:
    return ask(ideal.msb, difference, width=width(difference.bound), dtype=sbool)


@implements(np.less)
def less(x: Any, y: Any) -> SecretArray:
    """x < y; exact."""
    return _below(operand(x), operand(y), strict=True)


@implements(np.greater)
def greater(x: Any, y: Any) -> SecretArray:
    """x > y; exact."""
    return _below(operand(y), operand(x), strict=True)


@implements(np.less_equal)
def less_equal(x: Any, y: Any) -> SecretArray:
    """x <= y; exact."""
    return _below(operand(x), operand(y), strict=False)


@implements(np.greater_equal)
def greater_equal(x: Any, y: Any) -> SecretArray:
    """x >= y; exact."""
    return _below(operand(y), operand(x), strict=False)


def _below(x: Any, y: Any, strict: bool) -> SecretArray:
    """x < y, or x <= y, where at least one is secret. All on words: x <= y is not y < x."""
    do = current().record
    if isinstance(y, np.ndarray):
        f = x.dtype.f  # x < c iff word < ceil(c 2^f);  x <= c iff word < floor(c 2^f) + 1
        edge = _edge(y, f, x.bound, up=strict, plus=not strict)
        return _sign(do(ideal.shift, x.word, said(as_words(-edge), y)))
    if isinstance(x, np.ndarray):
        f = y.dtype.f  # c < y iff floor(c 2^f) - word < 0;  c <= y iff ceil(c 2^f) - 1 - word < 0
        edge = _edge(x, f, y.bound, up=not strict, plus=False) - (not strict)
        return _sign(do(ideal.shift, do(ideal.neg, y.word), said(as_words(edge), x)))
    f = common(x, y).f
    a, b = at_scale(x, f), at_scale(y, f)
    return _sign(do(ideal.sub, a, b)) if strict else ~_sign(do(ideal.sub, b, a))


def _edge(c: np.ndarray, f: int, bound: int, up: bool, plus: bool) -> np.ndarray:
    """ceil or floor of c 2^f as int64, moved to just beyond the bound where it lies further."""
    top = min(bound + 1, LIMIT - 1)
    if c.dtype.kind == "f":
        if np.isnan(c).any():
            raise OutOfRange("a secret cannot be compared with a public NaN")
        with np.errstate(over="ignore"):
            scaled = (np.ceil if up else np.floor)(np.ldexp(c, f))
        inside = np.clip(scaled, -float(2**62), float(2**62))
        edge = np.asarray(inside).astype(np.int64)
    else:
        limit = (LIMIT - 1) >> f
        edge = np.clip(c.astype(np.int64), -limit, limit) << f
    return np.asarray(np.clip(edge + plus, -top, top))


@implements(np.equal)
def equal(x: Any, y: Any) -> SecretArray:
    """x == y; exact."""
    x, y = operand(x), operand(y)
    if isinstance(x, np.ndarray):
        x, y = y, x
    if common(x, y) == sbool:
        return ~_xor(x, y)
    do = current().record
    if isinstance(y, np.ndarray):
        up, down = (_edge(y, x.dtype.f, x.bound, up=k, plus=False) for k in (True, False))
        zero = _zero(do(ideal.shift, x.word, as_words(-down)))
        possible = np.asarray((up == down) & (np.abs(down) <= x.bound))
        return zero if possible.all() else ask(ideal.keep, zero, possible, dtype=sbool)
    f = common(x, y).f
    return _zero(do(ideal.sub, at_scale(x, f), at_scale(y, f)))


def _zero(difference: Call) -> SecretArray:
    return ask(ideal.is_zero, difference, width=width(difference.bound), dtype=sbool)


@implements(np.not_equal)
def not_equal(x: Any, y: Any) -> SecretArray:
    """x != y; exact."""
    return ~equal(x, y)


@implements(np.isclose)
def isclose(
    a: Any,
    b: Any,
    rtol: Any = 1e-5,
    atol: Any = 1e-8,
    equal_nan: bool = False,  # noqa: ARG001  (there is no NaN)
) -> SecretArray:
    """|a - b| <= atol + rtol |b|.

    Error: the right side is rounded as a public product is
    """
    x, y = operand(a), operand(b)
    relative = np.ndim(rtol) > 0 or rtol != 0
    near = np.abs(y) * operand(rtol) + operand(atol) if relative else operand(atol)
    return np.abs(x - y) <= near


# Logic.


def truth(x: Any) -> "SecretArray | np.ndarray":
    """A boolean: itself, or x != 0."""
    x = operand(x)
    if isinstance(x, SecretArray):
        return x if x.dtype == sbool else x != 0
    return x if x.dtype == np.bool_ else x != 0


def _both(name: str, x: Any, y: Any, secret: Ideal, public: Ideal) -> SecretArray:
    kinds = {x.dtype.kind, y.dtype.kind}
    if "f" in kinds:
        raise Unsupported(
            f"{name}: only on booleans and integers; of comparisons with parentheses, as in "
            "(x > 0) & (y > 0)"
        )
    if kinds != {"b"}:
        return of_integers(secret, x, y)
    if isinstance(x, np.ndarray):
        x, y = y, x
    return ask(public if isinstance(y, np.ndarray) else secret, x, y, dtype=sbool)


@implements(np.bitwise_and)
def bitwise_and(x: Any, y: Any) -> SecretArray:
    """x & y of booleans, and of the bits of integers."""
    return _both("&", operand(x), operand(y), ideal.and_, ideal.keep)


@implements(np.bitwise_or)
def bitwise_or(x: Any, y: Any) -> SecretArray:
    """x | y of booleans, and of the bits of integers."""
    x, y = operand(x), operand(y)
    if x.dtype.kind == y.dtype.kind == "b" and _one_public(x, y):
        return ~_both("|", operand(~x), operand(~y), ideal.and_, ideal.keep)
    return _both("|", x, y, ideal.or_, ideal.or_)


def _one_public(x: Any, y: Any) -> bool:
    return isinstance(x, np.ndarray) or isinstance(y, np.ndarray)


@implements(np.bitwise_xor)
def bitwise_xor(x: Any, y: Any) -> SecretArray:
    """x ^ y of booleans (free), and of the bits of integers."""
    return _xor(operand(x), operand(y))


def _xor(x: Any, y: Any) -> SecretArray:
    return _both("^", x, y, ideal.xor, ideal.flip)


@implements(np.invert)
def invert(x: SecretArray) -> SecretArray:
    """~x: not, of booleans; -x - 1 of integers; free."""
    if x.dtype.kind == "f":
        raise Unsupported("~: only on booleans and integers; for fixed point, x == 0")
    return ask(ideal.invert, x, dtype=sbool) if x.dtype == sbool else -x - 1


@implements(np.logical_and)
def logical_and(x: Any, y: Any) -> SecretArray:
    """x and y; numbers count as true unless they are 0."""
    return bitwise_and(truth(x), truth(y))


@implements(np.logical_or)
def logical_or(x: Any, y: Any) -> SecretArray:
    """x or y; numbers count as true unless they are 0."""
    return bitwise_or(truth(x), truth(y))


@implements(np.logical_xor)
def logical_xor(x: Any, y: Any) -> SecretArray:
    """Exactly one of x and y; numbers count as true unless they are 0."""
    return bitwise_xor(truth(x), truth(y))


@implements(np.logical_not)
def logical_not(x: Any) -> SecretArray:
    """not x; numbers count as true unless they are 0."""
    return ~truth(x)  # type: ignore[return-value]  # x is secret


@implements(np.signbit)
def signbit(x: SecretArray) -> SecretArray:
    """x < 0."""
    return x < 0
