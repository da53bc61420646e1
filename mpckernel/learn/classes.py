"""Labels that are classes: 0 and 1, or 0 .. k - 1.

Nobody sees a secret label, so whether all of them are classes is a secret bit. It joins those of
which the cell opens, before it commits, whether all hold (mpckernel.within); if one does not, the
cell ends with RangeLeft, which lists what was asked of its labels. Public labels are looked at.
Source: none. Of integers y^2 - y is never negative, and 0 for 0 and 1 alone: one product of all
labels, and one number compared with 0.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import sfix24
from mpckernel.array.functions.fused import declared
from mpckernel.array.functions.indexing import one_hot
from mpckernel.array.functions.ranges import must_hold
from mpckernel.array.operators import here
from mpckernel.array.publics import as_number, secret
from mpckernel.array.secret import SecretArray, ask
from mpckernel.errors import UsageError
from mpckernel.learn.base import taken, vector
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import LIMIT
from mpckernel.runtime.plan import Call

_ROUNDED = 2.0**-10  # a probability that a model has computed may be so far beyond 0 and 1
_BITS = " (y > 0 makes 1 and -1 so, p > 0.5 probabilities)"


def labels_of(model: Any, method: str) -> str:
    """What the labels that a method of a model takes are called."""
    known = f" with n_classes={model.n_classes}" if hasattr(model, "n_classes") else ""
    return f"labels of {type(model).__name__}.{method}{known}"


def flags_of(y: Any, of: str) -> SecretArray:
    """Labels as secret booleans; see ones_of."""
    found = taken(y)
    if isinstance(found, np.ndarray):
        return secret(_seen(found, of))
    if found.dtype.kind == "b":
        return found
    if found.dtype.kind == "f" or not (_from_bits(found.call) or _short(found)):
        return _by_equality(found, of)
    return ones_of(found, of) > 0  # type: ignore[no-any-return]


def ones_of(y: Any, of: str) -> SecretArray:
    """Labels, booleans or numbers that are 0 or 1, as secret integers of bound 1.

    of: what they are, "labels of f1_score". Booleans and what is made of them are free. Leaks, of
    other secrets, the bit that a cell opens of all its promises. Raises UsageError for public
    labels that are not 0 or 1, and for secret numbers in a recorded function.
    """
    found = taken(y)
    if isinstance(found, np.ndarray) or found.dtype.kind == "b":
        return as_number(flags_of(found, of))
    if found.dtype.kind == "f" or not (_from_bits(found.call) or _short(found)):
        return as_number(_by_equality(found, of))
    if not _from_bits(found.call):
        must_hold(_all_bits(found), f"{of} are 0 or 1{_BITS}")
    return declared(found, 1)


def class_flags(y: Any, rows: int, classes: int, of: str) -> SecretArray:
    """(rows, classes) integers: 1 at the class of each row. y: booleans or 0 .. classes - 1.

    of: as in ones_of, and so are leaks and errors. Free for booleans; two classes cost a product,
    more of them mpckernel.one_hot.
    """
    if not isinstance(classes, int) or classes < 2:
        raise UsageError("n_classes is a public whole number, at least 2")
    labels = vector(y, rows)
    if labels.dtype.kind == "f":
        raise UsageError("labels are whole numbers or booleans; y.astype(int) makes them so")
    if classes == 2:
        one = ones_of(labels, of)
        return np.stack([1 - one, one], -1)
    if isinstance(labels, np.ndarray):
        if not ((labels >= 0) & (labels < classes)).all():
            raise UsageError(f"{here()}{of} are 0 .. {classes - 1}")
        return secret((labels[:, None] == np.arange(classes)).astype(np.int64))
    flags = one_hot(as_number(labels), classes)
    if labels.dtype.kind != "b":
        all_have_one(flags, rows, classes, of)
    return flags


def all_have_one(counted: SecretArray, rows: int, classes: int, of: str) -> None:
    """Promise that flags of classes, or counts of rows that have one, are as many as the rows."""
    must_hold(np.sum(counted) == rows, f"{of} are 0 .. {classes - 1}")


def whole(y: Any, of: str) -> Any:
    """Labels as they are: whole numbers or booleans, also among the reals. Leaks and errors as in
    ones_of."""
    found, says = taken(y), f"{of} are whole numbers (p > 0.5 makes probabilities so)"
    if found.dtype.kind != "f":
        return found
    same = np.floor(found) == found
    if isinstance(found, SecretArray):
        must_hold(np.all(same), says)
    elif not same.all():
        raise UsageError(f"{here()}{says}")
    return found


def probabilities(p: SecretArray | np.ndarray, of: str) -> SecretArray:
    """p as secret reals, which are from 0 to 1 up to roundings. Leaks and errors as in ones_of."""
    says = f"{of} are from 0 to 1"
    inside = np.all((p > -_ROUNDED) & (p < 1 + _ROUNDED))
    if isinstance(p, SecretArray):
        must_hold(inside, says)
    elif not inside:
        raise UsageError(f"{here()}{says}")
    return secret(p).astype(sfix24)


def right(predicted: SecretArray, y: Any, classes: int, of: str) -> SecretArray:
    """The mean accuracy: how many predictions are the label, over how many there are.

    Two classes: labels as in ones_of. More: a label beyond them is never predicted.
    """
    found = vector(y, len(predicted))
    known = ones_of(found, of) if classes == 2 else as_number(secret(found))
    return np.mean(predicted == known)


def _seen(y: np.ndarray, of: str) -> np.ndarray:
    """Public labels as booleans."""
    if not ((y == 0) | (y == 1)).all():
        raise UsageError(f"{here()}{of} are 0 or 1{_BITS}")
    return y.astype(bool)


def _by_equality(y: SecretArray, of: str) -> SecretArray:
    """Of reals, and of integers whose squares might not fit: 2 n comparisons with 0 and 1."""
    zero, one = y == 0, y == 1
    must_hold(np.all(zero | one), f"{of} are 0 or 1{_BITS}")
    return one  # type: ignore[no-any-return]


def _short(y: SecretArray) -> bool:
    return y.size * y.bound * (y.bound + 1) < LIMIT


def _all_bits(y: SecretArray) -> SecretArray:
    flat = np.ravel(y)
    squares = ask(ideal.dot, flat, flat, dtype=y.dtype, n=y.size)
    return squares == np.sum(flat)


def are_bits(y: Any) -> bool:
    """Whether these are booleans, or integers that the plan shows to be booleans as numbers."""
    secretly = isinstance(y, SecretArray) and y.dtype.kind == "i"
    return _from_bits(y.call) if secretly else y.dtype.kind == "b"


def _from_bits(call: Call) -> bool:
    """Whether integers are booleans as numbers, moved about."""
    todo: list[Any] = [call]
    while todo:
        one = todo.pop()
        if not isinstance(one, Call) or one.op is None:
            return False
        name = one.op.ideal.name
        if name == ideal.move.name:
            todo += one.operands
        elif name != ideal.bit_to_word.name:
            return False
    return True
