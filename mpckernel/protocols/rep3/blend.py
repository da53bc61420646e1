"""A polynomial with secret coefficients and its truncation, as one product.

Source: the fused product of truncate.py. Departs from it in: several products, and a summand, are
added up before they are masked.
Notation: d_0 + d_1 x_1 + d_2 x_2 + ...; otherwise as in mul.py.
"""

# ruff: noqa: ARG001 (operations of one functionality have one signature in every scheme)

import numpy as np

from mpckernel.protocols import fitting
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.truncate import cut_in_two_ways
from mpckernel.ring import words
from mpckernel.ring.words import Words
from mpckernel.sharing.rep3 import Rep3


@cut_in_two_ways(fitting.blend)
def blend(p: Party, d: Rep3, *x: Rep3, f: int) -> Words:
    """[floor((d_0 + d_1 x_1 + ... + rho) / 2^f)], d_k along the first axis of d."""
    shape = np.broadcast_shapes(d.shape[1:], *(v.shape for v in x))
    mask = p.zero_share(shape)
    z_i = np.add(mask, d.i[0])
    nothing = np.zeros(shape, np.uint64)
    for k, v in enumerate(x, 1):
        z_i = words.cross(v.i, v.j, d.i[k], d.j[k], z_i, nothing)
    return np.asarray(z_i)
