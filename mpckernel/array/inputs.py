"""share and concat: owners' variables become secret arrays, and data frames joint tables."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mpckernel.array.describing import share_array
from mpckernel.array.dtypes import SecretType, sbool, type_from
from mpckernel.array.frames.columns import shared_table
from mpckernel.array.frames.joint import JointFrame
from mpckernel.array.frames.stacking import stacked
from mpckernel.array.operators import here, plain_parts
from mpckernel.array.owners import OwnerPath
from mpckernel.array.prepare import declared, prepare
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray
from mpckernel.errors import Unsupported, UsageError


def share(x: Any, dtype: Any = None, bound: Any = None) -> SecretArray | JointFrame:
    """A secret array from an owner's variable, or from a public value; of a data frame with named
    columns, or a dict of arrays, a joint table of secret columns, each of its own type.

    dtype: sint, sbool, sfix16, sfix20, sfix24, sfix(f), or a NumPy type; by default booleans are
    sbool, integers sint, floats sfix20, words Text; with dtype= a data frame is one array. bound: a
    promise |x| <= bound, checked at the owner; by default that of the integer type (2^20 from 32
    bits on), and 2^16 for floats; for a data frame also by name, {"age": 130}. Small
    bounds make comparisons cheaper and leave more room for products and sums.
    Error: floats are rounded to the nearest multiple of 2^-f, |error| <= 2^-(f+1).
    Leaks nothing but shape, type and bound, and names of columns. Raises UsageError at every party,
    naming the owner, if the variable does not exist or its values are not finite, not numbers or
    out of bounds.
    """
    wanted = None if dtype is None else type_from(dtype)
    if isinstance(x, OwnerPath):
        return _owned(x, wanted, bound)
    if bound is not None:
        raise Unsupported(
            "share: a bound is declared where a variable is shared, share(alice.x, bound=...); "
            "np.clip gives a secret a smaller one"
        )
    if isinstance(x, JointFrame) and wanted is None:
        return x
    y = operand(x)
    if isinstance(y, SecretArray):
        return y if wanted is None else y.astype(wanted)
    if wanted == sbool:
        return secret(prepare(y, sbool, None, "share").data)
    if wanted is None or wanted.kind == "f" or y.dtype.kind != "f":
        return secret(y) if wanted is None else secret(y, None).astype(wanted)
    raise Unsupported(f"share: public floats do not become {wanted}; round them first")


def _owned(path: OwnerPath, wanted: SecretType | None, bound: Any) -> SecretArray | JointFrame:
    by_name = dict(bound) if isinstance(bound, Mapping) else {}
    if by_name and (wanted is not None or not all(isinstance(k, str) for k in by_name)):
        raise UsageError(f"{here()}share: bounds by name are for columns of different types")
    bounds = {name: declared(plain_parts(v)) for name, v in by_name.items()}
    one = None if bound is None or isinstance(bound, Mapping) else declared(plain_parts(bound))
    if wanted is not None:
        return share_array(path, wanted, one)
    found = shared_table(path, one, bounds)
    return found if isinstance(found, SecretArray) else JointFrame(*found)


def concat(
    *parts: Any, axis: int = 0, dtype: Any = None, bound: Any = None
) -> SecretArray | JointFrame:
    """Columns or blocks of rows of several owners as one secret array, in the order given; of data
    frames with the same named columns a joint table, t["age"], whose columns are in the order of
    the first.

    parts: owners' variables, secret arrays, joint tables, public arrays; single values count as one
    row. dtype and bound: as for share, applied to each owner's part. Mixed types meet as in
    np.concatenate. Leaks nothing but shapes, types and bounds, and names of columns. Errors: as for
    share, and UsageError if shapes or columns do not fit together.
    """
    items = parts[0] if len(parts) == 1 and isinstance(parts[0], tuple | list) else parts
    if not items:
        raise Unsupported("concat takes at least one part: concat(alice.x, bob.x)")
    blocks = [
        share(p, dtype, bound)
        if isinstance(p, OwnerPath)
        else p
        if dtype is None
        else share(p, dtype)
        for p in items
    ]
    if axis == 0 and all(isinstance(b, JointFrame) for b in blocks):
        return stacked(blocks, [_called(p, k) for k, p in enumerate(items)])
    joined = np.concatenate([np.atleast_1d(operand(b)) for b in blocks], axis=axis)
    return joined if isinstance(joined, SecretArray) else secret(operand(joined))


def _called(part: Any, k: int) -> str:
    return repr(part) if isinstance(part, OwnerPath) else f"table {k + 1}"
