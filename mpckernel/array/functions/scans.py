"""Running sums, products and extremes along an axis.

Sums are free. The others double their reach in each of log2(n) steps.
Source: Hillis, Steele 1986, Data Parallel Algorithms.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from mpckernel.array.dtypes import number, type_from
from mpckernel.array.functions.choosing import extreme
from mpckernel.array.functions.comparing import truth
from mpckernel.array.functions.products import TIMES, product
from mpckernel.array.functions.reductions import refuse_bool
from mpckernel.array.publics import as_number
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, ask
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import ideal

Pair = Callable[[Any, Any], Any]


@implements(np.cumsum, np.nancumsum)
def cumsum(a: SecretArray, axis: int | None = None, dtype: Any = None) -> SecretArray:
    """Running sums; free."""
    x = _typed(np.ravel(a) if axis is None else a, dtype)
    k = normalize_axis_index(axis or 0, x.ndim)
    return ask(ideal.running, x.word, dtype=number(x.dtype), axis=k, n=x.shape[k])


@implements(np.cumprod, np.nancumprod)
def cumprod(a: SecretArray, axis: int | None = None, dtype: Any = None) -> SecretArray:
    """Running products, as far as the public bounds allow; log2(n) steps.

    Error: exact for integers; a step 2^-f per factor, times the other factors
    """
    x = _typed(np.ravel(a) if axis is None else a, dtype)
    return _scan(as_number(x), axis or 0, lambda x, y: product(TIMES, x, y))


@implements(*(f for f in [getattr(np, "cumulative_sum", None)] if f))
def cumulative_sum(
    x: SecretArray,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> SecretArray:
    """Running sums; free. With include_initial=, 0 comes first."""
    return _from_start(cumsum(x, _only_axis(x, axis), dtype), axis, include_initial, 0)


@implements(*(f for f in [getattr(np, "cumulative_prod", None)] if f))
def cumulative_prod(
    x: SecretArray,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> SecretArray:
    """Running products; see np.cumprod. With include_initial=, 1 comes first.

    Error: exact for integers; a step 2^-f per factor, times the other factors
    """
    return _from_start(cumprod(x, _only_axis(x, axis), dtype), axis, include_initial, 1)


def _typed(x: Any, dtype: Any) -> Any:
    refuse_bool(None if dtype is None else type_from(dtype))
    return x if dtype is None else x.astype(dtype)


def _only_axis(x: SecretArray, axis: int | None) -> int:
    if axis is None and x.ndim != 1:
        raise UsageError("give axis= for an array that has not exactly one axis")
    return 0 if axis is None else axis


def _from_start(x: SecretArray, axis: int | None, first: bool, value: int) -> SecretArray:
    if not first:
        return x
    k = normalize_axis_index(axis or 0, x.ndim)
    start = np.full([1 if j == k else n for j, n in enumerate(x.shape)], value)
    return np.concatenate([start, x], axis=k)


def _scan(x: Any, axis: int, pair: Pair) -> SecretArray:
    """What `pair`, which is associative, makes of the first k elements, for each k."""
    k = normalize_axis_index(axis, x.ndim)
    x, reach = np.moveaxis(x, k, -1), 1
    while reach < x.shape[-1]:
        joined = pair(x[..., :-reach], x[..., reach:])
        x = np.concatenate([x[..., :reach], joined], axis=-1)
        reach *= 2
    return np.moveaxis(x, -1, k)


ACCUMULATE: dict[np.ufunc, Callable[[Any, int], SecretArray]] = {
    np.add: cumsum,
    np.multiply: cumprod,
    np.maximum: lambda x, k: _scan(x, k, lambda a, b: extreme(a, b, largest=True)),
    np.minimum: lambda x, k: _scan(x, k, lambda a, b: extreme(a, b, largest=False)),
    np.logical_or: lambda x, k: _scan(truth(x), k, lambda a, b: a | b),
    np.logical_and: lambda x, k: _scan(truth(x), k, lambda a, b: a & b),
    np.logical_xor: lambda x, k: _scan(truth(x), k, lambda a, b: a ^ b),
}


@implements("accumulate of a ufunc")
def accumulate(ufunc: np.ufunc, array: SecretArray, axis: int = 0) -> SecretArray:
    """np.add.accumulate, and of multiply, maximum, minimum, logical_and, logical_or, logical_xor.

    Error: exact but for products of fixed point, see np.cumprod
    """
    if ufunc not in ACCUMULATE:
        there = ", ".join(f"np.{one.__name__}.accumulate" for one in ACCUMULATE)
        raise Unsupported(
            f"np.{ufunc.__name__}.accumulate has no secret version; there are {there}"
        )
    return ACCUMULATE[ufunc](array, axis)
