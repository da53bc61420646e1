"""Reductions: sums are free, extremes and any/all are tournaments of log2(n) steps."""

from collections.abc import Callable
from math import prod as product_of
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array import widening
from mpckernel.array.dtypes import SecretType, number, sbool, type_from
from mpckernel.array.functions.choosing import extreme
from mpckernel.array.functions.comparing import truth
from mpckernel.array.functions.products import TIMES, product
from mpckernel.array.publics import as_number, operand, secret
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import ideal

Axis = Any


def _axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    return tuple(range(ndim)) if axis is None else tuple(sorted(normalize_axis_tuple(axis, ndim)))


def _kept(x: SecretArray, before: tuple[int, ...], axes: tuple[int, ...], keep: bool) -> Any:
    if not keep:
        return x
    return np.reshape(x, tuple(1 if k in axes else n for k, n in enumerate(before)))


def only(a: Any, where: Any, otherwise: Any) -> Any:
    """The elements a mask keeps, the public value elsewhere; a itself without a mask."""
    if where is None or where is True:
        return a
    mask = truth(where)
    shape = np.broadcast_shapes(a.shape, mask.shape)
    if shape != a.shape:
        raise UsageError("where= must broadcast to the shape of the array")
    return np.where(mask, a, bool(otherwise) if a.dtype.kind == "b" else otherwise)


def refuse_bool(t: SecretType | None) -> None:
    """Sums and products are numbers here."""
    if t == sbool:
        raise Unsupported("dtype=bool: use np.any or np.all, or np.count_nonzero to count")


@implements(np.sum, np.nansum)
def sum_(
    a: SecretArray,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> SecretArray:
    """Sums over axes; free; swide if they might not fit. where= a public or secret mask (a choice).

    Booleans are counted.
    """
    t = None if dtype is None else type_from(dtype, a.dtype)
    refuse_bool(t)
    wide = t is not None and t.kind == "w"
    a = only(a if t is None or wide else a.astype(t), where, otherwise=0)
    axes = _axes(axis, a.ndim)
    n = product_of(a.shape[k] for k in axes)
    total: Any
    if wide or n * a.word.bound >= ideal.LIMIT:
        total = widening.total(as_number(a), axes)
    else:
        total = ask(ideal.total, a.word, dtype=number(a.dtype), axis=axes, n=n)
    total = _kept(total, a.shape, axes, keepdims)
    return total if initial is None else total + initial


@implements(np.count_nonzero)
def count_nonzero(a: SecretArray, axis: Axis = None, *, keepdims: bool = False) -> SecretArray:
    """How many elements are not 0, as a secret integer."""
    return sum_(truth(a), axis, keepdims=keepdims)


Pair = Callable[[Any, Any], Any]


def tournament(a: SecretArray, axis: Axis, keep: bool, pair: Pair, start: Any) -> SecretArray:
    """Halves are paired until one is left; `start` is the result for no elements.

    What is paired lies along the first axis, where whole rows move at once.
    """
    axes = _axes(axis, a.ndim)
    rest = [k for k in range(a.ndim) if k not in axes]
    n = product_of(a.shape[k] for k in axes)
    outer = tuple(a.shape[k] for k in rest)
    if n == 0:
        if start is None:
            raise UsageError("this reduction has no result for zero elements")
        return _kept(secret(np.full(outer, start), a.dtype), a.shape, axes, keep)
    x = np.reshape(np.transpose(a, (*axes, *rest)), (n, *outer))
    while n > 1:
        half, odd = n // 2, n % 2
        paired = pair(x[:half], x[half : 2 * half])
        x, n = np.concatenate([paired, x[2 * half :]]) if odd else paired, half + odd
    return _kept(x[0], a.shape, axes, keep)


def _extreme(
    a: SecretArray, axis: Axis, keep: bool, initial: Any, where: Any, largest: bool
) -> SecretArray:
    if where is not None and initial is None:
        raise UsageError("where= needs initial=, the result where no element is kept")
    a = only(a, where, otherwise=initial)
    found = tournament(a, axis, keep, lambda x, y: extreme(x, y, largest), initial)
    return found if initial is None else extreme(found, operand(initial), largest)


@implements(np.max, np.nanmax)
def max_(
    a: SecretArray,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> SecretArray:
    """The largest element; exact. With a mask where=, it starts from initial=."""
    return _extreme(a, axis, keepdims, initial, where, largest=True)


@implements(np.min, np.nanmin)
def min_(
    a: SecretArray,
    axis: Axis = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> SecretArray:
    """The smallest element; exact. With a mask where=, it starts from initial=."""
    return _extreme(a, axis, keepdims, initial, where, largest=False)


@implements(np.ptp)
def ptp(a: SecretArray, axis: Axis = None, *, keepdims: bool = False) -> SecretArray:
    """The largest element minus the smallest; exact."""
    return max_(a, axis, keepdims=keepdims) - min_(a, axis, keepdims=keepdims)


@implements(np.any)
def any_(
    a: SecretArray, axis: Axis = None, *, keepdims: bool = False, where: Any = None
) -> SecretArray:
    """Whether some element is true: a tree of `or`, one bit an element."""
    kept = only(truth(a), where, otherwise=False)
    return tournament(kept, axis, keepdims, lambda x, y: x | y, start=False)


@implements(np.all)
def all_(
    a: SecretArray, axis: Axis = None, *, keepdims: bool = False, where: Any = None
) -> SecretArray:
    """Whether every element is true: a tree of `and`, one bit an element."""
    kept = only(truth(a), where, otherwise=True)
    return tournament(kept, axis, keepdims, lambda x, y: x & y, start=True)


@implements(np.prod, np.nanprod)
def prod(
    a: SecretArray,
    axis: Axis = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> SecretArray:
    """Products over axes by a balanced tree, as far as the public bounds allow.

    Error: exact for integers; a step 2^-f per factor, times the other factors
    """
    refuse_bool(None if dtype is None else type_from(dtype))
    a = only(as_number(a if dtype is None else a.astype(dtype)), where, otherwise=1)
    found = tournament(a, axis, keepdims, lambda x, y: product(TIMES, x, y), 1)
    return found if initial is None else found * initial


@implements(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:  # noqa: ARG001  (no NaN)
    """Whether all elements are equal, as a secret boolean; public False for different shapes."""
    x, y = operand(a1), operand(a2)
    return all_(np.equal(x, y)) if x.shape == y.shape else False


@implements(np.array_equiv)
def array_equiv(a1: Any, a2: Any) -> Any:
    """As np.array_equal, for shapes that broadcast."""
    x, y = operand(a1), operand(a2)
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        return False
    return all_(np.equal(x, y))


@implements(np.allclose)
def allclose(
    a: Any,
    b: Any,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,  # noqa: ARG001  (there is no NaN)
) -> SecretArray:
    """Whether all elements are close (np.isclose), as a secret boolean."""
    return all_(np.isclose(a, b, rtol, atol))
