"""Python's operators for everything that stands for an array."""

from typing import Any

from numpy.lib.mixins import NDArrayOperatorsMixin

from mpckernel.errors import UsageError
from mpckernel.runtime.cell import current

_In = NDArrayOperatorsMixin


class Operators(NDArrayOperatorsMixin):
    """NumPy's operators; `x += y` gives `x` a new value and leaves other names of the old one."""

    __slots__ = ()
    __array_priority__ = 1000
    __pandas_priority__ = 10_000  # pandas lets us answer
    __hash__ = None  # type: ignore[assignment]  # == compares elements

    __iadd__ = _In.__add__
    __isub__ = _In.__sub__
    __imul__ = _In.__mul__
    __imatmul__ = _In.__matmul__
    __itruediv__ = _In.__truediv__
    __ifloordiv__ = _In.__floordiv__
    __imod__ = _In.__mod__
    __ipow__ = _In.__pow__
    __iand__ = _In.__and__
    __ior__ = _In.__or__
    __ixor__ = _In.__xor__
    __ilshift__ = _In.__lshift__
    __irshift__ = _In.__rshift__


def plain_parts(x: Any) -> Any:
    """Arguments with every stand-in (an owner's variable, an opened value) replaced by what it
    stands for, also inside lists and tuples."""
    if hasattr(type(x), "_stands_for"):
        return x._stands_for()
    if type(x) in (list, tuple) and any(_deep(v) for v in x):
        return type(x)(plain_parts(v) for v in x)
    return x


def _deep(x: Any) -> bool:
    return type(x) in (list, tuple) or hasattr(type(x), "_stands_for")


def here() -> str:
    """ "line 3: " while line 3 of a joint cell is recorded; "" elsewhere. Begins a message."""
    try:
        line = current().line()
    except UsageError:
        line = 0
    return f"line {line}: " if line else ""


ODD = (ValueError, IndexError, TypeError)  # what NumPy and Python say of odd arguments


def as_usage(name: str, why: Exception) -> UsageError:
    """The same about the function `name`, as an error of who wrote the cell; a TypeError goes on
    as it is, unless it is about a number or an axis that is none."""
    if isinstance(why, TypeError) and not str(why).endswith(("an integer", "not iterable")):
        raise why
    return UsageError(f"{name}: {why}")


def located(why: UsageError) -> UsageError:
    """The same error, saying which line of the cell it is about if it does not say so yet."""
    text = str(why)
    return why if "line " in text else type(why)(f"{here()}{text}")
