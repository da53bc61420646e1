"""Shares of the whole along an axis: softmax, and the logarithm of a sum of exponentials.

The largest element of each row is found by a tournament and subtracted, so that no exponential
exceeds 1 and their sum lies between 1 and n. One reciprocal, or logarithm, a row.
"""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from mpckernel.array.functions.exponentials import as_real
from mpckernel.array.functions.products import TIMES, product
from mpckernel.array.offered import offered
from mpckernel.array.publics import operand
from mpckernel.array.secret import SecretArray, narrowed
from mpckernel.errors import UsageError
from mpckernel.protocols.composed import divide as quotients
from mpckernel.protocols.composed import exponential
from mpckernel.protocols.composed.lanewise import lanewise
from mpckernel.runtime.cell import current


@offered
def softmax(x: Any, axis: Any = -1) -> Any:
    """e^x over the sum of e^x along one or several axes (all if None), as fixed point.

    Error: 2^-11.1 softmax + 3 steps
    """
    x = operand(x)
    if not isinstance(x, SecretArray):
        e = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return e / np.sum(e, axis=axis, keepdims=True)
    _, e, total = _exponentials(x, axis)
    f = e.dtype.f
    call = current().record(lanewise(quotients.reciprocal), total.call, c=2 * f)
    part = narrowed(SecretArray(call, e.dtype), (1 << f) + (1 << f >> 8) + 4)  # total is 1 or more
    return narrowed(product(TIMES, e, part), (1 << f) + (1 << f >> 7) + 4)


@offered
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The logarithm of the sum of e^x over axes, as fixed point.

    Error: 2^-12.1 + 4 steps
    """
    x = operand(x)
    if not isinstance(x, SecretArray):
        most = np.max(x, axis=axis, keepdims=True)
        whole = most + np.log(np.sum(np.exp(x - most), axis=axis, keepdims=True))
    else:
        most, _, total = _exponentials(x, axis)
        whole = most + np.log(total)
    if keepdims:
        return whole
    return np.squeeze(whole, normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim))


def _exponentials(x: SecretArray, axis: Any) -> tuple[SecretArray, SecretArray, SecretArray]:
    """The largest elements, e^(x - largest) in [0, 1], and their sums; axes are kept."""
    if x.size == 0:
        raise UsageError("softmax and logsumexp take at least one value")
    word, t = as_real(x)
    real = SecretArray(word, t)
    most = np.max(real, axis=axis, keepdims=True)
    below = real - most
    call = current().record(lanewise(exponential.exp), below.call, f=t.f, most=0.0)
    e = narrowed(SecretArray(call, t), (1 << t.f) + (1 << t.f >> 12) + 2)
    total = np.sum(e, axis=axis, keepdims=True)
    return most, e, total
