"""Random values that nobody chose: secret bits for free, public words for one opening.

Source: pseudo-random secret sharing, Cramer, Damgard, Ishai 2005, section 3.
Departs from it in: share k is drawn from the key that its two holders have in common.
Notation: r = r_0 + r_1 + r_2, r_i = PRF(k_i, call, use); P_i does not know k_{i-1}.
"""

from math import prod
from typing import Any

import numpy as np

from mpckernel.errors import PeerError
from mpckernel.protocols import ideal
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.ring import bits
from mpckernel.ring.words import Shape, Words
from mpckernel.sharing.rep3 import Bits3


@op(ideal.random_bits, rounds=0, bits=0, leaks="nothing", source="PRSS")
def random_bits(p: Party, *, shape: Shape) -> Bits3:
    """[b], b uniform and unknown to everybody."""
    mask = bits.pad_mask(prod(shape))
    r_j, r_i = p.masks(mask.size)
    return Bits3(r_i & mask, r_j & mask, shape)


def _bits(out: Shape, **_: Any) -> int:
    return 6 * 64 * prod(out)


@op(ideal.coin, rounds=1, bits=_bits, leaks="r, to all", source="SECURITY.md, Coins")
async def coin(p: Party, *, shape: Shape) -> Words:
    """Public uniform words, which one party alone can neither choose nor foresee.

    The lacking share comes from both its holders, and must be the same twice: whoever speaks
    last can stop the run, not steer it.
    """
    r_j, r_i = p.masks(prod(shape))
    n = r_i.size
    mail = await p.exchange({p.left: (r_j,), p.right: (r_i,)}, {p.left: (n,), p.right: (n,)})
    (r_k,), (again,) = mail[p.right], mail[p.left]
    if not np.array_equal(r_k, again):
        raise PeerError("two parties sent different shares of a public coin; the run ends here")
    return np.asarray(r_i + r_j + r_k).reshape(shape)
