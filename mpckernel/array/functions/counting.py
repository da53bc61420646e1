"""Counting and keeping by secret values: bincount, unique, compress.

Results have public sizes: padded with zeros beside a secret mask, or cut to a size that is opened
on purpose (reveal_count=True: the count, to all, and nothing else; it stands in the ledger).
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import sbool, sint
from mpckernel.array.functions.comparing import truth
from mpckernel.array.functions.indexing import flags
from mpckernel.array.functions.order import placed, places_of
from mpckernel.array.functions.searching import count_below
from mpckernel.array.offered import offered
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.reveal import reveal
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, narrowed
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import ideal, ordering

MOST_FLAGS = 2**23  # at once; beyond, values are sorted


@implements(np.bincount)
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> SecretArray:
    """How often 0, 1, ..., minlength - 1 occur (or the sums of their weights); minlength is public.

    Other values are not counted. By flags for few bins (192 bits for each value and bin), by
    sorting for many. Leaks nothing.
    """
    y = secret(operand(x))
    if y.dtype.kind == "f" or y.ndim != 1:
        raise UsageError("np.bincount: one axis of whole numbers; x.astype(int) makes them so")
    if not isinstance(minlength, int | np.integer) or minlength < 1:
        raise Unsupported(
            "np.bincount: the number of bins would tell the largest value; give it as minlength="
        )
    minlength = int(minlength)
    few = len(y) << minlength.bit_length() <= MOST_FLAGS
    if weights is not None:
        w = operand(weights)
        if w.shape != y.shape:
            raise UsageError("np.bincount: one weight for each value")
        if not few:
            raise Unsupported("np.bincount: so many weighted bins are a matter for np.sum by parts")
        return np.matmul(flags(as_number(y), minlength), w)
    if few and minlength <= 64:
        return narrowed(np.sum(flags(as_number(y), minlength), axis=1), len(y))
    below = count_below(as_number(y), np.arange(minlength + 1))
    return narrowed(below[1:] - below[:-1], len(y))


@offered
def unique(
    x: Any,
    return_inverse: bool = False,
    return_counts: bool = False,
    *,
    reveal_count: bool = False,
) -> Any:
    """(values, mask): the distinct elements in ascending order, then zeros where the mask is false.

    return_inverse adds for each element which of the values it is, return_counts how often each
    occurs (0 where padded). reveal_count opens how many there are, to all; then only so many
    come back, and the mask is public. Leaks nothing otherwise. The price of two sorts, one of
    them by one bit.
    """
    y = np.ravel(as_number(secret(operand(x))))
    n = len(y)
    if n == 0:
        nothing = secret(np.zeros(0, np.int64))
        parts = [y, secret(np.zeros(0, bool)), *[nothing] * (return_inverse + return_counts)]
        return _cut(parts, 0) if reveal_count else tuple(parts)
    places = places_of(y)
    ordered = placed(places, y)
    new = np.concatenate([np.ones(1, bool), ordered[1:] != ordered[:-1]])
    first = SecretArray(new.word, sint)  # 1 where a value occurs for the first time
    values, mask, begins = _to_the_front(ordered, new, first)
    out = [values, mask]
    if return_inverse:
        which = narrowed(np.cumsum(first) - 1, n - 1)
        back = which if n < 2 else ask(ordering.unpermute, places, which, dtype=sint)
        out.append(np.reshape(back, np.shape(x)))
    if return_counts:
        ends = np.concatenate([begins[1:], np.full(1, n)])
        out.append(narrowed(ends - begins, n))
    if not reveal_count:
        return tuple(out)
    kept = [0, 1, 3] if return_inverse else range(len(out))
    return _cut(out, _opened(first), [k for k in kept if k < len(out)])


def _to_the_front(ordered: SecretArray, new: SecretArray, first: SecretArray) -> Any:
    """(values that are new, in order, then zeros; their mask; where each one begins, then n)."""
    n = len(ordered)
    kept = narrowed(ask(ideal.mul, first, ordered, dtype=ordered.dtype), ordered.bound)
    begins = first * (np.arange(n) - n) + n
    rows = np.stack([SecretArray(kept.call, sint), begins], axis=1)
    places = places_of(~new)
    moved, mask = placed(places, rows), placed(places, new)
    values = narrowed(SecretArray(moved[:, 0].call, ordered.dtype), ordered.bound)
    return values, mask, narrowed(moved[:, 1], n)


def _opened(first: SecretArray) -> int:
    """How many, to all parties; runs the plan so far."""
    return int(reveal(np.sum(first)))


def _cut(parts: Any, count: int, which: Any = None) -> tuple[Any, ...]:
    """The first `count` of each part (of those in `which`), the mask public."""
    cut = range(len(parts)) if which is None else which
    short = [x[:count] if k in cut else x for k, x in enumerate(parts)]
    short[1] = np.ones(count, bool)
    return tuple(short)


@offered
def compress(mask: Any, x: Any, *more: Any, reveal_count: bool | None = None) -> tuple[Any, ...]:
    """compress(mask, x, y) gives x, y and the mask, the rows for which it is true first, in order.

        x, y, _ = compress(mask, x, y, reveal_count=True)

    The mask has one axis, that of the rows. reveal_count=True opens how many it keeps, to all;
    only so many rows come back, and the mask that comes back is public. reveal_count=False leaks
    nothing: as many rows come back as before, zeros at the end where the secret mask that comes
    back is false, for code that uses it; a model would learn from the zeros. A sort by one bit.
    Raises UsageError without reveal_count.
    """
    if not isinstance(reveal_count, bool | np.bool_):
        raise UsageError(
            "compress takes reveal_count=: True opens how many rows the mask keeps, and only those "
            "come back; False leaves as many rows as before, zeros at the end, for code that uses "
            "the mask that comes back last"
        )
    keep = secret(truth(mask))
    rows = [secret(operand(v)) for v in (x, *more)]
    if keep.ndim != 1 or any(v.ndim == 0 or len(v) != len(keep) for v in rows):
        raise UsageError("compress: a mask with one axis, and arrays with as many rows")
    places = places_of(~keep)
    out = [placed(places, _kept(keep, v)) for v in rows]
    if not reveal_count:
        return (*out, placed(places, keep))
    count = _opened(SecretArray(keep.word, sint))
    return (*(v[:count] for v in out), np.ones(count, bool))


def _kept(keep: SecretArray, x: SecretArray) -> SecretArray:
    """x where the mask holds, else 0."""
    wide = np.reshape(keep, (len(keep), *[1] * (x.ndim - 1)))
    if x.dtype == sbool:
        return x & wide
    return narrowed(ask(ideal.mul, SecretArray(wide.word, sint), x, dtype=x.dtype), x.bound)
