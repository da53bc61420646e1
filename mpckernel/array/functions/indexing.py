"""Reading at secret positions: flags of each position, then one product with the table.

For m positions in a table of n rows: 192 bits for each of the next power of two above n flags a
position, 9 rounds and more for wide bounds; a public table of up to 2^12 rows costs a third. In
larger tables positions and rows are sorted together, at the price of a sort of n + m rows. A
position outside 0 .. n-1 reads 0: what it is stays secret.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from mpckernel.array.dtypes import DEFAULT, sbool, sint
from mpckernel.array.functions import shaping
from mpckernel.array.functions.order import by_sorting, placed, places_of
from mpckernel.array.offered import offered
from mpckernel.array.publics import as_number, operand, secret, words
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask, narrowed, refuse_filter
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import fitting, ideal, ordering
from mpckernel.ring.words import signed
from mpckernel.runtime.cell import current

MOST_FLAGS = 2**12  # rows of a table that is read by flags


def _digits(index: SecretArray, n: int) -> SecretArray:
    """The low bits of positions, lowest first on a new leading axis; all set where a position is
    outside 0 .. n-1. 2^bits > n."""
    d = n.bit_length()
    bits = ask(ideal.to_bits, index, dtype=sbool, width=max(index.bound.bit_length() + 1, d + 1))
    return bits[:d] | np.any(bits[d:], axis=0)[None]


def _whole(index: Any) -> SecretArray:
    x = secret(operand(index))
    if x.dtype.kind == "f":
        raise Unsupported("positions are whole numbers; x.astype(int) makes them so")
    return as_number(x)


def flags(index: SecretArray, n: int) -> SecretArray:
    """(n, ...) integers, 1 where the position is 0, 1, 2, ...; none where it is outside."""
    if n == 0 or index.size == 0:
        return secret(np.zeros((n, *index.shape), np.int64))
    if n > MOST_FLAGS:
        raise Unsupported(f"flags of more than {MOST_FLAGS} positions; np.take sorts instead")
    return ask(ordering.one_hot, _digits(index, n), dtype=sint)[:n]


@offered
def one_hot(index: Any, n: int) -> SecretArray:
    """Flags on a new last axis of public length n: 1 at the secret position, 0 elsewhere.

    No flag is set for a position outside. 192 bits for each of the next power of two above n.
    """
    if not isinstance(n, int | np.integer) or n < 0:
        raise UsageError("one_hot: n is a public whole number")
    return np.moveaxis(flags(_whole(index), int(n)), 0, -1)


@offered
def lookup(table: Any, index: Any, axis: int = 0) -> SecretArray:
    """The rows of a public or secret table at secret positions; see np.take.

    Error: exact; public floats are rounded to 2^-f
    """
    return _read(operand(table), _whole(index), axis)


def _read(table: Any, index: SecretArray, axis: int) -> SecretArray:
    """The table along one axis at the positions, which take the place of this axis."""
    k = normalize_axis_index(axis, table.ndim)
    rows = np.moveaxis(table, k, 0)
    n, columns = rows.shape[0], rows.shape[1:]
    flat = np.reshape(rows, (n, prod(columns)))
    at = np.reshape(index, (index.size,))
    if not (n and flat.size and at.size):
        found = secret(np.zeros((at.size, flat.shape[1])), _type(table))
    elif n > MOST_FLAGS:
        found = _merged(secret(flat), at)
    elif isinstance(flat, np.ndarray):
        found = _from_public(flat, at)
    else:
        found = _from_secret(flat, at)
    out = np.reshape(found, (*index.shape, *columns))
    return np.moveaxis(out, tuple(range(index.ndim)), tuple(range(k, k + index.ndim)))


def _type(table: Any) -> Any:
    return table.dtype if isinstance(table, SecretArray) else secret(operand(table[:0])).dtype


def _from_public(table: np.ndarray, at: SecretArray) -> SecretArray:
    """Read by two parties that turn it (fitting.lookup)."""
    kind = table.dtype.kind
    n, f = len(table), DEFAULT.f if kind == "f" else 0
    digits = _digits(at, n)
    entries = signed(words(table.astype(np.int64) if kind == "b" else table, f))
    rows = np.zeros((table.shape[1], 2 ** digits.shape[0]), np.int64)
    rows[:, :n] = entries.T
    told = tuple(tuple(row) for row in rows.tolist())
    found = ask(fitting.lookup, digits, dtype=DEFAULT if kind == "f" else sint, table=told)
    return np.transpose(found) if kind != "b" else np.transpose(found) > 0


def _from_secret(table: SecretArray, at: SecretArray) -> SecretArray:
    rows = as_number(table)
    chosen = np.transpose(flags(at, len(table)))
    call = current().record(ideal.matmul, chosen.call, rows.call, n=len(table))
    found = narrowed(SecretArray(call, rows.dtype), rows.bound)
    return found > 0 if table.dtype == sbool else found


def _merged(table: SecretArray, at: SecretArray) -> SecretArray:
    """Sorted by position, rows before those who read them: a row adds what differs from the one
    before it, so that the running sum at a reader is the row it asks for."""
    rows, n = as_number(table), len(table)
    none = np.zeros((1, rows.shape[1]), np.int64)
    steps = np.diff(np.concatenate([none, rows, none]), axis=0)
    pad = np.zeros((at.size, rows.shape[1]), np.int64)
    places = places_of(np.concatenate([np.arange(n + 1), at]))
    moved = placed(places, np.concatenate([steps, pad]))
    sums = ask(ideal.running, moved, dtype=rows.dtype, axis=0, n=n + 1)
    found = ask(ordering.unpermute, places, sums, dtype=rows.dtype)[n + 1 :]
    found = narrowed(found, rows.bound)
    return found > 0 if table.dtype == sbool else found


# NumPy's names


@implements("x[...]")
def getitem(x: SecretArray, key: Any) -> SecretArray:
    """Elements at public positions of all kinds, or at one array of secret integers (np.take)."""
    if isinstance(key, SecretArray) and key.dtype.kind == "i":
        return take(x, key, 0)
    return shaping.getitem(x, key)


@implements(np.take)
def take(a: Any, indices: Any, axis: int | None = None) -> SecretArray:
    """Elements at public or secret positions along one axis (flat if None); outside reads 0.

    Positions that np.argsort gave move rows for the price of a shuffle.
    """
    if not isinstance(indices, SecretArray):
        return shaping.take(a, indices, axis)
    if indices.dtype == sbool:
        refuse_filter(indices)
    x = np.ravel(operand(a)) if axis is None else operand(a)
    k = normalize_axis_index(axis or 0, x.ndim)
    ordered = by_sorting(indices, secret(x), k) if indices.ndim == 1 else None
    return _read(x, _whole(indices), k) if ordered is None else ordered


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> SecretArray:
    """For each row its own elements, at public or secret positions; outside reads 0."""
    x = np.ravel(operand(arr)) if axis is None else operand(arr)
    at = operand(indices)
    if at.ndim != x.ndim:
        raise UsageError("np.take_along_axis: positions have as many axes as the array")
    k = normalize_axis_index(0 if axis is None else axis, x.ndim)
    if isinstance(at, np.ndarray):
        if at.dtype.kind != "i":
            raise UsageError("np.take_along_axis: positions are whole numbers")
        places = [np.arange(n).reshape(-1, *[1] * (x.ndim - 1 - j)) for j, n in enumerate(x.shape)]
        places[k] = at
        return x[tuple(places)]
    ordered = by_sorting(at, secret(x), k)
    if ordered is not None:
        return ordered
    index, rows = (np.moveaxis(v, k, -1) for v in (_whole(at), secret(x)))
    chosen = np.moveaxis(flags(index, rows.shape[-1]), 0, -1)
    numbers = as_number(rows)
    found = _dot(chosen, numbers[..., None, :])
    found = found > 0 if rows.dtype == sbool else found
    return np.moveaxis(found, -1, k)


def _dot(chosen: SecretArray, rows: SecretArray) -> SecretArray:
    """The row's element whose flag is set."""
    call = current().record(ideal.dot, chosen.call, rows.call, n=rows.shape[-1])
    return narrowed(SecretArray(call, rows.dtype), rows.bound)
