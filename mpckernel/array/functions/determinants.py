"""Determinants, with a contract about conditioning where they need divisions.

Up to four rows a determinant is a sum of products, and right for any matrix. From five rows on,
and in np.linalg.slogdet, the matrix is normalised and eliminated; the same certificate as that
of np.linalg.solve says under secrecy whether the stated error holds, and where it does not the
determinant is 0: that of a matrix too nearly singular. How it is done:
protocols/composed/{cofactors,elimination,determinant}.py.
"""

import numpy as np

from mpckernel.array.dtypes import SecretType
from mpckernel.array.functions.division import real
from mpckernel.array.functions.solving import each, square
from mpckernel.array.publics import as_number
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray
from mpckernel.protocols import ideal
from mpckernel.protocols.composed import determinant
from mpckernel.protocols.composed.cofactors import ROWS, expanded, fitting
from mpckernel.runtime.cell import current

_MOST = 1 << 60  # a determinant's word


@implements(np.linalg.det)
def det(a: SecretArray) -> SecretArray:
    """The determinant, up to 128 rows; integers of up to 4 rows stay integers, without any error.

    From 5 rows on (about 60 rounds each): 0 where a is too badly conditioned, as for
    np.linalg.slogdet. Refused where the bound of a would let it exceed the ring: slogdet is for
    those.

    Error: up to 4 rows 14 steps; else 2 steps + (2^-20 + p^2 2^-40 / s) |det|, s as for slogdet
    """
    square(a.shape)
    x = as_number(a)
    p = x.shape[-1]
    if p <= ROWS:
        return SecretArray(expanded(current().record, x.word, (p - 1) * x.dtype.f), x.dtype)
    t = real(x.dtype)
    fitting(p, x.word.bound, p * x.dtype.f - t.f, _MOST)
    return np.reshape(each(_one_det, x.shape[:-2], t, x), x.shape[:-2])


def _one_det(t: SecretType, x: SecretArray) -> SecretArray:
    f, p = x.dtype.f, x.shape[-1]
    most = fitting(p, x.word.bound, p * f - t.f, _MOST)
    call = determinant.det(current().record, x.word, f, t.f, most)
    return np.reshape(SecretArray(call, t), (1, 1))


@implements(np.linalg.slogdet)
def slogdet(a: SecretArray) -> tuple[SecretArray, SecretArray]:
    """(sign, logarithm of the absolute value) of the determinant, up to 128 rows.

    (0, -8192) where it is not found, and so where mpckernel.well_conditioned(a) is false. Condition
    numbers up to 2^16, once columns and rows are normalised, are found but for bad luck of less
    than one in ten thousand. About 60 rounds for each row.

    Error: 2^-17 + 3 steps + p^2 2^-40 / s, s the least singular value of a once normalised
    """
    square(a.shape)
    x = as_number(a)
    both = each(_one_slogdet, x.shape[:-2], real(x.dtype), x)
    return both[..., 0], both[..., 1]


def _one_slogdet(t: SecretType, x: SecretArray) -> SecretArray:
    parts = determinant.slogdet(current().record, x.word, x.dtype.f, t.f)
    return SecretArray(current().record(ideal.move, *parts, how=("concatenate", 0)), t)
