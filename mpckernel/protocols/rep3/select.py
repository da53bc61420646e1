"""Choosing between two words by a secret bit.

Source: none; derived here, proof in SECURITY.md, "Selection". y + b (x - y) is folklore.
Departs from it in: the product of bit and word is shared as it is, not by way of the bit as a
word: both are sums of something P_0 knows and something P_1 and P_2 know.
Notation: b = c ^ r, d = x - y = a + u; c and a = d_0 + d_1 are known to P_0, r and u = d_2 to P_1
and P_2. b d = c a + c u where r = 0, and a - c a + (1 - c) u where r = 1.
"""

from math import prod

import numpy as np

from mpckernel.protocols import ideal
from mpckernel.protocols.op import op
from mpckernel.protocols.party import Party
from mpckernel.protocols.rep3.summands import Pair, bit_summand, summand
from mpckernel.ring import choices
from mpckernel.ring.words import Words
from mpckernel.sharing.rep3 import Bits3, Rep3, spread


@op(ideal.select, rounds=2, bits=4 * 64, leaks="nothing", source="SECURITY.md, Selection")
async def select(p: Party, b: Bits3, x: Rep3, y: Rep3) -> Rep3:
    """[x where b, else y]; shapes broadcast."""
    shape = np.broadcast_shapes(b.shape, x.shape, y.shape)
    d = (x - y).map(lambda s: np.array(np.broadcast_to(s, shape)) if s.shape != shape else s)
    z_i, z_j = await _times_bit(p, bit_summand(p, spread(b, shape)), d, prod(shape))
    return y + Rep3(z_i.reshape(shape), z_j.reshape(shape))


async def _times_bit(p: Party, bit: Words, d: Rep3, n: int) -> Pair:
    """[b d] for my summand of b: c and c a go from P_0 to P_1, then as in `summands.met`.

    P_1 is sent c - s and c a - s'. P_1 sends P_2 its part less e, P_2 sends P_0 its own less g.
    """
    mine, masks = summand(p, d), p.known_to(0, 2, n=2 * n)
    e, g = p.known_to(0, 1, n=n), p.known_to(1, 2, n=n)
    if p.id == 0:
        assert masks is not None
        assert e is not None
        await p.exchange({1: (choices.offered(bit, mine, masks),)}, {})
        mail = await p.exchange({}, {2: (n,)})
        return mail[2][0], e
    assert g is not None
    if p.id == 1:
        assert e is not None
        mail = await p.exchange({}, {0: (2 * n,)})
        term = choices.taken(bit, mine, mail[0][0], d.i.reshape(-1), one=True) - e
        await p.exchange({2: (term,)}, {})
        return e, term + g
    assert masks is not None
    await p.exchange({}, {})
    term = choices.taken(bit, mine, masks, d.j.reshape(-1), one=False) - g
    mail = await p.exchange({0: (term,)}, {1: (n,)})
    return mail[1][0] + g, term
