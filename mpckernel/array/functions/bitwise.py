"""Integers as bits: `and`, `or` and `xor` of all bits, in two's complement.

As many bits as the public bounds ask for are taken apart and put together again.
"""

from typing import Any

import numpy as np

from mpckernel.array.dtypes import sint
from mpckernel.array.publics import secret
from mpckernel.array.secret import SecretArray, narrowed
from mpckernel.protocols import ideal
from mpckernel.protocols.ideal import Ideal
from mpckernel.runtime.cell import current


def of_integers(function: Ideal, x: Any, y: Any) -> SecretArray:
    """The function of two bits, at every bit of two integers (booleans are 0 and 1)."""
    do = current().record
    shape = np.broadcast_shapes(x.shape, y.shape)
    words = [secret(np.broadcast_to(v, shape), sint).call for v in (x, y)]
    top = max(w.bound for w in words).bit_length()  # the bit of the sign
    planes = [do(ideal.to_bits, w, width=top + 1) for w in words]
    weights = (*(1 << k for k in range(top)), -(1 << top))
    rows = do(ideal.weigh, do(function, *planes), weights=(weights,))
    result = SecretArray(do(ideal.move, rows, how=("reshape", shape)), sint)
    return narrowed(result, 1 << top)
