"""Targets of losses: numbers of classes, flags of them, shares of each.

What a secret target is nobody sees. That it is one is a promise: a bit of those that a cell opens
before it commits, or of the step that is recorded. Public targets are looked at.
Source: none. Of a row of whole numbers with sum s and squares q, 2 (s - 1)^2 + q - 1 is never
negative, and 0 for one 1 among zeros alone, since q >= s.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import number
from mpckernel.array.functions.fused import declared
from mpckernel.array.functions.indexing import one_hot
from mpckernel.array.functions.ranges import must_hold, within
from mpckernel.array.operators import here
from mpckernel.array.publics import secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.nn import limits, norms


def shares_of(name: str, x: Any, target: Any) -> Any:
    """Shares (n, k) of classes for rows (n, k) of a loss, from classes (n,) or such shares."""
    rows, given = tuple(x.shape), tuple(target.shape)
    if len(rows) != 2 or given not in (rows, rows[:1]):
        flat = "; classes are y.reshape(-1)" if given == (*rows[:1], 1) else ""
        raise UsageError(
            f"{here()}{name}: outputs have shape {rows}, targets {given}; it takes outputs (n, k), "
            f"and classes (n,) or shares of each (n, k){flat}"
        )
    if rows[1] == 1:
        raise UsageError(
            f"{here()}{name} compares classes, and there is one output: BCEWithLogitsLoss is for "
            "one, or let the last layer have one for each class"
        )
    return flags_of(target, rows[1], name) if given != rows else numbers(target)


def flags_of(target: Any, k: int, of: str) -> Any:
    """Classes, secret or public whole numbers from 0 to k - 1, one-hot on a new last axis.

    of: the function that takes them, for errors. Leaks the bit of a cell's promises, for secret
    numbers. Raises UsageError for public ones that are no class.
    """
    says = f"classes that {of} takes are 0 .. {k - 1}, of {k} outputs"
    if isinstance(target, SecretArray):
        flags = one_hot(target, k)
        if target.dtype.kind != "b" or k < 2:
            promised(np.sum(flags) == target.size, says)
        return norms.knows(flags, row=1.0) if target.ndim == 1 else flags
    classes = np.asarray(target)
    if classes.dtype.kind == "f":
        raise UsageError(f"{here()}classes that {of} takes are whole numbers; y.astype(int)")
    if not ((classes >= 0) & (classes < k)).all():
        raise UsageError(f"{here()}{says}; there are {classes.min()} .. {classes.max()}")
    return np.eye(k, dtype=np.int64)[classes.astype(np.int64)]


def are_flags(shares: Any) -> bool:
    """Whether what is known of rows of shares says that each is one 1 among zeros."""
    if isinstance(shares, SecretArray):
        return shares.dtype.kind == "i" and norms.row(shares) <= 1
    return bool((np.sum(shares, axis=1) == 1).all() and ((shares == 0) | (shares == 1)).all())


def as_flags(shares: Any, of: str) -> tuple[Any, bool]:
    """Shares (n, k) of k > 1 classes, and whether each row is one 1 among zeros: secret whole
    numbers promise it, if it is not known of them."""
    shares = numbers(shares)
    if not isinstance(shares, SecretArray) or shares.dtype.kind != "i" or are_flags(shares):
        return shares, are_flags(shares)
    says = f"targets of {of} that are whole numbers are flags, one 1 in a row"
    if norms.largest(shares) > 1:
        shares, holds = within(shares, bound=1, says=says)
        limits.watch(holds)
    beside, flat = np.sum(shares, axis=1) - 1, np.ravel(shares)
    promised(2 * np.dot(beside, beside) + np.dot(flat, flat) == shares.shape[0], says)
    return norms.knows(shares, row=1.0), True


def totals(shares: Any) -> Any:
    """The sums of rows of shares, (n, 1); None if they are public, and all of them are 1."""
    found = np.sum(shares, axis=1, keepdims=True)
    public = not isinstance(found, SecretArray)
    return None if public and np.allclose(found, 1, rtol=0, atol=2.0**-20) else found


def shares_of_one(target: Any) -> Any:
    """Targets as numbers from 0 to 1. Secret ones of a larger bound promise it: to the cell, or to
    the step that is recorded."""
    y = numbers(target)
    if isinstance(y, SecretArray) and y.bound > 1 << y.dtype.f:
        says = "targets of BCEWithLogitsLoss lie between 0 and 1 (y == 1 makes others so)"
        limits.watch(within(2 * y - 1, bound=1, says=says)[1])
        y = declared(y, 1)
    return y


def numbers(x: Any) -> Any:
    """Booleans as numbers, once for all uses."""
    if isinstance(x, SecretArray) and x.dtype.kind == "b":
        return SecretArray(x.word, number(x.dtype), x.owners)
    return x


def promised(holds: Any, says: str) -> None:
    """A secret bit that the cell, or the step that is recorded, counts on."""
    if limits.in_step():
        limits.watch(secret(holds))
    else:
        must_hold(holds, says)
