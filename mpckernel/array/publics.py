"""Public operands: what may stand next to a secret, as arrays and as words.

Integers are exact words. Real numbers are rounded at a scale; next to a factor the scale is
chosen from the public bounds, so that the rounding stays below the step of the result.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import DEFAULT, SecretType, number, promote, sbool, sint
from mpckernel.array.operators import plain_parts
from mpckernel.array.secret import SecretArray
from mpckernel.errors import OutOfRange, Unsupported
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT
from mpckernel.ring import fixed
from mpckernel.ring.words import Words, as_words
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current

_NO_NAN = (
    "secrets hold no NaN and no infinity; leave elements out by a mask, np.mean(x, where=mask), or "
    "keep rows with compress(mask, x, reveal_count=True)[0]"
)


def operand(x: Any) -> "SecretArray | np.ndarray":
    """A secret array as it is; anything else as a public array of bool, int64 or float64."""
    if not isinstance(x, SecretArray):
        x = plain_parts(x)
    if isinstance(x, SecretArray):
        return x
    if type(x) in (list, tuple) and _has_secret(x):
        return np.stack([operand(v) for v in x])
    if isinstance(x, np.ma.MaskedArray):
        raise Unsupported("a masked array; fill it first, x.filled(...)")
    if isinstance(x, np.matrix):
        raise Unsupported("np.matrix multiplies in a way of its own; use np.asarray(x) and @")
    array = np.asarray(x)
    if array.dtype.kind == "O" and all(type(v) is int for v in array.flat):
        raise OutOfRange("a public integer does not fit the ring (2^62)")
    if array.dtype.kind == "O":
        array = np.asarray(array.tolist()) if array.size else array.astype(np.float64)
    match array.dtype.kind:
        case "b":
            return array
        case "i" | "u":
            if array.size and (int(array.max()) >= LIMIT or int(array.min()) <= -LIMIT):
                raise OutOfRange("a public integer does not fit the ring (2^62)")
            return array.astype(np.int64, copy=False)
        case "f":
            return array.astype(np.float64, copy=False)
    raise Unsupported(
        f"a public value of type {array.dtype} cannot be combined with a secret; use numbers"
    )


def _has_secret(x: Any) -> bool:
    if type(x) in (list, tuple):
        return any(_has_secret(v) for v in x)
    return isinstance(x, SecretArray)


def positions(x: Any) -> np.ndarray:
    """Public positions, counts or lengths."""
    numbers = np.asarray(x)
    if numbers.size and numbers.dtype.kind not in "iub":
        raise ValueError(f"positions, counts and lengths are whole numbers, not {numbers.dtype}")
    return numbers.astype(np.int64, copy=False)


def whole(x: Any) -> Any:
    """The same as an int, or a tuple of ints."""
    numbers = positions(x)
    return tuple(numbers.tolist()) if numbers.ndim else int(numbers)


def type_of(x: "SecretArray | np.ndarray") -> SecretType:
    """The secret type of an operand; a public float counts as the default fixed point."""
    if isinstance(x, SecretArray):
        return x.dtype
    return {"b": sbool, "i": sint, "f": DEFAULT}[x.dtype.kind]


def common(*operands: "SecretArray | np.ndarray") -> SecretType:
    """The type in which operands meet: public floats take the scale of the fixed-point secrets."""
    secrets = [x.dtype for x in operands if isinstance(x, SecretArray)]
    best = promote(*secrets)
    for x in operands:
        if not isinstance(x, SecretArray) and not (x.dtype.kind == "f" and best.kind == "f"):
            best = promote(best, type_of(x))
    return best


def words(x: np.ndarray, f: int) -> Words:
    """A public array as words at scale f. Error: half a step, 2^-(f+1), for floats."""
    if x.dtype.kind == "f":
        try:
            w = fixed.encode(x, f)
        except OutOfRange:
            if np.isfinite(x).all():
                raise
            raise OutOfRange(_NO_NAN) from None
    elif f and x.size and max(abs(int(x.max())), abs(int(x.min()))) >= LIMIT >> f:
        raise OutOfRange(f"a public integer does not fit the ring at {f} fraction bits")
    else:
        w = as_words(x) if f == 0 else np.asarray(as_words(x) << np.uint64(f))
    return said(w, x)


def said(w: Words, x: np.ndarray) -> Words:
    """The words w; a single number is remembered as the user wrote it, for a diff of plans."""
    if x.size == 1:
        current().plan.said[int(w.reshape(-1)[0])] = str(x.item())
    return w


def at_scale(x: "SecretArray | np.ndarray", f: int) -> "Call | Words":
    """The operand as numbers at scale f, which must not be less than its own. Exact but for
    public floats, which are rounded to 2^-f."""
    if not isinstance(x, SecretArray):
        return words(x, f)
    if x.dtype.f == f:
        return x.word
    return current().record(ideal.scale, x.word, as_words(1 << (f - x.dtype.f)))


def shared(x: "SecretArray | np.ndarray", t: SecretType) -> Call:
    """The operand as a call of type t, which is not below its own type; public ones become
    sharings of a known value."""
    if t == sbool:
        if isinstance(x, SecretArray):
            return x.call
        return current().record(ideal.public_bits, x)
    y = at_scale(x, t.f)
    return y if isinstance(y, Call) else current().record(ideal.public, y)


def secret(x: "SecretArray | np.ndarray", t: SecretType | None = None) -> SecretArray:
    """The operand as a secret array (of type t if given)."""
    if isinstance(x, SecretArray) and t in (None, x.dtype):
        return x
    t = t or type_of(x)
    return SecretArray(shared(x, t), t)


def as_number(x: SecretArray) -> SecretArray:
    """Booleans as the integers 0 and 1; everything else as it is."""
    return x if x.dtype.kind != "b" else SecretArray(x.word, number(x.dtype))
