"""Systems of linear equations, with a contract about conditioning.

A matrix is normalised first: its columns, then its rows, by secret powers of two. If the inverse of
what results is at most 2^18 sqrt(p) as a matrix, which is so for condition numbers up to
2^16 and often far beyond, the solution is found and the stated error holds. Whether it
was found is checked under secrecy; where it was not, the result is 0, whole columns of it, which is
no solution unless the right-hand side is 0. `np.linalg.solve(a + ridge * np.eye(p), b)` is the way
out, and `well_conditioned(a)` the bit to reveal. Why, and how: decisions/0018,
protocols/composed/{inverse,solving}.py.
"""

from math import prod
from typing import Any

import numpy as np

from mpckernel.array.dtypes import DEFAULT, SecretType, promote, sint
from mpckernel.array.functions.division import real
from mpckernel.array.functions.linear import matmul
from mpckernel.array.publics import as_number, operand, secret, type_of, words
from mpckernel.array.rules import implements
from mpckernel.array.secret import SecretArray, dispatch
from mpckernel.errors import Unsupported, UsageError
from mpckernel.protocols.composed import solving as systems
from mpckernel.runtime.cell import current

MOST = 128  # unknowns
FEW = 64  # matrices in one call
_HUGE = (
    "the ring holds no inverse of so many rows; fewer features, or blocks of them, can be solved"
)


@implements(np.linalg.solve)
def solve(a: Any, b: Any) -> SecretArray:
    """x with a @ x = b, up to 128 unknowns; 0 where a is too badly conditioned or |x| > 2^20.

    Certain for condition numbers up to 2^16 once columns and rows are normalised; whether
    a is good enough: mpckernel.well_conditioned(a). About 300 rounds for any p.

    Error: 2 steps, and 2^-28 of the largest unknown, each in units of its column's size
    """
    x, y = operand(a), operand(b)
    square(x.shape)
    if not isinstance(x, SecretArray):
        return matmul(np.linalg.inv(x), y)
    one = y.ndim == 1
    if one:
        y = np.reshape(y, (-1, 1))
    if y.ndim < 2 or y.shape[-2] != x.shape[-1]:
        raise UsageError(f"np.linalg.solve: shapes {x.shape} and {np.shape(b)} do not fit together")
    x = as_number(x)
    t = real(promote(*(v.dtype for v in (x, y) if isinstance(v, SecretArray))))
    outer = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    z = each(_one_system, outer, t, x, y)
    return np.reshape(z, z.shape[:-1]) if one else z


def _one_system(t: SecretType, x: SecretArray, y: Any) -> SecretArray:
    rhs, f_b = _right(y)
    call = systems.solve(current().record, x.word, rhs, (x.dtype.f, f_b, t.f))
    return SecretArray(call, t)


def _right(y: Any) -> tuple[Any, int]:
    """Words of the right-hand side, secret or public, and their scale."""
    if isinstance(y, SecretArray):
        return y.word, y.dtype.f
    f = DEFAULT.f if type_of(y).kind == "f" else 0
    return words(y, f), f


def each(solver: Any, outer: tuple[int, ...], t: SecretType, x: Any, *more: Any) -> Any:
    """solver(t, matrices...) for each place of the leading axes; they share their rounds."""
    count = prod(outer)
    if count > FEW:
        raise Unsupported(f"at most {FEW} matrices at once; loop over more of them")
    flat = []
    for v in (x, *more):
        spread = np.broadcast_to(v, (*outer, *v.shape[-2:]))
        flat.append(np.reshape(spread, (count, *v.shape[-2:])))
    if not count:
        raise UsageError("there are no matrices to solve")
    parts = [solver(t, *(v[k] for v in flat)) for k in range(count)]
    return np.reshape(np.stack(parts), (*outer, *parts[0].shape)) if outer else parts[0]


def square(shape: tuple[int, ...]) -> None:
    """Refuse what is no square matrix, or too large."""
    if len(shape) < 2 or shape[-1] != shape[-2] or not shape[-1]:
        raise UsageError(f"np.linalg takes square matrices here, not {shape}")
    if shape[-1] > MOST:
        raise Unsupported(f"at most {MOST} unknowns: {_HUGE}")


@implements(np.linalg.inv)
def inv(a: SecretArray) -> SecretArray:
    """The inverse of a matrix, up to 128 rows; 0 where it is too badly conditioned.

    Error: 2 steps, and 2^-28 of the largest element of the column, in units of its row's size
    """
    square(a.shape)
    return solve(a, np.eye(a.shape[-1], dtype=np.int64))


@implements(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[SecretArray, None, None, None]:
    """x with the least squares of a @ x - b, as first of four results; the others are None.

    Solves the normal equations of normalised columns, so that condition numbers count squared;
    0 is the result where they are too badly conditioned.

    Error: as for np.linalg.solve, times 1 + the squared condition number n 2^-43
    """
    if rcond is not None and not isinstance(rcond, int | float):
        raise UsageError("np.linalg.lstsq: rcond is public")
    x, y = secret(operand(a)), operand(b)
    if x.ndim != 2 or not 1 <= x.shape[1] <= min(MOST, x.shape[0]):
        raise UsageError(f"np.linalg.lstsq: a has at least as many rows as its 1 to {MOST} columns")
    one = y.ndim == 1
    if y.ndim not in (1, 2) or y.shape[0] != x.shape[0]:
        raise UsageError(f"np.linalg.lstsq: shapes {x.shape} and {y.shape} do not fit together")
    z = _least_squares(as_number(x), np.reshape(y, (-1, 1)) if one else y)
    return (np.reshape(z, (x.shape[1],)) if one else z), None, None, None


def _least_squares(x: SecretArray, y: Any) -> Any:
    rhs, f_b = _right(y)
    t = real(promote(*(v.dtype for v in (x, y) if isinstance(v, SecretArray))))
    call = systems.least_squares(current().record, x.word, rhs, (x.dtype.f, f_b, t.f))
    return SecretArray(call, t)


@implements(np.linalg.pinv)
def pinv(a: SecretArray) -> SecretArray:
    """The pseudo-inverse of a matrix of full rank; 0 where it is too badly conditioned.

    Error: as for np.linalg.lstsq
    """
    if a.ndim != 2:
        raise Unsupported("np.linalg.pinv takes one matrix")
    if a.shape[0] < a.shape[1]:
        return np.transpose(pinv(np.transpose(a)))
    return lstsq(a, np.eye(a.shape[0], dtype=np.int64))[0]


def well_conditioned(a: Any) -> SecretArray:
    """Whether np.linalg.solve and inv find what they look for: a secret boolean to be revealed.

    a: square matrices, normalised as there. True means that the stated error holds (but for
    solutions beyond 2^20); True is certain for condition numbers up to 2^16.
    Leaks nothing until it is revealed; then, whether the matrix is nearly singular.
    """
    return dispatch("well_conditioned", (a,), {})


@implements("well_conditioned")
def _well_conditioned(a: Any) -> SecretArray:
    """mpckernel.well_conditioned(a): whether np.linalg.solve finds solutions, a secret boolean."""
    x = as_number(secret(operand(a)))
    square(x.shape)
    found = each(_one_check, x.shape[:-2], sint, x)
    return np.reshape(found, x.shape[:-2]) > 0


def _one_check(_: SecretType, x: SecretArray) -> SecretArray:
    return np.reshape(SecretArray(systems.found(current().record, x.word), sint), (1, 1))
