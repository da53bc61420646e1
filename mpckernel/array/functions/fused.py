"""A matrix product, a factor, a sum and a change of scale: what layers and their updates ask for.

times * (x @ y) + plus, of whatever type the caller wants. Ranges follow from norms that the caller
knows and interval arithmetic does not, so they are stated: `most`, `declared`.
Source: none; the fused product of products.py with more of what follows it.
"""

from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from mpckernel.array.dtypes import SecretType
from mpckernel.array.functions.linear import matmul
from mpckernel.array.functions.shaping import moved
from mpckernel.array.publics import operand, secret
from mpckernel.array.secret import SecretArray, ask
from mpckernel.errors import UsageError
from mpckernel.protocols import ideal
from mpckernel.protocols.composed.claims import proven
from mpckernel.protocols.ideal import LIMIT
from mpckernel.protocols.moving import How


def matmul_to(
    x: Any,
    y: Any,
    t: SecretType,
    *,
    plus: Any = None,
    times: Fraction | float = 1,
    most: float | None = None,
    spread: How | None = None,
) -> SecretArray:
    """times * (x @ y) + plus, of type t: x and y are matrices, at least one of them secret.

    plus: broadcasts to the result. most: |result| <= most, proven by the caller. spread: a
    placement of protocols/moving.py applied to x @ y, whose leading axis is then added up.
    Error: 2^-f, f of t, and what rounding `times` to 8 bits does.
    """
    left, right = operand(x), operand(y)
    z = matmul(left, right)
    if spread is not None:
        z = np.sum(moved(spread, z), axis=0)
    if times != 1:
        z = z * float(times)
    if plus is not None:
        z = z + operand(plus)
    z = z.astype(t)
    z.owners = z.owners.union(*[v.owners for v in (left, right, plus) if hasattr(v, "owners")])
    return z if most is None else declared(z, most + 2.0 ** (1 - t.f))


def declared(x: Any, most: float) -> SecretArray:
    """The same numbers with |x| <= most, proven by the caller, as their bound: smaller or larger
    than what the plan could see. Free."""
    x = secret(operand(x))
    bound = ceil(Fraction(most) * 2**x.dtype.f)
    if not 0 <= bound < LIMIT:
        raise UsageError(f"a secret of type {x.dtype} cannot be declared below {most}")
    same = ask(proven(ideal.move, bound), x.word, dtype=x.dtype, how=("reshape", x.shape))
    same.owners = x.owners
    return same
