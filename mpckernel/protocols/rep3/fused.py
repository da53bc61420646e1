"""A matrix product, placed and with a sum, cut once: a layer's update, a convolution's gradient.

Source: none; the fused product of truncate.py, with more of what is local before its mask.
Notation: as in mul.py.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

from mpckernel.protocols import ideal, moving
from mpckernel.protocols.moving import How
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.mul import matmul_share
from mpckernel.protocols.rep3.truncate import cut_in_two_ways
from mpckernel.ring import words
from mpckernel.ring.words import Words
from mpckernel.sharing.rep3 import Rep3


def _spread_share(p: Party, x: Rep3, y: Rep3, spread: How) -> Words:
    """z_i of the placed product, masked after its rows have been added up."""
    z_i = words.matmul(x.i, y.i + y.j)
    z_i = moving.added(spread, words.matmul(x.j, y.i, z_i, accumulate=True))
    z_i += p.zero_share(z_i.shape)
    return z_i


@cut_in_two_ways(ideal.matmul_plus)
def matmul_plus(
    p: Party, x: Rep3, y: Rep3, c: Rep3, *, n: int, f: int, spread: How | None = None
) -> Words:
    """[floor((place(x @ y) + c + rho) / 2^f)]; c, which broadcasts, as z_0 + z_1 + z_2 takes it."""
    z_i = matmul_share(p, x, y) if spread is None else _spread_share(p, x, y, spread)
    z_i += c.i
    return z_i
