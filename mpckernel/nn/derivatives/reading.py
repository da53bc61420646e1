"""Rows of a table at public or secret positions, and the gradient by the table.

Secret positions become flags once; the rows are their product with the table, exactly, and the
gradient by the table is the product of the flags with the gradient of the rows.
Source: one-hot encodings as private lookups; the flags as in array/functions/indexing.py.
"""

from math import prod, sqrt
from typing import Any

import numpy as np

from mpckernel.array.functions.fused import declared
from mpckernel.array.functions.indexing import one_hot
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import UsageError
from mpckernel.nn import norms
from mpckernel.nn.derivatives.products import later
from mpckernel.nn.modes import product_type
from mpckernel.nn.tensor import differentiable
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import proven
from mpckernel.runtime.cell import current


@differentiable
def embedding(index: Any, weight: Any) -> Any:
    """The rows of weight (n, d) at whole numbers of any shape s, as (*s, d); exact.

    index: public (nothing is sent) or secret: 192 bits for each of the next power of two above n
    flags, and a product for each element of the result. A secret position outside 0 .. n - 1 reads
    0. Leaks nothing. Raises UsageError for positions that are not whole numbers, or public and
    outside.
    """
    at, n = operand(index), weight.shape[0]
    if at.dtype.kind != "i":
        raise UsageError("embedding: positions are whole numbers")
    shape = (*at.shape, weight.shape[1])
    table = secret(operand(weight))
    t = product_type(table)
    flags, y = _secretly(at, table) if isinstance(at, SecretArray) else _openly(at, table)
    z = np.reshape(y, shape)
    norms.knows(z, sqrt(prod(at.shape[1:])) * norms.whole(weight))

    def back(g: Any) -> Any:
        rows = np.reshape(operand(g), (-1, shape[-1]))
        norms.knows(rows, whole=norms.whole(g))
        turned = norms.knows(np.transpose(flags), whole=sqrt(at.size))
        return later(turned, rows, t, (n, shape[-1]))

    return z, (None, back)


def _secretly(at: SecretArray, table: SecretArray) -> tuple[Any, SecretArray]:
    """Flags (m, n), at most one in a row, and the rows that they choose."""
    n = table.shape[0]
    flags = np.reshape(one_hot(at, n), (at.size, n))
    call = current().record(proven(ideal.matmul, table.word.bound), flags.word, table.word, n=n)
    y = SecretArray(call, table.dtype, flags.owners | table.owners)
    return norms.knows(declared(flags, 1.0), 1.0, sqrt(at.size)), y


def _openly(at: np.ndarray, table: SecretArray) -> tuple[Any, Any]:
    n, flat = table.shape[0], np.reshape(at, (-1,))
    if flat.size and not 0 <= int(flat.min()) <= int(flat.max()) < n:
        raise UsageError(f"embedding: positions from 0 to {n - 1}")
    return (flat[:, None] == np.arange(n)).astype(np.int64), table[flat]
