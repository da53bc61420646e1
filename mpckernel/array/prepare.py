"""An owner's private value, checked and encoded as words or bools. Runs at the owner alone.

Messages say how many values are wrong and where the first one stands, never a value, and name
the way out; they travel to every party.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from mpckernel.array.dtypes import DEFAULT, SecretType, sbool, sint
from mpckernel.errors import ImplicitReveal, OutOfRange, Unsupported
from mpckernel.protocols.ideal import LIMIT
from mpckernel.ring import fixed
from mpckernel.ring.words import as_words

INTEGERS = 2**20  # the default bound of integers of 32 bits and more: sums of squares still fit
REAL_BITS = 16  # the default bound of reals: quotients and sums of a thousand squares still fit
WORD_BITS = 40  # ... which never makes more than this of a word
COARSE = 50  # steps: below, rounding changes a value by more than a hundredth
LOOKED = 1 << 16  # values looked at


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """Words or bools with their type; no word exceeds `bound`. coarse: most values that are not 0
    lie below COARSE steps; its owner's alone to know."""

    dtype: SecretType
    bound: int
    data: np.ndarray
    coarse: bool = False


def prepare(
    value: Any, wanted: SecretType | None, bound: float | None, text: str, how: str | None = None
) -> Prepared:
    """`value` (anything NumPy can read) as `wanted`, |value| <= bound. `text`: how it was named;
    `how`: the code that declares a bound of it, if it is not that of share.

    Raises Unsupported (not numbers) or OutOfRange (not finite, or beyond the bound).
    """
    array = _numeric(value, text)
    t = wanted or {"b": sbool, "f": DEFAULT}.get(array.dtype.kind, sint)
    if t == sbool:
        return Prepared(sbool, 1, _bools(array, text))
    if array.dtype.kind == "f":
        _check(array, ~np.isfinite(array), text, "not finite", "drop or fill them before sharing")
        if t == sint:
            whole = np.asarray(array == np.rint(array))
            _check(array, ~whole, text, "not whole", "share as sfix20, or round them first")
    limit = _limit(array, t, bound)
    how = how or f"share({text}, bound=...)"
    _check_range(array, limit, text, how, declared=bound is not None)
    top = ceil(limit * 2**t.f)
    if top >= LIMIT:
        raise OutOfRange(
            f"{text}: a bound of {bound} does not fit the ring at {t.f} fraction bits; declare a "
            f"smaller one, {how}, or use fewer fraction bits"
        )
    return Prepared(t, top, _words(array, t), t.f > 0 and _coarse(array, t.f))


def _coarse(array: np.ndarray, f: int) -> bool:
    if array.dtype.kind != "f" or not array.size:
        return False
    some = np.abs(array.reshape(-1)[:: -(-array.size // LOOKED)])
    small = (some > 0) & (some < COARSE * 2.0**-f)
    return 2 * np.count_nonzero(small) > np.count_nonzero(some)


def _words(array: np.ndarray, t: SecretType) -> np.ndarray:
    if array.dtype.kind == "f":
        return fixed.encode(array, t.f)
    whole = as_words(array)
    return whole if t.f == 0 else np.asarray(whole << np.uint64(t.f))


def declared(bound: Any) -> int | float:
    """What somebody gave as bound=, as one of Python's numbers."""
    x = np.asarray(bound)[()] if isinstance(bound, np.ndarray) else bound
    if isinstance(x, bool) or not isinstance(x, int | float | np.integer | np.floating):
        raise Unsupported("share: bound is one public number")
    return int(x) if isinstance(x, int | np.integer) else float(x)


def _limit(array: np.ndarray, t: SecretType, bound: float | None) -> Fraction:
    """The bound of the numbers themselves."""
    if bound is not None:
        bound = declared(bound)
        if not np.isfinite(bound) or bound < 0:
            raise OutOfRange("share: bound is a finite number, at least 0")
        return Fraction(bound)
    reals = Fraction(2) ** min(REAL_BITS, WORD_BITS - t.f)
    if array.dtype.kind == "f":
        return reals if t.f else Fraction(INTEGERS)
    if array.dtype.kind == "b":
        return Fraction(1)
    info = np.iinfo(array.dtype)
    natural = min(INTEGERS, max(-int(info.min), int(info.max)))
    return Fraction(natural) if t.f == 0 else min(Fraction(natural), reals)


def _check_range(array: np.ndarray, limit: Fraction, text: str, how: str, declared: bool) -> None:
    if array.dtype.kind == "b":
        outside = array & (limit < 1)
    elif array.dtype.kind == "f":
        top = float(limit)
        top = top if Fraction(top) <= limit else float(np.nextafter(top, 0))
        outside = np.abs(array.astype(np.float64, copy=False)) > top
    else:  # by whole numbers, and without abs(), which overflows at the least one
        most, info = int(limit), np.iinfo(array.dtype)
        outside = np.zeros(array.shape, np.bool_)
        if most < info.max:
            outside = array > most
        if -most > info.min:
            outside = outside | (array < -most)
    what = "beyond the declared bound" if declared else f"beyond {_power(limit)}, the default bound"
    way = "declare a larger one" if declared else f"declare one: {how}"
    _check(array, np.asarray(outside), text, what, way)


def _power(limit: Fraction) -> str:
    n = int(limit)
    if n & (n - 1) == 0:
        return f"2^{n.bit_length() - 1}"
    return f"2^{n.bit_length()} - 1" if n & (n + 1) == 0 else str(n)


def _check(array: np.ndarray, bad: np.ndarray, text: str, what: str, way_out: str) -> None:
    if not bad.any():
        return
    first = int(np.flatnonzero(bad)[0])
    row = int(np.unravel_index(first, array.shape)[0]) if array.ndim else 0
    count = int(np.count_nonzero(bad))
    values = "value is" if count == 1 else "values are"
    raise OutOfRange(f"{text}: {count} {values} {what}, the first in row {row}; {way_out}")


def _numeric(value: Any, text: str) -> np.ndarray:
    """As an array of bool, integers or doubles."""
    if isinstance(value, np.ma.MaskedArray):
        raise Unsupported(f"{text}: a masked array; fill it first, x.filled(...)")
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":
            array = _unboxed(array)
    except ImplicitReveal:
        raise Unsupported(
            f"{text}: a secret by now, since a joint cell has given one this name, in the place of "
            f"the private variable; give the joint one another, as in xs = share({text}), and run "
            "the private cell that makes this one again"
        ) from None
    except Exception:  # noqa: BLE001  (what private objects raise stays private)
        raise _not_numbers(text) from None
    match array.dtype.kind:
        case "b" | "i" | "u":
            return array
        case "f":
            return array.astype(np.float64, copy=False)
        case "M" | "m":
            raise Unsupported(f"{text}: holds dates or times; share x.astype('int64') of days")
        case "c":
            raise Unsupported(f"{text}: holds complex numbers; share .real and .imag")
    raise _not_numbers(text)


def _unboxed(array: np.ndarray) -> np.ndarray:
    """Boxed numbers, all of one kind; missing ones become NaN."""
    flat = array.ravel().tolist()
    kinds = {type(v) for v in flat}
    missing = [v is None or type(v).__name__ == "NAType" for v in flat]
    if any(missing) and kinds:
        flat = [np.nan if gone else v for v, gone in zip(flat, missing, strict=True)]
    if not all(isinstance(v, bool | int | float | np.number | np.bool_) for v in flat):
        raise TypeError
    return np.asarray(flat).reshape(array.shape)


def _not_numbers(text: str) -> Unsupported:
    return Unsupported(
        f"{text}: not numbers (text, mixed or nested values); choose numeric columns, or turn "
        "categories into numbers first"
    )


def _bools(array: np.ndarray, text: str) -> np.ndarray:
    if array.dtype.kind != "b":
        odd = np.asarray((array != 0) & (array != 1))
        _check(array, odd, text, "neither 0 nor 1", "compare them first: x > 0")
    return np.ascontiguousarray(array.astype(np.bool_)).reshape(array.shape)
