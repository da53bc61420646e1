"""Cholesky factors of symmetric positive definite matrices; norms.

A matrix that is not positive definite, or too nearly singular, has the factor 0: no root of a
positive diagonal is 0. How it is done: protocols/composed/{cholesky,norms}.py.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.dtypes import SecretType
from mpckernel.array.functions.division import real
from mpckernel.array.functions.solving import each, square
from mpckernel.array.publics import as_number
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import cholesky as factors
from mpckernel.protocols.composed.norms import lengths
from mpckernel.ring.words import as_words
from mpckernel.runtime.cell import current


@implements(np.linalg.cholesky)
def cholesky(a: SecretArray, upper: bool = False) -> SecretArray:
    """The lower triangular L with L @ L.T = a, up to 128 rows; 0 where a is not positive definite.

    Reads the lower triangle. Certain for condition numbers up to 2^14 once the diagonal is
    normalised. About 50 rounds for each row.

    Error: L @ L.T is a within (p + 8) 2^-25 sqrt(a_ii a_jj) and the roundings of L, one step each
    """
    square(a.shape)
    x = as_number(a)
    x = np.swapaxes(x, -1, -2) if upper else x
    t = real(x.dtype)
    found = each(_one_factor, x.shape[:-2], t, x)
    return np.swapaxes(found, -1, -2) if upper else found


def _one_factor(t: SecretType, x: SecretArray) -> SecretArray:
    do, f = current().record, x.dtype.f
    word = do(ideal.scale, x.word, as_words(2)) if f % 2 else x.word  # an even number of bits
    return SecretArray(factors.cholesky(do, word, 2 * t.f - f - f % 2), t)


@implements(np.linalg.norm)
def norm(x: SecretArray, ord: Any = None, axis: Any = None, keepdims: bool = False) -> SecretArray:  # noqa: A002
    """Norms of vectors (1, 2, inf, -inf, 0) and of matrices (fro, 1, -1, inf, -inf).

    Error: exact for 0, 1 and inf; (2^-18 + n 2^-29) of the result + 2 steps for 2 and fro
    """
    x = as_number(x)
    if axis is None and ord is None:
        axes = tuple(range(x.ndim))
        return _euclid(x, axes, keepdims)
    axes = normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim)
    if len(axes) == 1:
        return _of_vectors(x, ord, axes, keepdims)
    if len(axes) != 2:
        raise UsageError("np.linalg.norm: of vectors or matrices; give one axis or two")
    if ord in (None, "fro"):
        return _euclid(x, axes, keepdims)
    if ord not in (1, -1, np.inf, -np.inf):
        raise Unsupported(
            "np.linalg.norm: matrices have the norms fro, 1, -1, inf, -inf; 2, -2 and nuc take "
            "singular values: reveal the matrix first, or use fro, which is not below 2"
        )
    inner, outer = axes if abs(ord) == 1 else axes[::-1]
    sums = np.sum(np.abs(x), axis=inner, keepdims=True)
    best = (np.max if ord > 0 else np.min)(sums, axis=outer, keepdims=True)
    return best if keepdims else np.squeeze(best, axes)


def _of_vectors(x: SecretArray, ord: Any, axes: Any, keep: bool) -> SecretArray:  # noqa: A002
    if ord in (None, 2):
        return _euclid(x, axes, keep)
    if ord == 0:
        return np.count_nonzero(x, axis=axes, keepdims=keep)
    if ord == 1:
        return np.sum(np.abs(x), axis=axes, keepdims=keep)
    if ord in (np.inf, -np.inf):
        return (np.max if ord > 0 else np.min)(np.abs(x), axis=axes, keepdims=keep)
    raise Unsupported(
        "np.linalg.norm: vectors have the norms 0, 1, 2, inf, -inf; np.sum(np.abs(x) ** p) is "
        "the p-th power of another one"
    )


def _euclid(x: SecretArray, axes: tuple[int, ...], keep: bool) -> SecretArray:
    rest = [k for k in range(x.ndim) if k not in axes]
    outer = tuple(x.shape[k] for k in rest)
    n = prod(x.shape[k] for k in axes)
    if not n:
        raise UsageError("np.linalg.norm: there are no elements")
    columns = np.transpose(np.reshape(np.transpose(x, (*rest, *axes)), (prod(outer), n)))
    t = real(x.dtype)
    found = SecretArray(lengths(current().record, columns.word, t.f - x.dtype.f), t)
    shape = tuple(1 if k in axes else m for k, m in enumerate(x.shape)) if keep else outer
    return np.reshape(found, shape)


@implements(np.linalg.vector_norm)
def vector_norm(
    x: SecretArray,
    /,
    *,
    axis: Any = None,
    keepdims: bool = False,
    ord: Any = 2,  # noqa: A002
) -> SecretArray:
    """Norms of vectors along axes, or of all elements: 0, 1, 2, inf, -inf.

    Error: as for np.linalg.norm
    """
    axes = normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim)
    return _of_vectors(as_number(x), ord, axes, keepdims)


@implements(np.linalg.matrix_norm)
def matrix_norm(x: SecretArray, /, *, keepdims: bool = False, ord: Any = "fro") -> SecretArray:  # noqa: A002
    """Norms of the matrices of the last two axes: fro, 1, -1, inf, -inf.

    Error: as for np.linalg.norm
    """
    return norm(x, ord, (-2, -1), keepdims)
