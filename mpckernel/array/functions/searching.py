"""How many elements of a table lie below each value: the root of searchsorted, digitize and isin.

Small: every value against every element, one comparison and one word each. Large: table and
values sorted together, flags of the table summed up on the way. Whichever is cheaper.
"""

from math import prod
from typing import Any

import numpy as np

from mpckernel.array.dtypes import sbool, sint
from mpckernel.array.functions.comparing import _edge
from mpckernel.array.functions.order import placed, places_of
from mpckernel.array.publics import as_number, common, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, narrowed
from mpckernel.errors import UsageError
from mpckernel.protocols import ideal, ordering
from mpckernel.protocols.composed import sorting
from mpckernel.ring.words import as_words
from mpckernel.runtime.cell import current

MOST_PAIRS = 2**24  # comparisons at once


def _as_integers(table: Any, v: Any, right: bool) -> tuple[Any, Any]:
    """Both as integers t, w with t < w (t <= w for `right`) exactly where the numbers are so."""
    t = common(table, v)
    if not isinstance(v, SecretArray):  # a < v iff word < ceil; a <= v iff word <= floor
        return _words(table), _edge(v, table.dtype.f, table.bound, up=not right, plus=False)
    if not isinstance(table, SecretArray):  # a < v iff floor < word; a <= v iff ceil <= word
        return _edge(table, v.dtype.f, v.bound, up=right, plus=False), _words(v)
    return tuple(_words(x.astype(t) if x.dtype != t else x) for x in (table, v))


def _words(x: SecretArray) -> SecretArray:
    return SecretArray(x.word, sint)


def count_below(table: Any, v: Any, right: bool = False) -> SecretArray:
    """For every element of v, how many of the table (one axis) are less; or not greater."""
    a, b = _as_integers(table, v, right)
    return _counted(a, b, right)


def below_edges(x: SecretArray, edges: np.ndarray) -> SecretArray:
    """How many elements of x (one axis) are less than each public edge; at the last one, not
    greater."""
    at = _edge(edges, x.dtype.f, x.bound, up=True, plus=False)
    at[-1:] = _edge(edges[-1:], x.dtype.f, x.bound, up=False, plus=True)
    return _counted(_words(x), at, right=False)


def _counted(a: Any, b: Any, right: bool) -> SecretArray:
    n, m = len(a), int(np.size(b))
    if n == 0 or m == 0:
        return secret(np.zeros(np.shape(b), np.int64))
    flat = np.reshape(b, (m,))
    found = _by_pairs(a, flat, right) if _pairs_are_cheaper(a, flat) else _merged(a, flat, right)
    return narrowed(np.reshape(found, np.shape(b)), n)


def _by_pairs(a: Any, b: Any, right: bool) -> SecretArray:
    below = a[None, :] <= b[:, None] if right else a[None, :] < b[:, None]
    return np.sum(below, axis=1)


def _merged(a: Any, b: Any, right: bool) -> SecretArray:
    """Of equal ones the values come first; for `right`, the table does."""
    n, m = len(a), len(b)
    table, values = (slice(0, n), slice(n, None)) if right else (slice(m, None), slice(0, m))
    places = places_of(np.concatenate([a, b] if right else [b, a]))
    marks = np.zeros(n + m, np.uint64)
    marks[table] = 1
    return _summed(places, marks)[values]


def _summed(places: SecretArray, marks: np.ndarray) -> SecretArray:
    """Running sums of public marks in the order of the places, back where they came from."""
    flags = SecretArray(current().record(ideal.public, as_words(marks)), sint)
    sums = ask(ideal.running, placed(places, flags), dtype=sint, axis=0, n=len(marks))
    return ask(ordering.unpermute, places, sums, dtype=sint)


def _pairs_are_cheaper(a: Any, b: Any, bits: int = 192) -> bool:
    """Against sorting both together; `bits` for each outcome of a comparison."""
    n, m = len(a), len(b)
    if n * m > MOST_PAIRS:
        return False
    bound = max(x.bound if isinstance(x, SecretArray) else _most(x) for x in (a, b))
    length = bound.bit_length() + 1
    size = n + m
    sort = sorting.cost(sorting.digits_for(length, size, size), size, size)
    sort += size * (16 * length + 700) + 18 * sorting.ROUND
    return n * m * (9 * length + bits) + 10 * sorting.ROUND < sort


def _most(x: np.ndarray) -> int:
    return max(int(x.max()), -int(x.min())) if x.size else 0


def _one_axis(x: Any, name: str) -> Any:
    table = operand(x)
    if table.ndim != 1:
        raise UsageError(f"{name}: an array with one axis")
    if isinstance(table, SecretArray):
        return as_number(table)
    return table.astype(np.int64) if table.dtype.kind == "b" else table


def _values(x: Any) -> Any:
    v = operand(x)
    return as_number(v) if isinstance(v, SecretArray) else v


@implements(np.searchsorted)
def searchsorted(a: Any, v: Any, side: str = "left") -> SecretArray:
    """How many elements of a table are less than each value (not greater, side="right").

    The table or the values, or both, are secret; a table need not be sorted. A comparison and a
    word for each pair, or one sort of both together. Leaks nothing.
    """
    if side not in ("left", "right"):
        raise UsageError("np.searchsorted: side= is 'left' or 'right'")
    return count_below(_one_axis(a, "np.searchsorted"), _values(v), side == "right")


@implements(np.digitize)
def digitize(x: Any, bins: Any, right: bool = False) -> SecretArray:
    """The number of the bin of each value, by public edges in order, or by secret rising ones.

    The price of np.searchsorted. Leaks nothing.
    """
    edges = _one_axis(bins, "np.digitize")
    if isinstance(edges, np.ndarray) and (np.diff(edges) < 0).any():
        if (np.diff(edges) > 0).any():
            raise UsageError("np.digitize: bins must rise or fall")
        return len(edges) - count_below(edges, _values(x), right=not right)
    return count_below(edges, _values(x), right=not right)


@implements(np.isin)
def isin(element: Any, test_elements: Any, *, invert: bool = False) -> SecretArray:
    """Whether each element is among the tested ones; all pairs, or sorted together.

    A test for zero for each pair, or one sort. Leaks nothing.
    """
    v, t = operand(element), np.ravel(operand(test_elements))
    if isinstance(t, np.ndarray):
        t = np.unique(t)
    if common(v, t) == sbool or not (np.size(v) and t.size):
        found = np.any(np.equal(np.expand_dims(v, -1), t), axis=-1) if t.size else None
        found = secret(np.zeros(np.shape(v), bool)) if found is None else found
    else:
        found = _among(_values(v), _values(t))
    return ~found if invert else found


def _among(v: Any, t: Any) -> SecretArray:
    a, b = _as_equal_integers(t, v)
    flat = np.reshape(b, (prod(np.shape(b)),))
    if _pairs_are_cheaper(a, flat, bits=0):
        return np.reshape(np.any(flat[:, None] == a[None, :], axis=-1), np.shape(b))
    n, m = len(a), flat.size
    places = places_of(np.concatenate([a, flat, a]))
    marks = as_words(np.repeat([1, 0, -1], [n, m, n]))  # those not greater less those below
    equal = narrowed(_summed(places, marks)[n : n + m], n)
    return np.reshape(equal > 0, np.shape(b))


def _as_equal_integers(t: Any, v: Any) -> tuple[Any, Any]:
    """Both as integers that are equal where the numbers are; public ones that no secret word can
    equal are left out of a table, and moved out of reach among values."""
    both = common(t, v)
    secrets = [x for x in (t, v) if isinstance(x, SecretArray)]
    if len(secrets) == 2:
        return tuple(_words(x.astype(both) if x.dtype != both else x) for x in (t, v))
    (x,), c = secrets, v if secrets[0] is t else t
    up, down = (_edge(c, x.dtype.f, x.bound, up=k, plus=False) for k in (True, False))
    if secrets[0] is v:
        kept = (up == down) & (np.abs(up) <= x.bound)
        return down[kept], _words(x)
    return _words(x), np.where(up == down, down, x.bound + 1)
