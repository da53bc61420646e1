"""Sorting: where each element goes is found in secret, then rows go there. Nothing leaks.

A stable radix sort on the bits that the public bound allows, or all pairs on short axes,
whichever is cheaper (protocols/composed/sorting.py). For n elements with keys of l bits in rows:
about (25 w + l) l / 3 bits an element, w = log2(n), and 2 l rounds; so a bound declared where a
column is shared makes its sort cheaper.
"""

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from mpckernel.array.dtypes import sint
from mpckernel.array.offered import offered
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask
from mpckernel.errors import UsageError
from mpckernel.protocols import ideal, ordering
from mpckernel.protocols.composed import sorting
from mpckernel.ring.words import as_words
from mpckernel.runtime.call import Call
from mpckernel.runtime.cell import current

_MADE: "WeakKeyDictionary[Call, tuple[SecretArray, int]]" = WeakKeyDictionary()
"""Of what argsort gave, the places it came from, and along which axis: it is a permutation."""


def places_of(*keys: SecretArray, down: bool = False) -> SecretArray:
    """Where each element of the last axis goes in the stable order of the keys, the last first."""
    cell = current()
    sure = not cell.promised
    call = sorting.places(cell.record, *(k.call for k in keys), down=down, sure=sure)
    return SecretArray(call, sint)


def placed(places: SecretArray, x: SecretArray) -> SecretArray:
    """Row k of x at places[k], along the last axis of places."""
    if places.size == 0 or places.shape[-1] < 2:
        return x
    function = ordering.permute_bits if x.dtype.kind == "b" else ordering.permute
    return ask(function, places, x, dtype=x.dtype)


def numbers(shape: tuple[int, ...]) -> SecretArray:
    """0, 1, 2, ... along the last axis, as a sharing."""
    counted = np.broadcast_to(np.arange(shape[-1]), shape)
    return SecretArray(current().record(ideal.public, as_words(counted)), sint)


def last(a: Any, axis: int | None) -> SecretArray:
    """The array with the axis to be sorted last; flat if None."""
    x = secret(operand(a))
    return np.ravel(x) if axis is None else np.moveaxis(x, axis, -1)


def _axis_back(x: SecretArray, axis: int | None) -> SecretArray:
    return x if axis is None else np.moveaxis(x, -1, axis)


@implements(np.sort)
def sort(
    a: SecretArray,
    axis: int | None = -1,
    kind: Any = None,
    order: Any = None,
    *,
    stable: Any = None,
) -> SecretArray:
    """In ascending order along one axis; [::-1] for descending.

    Linear in n (see above) and 256 bits a number to move it. Leaks nothing.
    """
    _known(kind, order, stable)
    x = last(a, axis)
    return _axis_back(placed(places_of(x), x), axis)


def _known(kind: Any, order: Any, stable: Any) -> None:
    """Every kind of sort is the stable one; there are no fields."""
    if order is not None or kind not in (None, "quicksort", "mergesort", "heapsort", "stable"):
        raise UsageError("sorting secrets: kind= is one of NumPy's, and there is no order=")
    if stable not in (None, True, False):
        raise UsageError("sorting secrets: stable= is True or False")


@implements(np.argsort)
def argsort(
    a: SecretArray,
    axis: int | None = -1,
    kind: Any = None,
    order: Any = None,
    *,
    stable: Any = None,
) -> SecretArray:
    """The positions that sort, as secret integers; stable. x[np.argsort(y)] sorts x by y.

    The price of np.sort; moving x costs 256 bits a number more. Leaks nothing.
    """
    _known(kind, order, stable)
    x = last(a, axis)
    return _positions(places_of(x), axis)


def _positions(places: SecretArray, axis: int | None) -> SecretArray:
    positions = placed(places, numbers(places.shape))
    if places.ndim > 1:
        positions = _axis_back(positions, axis)
    k = 0 if axis is None else normalize_axis_index(axis, positions.ndim)
    _MADE[positions.call] = places, k
    return positions


def by_sorting(index: SecretArray, x: SecretArray, axis: int) -> SecretArray | None:
    """x in the order of an index that argsort or lexsort gave for this axis: the price of a
    shuffle. None for any other index."""
    places, along = _MADE.get(index.call, (None, -1))
    if places is None:
        return None
    if index.ndim == 1 and index.shape == (x.shape[axis],):
        return np.moveaxis(placed(places, np.moveaxis(x, axis, 0)), 0, axis)
    if index.shape == x.shape and along == axis:
        return np.moveaxis(placed(places, np.moveaxis(x, axis, -1)), -1, axis)
    return None


@implements(np.lexsort)
def lexsort(keys: Any, axis: int = -1) -> SecretArray:
    """The positions that sort by several keys, the last one first of all; stable.

    One sort by all their bits together. Leaks nothing.
    """
    rows = [keys[k] for k in range(len(keys))]
    if not rows:
        raise UsageError("np.lexsort takes at least one key")
    if len({np.shape(k) for k in rows}) > 1:
        raise UsageError("np.lexsort: keys have one shape")
    return _positions(places_of(*(last(k, axis) for k in rows)), axis)


@implements(np.partition)
def partition(a: SecretArray, kth: Any, axis: int | None = -1, kind: Any = None) -> SecretArray:
    """Sorted altogether, which a partition may be."""
    _within(kth, a, axis)
    return sort(a, axis, kind if kind != "introselect" else None)


@implements(np.argpartition)
def argpartition(a: SecretArray, kth: Any, axis: int | None = -1, kind: Any = None) -> SecretArray:
    """The positions that sort altogether, which a partition may be."""
    _within(kth, a, axis)
    return argsort(a, axis, kind if kind != "introselect" else None)


def _within(kth: Any, a: SecretArray, axis: int | None) -> None:
    n = a.size if axis is None else a.shape[normalize_axis_index(axis, a.ndim)]
    places = np.asarray(kth)
    if places.dtype.kind not in "iu" or not ((places >= -n) & (places < n)).all():
        raise UsageError(f"kth= is a public position among {n} elements")


@offered
def topk(x: Any, k: int, axis: int = -1) -> tuple[SecretArray, SecretArray]:
    """(values, positions) of the k largest elements, in descending order; the price of a sort.

    Of equal elements the first come first, as with a stable sort.
    """
    y = last(as_number(secret(operand(x))), axis)
    n = y.shape[-1]
    if not isinstance(k, int | np.integer) or not 0 <= k <= n:
        raise UsageError(f"topk: k is a public number from 0 to {n}")
    places = places_of(y, down=True)
    both = placed(places, np.stack([y, _like(y)], -1))
    values, at = both[..., :k, 0], SecretArray(both[..., :k, 1].call, sint)
    at.call.bound = min(at.bound, max(n - 1, 0))
    return (np.moveaxis(values, -1, axis), np.moveaxis(at, -1, axis))


def _like(y: SecretArray) -> SecretArray:
    """Positions, shown as the type of y so that both stand in one array of words."""
    return SecretArray(numbers(y.shape).call, y.dtype)


@offered
def shuffle(x: Any, *more: Any) -> Any:
    """Rows in a random order that nobody knows; several arrays in the same one.

    Rows lie along the first axis; columns may be of any type. 256 bits a number, 3 rounds.
    """
    xs = [secret(operand(v)) for v in (x, *more)]
    counts = {v.shape[0] if v.ndim else 0 for v in xs}
    if any(v.ndim == 0 for v in xs) or len(counts) > 1:
        raise UsageError("shuffle: arrays with the same number of rows")
    n = counts.pop()
    if len(xs) == 1 and xs[0].dtype.kind != "b":
        return xs[0] if n < 2 else ask(ordering.shuffle, xs[0], dtype=xs[0].dtype)
    places = numbers((n,)) if n < 2 else ask(ordering.shuffle, numbers((n,)), dtype=sint)
    out = tuple(placed(places, v) for v in xs)
    return out if more else out[0]
