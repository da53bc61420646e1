"""Columns of one type side by side in one array, which moves rows at once; and columns again.

Source: none.
"""

from collections.abc import Sequence

import numpy as np

from mpckernel.array.dtypes import sbool
from mpckernel.array.frames.columns import Columns
from mpckernel.array.secret import SecretArray, narrowed


def blocks(columns: Columns) -> list[SecretArray]:
    """Columns of one type together, as (rows, columns), in the order of first occurrence."""
    kinds = dict.fromkeys(x.dtype for x in columns.values())
    return [np.stack([x for x in columns.values() if x.dtype == k], axis=1) for k in kinds]


def apart(columns: Columns, moved: Sequence[SecretArray], owners: frozenset[str]) -> Columns:
    """The columns again, from what became of their blocks: rows of them, or zeros. owners: of what
    decided which."""
    kinds = list(dict.fromkeys(x.dtype for x in columns.values()))
    next_of = dict.fromkeys(kinds, 0)
    out = {}
    for name, x in columns.items():
        block = moved[kinds.index(x.dtype)][:, next_of[x.dtype]]
        next_of[x.dtype] += 1
        if x.dtype == sbool:
            out[name] = block if block.dtype == sbool else block > 0
        else:
            out[name] = narrowed(block, x.bound)
        out[name].owners = x.owners | owners
    return out
