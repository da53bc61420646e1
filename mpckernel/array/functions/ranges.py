"""Ranges that are declared, used, and checked: the contract that training rests on.

x is taken to lie within a bound from here on, and a secret bit says whether it does. A cell
that commits opens the AND of all such bits first, and ends with RangeLeft if one is 0.
The first check of a cell that fails is right: everything before it was within its ranges, so
nothing has wrapped on the way to it. What is computed after it means nothing, and leaks nothing.
Source: none; a sum of squares is one product on replicated shares, and one comparison follows.
"""

from fractions import Fraction
from math import floor, isqrt, prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.dtypes import sbool, sint
from mpckernel.array.functions.comparing import width
from mpckernel.array.functions.fused import declared
from mpckernel.array.offered import offered
from mpckernel.array.operators import here
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.secret import SecretArray, ask
from mpckernel.errors import OutOfRange, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import proven
from mpckernel.protocols.ideal import LIMIT
from mpckernel.ring.words import as_words
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current


@offered
def within(
    x: Any,
    bound: Any = None,
    *,
    norm: Any = None,
    axes: Any = None,
    before: Any = None,
    says: str | None = None,
) -> Any:
    """x, taken to lie within a bound from here on, and a secret bit: whether it does.

    bound: of each element. norm: of the root of the sum of squares over `axes` (all of them
    if None). before: of the same, what the caller has proven of x, but for a step an element.
    Before it commits, the cell opens whether all such bits hold, and ends with RangeLeft if not;
    in a recorded function they are for the caller. says: public words for that error, what was
    promised; by default the bound or norm and the line. Leaks that one bit of a cell.
    Raises OutOfRange if what is known of x is too large: a norm needs before 2^f < 2^31.
    """
    if (bound is None) == (norm is None):
        raise UsageError("within: a bound of the elements, or the norm of rows: one of both")
    number = as_number(secret(operand(x)))
    f = number.dtype.f
    most = _fraction(bound if norm is None else norm, "the bound" if norm is None else "the norm")
    if norm is None:
        flag = _elements(number, floor(most * 2**f), before)
    else:
        flag = _rows(number, floor((most * 2**f) ** 2), axes, before)
    what = says or f"a {'bound' if norm is None else 'norm'} of {float(most):g}"
    if _answers():
        must_hold(flag, what + (f" (line {current().line()})" if current().line() else ""))
    return declared(number, min(most, Fraction(number.bound, 2**f))), flag


def must_hold(flag: SecretArray, says: str) -> None:
    """The cell commits only if this secret bit, of one element, is 1; RangeLeft otherwise.

    says: of what, a public text for that error, beside those of the cell's other bits: only
    whether all of them hold is opened. Raises UsageError in a recorded function, which commits
    nothing.
    """
    if not _answers():
        raise UsageError(
            f"{here()}a recorded function does not see whether {says}; do this outside of it "
            "(labels that are booleans, y == 1, are not asked)"
        )
    cell: Any = current()
    bit = cell.record(ideal.move_bits, flag.call, how=("reshape", (1,)))
    if bit not in cell.checks:
        cell.checks.append(bit)
    cell.promises[says] = None


def _answers() -> bool:
    """Whether what is recorded here commits; a recorded function leaves its bits to the caller."""
    return hasattr(current(), "checks")


def beyond(x: Any, norm: Any, before: Any) -> tuple[SecretArray, SecretArray]:
    """x, taken to be within a norm as `within` takes it, and a number: negative if it is.

    For a caller with many of them, who looks at all signs at once.
    """
    number = as_number(secret(operand(x)))
    most = _fraction(norm, "the norm")
    word = _beyond(number, floor((most * 2**number.dtype.f) ** 2), None, before)
    bound = min(most, Fraction(number.bound, 2**number.dtype.f))
    return declared(number, bound), SecretArray(word, sint)


def _fraction(value: Any, what: str) -> Fraction:
    try:
        number = Fraction(float(value))
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"within: {what} is a public finite number") from None
    if number < 0:
        raise UsageError(f"within: {what} is not negative")
    return number


def _elements(x: SecretArray, most: int, before: Any) -> SecretArray:
    """Whether |word| <= most, all over: the signs of most - x and most + x."""
    do, known = current().record, x.word.bound
    if before is not None:
        known = min(known, floor(_fraction(before, "before") * 2**x.dtype.f) + 1)
    if known + most + 1 >= LIMIT:
        raise OutOfRange(
            "within: what is known of x and its bound do not fit the ring together; say what is "
            "known with before="
        )
    ends = [do(ideal.neg, x.word), x.word]
    shifted = [do(proven(ideal.shift, known + most), end, as_words(most)) for end in ends]
    both = do(ideal.move, *shifted, how=("stack", 0))
    outside = ask(ideal.msb, both, width=width(known + most), dtype=sbool)
    return np.all(~outside)  # type: ignore[return-value]


def _rows(x: SecretArray, most: int, axes: Any, before: Any) -> SecretArray:
    """Whether sums of squares of words are at most `most`, all over."""
    word = _beyond(x, most, axes, before)
    return np.all(ask(ideal.msb, word, width=width(word.bound), dtype=sbool))  # type: ignore


def _beyond(x: SecretArray, most: int, axes: Any, before: Any) -> Call:
    """Sums of squares of words, less most + 1: negative if they are at most `most`."""
    over = normalize_axis_tuple(range(x.ndim) if axes is None else axes, x.ndim)
    kept = [k for k in range(x.ndim) if k not in over]
    n = prod(x.shape[k] for k in over)
    rows = np.reshape(np.transpose(x, (*kept, *over)), (*(x.shape[k] for k in kept), n))
    known = n * x.word.bound**2
    if before is not None:
        known = min(known, floor((_fraction(before, "before") * 2**x.dtype.f + isqrt(n) + 1) ** 2))
    if max(known, most + 1) >= LIMIT:
        raise OutOfRange(
            f"within: the norm of x could reach 2^{_log(known) // 2 - x.dtype.f}, and is computed "
            f"below 2^{31 - x.dtype.f}; say what is known with before=, declare a smaller "
            "norm, or use fewer fraction bits"
        )
    do = current().record
    squares: Call = do(proven(ideal.dot, known), rows.word, rows.word, n=n)
    found: Call = do(proven(ideal.shift, max(known, most + 1)), squares, as_words(-most - 1))
    return found


def _log(n: int) -> int:
    return max(n - 1, 0).bit_length() + 1
