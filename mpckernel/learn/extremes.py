"""Which one is the largest, as flags: what clusters, classes and splits are chosen by.

All pairs of up to 16 are compared at once; more of them in groups, and then the best of each
group. Ties go to the first, as with np.argmax. Nothing leaks.
Source: none; the tournament of np.argmax with a wider first round.
"""

from typing import Any

import numpy as np

from mpckernel.array.publics import as_number, secret
from mpckernel.array.secret import SecretArray, ask
from mpckernel.protocols import ideal

GROUP = 16  # compared all with all


def first_largest(x: SecretArray) -> SecretArray:
    """(..., m) integers: 1 at the first largest of the last axis, 0 elsewhere.

    Rounds for m <= 16: a comparison, log2(m) and 2; about 14 more for each factor of 16. Bits an
    element: (m - 1) / 2 comparisons, and 200. Leaks nothing.
    """
    m = x.shape[-1]
    if m == 1:
        return secret(np.ones(x.shape, np.int64))
    if m <= GROUP:
        return as_number(_first_of_few(x))
    groups = -(-m // GROUP)
    firsts = [x[..., :1]] * (groups * GROUP - m)  # copies of the first come later: they never win
    rows = np.reshape(np.concatenate([x, *firsts], -1), (*x.shape[:-1], groups, GROUP))
    inner = as_number(_first_of_few(rows))
    outer = first_largest(chosen(inner, rows))
    flags = inner * np.expand_dims(outer, -1)
    return np.reshape(flags, (*x.shape[:-1], groups * GROUP))[..., :m]


def first_smallest(x: SecretArray) -> SecretArray:
    """As first_largest, of the smallest."""
    return first_largest(-x)


def chosen(flags: SecretArray, x: SecretArray) -> SecretArray:
    """The element of the last axis whose flag is set; exact, one round."""
    found = ask(ideal.dot, flags, x, dtype=x.dtype, n=x.shape[-1])
    found.call.bound = min(found.bound, x.bound)
    return found


def positions(flags: SecretArray) -> SecretArray:
    """Which flag of the last axis is set, as an integer; free."""
    return np.sum(flags * np.arange(flags.shape[-1]), axis=-1)


def _first_of_few(x: SecretArray) -> SecretArray:
    """One is first if no earlier one is as large, and no later one larger."""
    m = x.shape[-1]
    i, j = np.triu_indices(m, 1)
    later = x[..., j] > x[..., i]
    both = np.concatenate([~later, later], -1)
    at = np.zeros((m, m), np.int64)
    at[i, j] = np.arange(i.size)
    at[j, i] = np.arange(i.size) + i.size
    others = at[~np.eye(m, dtype=bool)].reshape(m, m - 1)
    wins: Any = np.all(both[..., others], axis=-1)
    return wins  # type: ignore[no-any-return]
