"""Methods of NumPy's functions of two arguments: np.add.reduce, np.multiply.outer and the like."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mpckernel.array.functions.reductions import (
    Axis,
    Pair,
    all_,
    any_,
    max_,
    min_,
    only,
    prod,
    sum_,
    tournament,
)
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported


def _bits(pair: Pair, start: int, logical: Any) -> Callable[..., Any]:
    """The reduction of a function of bits: of booleans the logical one, of integers bit by bit."""

    def reduced(
        a: SecretArray, axis: Axis = None, *, keepdims: bool = False, where: Any = None
    ) -> SecretArray:
        if a.dtype.kind == "b":
            return logical(a, axis, keepdims=keepdims, where=where)
        if a.dtype.kind == "f":
            raise Unsupported(
                "bits are those of booleans and integers; x.astype(int) makes them so"
            )
        return tournament(only(a, where, otherwise=start), axis, keepdims, pair, start)

    return reduced


REDUCE = {
    np.add: sum_,
    np.multiply: prod,
    np.maximum: max_,
    np.minimum: min_,
    np.logical_and: all_,
    np.logical_or: any_,
    np.bitwise_and: _bits(lambda x, y: x & y, -1, all_),
    np.bitwise_or: _bits(lambda x, y: x | y, 0, any_),
}


@implements("reduce of a ufunc")
def reduce(ufunc: np.ufunc, a: SecretArray, axis: Axis = 0, **kwargs: Any) -> SecretArray:
    """np.add.reduce and of multiply, maximum, minimum, logical_and and _or, bitwise_and and _or."""
    if ufunc not in REDUCE:
        raise Unsupported(
            f"np.{ufunc.__name__}.reduce has no secret version; there are "
            + ", ".join(f"np.{one.__name__}.reduce" for one in REDUCE)
        )
    return REDUCE[ufunc](a, axis, **kwargs)


@implements("outer of a ufunc")
def outer(ufunc: np.ufunc, a: Any, b: Any) -> SecretArray:
    """Any supported function of two arguments on all pairs."""
    shape = (*np.shape(a), *(1,) * np.ndim(b))
    return ufunc(np.reshape(a, shape), b)
