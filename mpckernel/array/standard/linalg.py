"""The standard's linear algebra extension, `xp.linalg`; see names.py.

What NumPy's function of the same name has no rule for says so when it is called.
"""

from typing import Any

import numpy as np

from mpckernel.array.operators import here
from mpckernel.array.secret import SecretArray
from mpckernel.array.standard.names import STANDARD, array, given
from mpckernel.errors import Unsupported

matmul = STANDARD["matmul"]
matrix_transpose = STANDARD["matrix_transpose"]


def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> SecretArray:
    """Sums of products over pairs of axes."""
    return given(np.tensordot(array(x1), array(x2), axes))


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> SecretArray:
    """Sums of products along one axis."""
    return given(np.vecdot(array(x1), array(x2), axis=axis))


def outer(x1: Any, x2: Any, /) -> SecretArray:
    """All products of elements of two vectors."""
    return given(np.outer(array(x1), array(x2)))


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> SecretArray:
    """Cross products of vectors of three elements."""
    x, y = (np.moveaxis(array(v), axis, -1) for v in (x1, x2))
    if x.shape[-1] != 3 or y.shape[-1] != 3:
        raise Unsupported(f"{here()}cross: vectors of three elements")
    left = [x[..., (k + 1) % 3] * y[..., (k + 2) % 3] for k in range(3)]
    right = [x[..., (k + 2) % 3] * y[..., (k + 1) % 3] for k in range(3)]
    return np.moveaxis(np.stack([a - b for a, b in zip(left, right, strict=True)], -1), -1, axis)


def diagonal(x: Any, /, *, offset: int = 0) -> SecretArray:
    """The diagonals of the last two axes."""
    return np.diagonal(array(x), offset, -2, -1)


def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> SecretArray:
    """The sums of the diagonals of the last two axes."""
    sums = np.sum(diagonal(x, offset=offset), axis=-1)
    return sums if dtype is None else sums.astype(dtype)


def matrix_power(x: Any, n: int, /) -> SecretArray:
    """A public whole power of square matrices."""
    return given(np.linalg.matrix_power(array(x), n))


def vector_norm(
    x: Any,
    /,
    *,
    axis: Any = None,
    keepdims: bool = False,
    ord: Any = 2,  # noqa: A002
) -> SecretArray:
    """Norms of vectors: ord 0, 1, 2, inf or -inf."""
    size = np.abs(array(x))
    match ord:
        case 0:
            result = np.count_nonzero(size, axis=axis, keepdims=keepdims)
        case 1:
            result = np.sum(size, axis=axis, keepdims=keepdims)
        case 2:
            result = np.sqrt(np.sum(size * size, axis=axis, keepdims=keepdims))
        case np.inf:
            result = np.max(size, axis=axis, keepdims=keepdims)
        case _ if ord == -np.inf:
            result = np.min(size, axis=axis, keepdims=keepdims)
        case _:
            raise Unsupported(f"{here()}vector_norm: ord is 0, 1, 2, inf or -inf on secrets")
    return result.astype(size.dtype) if size.dtype.kind == "f" else result


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> SecretArray:  # noqa: A002
    """Norms of matrices: ord "fro", 1, -1, inf or -inf."""
    size = np.abs(array(x))
    if ord == "fro":
        return np.sqrt(np.sum(size * size, axis=(-2, -1), keepdims=keepdims))
    if ord not in (1, -1, np.inf, -np.inf):
        raise Unsupported(f"{here()}matrix_norm: ord is 'fro', 1, -1, inf or -inf on secrets")
    over = -2 if abs(ord) == 1 else -1
    sums = np.sum(size, axis=over, keepdims=True)
    return (np.max if ord > 0 else np.min)(sums, axis=(-2, -1), keepdims=keepdims)


def cholesky(x: Any, /, *, upper: bool = False) -> SecretArray:
    """The triangular factor of positive definite matrices."""
    lower = given(np.linalg.cholesky(array(x)))
    return np.swapaxes(lower, -1, -2) if upper else lower


def det(x: Any, /) -> SecretArray:
    """Determinants of square matrices."""
    return given(np.linalg.det(array(x)))


def inv(x: Any, /) -> SecretArray:
    """Inverses of square matrices."""
    return given(np.linalg.inv(array(x)))


def solve(x1: Any, x2: Any, /) -> SecretArray:
    """Solutions of systems of linear equations."""
    return given(np.linalg.solve(array(x1), array(x2)))


def pinv(x: Any, /, *, rtol: Any = None) -> SecretArray:
    """Pseudo-inverses."""
    return given(np.linalg.pinv(array(x), rtol=rtol))


def slogdet(x: Any, /) -> Any:
    """Sign and logarithm of determinants."""
    return given(np.linalg.slogdet(array(x)))


def matrix_rank(x: Any, /, *, rtol: Any = None) -> SecretArray:
    """Ranks of matrices."""
    return given(np.linalg.matrix_rank(array(x), rtol=rtol))


def qr(x: Any, /, *, mode: str = "reduced") -> Any:
    """Orthogonal times triangular."""
    return given(np.linalg.qr(array(x), mode))


def svd(x: Any, /, *, full_matrices: bool = True) -> Any:
    """Singular value decompositions."""
    return given(np.linalg.svd(array(x), full_matrices))


def svdvals(x: Any, /) -> SecretArray:
    """Singular values."""
    return given(np.linalg.svdvals(array(x)))


def eigh(x: Any, /) -> Any:
    """Eigenvalues and eigenvectors of symmetric matrices."""
    return given(np.linalg.eigh(array(x)))


def eigvalsh(x: Any, /) -> SecretArray:
    """Eigenvalues of symmetric matrices."""
    return given(np.linalg.eigvalsh(array(x)))
